"""`/u/login`: e-mail address or username, and password."""

from django.http import HttpRequest, HttpResponse

from core.errors import Throttled
from login import policy
from login.authentication import SignInFailed, authenticate
from login.forms import LoginForm
from login.views.base import HTTP_UNPROCESSABLE, TransactionView

TEMPLATE = "login/login.html"


class LoginView(TransactionView):
    """Ask for the credentials of any connection that counts for this login."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._show(LoginForm(initial={"username": self.authorization.login_hint}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LoginForm(request.POST)
        connections = policy.password_connections(self.transaction)
        if not form.is_valid() or not connections:
            return self._show(form, status=HTTP_UNPROCESSABLE)
        try:
            connection, profile = authenticate(
                self.transaction,
                self.browser,
                connections=connections,
                identifier=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
            )
        except SignInFailed as failed:
            form.refuse(failed.message)
            return self._show(form, status=HTTP_UNPROCESSABLE)
        except Throttled as error:
            return self.throttled(TEMPLATE, self._context(form), error)
        return self.sign_in(connection, profile)

    def _show(self, form: LoginForm, *, status: int = 200) -> HttpResponse:
        return self.page(TEMPLATE, self._context(form), status=status)

    def _context(self, form: LoginForm) -> dict[str, object]:
        return {
            "form": form,
            "can_sign_up": policy.signup_connection(self.transaction) is not None,
            "has_connections": bool(policy.password_connections(self.transaction)),
        }
