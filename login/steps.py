"""The ordered steps of a login: prompts, which leave for a page, and gates, which run and may refuse.

`advance` is the one place that decides what is next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.utils import timezone

from identity.models import Application, ApplicationConnection, User
from login import gates, policy
from login.authorization_request import AuthorizationRequest
from login.browser import Browser
from login.errors import LoginRefused
from login.models import Consent, LoginTransaction, Session
from login.session import is_live
from orgs import policy as orgs_policy
from orgs.models import Organization

# Scopes that say nothing about a person, or nothing worth asking for.
_SCOPES_WITHOUT_CONSENT: Final = frozenset({"openid"})


@dataclass(frozen=True)
class Leave:
    """The browser must leave for a page, named by its path without the state."""

    page: str

    def path(self, transaction: LoginTransaction) -> str:
        return f"{self.page}?{urlencode({'state': transaction.state})}"


@dataclass(frozen=True)
class CompletedLogin:
    """A login that has passed every step: what the code is made of."""

    user: User
    session: Session
    application: Application
    organization: Organization | None
    auth_time: datetime
    amr: tuple[str, ...]
    custom_claims: dict[str, Any]
    was_silent: bool


@dataclass(frozen=True)
class Step:
    """`pending` returns the page to leave for, or None when the step is done; `silent_error` answers prompt=none."""

    name: str
    pending: Callable[[LoginTransaction, AuthorizationRequest, Session | None], str | None]
    silent_error: tuple[str, str]


def advance(
    transaction: LoginTransaction, request: AuthorizationRequest, browser: Browser, *, session: Session | None
) -> Leave | CompletedLogin:
    """Walk the steps: the first pending prompt leaves for its page, the end means that a code may be issued.

    `session` is the live SSO session of this browser or None. Raises `LoginRefused`; with `prompt=none` every pending prompt
    is refused with its own error (OIDC Core 1.0 section 3.1.2.6).
    """
    if "refused" in transaction.outcome:
        raise LoginRefused(*transaction.outcome["refused"])
    for step in STEPS:
        page = step.pending(transaction, request, session)
        if page is None:
            continue
        if "none" in request.prompt:
            raise LoginRefused(*step.silent_error)
        return Leave(page)
    gates.run_pipeline(transaction, request, browser)
    if _consent_pending(transaction, request, session):
        if "none" in request.prompt:
            raise LoginRefused("consent_required", "Consent required")
        return Leave("/u/consent")
    return _completed(transaction)


def _pre_login_organization(
    transaction: LoginTransaction, _request: AuthorizationRequest, _session: Session | None
) -> str | None:
    application = transaction.application
    asked_first = application.organization_require_behavior == Application.OrganizationRequireBehavior.PRE_LOGIN_PROMPT
    if transaction.organization is None and orgs_policy.organization_required(application) and asked_first:
        return "/u/organizations"
    return None


def _authentication(
    transaction: LoginTransaction, request: AuthorizationRequest, session: Session | None
) -> str | None:
    if transaction.authenticated_at is not None:
        return None
    if session is not None and _session_suffices(transaction, request, session):
        transaction.session, transaction.user = session, session.user
        transaction.auth_time, transaction.amr = session.auth_time, session.amr
        transaction.authenticated_at = timezone.now()
        return None
    return _first_page(transaction, request)


def _session_suffices(transaction: LoginTransaction, request: AuthorizationRequest, session: Session) -> bool:
    """Tell whether the SSO session may answer for the person. An invitation never lets it."""
    if transaction.invitation_id is not None or request.prompt & {"login", "select_account", "create"}:
        return False
    if request.max_age is not None and timezone.now() - session.auth_time > timedelta(seconds=request.max_age):
        return False
    if request.hinted_sub and request.hinted_sub != session.user.user_id:
        return False
    if transaction.connection_id is not None:
        return session.connection_id == transaction.connection_id
    if transaction.known is not None:
        return transaction.known.connection_enabled
    if transaction.organization is not None:
        return _enabled_in(transaction.organization, session)
    return ApplicationConnection.objects.filter(
        application=transaction.application, connection_id=session.connection_id
    ).exists()


def _enabled_in(organization: Organization, session: Session) -> bool:
    return any(link.connection_id == session.connection_id for link in orgs_policy.connections_for(organization))


def _first_page(transaction: LoginTransaction, request: AuthorizationRequest) -> str:
    connections = policy.connections_of(transaction)
    if transaction.invitation_id is not None:
        only_passwords = all(policy.asks_for_password(connection) for connection in connections)
        return "/signup/invitation" if only_passwords and len(connections) == 1 else "/invitation"
    if request.screen_hint == "signup" or "create" in request.prompt:
        return "/u/signup"
    if request.screen_hint == "reset-password":
        return "/u/reset-password/request"
    return "/u/login"


def _post_login_organization(
    transaction: LoginTransaction, _request: AuthorizationRequest, _session: Session | None
) -> str | None:
    """Choose the organization after the credentials: none refuses, one is taken, several are offered."""
    application = transaction.application
    asked_later = application.organization_require_behavior == Application.OrganizationRequireBehavior.POST_LOGIN_PROMPT
    if transaction.organization is not None or not asked_later or not orgs_policy.organization_allowed(application):
        return None
    if transaction.outcome.get("personal"):
        return None
    assert transaction.user is not None
    organizations = orgs_policy.organizations_of(transaction.user)
    if not organizations:
        if orgs_policy.organization_required(application):
            raise LoginRefused(
                "access_denied",
                "client requires organization membership, but user does not belong to any organization",
            )
        return None
    if len(organizations) == 1 and orgs_policy.organization_required(application):
        transaction.organization = organizations[0]
        return None
    return "/u/organizations"


def _membership(transaction: LoginTransaction, _request: AuthorizationRequest, _session: Session | None) -> str | None:
    gates.check_membership(transaction)
    return None


# The steps before the pipeline, in order; the pipeline and the consent, which its outcome may change, follow.
STEPS: Final = (
    Step("organization", _pre_login_organization, ("interaction_required", "Organization required")),
    Step("authentication", _authentication, ("login_required", "Login required")),
    Step("organization after login", _post_login_organization, ("interaction_required", "Organization required")),
    Step("membership", _membership, ("access_denied", "Access denied")),
)


def scopes_to_ask(transaction: LoginTransaction, request: AuthorizationRequest) -> list[str]:
    """Return the scopes that the person has not yet granted to a third-party application."""
    if transaction.application.is_first_party and "consent" not in request.prompt:
        return []
    wanted = [scope for scope in request.scopes if scope not in _SCOPES_WITHOUT_CONSENT]
    if "consent" in request.prompt:
        return wanted
    given = Consent.objects.filter(
        user=transaction.user, application=transaction.application, audience=request.audience
    ).first()
    return [scope for scope in wanted if given is None or scope not in given.scopes]


def _consent_pending(transaction: LoginTransaction, request: AuthorizationRequest, _session: Session | None) -> bool:
    if transaction.consented_at is not None:
        return False
    if transaction.application.is_first_party:
        return "consent" in request.prompt
    given = Consent.objects.filter(
        user=transaction.user, application=transaction.application, audience=request.audience
    ).first()
    if given is None or "consent" in request.prompt:
        return True
    return bool(scopes_to_ask(transaction, request))


def _completed(transaction: LoginTransaction) -> CompletedLogin:
    user, session, auth_time = transaction.user, transaction.session, transaction.auth_time
    assert user is not None
    assert session is not None
    assert auth_time is not None
    # The session may have ended, or the user may have been blocked, while a page was open.
    if not is_live(session):
        if user.blocked:
            raise LoginRefused("unauthorized", "user is blocked")
        raise LoginRefused("login_required", "Login required")
    return CompletedLogin(
        user=user,
        session=session,
        application=transaction.application,
        organization=transaction.organization,
        auth_time=auth_time,
        amr=tuple(transaction.amr),
        custom_claims=transaction.outcome.get("claims", {}),
        was_silent=transaction._state.adding,
    )
