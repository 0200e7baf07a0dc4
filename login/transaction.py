"""The login transaction: begun at /authorize, parked while a page is shown, finished once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from core import secrets
from core.errors import Expired
from identity.models import Application, ApplicationConnection, Connection
from invitations.models import Invitation
from invitations.services import open_invitation
from login.authorization_request import AuthorizationRequest
from login.browser import Browser, new_browser_token
from login.errors import LoginRefused, TransactionLost
from login.known import Known
from login.models import LoginTransaction
from orgs import policy
from orgs.models import Organization


def begin(
    request: AuthorizationRequest,
    application: Application,
    *,
    known: Known | None = None,
    browser: Browser | None = None,
) -> LoginTransaction:
    """Return a transaction that is not stored yet: a silent answer writes no row.

    Application, organization, invitation and connection must agree; otherwise `LoginRefused` with Auth0's text.
    """
    organization = _organization(request, application, known)
    invitation = _invitation(request, application, organization, address=browser.ip if browser else "")
    transaction = LoginTransaction(
        query=request.query,
        application=application,
        organization=organization,
        invitation=invitation,
        connection=_connection(request, application, organization, invitation),
        expires_at=timezone.now() + timedelta(seconds=settings.LOGIN_TRANSACTION_SECONDS),
    )
    transaction.known = known
    return transaction


def park(transaction: LoginTransaction, browser: Browser) -> str:
    """Store a transaction before its browser leaves for a page; returns the browser token for the cookie."""
    browser_token = browser.browser_token or new_browser_token()
    if transaction._state.adding:
        transaction.state = secrets.new_token()
        transaction.browser_digest = secrets.digest(browser_token)
    transaction.save()
    return browser_token


def load(state: str, browser: Browser) -> LoginTransaction:
    """Return the transaction that a page works on; `TransactionLost` unless state and browser cookie both fit."""
    transaction = (
        LoginTransaction.objects.select_related("application", "organization", "connection", "invitation", "user")
        .filter(state=state)
        .first()
    )
    if (
        transaction is None
        or not browser.browser_token
        or not secrets.matches(browser.browser_token, transaction.browser_digest)
        or transaction.finished_at is not None
        or transaction.has_expired
    ):
        raise TransactionLost
    return transaction


def finish(transaction: LoginTransaction) -> None:
    """Mark the transaction spent, before the code is made; only one of two racing resumes passes."""
    if transaction._state.adding:
        return
    won = LoginTransaction.objects.filter(pk=transaction.pk, finished_at=None).update(finished_at=timezone.now())
    if not won:
        raise TransactionLost


def refuse(transaction: LoginTransaction, refusal: LoginRefused) -> None:
    """Keep a refusal that a page met; the resume delivers it to the application."""
    transaction.outcome = {"refused": [refusal.error, refusal.description]}
    transaction.save(update_fields=["outcome"])


def choose_organization(transaction: LoginTransaction, organization: Organization) -> None:
    """Fix the organization that a person picked."""
    transaction.organization = organization
    transaction.save(update_fields=["organization"])


def sweep_transactions(now: datetime, limit: int) -> int:
    """Delete transactions that are past their time."""
    keys = LoginTransaction.objects.filter(expires_at__lt=now).values_list("pk", flat=True)[:limit]
    return LoginTransaction.objects.filter(pk__in=list(keys)).delete()[0]


def _organization(request: AuthorizationRequest, application: Application, known: Known | None) -> Organization | None:
    value = request.organization
    if not value:
        if request.invitation:
            raise LoginRefused("invalid_request", "parameter organization is required for this client")
        if policy.organization_required(application) and application.organization_require_behavior in {
            Application.OrganizationRequireBehavior.UNSET,
            Application.OrganizationRequireBehavior.NO_PROMPT,
        }:
            raise LoginRefused("invalid_request", "parameter organization is required for this client")
        return None
    if not policy.is_organization_id(value) and not settings.TENANT0_ORGANIZATION_NAMES:
        raise LoginRefused("invalid_request", "authorization request parameter organization must be an organization id")
    if not policy.organization_allowed(application):
        raise LoginRefused("invalid_request", "parameter organization is not allowed for this client")
    organization = known.organization if known is not None else policy.find_organization(value)
    # A frozen organization reads like an unknown one: a stranger learns nothing of it.
    if organization is None or not organization.is_active:
        raise LoginRefused("invalid_request", f"parameter organization is invalid: {value}")
    return organization


def _invitation(
    request: AuthorizationRequest, application: Application, organization: Organization | None, *, address: str
) -> Invitation | None:
    if not request.invitation or organization is None:
        return None
    try:
        return open_invitation(
            ticket=request.invitation, application=application, organization=organization, address=address
        )
    except Expired as error:
        raise LoginRefused("invalid_request", "invitation not found or already used") from error


def _connection(
    request: AuthorizationRequest,
    application: Application,
    organization: Organization | None,
    invitation: Invitation | None,
) -> Connection | None:
    """Return the connection that the invitation pins or the request names, if it is enabled here."""
    if invitation is not None and invitation.connection is not None:
        wanted = invitation.connection
    elif request.connection:
        found = Connection.objects.filter(name=request.connection).first()
        if found is None:
            raise LoginRefused("invalid_request", "the connection was not found")
        wanted = found
    else:
        return None
    enabled = (
        policy.find_enabled_connection(organization, wanted) is not None
        if organization is not None
        else ApplicationConnection.objects.filter(application=application, connection=wanted).exists()
    )
    if not enabled:
        raise LoginRefused("invalid_request", "the connection is not enabled")
    return wanted
