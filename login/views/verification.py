"""`/u/email-verification`: a person confirms an address. Only the button does it: mail scanners follow links."""

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from core.errors import Expired
from identity.models import EmailTicket
from identity.services import tickets
from login import pages
from login.browser import browser_of
from login.errors import LoginRefused
from login.views.password_reset import ticket_branding


@method_decorator(never_cache, name="dispatch")
class VerifyEmailView(View):
    """Show the address, and verify it on confirmation."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request, "login/verify.html", confirmed=False)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request, "login/verify_done.html", confirmed=True)

    def _answer(self, request: HttpRequest, template: str, *, confirmed: bool) -> HttpResponse:
        text = request.GET.get("ticket", "")
        try:
            if confirmed:
                ticket = tickets.complete_email_verification(actor=browser_of(request).actor, ticket=text)
            else:
                ticket = tickets.open_ticket(purpose=EmailTicket.Purpose.VERIFY_EMAIL, ticket=text)
        except Expired as error:
            return pages.render_error(request, LoginRefused("ticket_invalid", error.message))
        context = {"email": ticket.email, "application": ticket.application}
        return pages.render_page(request, template, context, branding=ticket_branding(ticket))
