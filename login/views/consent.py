"""`/u/consent`: a third-party application asks for access to a person's data."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from login.consents import give_consent
from login.errors import LoginRefused
from login.steps import scopes_to_ask
from login.views.base import TransactionView

_WORDS = {
    "profile": _("Your name and picture"),
    "email": _("Your e-mail address"),
    "address": _("Your postal address"),
    "phone": _("Your phone number"),
    "offline_access": _("Access while you are away"),
}


class ConsentView(TransactionView):
    """Allow or deny; denying ends the login with `access_denied`."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        if self.transaction.user is None:
            return self.resume()
        scopes = scopes_to_ask(self.transaction, self.authorization)
        described = [(scope, _WORDS.get(scope, scope)) for scope in scopes]
        return self.page("login/consent.html", {"scopes": described, "user": self.transaction.user})

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.transaction.user is None:
            return self.resume()
        if request.POST.get("decision") != "allow":
            raise LoginRefused("access_denied", "User did not authorize the request")
        give_consent(self.transaction, self.authorization, actor=self.browser.actor)
        return self.resume()
