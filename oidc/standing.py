"""Whether what a code or refresh token rests on still holds: person, organization, membership, connection."""

from oidc.models import Grant, LoginContext, RefreshToken
from oidc.storage.records import Standing


def still_stands(context: Grant | RefreshToken | LoginContext, standing: Standing | None) -> bool:
    """Tell whether tokens may be made for a login of earlier.

    The person is there and not blocked; the connection is still enabled where the login took place; and for a login to an
    organization, that is active and the person still a member.
    """
    if standing is None or standing.user.blocked or not standing.connection_enabled:
        return False
    if not context.organization_id:
        return True
    organization = standing.organization
    return organization is not None and organization.is_active and standing.is_member
