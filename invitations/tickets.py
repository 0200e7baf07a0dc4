"""The ticket of an invitation: the opaque `invitation` parameter. Only its digest is stored."""

from core import secrets
from invitations.models import Invitation


def make_ticket(invitation: Invitation) -> str:
    """Return the ticket of 32 letters and digits that opens an invitation in its present generation."""
    candidates = secrets.derived_tickets("invitation", invitation.pk, str(invitation.generation))
    # After a change of encryption keys the ticket sent before is the one whose digest is stored.
    return next((ticket for ticket in candidates if secrets.matches(ticket, invitation.ticket_digest)), candidates[0])


def digest_of(ticket: str) -> str:
    """Return what an invitation is looked up by."""
    return secrets.digest(ticket)
