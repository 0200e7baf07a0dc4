"""`/u/signup`: people sign themselves up, where the connection lets them."""

from django.conf import settings
from django.db import transaction as database
from django.http import HttpRequest, HttpResponse

from core import throttle
from core.errors import DomainError, Throttled
from identity.models import Connection, EmailTicket
from identity.passwords import describe_policy
from identity.services.tickets import send_ticket
from identity.strategies import strategy_for
from identity.strategies.base import PasswordStrategy
from login import policy
from login.forms import SignupForm
from login.views.base import HTTP_UNPROCESSABLE, TransactionView

TEMPLATE = "login/signup.html"


class SignupView(TransactionView):
    """Create a credential and its user together, sign the person in, and ask them to verify the address."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        connection = policy.signup_connection(self.transaction)
        if connection is None or self.transaction.invitation is not None:
            return self.resume_at_login()
        return self._show(self._form(connection, initial={"email": self.authorization.login_hint}), connection)

    def post(self, request: HttpRequest) -> HttpResponse:
        connection = policy.signup_connection(self.transaction)
        if connection is None or self.transaction.invitation is not None:
            return self.resume_at_login()
        form = self._form(connection, data=request.POST)
        if not form.is_valid():
            return self._show(form, connection, status=HTTP_UNPROCESSABLE)
        try:
            throttle.spend(
                throttle.Limit(
                    "signup", self.browser.ip, settings.LOGIN_ATTEMPTS_PER_ADDRESS, settings.LOGIN_ATTEMPTS_SECONDS
                )
            )
            return self._sign_up(form, connection)
        except Throttled as error:
            return self.throttled(TEMPLATE, self._context(form, connection), error)
        except DomainError as error:
            form.refuse(error.message, error.field)
            return self._show(form, connection, status=HTTP_UNPROCESSABLE)

    def resume_at_login(self) -> HttpResponse:
        """Nobody may sign up here; the login page is what is left."""
        return self.page("login/no_signup.html", {}, status=403)

    def _sign_up(self, form: SignupForm, connection: Connection) -> HttpResponse:
        strategy = strategy_for(connection)
        assert isinstance(strategy, PasswordStrategy)
        # One outer block: no credential without its user.
        with database.atomic():
            profile = strategy.sign_up(
                form.cleaned_data["email"],
                form.cleaned_data["password"],
                username=form.cleaned_data.get("username", ""),
            )
            response = self.sign_in(connection, profile)
            user = self.transaction.user
            assert user is not None
            send_ticket(
                actor=self.browser.actor,
                purpose=EmailTicket.Purpose.VERIFY_EMAIL,
                identity=user.identities.get(connection=connection),
                application=self.transaction.application,
                organization_id=self.transaction.organization_id or "",
            )
        return response

    def _form(self, connection: Connection, **arguments: object) -> SignupForm:
        return SignupForm(with_username=bool(connection.options.get("requires_username")), **arguments)

    def _show(self, form: SignupForm, connection: Connection, *, status: int = 200) -> HttpResponse:
        return self.page(TEMPLATE, self._context(form, connection), status=status)

    def _context(self, form: SignupForm, connection: Connection) -> dict[str, object]:
        return {"form": form, "rules": describe_policy(connection.options)}
