"""The life of an invitation: invite, resend, revoke, open, accept. Its state is read from its timestamps."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import outbox, throttle
from core.actors import Actor
from core.audit import Subject, record
from core.errors import Expired, Forbidden, Invalid, Throttled
from core.models import OutboxMessage
from core.text import is_plain
from core.validation import save_validated
from identity.addresses import canonical_email
from identity.models import Application, Connection, Credential, Role, User
from identity.services.users import end_logins
from invitations import policy, tickets
from invitations.models import Invitation, InvitationEvent, InvitationRole, InvitationState
from orgs.models import Membership, Organization
from orgs.services.memberships import add_members

DEFAULT_LIFETIME_SECONDS: Final = 7 * 24 * 3600
SHORTEST_LIFETIME_SECONDS: Final = 60
LONGEST_LIFETIME_SECONDS: Final = 30 * 24 * 3600
Kind = InvitationEvent.Kind


def invite_member(
    *,
    actor: Actor,
    organization: Organization,
    application: Application,
    email: str,
    inviter_name: str,
    connection: Connection | None = None,
    roles: Iterable[Role] = (),
    ttl_seconds: int = 0,
    send_email: bool = True,
    app_metadata: Mapping[str, Any] | None = None,
    user_metadata: Mapping[str, Any] | None = None,
) -> Invitation:
    """Invite one address to an organization.

    `ttl_seconds` is 60 to 2,592,000; 0 means seven days. The mail is written to the outbox in the same transaction.
    Raises `Invalid` naming the field at fault, `Throttled` beyond the hourly limit of the organization or the daily one of
    the address.
    """
    address, lifetime = canonical_email(email), _lifetime(ttl_seconds)
    _check_way(organization, application, connection)
    _spend_limits(organization, address)
    with transaction.atomic():
        invitation = Invitation(
            organization=organization,
            application=application,
            connection=connection,
            inviter_name=_clean_name(inviter_name),
            invitee_email=address,
            app_metadata=dict(app_metadata or {}),
            user_metadata=dict(user_metadata or {}),
            send_email=send_email,
            lifetime_seconds=lifetime,
            expires_at=timezone.now() + timedelta(seconds=lifetime),
        )
        invitation.ticket_digest = tickets.digest_of(tickets.make_ticket(invitation))
        # The related rows were read a moment ago, and the database holds to them.
        save_validated(invitation, exclude=["organization", "application", "connection", "accepted_by"])
        InvitationRole.objects.bulk_create(
            InvitationRole(invitation=invitation, role=role) for role in dict.fromkeys(roles)
        )
        _note(invitation, Kind.CREATED, actor.name or actor.identifier)
        _queue_mail(invitation)
        _record("sapi", actor, invitation, "Invited a member")
    return invitation


def invite_members(
    *, actor: Actor, emails: Iterable[str], roles: Iterable[Role] = (), **arguments: Any
) -> list[Invitation]:
    """Invite several addresses alike, all or none; see `invite_member`."""
    addresses = list(dict.fromkeys(canonical_email(email) for email in emails))
    if not addresses:
        raise Invalid(_("Name at least one address."), code="no_address", field="email")
    given = list(roles)
    with transaction.atomic():
        return [invite_member(actor=actor, email=address, roles=given, **arguments) for address in addresses]


def resend_invitation(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Send a pending or expired invitation again with a new link and its full lifetime; the old link is void.

    Locks the invitation. `Expired` when it was accepted or revoked.
    """
    with transaction.atomic():
        invitation = _lock(invitation)
        if invitation.state in {InvitationState.ACCEPTED, InvitationState.REVOKED}:
            raise Expired(_("This invitation was already accepted or revoked."), code="invitation_ended")
        _check_way(invitation.organization, invitation.application, invitation.connection)
        _spend_limits(invitation.organization, invitation.invitee_email)
        invitation.generation += 1
        # The digest of the generation before must not decide which key derives this one.
        invitation.ticket_digest = ""
        invitation.ticket_digest = tickets.digest_of(tickets.make_ticket(invitation))
        invitation.expires_at = timezone.now() + timedelta(seconds=invitation.lifetime_seconds)
        invitation.save(update_fields=["generation", "ticket_digest", "expires_at"])
        _note(invitation, Kind.RESENT, actor.name or actor.identifier)
        _queue_mail(invitation)
        _record("sapi", actor, invitation, "Sent an invitation again")
    return invitation


