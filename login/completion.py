"""The end of an authentication: from a connection profile to a signed-in person, in one transaction."""

from contextlib import nullcontext

from django.db import transaction as database
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.audit import Subject, event_row, record
from core.errors import Forbidden
from identity.models import Connection, User
from identity.services.provisioning import provision
from identity.strategies.base import ConnectionProfile
from invitations.services import accept_invitation
from login.browser import Browser
from login.errors import LoginRefused
from login.models import LoginTransaction
from login.session import new_session, revoke_session
from login.storage import complete_sign_in


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
    """Provision the user, accept the invitation, begin a session with a new id and stamp the transaction.

    A person completes it once; an invitation is accepted together with the sign-in or not at all. Returns the session token for the
    cookie. Raises `WrongAccount`, `LoginRefused` for a blocked user, `TransactionLost`, and what `accept_invitation` raises.
    """
    now = timezone.now()
    # Without an invitation there is nothing to hold together: a user without a session does no harm.
    with database.atomic() if transaction.invitation is not None else nullcontext():
        user = provision(actor=browser.actor, connection=connection, profile=profile)
        if user.blocked:
            raise LoginRefused("unauthorized", "user is blocked")
        actor = Actor(ActorKind.END_USER, user.user_id, user.email, ip=browser.ip, user_agent=browser.user_agent)
        if transaction.invitation is not None:
            _accept(actor, transaction, user, connection)
        revoke_session(browser.session_token)
        session, token = new_session(user=user, connection=connection, amr=amr, browser=browser, at=now)
        event = event_row("s", actor, _subject(transaction, actor, connection), description="Signed in")
        complete_sign_in(transaction, session, event, at=now)
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
    record(event, actor, _subject(transaction, actor, connection), description=description)


def _subject(transaction: LoginTransaction, actor: Actor, connection: Connection | None) -> Subject:
    organization = transaction.organization
    return Subject(
        target_type="user" if actor.identifier else "",
        target_id=actor.identifier,
        user_id=actor.identifier,
        client_id=transaction.application.client_id,
        connection=connection.name if connection else "",
        organization_id=organization.pk if organization else "",
        organization_name=organization.name if organization else "",
    )


def _accept(actor: Actor, transaction: LoginTransaction, user: User, connection: Connection) -> None:
    assert transaction.invitation is not None
    try:
        accept_invitation(actor=actor, invitation=transaction.invitation, user=user, connection=connection)
    except Forbidden as error:
        raise WrongAccount(user.email) from error
