"""Questions about organizations, without side effects."""

from typing import Final

from django.conf import settings

from core.text import is_plain
from identity.models import Application, Connection, User
from orgs.models import Membership, Organization, OrganizationConnection

ORGANIZATION_ID_PREFIX: Final = "org_"


def organization_allowed(application: Application) -> bool:
    """Whether an application may sign people in to an organization."""
    return application.organization_usage in {
        Application.OrganizationUsage.ALLOW,
        Application.OrganizationUsage.REQUIRE,
    }


def organization_required(application: Application) -> bool:
    """Whether an application never signs people in without an organization."""
    return application.organization_usage == Application.OrganizationUsage.REQUIRE


def is_organization_id(value: str) -> bool:
    """Whether a value of the `organization` parameter is an id rather than a name."""
    return value.startswith(ORGANIZATION_ID_PREFIX)


def find_organization(value: str) -> Organization | None:
    """Return the organization that an `organization` parameter names.

    By id always; by name, in any letter case, only while `TENANT0_ORGANIZATION_NAMES` is on.
    """
    if not value.isascii() or not is_plain(value):
        # PostgreSQL refuses to compare with some of these, and lower-casing turns others into ASCII; none names one.
        return None
    if is_organization_id(value):
        return Organization.objects.filter(pk=value).first()
    if settings.TENANT0_ORGANIZATION_NAMES:
        return Organization.objects.filter(name=value.lower()).first()
    return None


def connections_for(organization: Organization) -> list[OrganizationConnection]:
    """Return the enabled connections of an organization: they alone decide how its members sign in."""
    return list(
        OrganizationConnection.objects.filter(organization=organization, is_enabled=True).select_related("connection")
    )


def find_enabled_connection(organization: Organization, connection: Connection) -> OrganizationConnection | None:
    return (
        OrganizationConnection.objects.filter(organization=organization, connection=connection, is_enabled=True)
        .select_related("connection")
        .first()
    )


def find_membership(organization: Organization, user: User) -> Membership | None:
    return Membership.objects.filter(organization=organization, user=user).first()


def organizations_of(user: User) -> list[Organization]:
    """Return the active organizations a user is a member of, by name."""
    return list(Organization.objects.filter(memberships__user=user, status=Organization.Status.ACTIVE).order_by("name"))


def signup_allowed(link: OrganizationConnection) -> bool:
    """Whether people may sign themselves up in an organization through one of its connections."""
    return link.is_enabled and link.is_signup_enabled and link.assign_membership_on_login