def revoke_invitation(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Make an invitation's link void. Locks the invitation; `Expired` when it was accepted."""
    with transaction.atomic():
        invitation = _lock(invitation)
        if invitation.accepted_at:
            raise Expired(_("This invitation was already accepted."), code="invitation_ended")
        if not invitation.revoked_at:
            invitation.revoked_at = timezone.now()
            invitation.save(update_fields=["revoked_at"])
            _note(invitation, Kind.REVOKED, actor.name or actor.identifier)
            _record("sapi", actor, invitation, "Revoked an invitation")
    return invitation


def open_invitation(
    *, ticket: str, application: Application, organization: Organization, address: str = ""
) -> Invitation:
    """Return the pending invitation behind a ticket.

    `Expired`, always with the same words, when there is none, it is of another application or organization, it was used,
    revoked or has passed, the organization is frozen, or its connection is no longer enabled. Changes nothing, so a mail
    scanner that follows the link does no harm. Failures are counted for the network `address` they come from; beyond the
    limit nothing opens from there for a while, in the same words.
    """
    limit = throttle.Limit(
        "invitation-ticket", address, settings.LOGIN_ATTEMPTS_PER_ADDRESS, settings.LOGIN_ATTEMPTS_SECONDS
    )
    try:
        if address:
            throttle.check(limit)
        return _find_open(ticket, application, organization)
    except Throttled as error:
        raise _not_found() from error
    except Expired:
        if address:
            throttle.hit(limit)
        raise


def _find_open(ticket: str, application: Application, organization: Organization) -> Invitation:
    found = (
        Invitation.objects.select_related("organization", "application", "connection")
        .filter(ticket_digest=tickets.digest_of(ticket), application=application, organization=organization)
        .first()
    )
    if found is None or not policy.is_open(found):
        raise _not_found()
    return found


def note_opened(invitation: Invitation) -> None:
    """Write the first time that an invitation's page was shown on its timeline."""
    if not invitation.events.filter(kind=Kind.OPENED).exists():
        _note(invitation, Kind.OPENED)


def accept_invitation(*, actor: Actor, invitation: Invitation, user: User, connection: Connection) -> Membership:
    """Make the authenticated user a member, once.

    Locks the invitation, then the user. The user's address must be the invited one, which an identity provider must have
    verified: only where we keep the password ourselves does the link in the mail prove it. The connection must be the
    pinned one and enabled for the organization. The address counts as verified from now on, and logins from before it did
    end; metadata is merged key by key, the roles become roles of the member. Audits `si`. Raises `Expired` when the
    invitation ended meanwhile and `Forbidden` (`wrong_account`) for another person, who leaves it pending.
    """
    with transaction.atomic():
        invitation = _lock(invitation)
        if not policy.is_open(invitation):
            raise _not_found()
        user = User.objects.select_for_update().get(pk=user.pk)
        if not policy.may_accept(invitation, user, connection):
            raise Forbidden(
                "the specified account is not allowed to accept the current invitation", code="wrong_account"
            )
        invitation.accepted_at, invitation.accepted_by = timezone.now(), user
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        _adopt(user, invitation)
        membership = add_members(
            actor=actor,
            organization=invitation.organization,
            users=[user],
            source=Membership.Source.INVITATION,
            roles=invitation.roles.all(),
        )[0]
        _note(invitation, Kind.ACCEPTED, user.user_id)
        _record("si", actor, invitation, "Accepted an invitation", user=user)
    return membership


def record_refusal(*, actor: Actor, invitation: Invitation, reason: str) -> None:
    """Write an attempt that was refused to the timeline and the log (`fi`); the invitation stays as it is."""
    with transaction.atomic():
        _note(invitation, Kind.REFUSED, reason)
        _record("fi", actor, invitation, reason)


def record_delivery(payload: Mapping[str, Any], state: str, error: str) -> None:
    """Write how a delivery ended to the timeline; called by the outbox."""
    invitation = Invitation.objects.filter(pk=payload["invitation"]).first()
    if invitation is None:
        return
    if state == OutboxMessage.State.SENT:
        _note(invitation, Kind.SENT)
    elif state == OutboxMessage.State.DEAD or not invitation.events.filter(kind=Kind.DELIVERY_FAILED).exists():
        _note(invitation, Kind.DELIVERY_FAILED, error[:500])


def _not_found() -> Expired:
    # One text for every reason: a stranger with a link learns nothing of it.
    return Expired("invitation not found or already used", code="invitation_not_found")


def _check_way(organization: Organization, application: Application, connection: Connection | None) -> None:
    obstacle = policy.find_obstacle(organization, application, connection)
    if obstacle is not None:
        raise obstacle


def _lifetime(ttl_seconds: int) -> int:
    if not isinstance(ttl_seconds, int) or isinstance(ttl_seconds, bool):
        raise Invalid(_("The lifetime must be a whole number of seconds."), code="invalid_ttl", field="ttl_sec")
    if ttl_seconds == 0:
        return DEFAULT_LIFETIME_SECONDS
    if not SHORTEST_LIFETIME_SECONDS <= ttl_seconds <= LONGEST_LIFETIME_SECONDS:
        raise Invalid(
            _("The lifetime must be between one minute and thirty days."), code="invalid_ttl", field="ttl_sec"
        )
    return ttl_seconds


def _spend_limits(organization: Organization, address: str) -> None:
    throttle.spend(throttle.Limit("invite-organization", organization.pk, settings.INVITATIONS_PER_HOUR, 3600))
    throttle.spend(throttle.Limit("invite-address", address, settings.INVITATIONS_PER_ADDRESS_PER_DAY, 86400))


def _clean_name(name: str) -> str:
    """Return the inviter's name without control, bidirectional and line characters: it stands in a mail's text."""
    kept = "".join(letter if is_plain(letter) else " " for letter in name)
    cleaned = " ".join(kept.split())
    if not 0 < len(cleaned) <= 300:
        raise Invalid(_("The inviter's name must have 1 to 300 characters."), code="invalid_inviter", field="inviter")
    return cleaned


def _lock(invitation: Invitation) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organization", "application", "connection")
        .get(pk=invitation.pk)
    )


