"""Users, their identities and credentials, applications, connections, APIs and roles."""

from identity.models.access import (
    ClientGrant,
    Permission,
    ResourceServer,
    Role,
    RolePermission,
    UserPermission,
    UserRole,
)
from identity.models.application import Application
from identity.models.connection import ApplicationConnection, Connection
from identity.models.credential import Credential, EmailTicket
from identity.models.operator import OperatorRole
from identity.models.user import Identity, Operator, User

__all__ = [
    "Application",
    "ApplicationConnection",
    "ClientGrant",
    "Connection",
    "Credential",
    "EmailTicket",
    "Identity",
    "Operator",
    "OperatorRole",
    "Permission",
    "ResourceServer",
    "Role",
    "RolePermission",
    "User",
    "UserPermission",
    "UserRole",
]
