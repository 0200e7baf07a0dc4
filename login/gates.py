"""The two gates of a login: the membership check, and the run of the pipeline."""

from django.utils import timezone

from actions import pipeline
from actions.triggers import Event, Outcome
from identity.models import Connection
from login.authorization_request import AuthorizationRequest
from login.browser import Browser
from login.errors import LoginRefused
from login.models import LoginTransaction
from orgs.services.memberships import join_on_login


def check_membership(transaction: LoginTransaction) -> None:
    """Refuse whoever is blocked, or is no member of the organization and does not become one by this login.

    Runs before the pipeline, so a script cannot add the person in time; that is Auth0's order as well.
    """
    user, organization, session = transaction.user, transaction.organization, transaction.session
    assert user is not None
    assert session is not None
    if user.blocked:
        raise LoginRefused("unauthorized", "user is blocked")
    if organization is None or transaction.membership_checked_at is not None:
        return
    if not organization.is_active:
        raise LoginRefused("invalid_request", f"parameter organization is invalid: {organization.pk}")
    if transaction.known is not None and transaction.known.is_member:
        transaction.membership_checked_at = timezone.now()
        return
    connection = session.connection
    if connection is None or join_on_login(organization=organization, user=user, connection=connection) is None:
        raise LoginRefused("access_denied", f"user {user.user_id} is not part of the {organization.pk} organization")
    transaction.membership_checked_at = timezone.now()


def run_pipeline(transaction: LoginTransaction, request: AuthorizationRequest, browser: Browser) -> None:
    """Run the scripts of the post-login trigger, once per transaction, and apply their outcome."""
    if transaction.authorized_at is not None:
        return
    apply_outcome(transaction, pipeline.run((), _event(transaction, request, browser)))
    transaction.authorized_at = timezone.now()


def apply_outcome(transaction: LoginTransaction, outcome: Outcome) -> None:
    """Take over what the scripts decided; a denial refuses the login with their reason."""
    if outcome.denied_because:
        raise LoginRefused("access_denied", outcome.denied_because)
    claims = {
        "id_token": dict(outcome.id_token_claims),
        "access_token": dict(outcome.access_token_claims),
    }
    if any(claims.values()):
        transaction.outcome = {**transaction.outcome, "claims": claims}


def _event(transaction: LoginTransaction, request: AuthorizationRequest, browser: Browser) -> Event:
    user, organization, application = transaction.user, transaction.organization, transaction.application
    assert user is not None
    connection: Connection | None = transaction.session.connection if transaction.session else None
    return Event(
        user={
            "user_id": user.user_id,
            "email": user.email,
            "email_verified": user.email_verified,
            "name": user.name,
            "user_metadata": user.user_metadata,
            "app_metadata": user.app_metadata,
        },
        application={
            "client_id": application.client_id,
            "name": application.name,
            "metadata": application.client_metadata,
        },
        connection={"id": connection.pk, "name": connection.name, "strategy": connection.strategy}
        if connection
        else {},
        request={"ip": browser.ip, "user_agent": browser.user_agent, "query": request.query},
        organization={
            "id": organization.pk,
            "name": organization.name,
            "display_name": organization.display_name,
            "metadata": organization.metadata,
        }
        if organization
        else None,
    )
