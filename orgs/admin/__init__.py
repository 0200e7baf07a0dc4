"""The dashboard's pages of organizations: overview, members, connections, branding."""

from orgs.admin.organizations import OrganizationAdmin

__all__ = ["OrganizationAdmin"]
