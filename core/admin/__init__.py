"""The dashboard's pages of the audit log and of deliveries."""

from core.admin.deliveries import OutboxMessageAdmin
from core.admin.log import AuditEventAdmin

__all__ = ["AuditEventAdmin", "OutboxMessageAdmin"]
