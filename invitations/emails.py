"""The invitation's e-mail. Whether it is still wanted is asked at the moment of sending."""

from collections.abc import Mapping
from typing import Any

from core.mail import send_mail
from core.outbox import NoLongerWanted
from invitations.links import invitation_url
from invitations.models import Invitation, InvitationState
from orgs.mail_look import mail_look


def deliver_invitation(payload: Mapping[str, Any]) -> None:
    """Send the mail of one generation of an invitation; called by the outbox."""
    invitation = (
        Invitation.objects.select_related("organization", "application").filter(pk=payload["invitation"]).first()
    )
    if invitation is None or invitation.state != InvitationState.PENDING:
        raise NoLongerWanted("the invitation has ended")
    if invitation.generation != payload["generation"]:
        raise NoLongerWanted("the invitation was sent again with another link")
    if not invitation.organization.is_active:
        raise NoLongerWanted("the organization is frozen")
    send_mail(
        key=f"invitation:{invitation.pk}:{invitation.generation}",
        to=invitation.invitee_email,
        template="invitation",
        context={
            "invitation": invitation,
            "organization": invitation.organization,
            "look": mail_look(invitation.organization),
            "application": invitation.application,
            "url": invitation_url(invitation),
        },
        language=str(invitation.user_metadata.get("language", "")),
    )
