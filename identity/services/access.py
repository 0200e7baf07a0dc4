"""Changing roles, APIs with their permissions, and what applications may ask for on their own behalf."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Forbidden, Invalid
from core.validation import assign, save_validated
from identity.models import Application, ClientGrant, Permission, ResourceServer, Role, RolePermission

M = TypeVar("M", bound=models.Model)


def create_role(*, actor: Actor, name: str, description: str = "") -> Role:
    role = Role(name=name, description=description)
    return _create(actor, role, "role", "Created a role")


def update_role(*, actor: Actor, role: Role, **changes: Any) -> Role:
    return _change(actor, role, "role", "Updated a role", changes=changes)


def delete_role(*, actor: Actor, role: Role) -> None:
    _delete(actor, role, "role", "Deleted a role")


def set_role_permissions(*, actor: Actor, role: Role, permissions: Iterable[Permission]) -> None:
    """Make `permissions` exactly what the role holds."""
    wanted = {permission.pk for permission in permissions}
    with transaction.atomic():
        held = set(RolePermission.objects.filter(role=role).values_list("permission_id", flat=True))
        RolePermission.objects.filter(role=role, permission_id__in=held - wanted).delete()
        RolePermission.objects.bulk_create(
            RolePermission(role=role, permission_id=key) for key in sorted(wanted - held)
        )
        details = {"removed": sorted(held - wanted), "added": sorted(wanted - held)}
        _record(actor, "role", role.pk, "Changed the permissions of a role", details)


def create_resource_server(
    *, actor: Actor, identifier: str, name: str = "", scopes: Mapping[str, str] | None = None, **fields: Any
) -> ResourceServer:
    """Create an API. `scopes` maps each permission value to its description."""
    server = ResourceServer(identifier=identifier, name=name)
    assign(server, fields)
    with transaction.atomic():
        _create(actor, server, "resource_server", "Created an API")
        set_scopes(actor=actor, resource_server=server, scopes=scopes or {})
    return server


def update_resource_server(*, actor: Actor, resource_server: ResourceServer, **changes: Any) -> ResourceServer:
    if resource_server.is_system:
        raise Forbidden(_("The system API cannot be changed."), code="system_api")
    if changes.get("identifier", resource_server.identifier) != resource_server.identifier:
        raise Invalid(_("The identifier of an API cannot change."), code="immutable", field="identifier")
    return _change(actor, resource_server, "resource_server", "Updated an API", changes=changes)


def set_scopes(*, actor: Actor, resource_server: ResourceServer, scopes: Mapping[str, str]) -> None:
    """Make `scopes` (value → description) exactly the permissions of an API; removed ones leave every role."""
    if resource_server.is_system:
        raise Forbidden(_("The system API cannot be changed."), code="system_api")
    if any(not value or len(value) > 280 or value.split() != [value] for value in scopes):
        raise Invalid(_("A permission is one word of at most 280 characters."), code="invalid_scope", field="scopes")
    with transaction.atomic():
        existing = {permission.value: permission for permission in resource_server.permissions.all()}
        resource_server.permissions.exclude(value__in=scopes).delete()
        for value, description in scopes.items():
            permission = existing.get(value)
            if permission is None:
                Permission.objects.create(resource_server=resource_server, value=value, description=description)
            elif permission.description != description:
                permission.description = description
                permission.save(update_fields=["description"])
        details = {"removed": sorted(set(existing) - set(scopes)), "added": sorted(set(scopes) - set(existing))}
        _record(actor, "resource_server", resource_server.pk, "Changed the permissions of an API", details)


def delete_resource_server(*, actor: Actor, resource_server: ResourceServer) -> None:
    if resource_server.is_system:
        raise Forbidden(_("The system API cannot be deleted."), code="system_api")
    _delete(actor, resource_server, "resource_server", "Deleted an API")


def grant_client(
    *, actor: Actor, application: Application, resource_server: ResourceServer, scope: Iterable[str]
) -> ClientGrant:
    """Allow an application to ask for `scope` of an API on its own behalf; replaces an earlier grant's scopes."""
    wanted = sorted(set(scope))
    known = set(resource_server.permissions.values_list("value", flat=True))
    if unknown := [value for value in wanted if value not in known]:
        raise Invalid(
            _("The API has no such scopes: %(scopes)s") % {"scopes": ", ".join(unknown)},
            code="unknown_scope",
            field="scope",
        )
    with transaction.atomic():
        grant, _made = ClientGrant.objects.update_or_create(
            application=application, resource_server=resource_server, defaults={"scope": wanted}
        )
        _record(actor, "client_grant", grant.pk, "Granted an application access to an API", {"scope": wanted})
    return grant


def delete_client_grant(*, actor: Actor, grant: ClientGrant) -> None:
    _delete(actor, grant, "client_grant", "Withdrew an application's access to an API")


def _create(actor: Actor, row: M, kind: str, description: str) -> M:
    with transaction.atomic():
        save_validated(row)
        _record(actor, kind, row.pk, description)
    return row


def _change(actor: Actor, row: M, kind: str, description: str, *, changes: dict[str, Any]) -> M:
    """Lock a row, change it and audit old and new values."""
    with transaction.atomic():
        locked: M = type(row)._default_manager.select_for_update().get(pk=row.pk)
        if changed := assign(locked, changes):
            save_validated(locked, changed=changed)
            _record(actor, kind, row.pk, description, {"changed": changed})
    return locked


def _delete(actor: Actor, row: models.Model, kind: str, description: str) -> None:
    with transaction.atomic():
        _record(actor, kind, row.pk, description, {"name": str(row)})
        row.delete()


def _record(actor: Actor, kind: str, key: str, description: str, details: dict[str, Any] | None = None) -> None:
    record("sapi", actor, Subject(target_type=kind, target_id=key, details=details or {}), description=description)
