"""The dashboard's pages of sessions."""

from login.admin.sessions import SessionAdmin

__all__ = ["SessionAdmin"]
