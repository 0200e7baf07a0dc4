"""E-mails about an account: the link to set a new password, the link to verify an address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from core.mail import send_mail
from core.outbox import NoLongerWanted
from identity.models import EmailTicket
from identity.services.tickets import ticket_text
from orgs.mail_look import mail_look
from orgs.models import Organization


def deliver_reset_password(payload: Mapping[str, Any]) -> None:
    """Send the link to set a new password; called by the outbox."""
    _deliver(payload, template="reset_password", path="u/reset-password")


def deliver_verify_email(payload: Mapping[str, Any]) -> None:
    """Send the link to verify an address; called by the outbox."""
    _deliver(payload, template="verify_email", path="u/email-verification")


def _deliver(payload: Mapping[str, Any], *, template: str, path: str) -> None:
    ticket = EmailTicket.objects.select_related("user", "application").filter(pk=payload["ticket"]).first()
    if ticket is None or ticket.used_at is not None or ticket.expires_at <= timezone.now():
        raise NoLongerWanted("the link was used or has passed")
    if ticket.user.email != ticket.email:
        raise NoLongerWanted("the address has changed")
    organization = Organization.objects.filter(pk=ticket.organization_id).first() if ticket.organization_id else None
    send_mail(
        key=f"ticket:{ticket.pk}",
        to=ticket.email,
        template=template,
        context={
            "user": ticket.user,
            "organization": organization,
            "look": mail_look(organization, ticket.application),
            "application": ticket.application,
            "expires_at": ticket.expires_at,
            # The issuer is a setting: no header of a request has a say in where a link leads.
            "url": f"{settings.TENANT0_ISSUER}{path}?{urlencode({'ticket': ticket_text(ticket)})}",
        },
        language=ticket.user.locale or str(ticket.user.user_metadata.get("language", "")),
    )
