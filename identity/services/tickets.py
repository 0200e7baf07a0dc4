"""Links in e-mails about an account: to set a new password, to verify an address. Each is good once and for a while."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core import outbox, secrets
from core.actors import Actor, ActorKind
from core.audit import Subject, record
from core.errors import Expired, Invalid
from identity.attempts import unblock
from identity.models import Application, Connection, Credential, EmailTicket, Identity, User
from identity.services.users import end_logins, personal_names, void_tickets
from identity.strategies import strategy_for
from identity.strategies.base import PasswordStrategy

_LIFETIMES = {
    EmailTicket.Purpose.RESET_PASSWORD: "RESET_TICKET_SECONDS",
    EmailTicket.Purpose.VERIFY_EMAIL: "VERIFY_TICKET_SECONDS",
}
_MAIL_KINDS = {
    EmailTicket.Purpose.RESET_PASSWORD: "reset_password_email",
    EmailTicket.Purpose.VERIFY_EMAIL: "verify_email",
}


def ticket_text(ticket: EmailTicket) -> str:
    """Return the ticket that goes into the link; it is derived, never stored."""
    candidates = secrets.derived_tickets("email", str(ticket.pk), ticket.purpose)
    # After a change of encryption keys the ticket is the one whose digest is stored.
    return next((text for text in candidates if secrets.matches(text, ticket.digest)), candidates[0])


def request_password_reset(
    *,
    actor: Actor,
    connection: Connection,
    email: str,
    application: Application | None,
    organization_id: str = "",
) -> None:
    """Ask for a link to set a new password; a worker sends it to the address that is stored, if there is one.

    Looks nobody up: it does and costs the same for a stranger, so that neither the answer nor its time tells who exists.
    """
    payload = {
        "connection": connection.pk,
        "email": email,
        "client_id": application.client_id if application else "",
        "organization_id": organization_id,
        "ip": actor.ip,
        "user_agent": actor.user_agent,
    }
    with transaction.atomic():
        outbox.enqueue(
            key=f"reset-request:{secrets.new_token()}",
            kind="reset_password_request",
            payload=payload,
            shard=organization_id,
        )


def deliver_reset_request(payload: Mapping[str, Any]) -> None:
    """Send the link that was asked for; called by the outbox. Audits `scpr`."""
    credential = (
        Credential.objects.select_related("connection")
        .filter(connection_id=payload["connection"], email=payload["email"])
        .first()
    )
    if credential is None:
        raise outbox.NoLongerWanted("nobody has this address")
    identity = (
        Identity.objects.select_related("user", "connection")
        .filter(connection=credential.connection, subject=credential.subject, user__blocked=False)
        .first()
    )
    if identity is None:
        raise outbox.NoLongerWanted("the user is blocked or gone")
    user = identity.user
    send_ticket(
        actor=Actor(ActorKind.END_USER, user.user_id, user.email, payload["ip"], payload["user_agent"]),
        purpose=EmailTicket.Purpose.RESET_PASSWORD,
        identity=identity,
        application=Application.objects.filter(client_id=payload["client_id"]).first(),
        organization_id=payload["organization_id"],
    )


def send_ticket(
    *,
    actor: Actor,
    purpose: str,
    identity: Identity,
    application: Application | None = None,
    organization_id: str = "",
) -> EmailTicket:
    """Write a ticket and the mail that carries it in one transaction. Audits `scpr` or `svr`.

    `Invalid` (`no_email`) for a user without an address.
    """
    user = identity.user
    if not user.email:
        raise Invalid(_("This user has no e-mail address."), code="no_email", field="email")
    lifetime = timedelta(seconds=getattr(settings, _LIFETIMES[EmailTicket.Purpose(purpose)]))
    with transaction.atomic():
        ticket = EmailTicket.objects.create(
            purpose=purpose,
            user=user,
            connection=identity.connection,
            application=application,
            organization_id=organization_id,
            email=user.email,
            # The ticket is derived from the key of the row, which must be there first.
            digest=secrets.digest(secrets.new_token()),
            expires_at=timezone.now() + lifetime,
        )
        ticket.digest = secrets.digest(ticket_text(ticket))
        ticket.save(update_fields=["digest"])
        outbox.enqueue(
            key=f"ticket:{ticket.pk}",
            kind=_MAIL_KINDS[EmailTicket.Purpose(purpose)],
            payload={"ticket": ticket.pk},
            shard=organization_id,
        )
        event = "scpr" if purpose == EmailTicket.Purpose.RESET_PASSWORD else "svr"
        record(event, actor, _subject(ticket), description=f"Asked to {EmailTicket.Purpose(purpose).value}")
    return ticket


def open_ticket(*, purpose: str, ticket: str) -> EmailTicket:
    """Return the ticket behind a link without using it; `Expired` when it is unknown, used, void or past its time."""
    found = (
        EmailTicket.objects.select_related("user", "connection", "application")
        .filter(digest=secrets.digest(ticket), purpose=purpose)
        .first()
    )
    if found is None or found.used_at or found.expires_at <= timezone.now() or found.user.email != found.email:
        raise Expired(_("This link is no longer valid. Ask for a new one."), code="ticket_invalid")
    return found


def complete_password_reset(*, actor: Actor, ticket: str, password: str) -> EmailTicket:
    """Set a new password, once; locks the ticket. The address counts as verified, every login of the user ends, and an
    account that strangers had tried too often is open again.

    Every other open ticket of the user is void afterwards. `Invalid` for a weak password leaves the ticket usable.
    """
    opened = open_ticket(purpose=EmailTicket.Purpose.RESET_PASSWORD, ticket=ticket)
    with transaction.atomic():
        locked = _use(opened)
        identity = Identity.objects.get(user=locked.user, connection=locked.connection)
        strategy = strategy_for(locked.connection)
        assert isinstance(strategy, PasswordStrategy)
        strategy.change_password(identity.subject, password, personal=personal_names(locked.user))
        void_tickets(locked.user)
        _mark_verified(locked)
        locked.user.last_password_reset = timezone.now()
        locked.user.save(update_fields=["last_password_reset"])
        end_logins(locked.user)
        transaction.on_commit(lambda: unblock(locked.user.email, locked.user.username))
        record("scp", _person(actor, locked.user), _subject(locked), description="Set a new password by e-mail")
    return locked


def complete_email_verification(*, actor: Actor, ticket: str) -> EmailTicket:
    """Mark the address as verified, once; locks the ticket.

    Every login from before ends: whoever made the account with somebody else's address does not stay in it.
    """
    opened = open_ticket(purpose=EmailTicket.Purpose.VERIFY_EMAIL, ticket=ticket)
    with transaction.atomic():
        locked = _use(opened)
        if not locked.user.email_verified:
            end_logins(locked.user)
        _mark_verified(locked)
        record("sv", _person(actor, locked.user), _subject(locked), description="Verified the e-mail address")
    return locked


def sweep(now: datetime, limit: int) -> int:
    """Delete tickets a day after they ended; until then a late click is told apart from a wrong one in the database."""
    old = EmailTicket.objects.filter(expires_at__lt=now - timedelta(days=1)).values_list("pk", flat=True)[:limit]
    return EmailTicket.objects.filter(pk__in=list(old)).delete()[0]


def _use(opened: EmailTicket) -> EmailTicket:
    locked = (
        EmailTicket.objects.select_for_update(of=("self",))
        .select_related("user", "connection")
        .filter(pk=opened.pk, used_at=None, email=F("user__email"))
        .first()
    )
    if locked is None:
        raise Expired(_("This link is no longer valid. Ask for a new one."), code="ticket_invalid")
    locked.used_at = timezone.now()
    locked.save(update_fields=["used_at"])
    return locked


def _mark_verified(ticket: EmailTicket) -> None:
    User.objects.filter(pk=ticket.user_id).update(email_verified=True, updated_at=timezone.now())
    Credential.objects.filter(connection=ticket.connection, email=ticket.email).update(email_verified=True)


def _person(actor: Actor, user: User) -> Actor:
    return Actor(ActorKind.END_USER, user.user_id, user.email, ip=actor.ip, user_agent=actor.user_agent)


def _subject(ticket: EmailTicket) -> Subject:
    return Subject(
        target_type="user",
        target_id=ticket.user.user_id,
        user_id=ticket.user.user_id,
        connection=ticket.connection.name,
        organization_id=ticket.organization_id,
        details={"email": ticket.email},
    )
