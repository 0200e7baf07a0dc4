"""Questions about invitations, without side effects."""

from django.utils.translation import gettext as _

from core.errors import Invalid
from identity.models import Application, Connection, User
from identity.strategies import strategy_class
from identity.strategies.base import PasswordStrategy
from invitations import links
from invitations.models import Invitation, InvitationState
from orgs import policy as orgs_policy
from orgs.models import Organization


def is_open(invitation: Invitation) -> bool:
    """Whether an invitation can still be accepted: pending, and the way it leads to is open."""
    if invitation.state != InvitationState.PENDING or not invitation.organization.is_active:
        return False
    enabled = {link.connection_id for link in orgs_policy.connections_for(invitation.organization)}
    return bool(enabled) if invitation.connection_id is None else invitation.connection_id in enabled


def may_accept(invitation: Invitation, user: User, connection: Connection) -> bool:
    """Whether an authenticated person is the invited one.

    The address must be the invited one, and verified where an identity provider asserts it: only where we keep the
    password ourselves does the link in the mail prove the address. The connection must be the pinned one, if one is, and
    enabled for the organization.
    """
    if user.email != invitation.invitee_email or user.blocked or user.operator_role:
        return False
    if invitation.connection_id not in {None, connection.pk}:
        return False
    if orgs_policy.find_enabled_connection(invitation.organization, connection) is None:
        return False
    return user.email_verified or issubclass(strategy_class(connection.strategy), PasswordStrategy)


def find_obstacle(
    organization: Organization, application: Application, connection: Connection | None
) -> Invalid | None:
    """Return why an invitation would lead nowhere, or None: the error names the field at fault."""
    if not organization.is_active:
        return Invalid(_("The organization is frozen."), code="organization_frozen", field="organization")
    if not orgs_policy.organization_allowed(application):
        return Invalid(
            _("This application does not allow organizations. Change its types of users first."),
            code="organizations_not_allowed",
            field="application",
        )
    if not links.login_uri(application):
        return Invalid(
            _("This application has no login URI, so the link would lead nowhere. Set one first."),
            code="no_login_uri",
            field="application",
        )
    enabled = {link.connection_id for link in orgs_policy.connections_for(organization)}
    if not enabled:
        return Invalid(
            _("No connection is enabled for this organization. Enable one first."),
            code="no_connection",
            field="connection",
        )
    if connection is not None and connection.pk not in enabled:
        return Invalid(
            _("This connection is not enabled for the organization."),
            code="connection_not_enabled",
            field="connection",
        )
    return None
