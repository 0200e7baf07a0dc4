"""The dashboard's pages of invitations: the invitations tab of an organization, and all of them in one list."""

from invitations.admin.invitations import InvitationAdmin

__all__ = ["InvitationAdmin"]
