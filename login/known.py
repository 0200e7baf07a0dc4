"""What one read has already told of an authorization request, so that the steps need not ask again."""

from dataclasses import dataclass

from orgs.models import Organization


@dataclass(frozen=True)
class Known:
    """Facts of this very request. `organization` is the one its parameter names, or None.

    `connection_enabled`: the session's connection is enabled for that organization, or without one for the application.
    `is_member`: the session's user is a member of that organization.
    """

    organization: Organization | None
    connection_enabled: bool = False
    is_member: bool = False
