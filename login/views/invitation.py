"""`/signup/invitation` and `/invitation`: where an invited person lands. The address is fixed by the invitation."""

from django.db import transaction as database
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import DomainError, Expired, Throttled
from identity.models import Connection
from identity.passwords import describe_policy
from identity.strategies import strategy_for
from identity.strategies.base import PasswordStrategy
from invitations.models import Invitation, InvitationState
from invitations.services import note_opened, record_refusal
from login import pages, policy
from login.authentication import SignInFailed, authenticate
from login.errors import LoginRefused
from login.forms import InvitationLoginForm, InvitationSignupForm
from login.views.base import HTTP_UNPROCESSABLE, TransactionView

SIGNUP_TEMPLATE = "login/invitation_signup.html"
LOGIN_TEMPLATE = "login/invitation_login.html"


class InvitationPage(TransactionView):
    """A page that needs a pending invitation."""

    def pending_invitation(self) -> Invitation:
        """Return the invitation of this login; one that ended meanwhile refuses the login."""
        invitation = self.transaction.invitation
        if invitation is None or invitation.state != InvitationState.PENDING:
            raise LoginRefused("invalid_request", "invitation not found or already used")
        return invitation

    def chosen_connection(self) -> Connection:
        """Return the password connection of this login: the pinned or picked one, else the only one."""
        connections = policy.password_connections(self.transaction)
        if not connections:
            raise LoginRefused("access_denied", "no connections enabled for the organization")
        return connections[0]


class InvitationView(InvitationPage):
    """`/invitation`: who invites, to what, and with which connection; confirming leads on."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        invitation = self.pending_invitation()
        note_opened(invitation)
        return self._show(invitation)

    def post(self, request: HttpRequest) -> HttpResponse:
        invitation = self.pending_invitation()
        connections = policy.connections_of(self.transaction)
        wanted = request.POST.get("connection", "")
        chosen = next((c for c in connections if c.pk == wanted), connections[0] if len(connections) == 1 else None)
        if chosen is None:
            return self._show(invitation, problem=_("Choose how you want to sign in."), status=HTTP_UNPROCESSABLE)
        self.transaction.connection = chosen
        self.transaction.save(update_fields=["connection"])
        return self.resume()

    def _show(self, invitation: Invitation, *, problem: str = "", status: int = 200) -> HttpResponse:
        context = {
            "invitation": invitation,
            "connections": policy.connections_of(self.transaction),
            "problem": problem,
        }
        return self.page("login/invitation.html", context, status=status)


class InvitationSignupView(InvitationPage):
    """`/signup/invitation`: a new person chooses a password, one the connection knows signs in."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        invitation, connection = self.pending_invitation(), self.chosen_connection()
        note_opened(invitation)
        if self._is_known(invitation, connection):
            return self._show_login(invitation, InvitationLoginForm())
        return self._show_signup(invitation, connection, self._signup_form(connection))

    def post(self, request: HttpRequest) -> HttpResponse:
        invitation, connection = self.pending_invitation(), self.chosen_connection()
        if self._is_known(invitation, connection):
            return self._log_in(request, invitation, connection)
        return self._sign_up(request, invitation, connection)

    def _log_in(self, request: HttpRequest, invitation: Invitation, connection: Connection) -> HttpResponse:
        form = InvitationLoginForm(request.POST)
        if not form.is_valid():
            return self._show_login(invitation, form, status=HTTP_UNPROCESSABLE)
        try:
            _connection, profile = authenticate(
                self.transaction,
                self.browser,
                connections=[connection],
                identifier=invitation.invitee_email,
                password=form.cleaned_data["password"],
            )
            return self.sign_in(connection, profile)
        except SignInFailed as failed:
            record_refusal(actor=self.browser.actor, invitation=invitation, reason="wrong password")
            form.refuse(failed.message, "password")
            return self._show_login(invitation, form, status=HTTP_UNPROCESSABLE)
        except Throttled as error:
            return self.throttled(LOGIN_TEMPLATE, {"form": form, "invitation": invitation}, error)
        except Expired as error:
            raise LoginRefused("invalid_request", error.message) from error

    def _sign_up(self, request: HttpRequest, invitation: Invitation, connection: Connection) -> HttpResponse:
        form = self._signup_form(connection, data=request.POST)
        if not form.is_valid():
            return self._show_signup(invitation, connection, form, status=HTTP_UNPROCESSABLE)
        strategy = strategy_for(connection)
        assert isinstance(strategy, PasswordStrategy)
        try:
            # One outer block: no credential without its user, no user without the accepted invitation.
            with database.atomic():
                profile = strategy.sign_up(
                    invitation.invitee_email,
                    form.cleaned_data["password"],
                    username=form.cleaned_data.get("username", ""),
                )
                return self.sign_in(connection, profile)
        except Expired as error:
            raise LoginRefused("invalid_request", error.message) from error
        except DomainError as error:
            if error.code == "user_exists":
                # Somebody signed up with this address a moment ago: they sign in now.
                return pages.see_other(request.get_full_path())
            form.refuse(error.message, error.field)
            return self._show_signup(invitation, connection, form, status=HTTP_UNPROCESSABLE)

    def _is_known(self, invitation: Invitation, connection: Connection) -> bool:
        strategy = strategy_for(connection)
        return isinstance(strategy, PasswordStrategy) and strategy.knows(invitation.invitee_email)

    def _signup_form(self, connection: Connection, **arguments: object) -> InvitationSignupForm:
        return InvitationSignupForm(with_username=bool(connection.options.get("requires_username")), **arguments)

    def _show_login(self, invitation: Invitation, form: InvitationLoginForm, *, status: int = 200) -> HttpResponse:
        return self.page(LOGIN_TEMPLATE, {"form": form, "invitation": invitation}, status=status)

    def _show_signup(
        self, invitation: Invitation, connection: Connection, form: InvitationSignupForm, *, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "invitation": invitation, "rules": describe_policy(connection.options)}
        return self.page(SIGNUP_TEMPLATE, context, status=status)
