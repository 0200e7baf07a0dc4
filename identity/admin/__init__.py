"""The dashboard's pages of users, applications, connections, APIs, roles and operators."""

from django.contrib import admin
from django.contrib.auth.models import Group

from identity.admin.access import ClientGrantAdmin, PermissionAdmin, ResourceServerAdmin, RoleAdmin
from identity.admin.applications import ApplicationAdmin
from identity.admin.connections import ConnectionAdmin
from identity.admin.operators import OperatorAdmin
from identity.admin.users import UserAdmin

# Operators have one of four roles; Django's groups mean nothing here.
admin.site.unregister(Group)

__all__ = [
    "ApplicationAdmin",
    "ClientGrantAdmin",
    "ConnectionAdmin",
    "OperatorAdmin",
    "PermissionAdmin",
    "ResourceServerAdmin",
    "RoleAdmin",
    "UserAdmin",
]
