"""The URL in an invitation's e-mail: the application's login URI with the three parameters."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings

from identity.models import Application
from invitations.models import Invitation
from invitations.tickets import make_ticket


def login_uri(application: Application) -> str:
    """Return where a login of the application starts, or the tenant's default, or the empty string."""
    return application.initiate_login_uri or settings.TENANT0_DEFAULT_LOGIN_URI


def invitation_url(invitation: Invitation) -> str:
    """Return the link that the invited person follows."""
    parameters = urlencode(
        {
            "invitation": make_ticket(invitation),
            "organization": invitation.organization.pk,
            "organization_name": invitation.organization.name,
        }
    )
    parts = urlsplit(login_uri(invitation.application))
    query = f"{parts.query}&{parameters}" if parts.query else parameters
    return urlunsplit(parts._replace(query=query))
