"""What every page of a login in progress shares: finding it, its language and look, and the way back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from core.errors import Throttled
from identity.models import Connection
from identity.strategies.base import ConnectionProfile
from invitations.services import record_refusal
from login import pages
from login import transaction as transactions
from login.authorization_request import AuthorizationRequest
from login.branding import branding_of
from login.browser import Browser, browser_of, remember_session
from login.completion import WrongAccount, complete_authentication
from login.errors import LoginRefused, TransactionLost
from login.models import LoginTransaction

HTTP_UNPROCESSABLE = 422
HTTP_TOO_MANY_REQUESTS = 429


@method_decorator(never_cache, name="dispatch")
class TransactionView(View):
    """A page of one login transaction, named by `?state=` and bound to this browser."""

    http_method_names = ["get", "post", "head"]  # noqa: RUF012  # as declared on the base class
    transaction: LoginTransaction
    authorization: AuthorizationRequest
    browser: Browser

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.browser = browser_of(request)
        try:
            self.transaction = transactions.load(request.GET.get("state", ""), self.browser)
        except TransactionLost:
            return pages.render_lost(request)
        self.authorization = AuthorizationRequest.parse(self.transaction.query)
        with translation.override(_language(self.authorization)):
            try:
                return super().dispatch(request, *args, **kwargs)
            except LoginRefused as refusal:
                transactions.refuse(self.transaction, refusal)
                return self.resume()
            except TransactionLost:
                return pages.render_lost(request)

    def page(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """Render one of our pages with the organization's look."""
        return pages.render_page(
            self.request,
            template,
            {
                "transaction": self.transaction,
                "application": self.transaction.application,
                "organization": self.transaction.organization,
                "query": urlencode({"state": self.transaction.state}),
                **context,
            },
            branding=branding_of(self.transaction.organization, self.transaction.application),
            status=status,
            redirect_uri=pages.redirect_uri_of(self.transaction, self.authorization.redirect_uri),
        )

    def throttled(self, template: str, context: Mapping[str, Any], error: Throttled) -> HttpResponse:
        """Show a page again because there were too many attempts."""
        response = self.page(template, {**context, "problem": error.message}, status=HTTP_TOO_MANY_REQUESTS)
        response["Retry-After"] = str(error.retry_after_seconds)
        return response

    def resume(self) -> HttpResponse:
        """Go back to the one place that decides what is next."""
        return pages.see_other(f"/authorize/resume?{urlencode({'state': self.transaction.state})}")

    def sign_in(self, connection: Connection, profile: ConnectionProfile) -> HttpResponse:
        """Complete the authentication and go on, or show whom the invitation is for."""
        try:
            token = complete_authentication(
                self.transaction, self.browser, connection=connection, profile=profile, amr=["pwd"]
            )
        except WrongAccount as wrong:
            assert self.transaction.invitation is not None
            record_refusal(
                actor=self.browser.actor, invitation=self.transaction.invitation, reason="another account signed in"
            )
            context = {"invited": self.transaction.invitation.invitee_email, "email": wrong.email}
            return self.page("login/wrong_account.html", context, status=403)
        response = self.resume()
        remember_session(response, token)
        return response


def _language(authorization: AuthorizationRequest) -> str:
    """Return the first language the application asks for that we speak, else the one the browser asked for."""
    for tag in authorization.ui_locales:
        try:
            return translation.get_supported_language_variant(tag)
        except LookupError:
            continue
    return translation.get_language() or "en"
