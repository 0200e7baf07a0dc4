"""`/u/reset-password/request` and `/u/reset-password`: a forgotten password is replaced through an e-mail."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from core import throttle
from core.errors import DomainError, Expired, Throttled
from identity.addresses import find_canonical_email
from identity.models import EmailTicket
from identity.passwords import describe_policy
from identity.services import tickets
from login import pages, policy
from login.branding import Branding, branding_of
from login.browser import browser_of
from login.errors import LoginRefused
from login.forms import NewPasswordForm, ResetRequestForm
from login.views.base import HTTP_UNPROCESSABLE, TransactionView
from orgs.models import Organization

REQUEST_TEMPLATE = "login/reset_request.html"


class ResetRequestView(TransactionView):
    """Ask for the address; the answer is the same whether or not somebody is behind it."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        hint = (
            self.transaction.invitation.invitee_email if self.transaction.invitation else self.authorization.login_hint
        )
        return self.page(REQUEST_TEMPLATE, {"form": ResetRequestForm(initial={"email": hint})})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ResetRequestForm(request.POST)
        if not form.is_valid():
            return self.page(REQUEST_TEMPLATE, {"form": form}, status=HTTP_UNPROCESSABLE)
        address = find_canonical_email(form.cleaned_data["email"])
        try:
            self._spend(address or form.cleaned_data["email"])
        except Throttled as error:
            return self.throttled(REQUEST_TEMPLATE, {"form": form}, error)
        if address is not None:
            for connection in policy.password_connections(self.transaction):
                tickets.request_password_reset(
                    actor=self.browser.actor,
                    connection=connection,
                    email=address,
                    application=self.transaction.application,
                    organization_id=self.transaction.organization_id or "",
                )
        return self.page("login/reset_sent.html", {"email": form.cleaned_data["email"]})

    def _spend(self, address: str) -> None:
        seconds = settings.LOGIN_ATTEMPTS_SECONDS
        throttle.spend(throttle.Limit("reset-account", address.lower(), settings.LOGIN_ATTEMPTS, seconds))
        throttle.spend(throttle.Limit("reset-address", self.browser.ip, settings.LOGIN_ATTEMPTS_PER_ADDRESS, seconds))


@method_decorator(never_cache, name="dispatch")
class ResetView(View):
    """Choose a new password with the ticket of an e-mail. Opening the page uses nothing up."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            ticket = tickets.open_ticket(
                purpose=EmailTicket.Purpose.RESET_PASSWORD, ticket=request.GET.get("ticket", "")
            )
        except Expired as error:
            return pages.render_error(request, LoginRefused("ticket_invalid", error.message))
        return self._show(request, ticket, NewPasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("ticket", "")
        form = NewPasswordForm(request.POST)
        try:
            ticket = tickets.open_ticket(purpose=EmailTicket.Purpose.RESET_PASSWORD, ticket=text)
            if form.is_valid():
                done = tickets.complete_password_reset(
                    actor=browser_of(request).actor, ticket=text, password=form.cleaned_data["password"]
                )
                context = {"application": done.application}
                return pages.render_page(request, "login/reset_done.html", context, branding=ticket_branding(done))
        except Expired as error:
            return pages.render_error(request, LoginRefused("ticket_invalid", error.message))
        except DomainError as error:
            form.refuse(error.message, error.field)
        return self._show(request, ticket, form, status=HTTP_UNPROCESSABLE)

    def _show(
        self, request: HttpRequest, ticket: EmailTicket, form: NewPasswordForm, *, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "email": ticket.email, "rules": describe_policy(ticket.connection.options)}
        return pages.render_page(request, "login/reset.html", context, branding=ticket_branding(ticket), status=status)


def ticket_branding(ticket: EmailTicket) -> Branding:
    """Return the look of the organization that the ticket was asked for in."""
    organization = Organization.objects.filter(pk=ticket.organization_id).first() if ticket.organization_id else None
    return branding_of(organization, ticket.application)
