"""`/u/login`: e-mail address or username, and password."""

from functools import cached_property

from django.http import HttpRequest, HttpResponse

from core.errors import Throttled
from identity.models import Connection
from login import policy
from login.authentication import SignInFailed, authenticate
from login.forms import LoginForm
from login.views.base import HTTP_UNPROCESSABLE, TransactionView

TEMPLATE = "login/login.html"


class LoginView(TransactionView):
    """Ask for the credentials of any connection that counts for this login."""

    @cached_property
    def connections(self) -> list[Connection]:
        return policy.password_connections(self.transaction)

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._show(self._form(initial={"username": self.authorization.login_hint}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(data=request.POST)
        if not form.is_valid() or not self.connections:
            return self._show(form, status=HTTP_UNPROCESSABLE)
        try:
            connection, profile = authenticate(
                self.transaction,
                self.browser,
                connections=self.connections,
                identifier=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
            )
        except SignInFailed as failed:
            form.refuse(failed.message)
            return self._show(form, status=HTTP_UNPROCESSABLE)
        except Throttled as error:
            return self.throttled(TEMPLATE, self._context(form), error)
        return self.sign_in(connection, profile)

    def _form(self, **arguments: object) -> LoginForm:
        with_username = any(connection.options.get("requires_username") for connection in self.connections)
        return LoginForm(with_username=with_username, **arguments)

    def _show(self, form: LoginForm, *, status: int = 200) -> HttpResponse:
        return self.page(TEMPLATE, self._context(form), status=status)

    def _context(self, form: LoginForm) -> dict[str, object]:
        return {
            "form": form,
            "can_sign_up": policy.signup_connection(self.transaction) is not None,
            "has_connections": bool(self.connections),
        }