def _adopt(user: User, invitation: Invitation) -> None:
    """Take over what the invitation says of the person: a verified address and metadata."""
    if not user.email_verified:
        # Whoever made this account with the address before does not stay signed in to it.
        end_logins(user)
    user.email_verified = True
    user.app_metadata = {**user.app_metadata, **invitation.app_metadata}
    user.user_metadata = {**user.user_metadata, **invitation.user_metadata}
    user.updated_at = timezone.now()
    user.save(update_fields=["email_verified", "app_metadata", "user_metadata", "updated_at"])
    for identity in user.identities.all():
        Credential.objects.filter(connection_id=identity.connection_id, subject=identity.subject).update(
            email_verified=True
        )


def _queue_mail(invitation: Invitation) -> None:
    if not invitation.send_email:
        return
    outbox.enqueue(
        key=f"invitation:{invitation.pk}:{invitation.generation}",
        kind="invitation_email",
        payload={"invitation": invitation.pk, "generation": invitation.generation},
        shard=invitation.organization_id,
    )
    _note(invitation, Kind.QUEUED)


def _note(invitation: Invitation, kind: InvitationEvent.Kind, detail: str = "") -> None:
    InvitationEvent.objects.create(invitation=invitation, kind=kind, detail=detail[:500])


def _record(event: str, actor: Actor, invitation: Invitation, description: str, *, user: User | None = None) -> None:
    organization = invitation.organization
    details = {
        "invitation": {
            "id": invitation.pk,
            "client_id": invitation.application.client_id,
            "created_at": invitation.created_at.isoformat(),
            "expires_at": invitation.expires_at.isoformat(),
            "invitee": {"email": invitation.invitee_email},
            "inviter": {"name": invitation.inviter_name, "organization_id": organization.pk},
        }
    }
    subject = Subject(
        target_type="invitation",
        target_id=invitation.pk,
        user_id=user.user_id if user else "",
        client_id=invitation.application.client_id,
        connection=invitation.connection.name if invitation.connection else "",
        organization_id=organization.pk,
        organization_name=organization.name,
        details=details,
    )
    record(event, actor, subject, description=description)
