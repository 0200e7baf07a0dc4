"""The end of an authentication: from a connection profile to a signed-in person, in one transaction."""

from django.db import transaction as database
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.audit import Subject, record
from core.errors import Forbidden
from identity.models import Connection, User
from identity.services.provisioning import provision
from identity.services.users import record_login
from identity.strategies.base import ConnectionProfile
from invitations.services import accept_invitation
from login.browser import Browser
from login.errors import LoginRefused, TransactionLost
from login.models import LoginTransaction
from login.session import start_session


class WrongAccount(Exception):
    """Somebody other than the invited person authenticated; the invitation stays pending."""

    def __init__(self, email: str) -> None:
        super().__init__(email)
        self.email = email


def complete_authentication(
    transaction: LoginTransaction,
    browser: Browser,
    *,
    connection: Connection,
    profile: ConnectionProfile,
    amr: list[str],
) -> str:
    """Provision the user, accept the invitation, begin a session and stamp the transaction; all or nothing.

    Locks the transaction's row: a person completes it once. Returns the session token for the cookie. Raises `WrongAccount`,
    `LoginRefused` for a blocked user, and what `accept_invitation` raises.
    """
    now = timezone.now()
    with database.atomic():
        _lock(transaction)
        user = provision(actor=browser.actor, connection=connection, profile=profile)
        if user.blocked:
            raise LoginRefused("unauthorized", "user is blocked")
        actor = Actor(ActorKind.END_USER, user.user_id, user.email, ip=browser.ip, user_agent=browser.user_agent)
        if transaction.invitation is not None:
            _accept(actor, transaction, user, connection)
        session, token = start_session(user=user, connection=connection, amr=amr, browser=browser, at=now)
        record_login(user, ip=browser.ip)
        transaction.user, transaction.session = user, session
        transaction.auth_time, transaction.amr, transaction.authenticated_at = now, amr, now
        transaction.save(update_fields=["user", "session", "auth_time", "amr", "authenticated_at"])
        record_event("s", transaction, actor, connection=connection, description="Signed in")
    return token


def record_event(
    event: str,
    transaction: LoginTransaction,
    actor: Actor,
    *,
    connection: Connection | None = None,
    description: str = "",
) -> None:
    """Write a login event to the audit log, with the application and the organization it was for."""
    organization = transaction.organization
    subject = Subject(
        target_type="user" if actor.identifier else "",
        target_id=actor.identifier,
        user_id=actor.identifier,
        client_id=transaction.application.client_id,
        connection=connection.name if connection else "",
        organization_id=organization.pk if organization else "",
        organization_name=organization.name if organization else "",
    )
    record(event, actor, subject, description=description)


def _lock(transaction: LoginTransaction) -> None:
    locked = (
        LoginTransaction.objects.select_for_update()
        .filter(pk=transaction.pk, finished_at=None)
        .values("authenticated_at")
    ).first()
    if locked is None or locked["authenticated_at"] is not None:
        raise TransactionLost


def _accept(actor: Actor, transaction: LoginTransaction, user: User, connection: Connection) -> None:
    assert transaction.invitation is not None
    try:
        accept_invitation(actor=actor, invitation=transaction.invitation, user=user, connection=connection)
    except Forbidden as error:
        raise WrongAccount(user.email) from error
