"""Changing connections, and for which applications they are enabled."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict, Invalid
from identity.models import Application, ApplicationConnection, Connection, User
from identity.strategies import strategy_class


def create_connection(
    *,
    actor: Actor,
    name: str,
    strategy: str,
    options: Mapping[str, Any] | None = None,
    display_name: str = "",
) -> Connection:
    """Create a connection. `Conflict` for a name in use, `Invalid` naming the field at fault."""
    connection = Connection(name=name, strategy=strategy, display_name=display_name)
    with transaction.atomic():
        connection.options = _clean_options(strategy, options or {})
        _save(connection)
        _record(actor, connection, "Created a connection")
    return connection


def update_connection(*, actor: Actor, connection: Connection, **changes: Any) -> Connection:
    """Change `display_name`, `options` (replaced as a whole), `show_as_button` or `metadata`. Locks the connection."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        if "options" in changes:
            changes["options"] = _clean_options(connection.strategy, changes["options"])
        for name, value in changes.items():
            setattr(connection, name, value)
        _save(connection)
        _record(actor, connection, "Updated a connection", {"fields": sorted(changes)})
    return connection


def delete_connection(*, actor: Actor, connection: Connection) -> None:
    """Delete a connection and the users whose primary identity is there."""
    with transaction.atomic():
        users = User.objects.filter(identities__connection=connection, identities__is_primary=True)
        _record(actor, connection, "Deleted a connection", {"users": users.count()})
        users.delete()
        connection.delete()


def enable_for_application(*, actor: Actor, connection: Connection, application: Application) -> None:
    """Enable a connection for an application; already enabled is no error."""
    with transaction.atomic():
        _row, made = ApplicationConnection.objects.get_or_create(connection=connection, application=application)
        if made:
            _record(actor, connection, "Enabled for an application", {"client_id": application.client_id})


def disable_for_application(*, actor: Actor, connection: Connection, application: Application) -> None:
    with transaction.atomic():
        gone, _rows = ApplicationConnection.objects.filter(connection=connection, application=application).delete()
        if gone:
            _record(actor, connection, "Disabled for an application", {"client_id": application.client_id})


def _clean_options(strategy: str, options: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return strategy_class(strategy).clean_options(options)
    except KeyError as error:
        raise Invalid(_("Unknown strategy."), code="unknown_strategy", field="strategy") from error
    except ValidationError as error:
        raise Invalid(error.messages[0], code="invalid_options", field="options") from error


def _save(connection: Connection) -> None:
    try:
        connection.full_clean(exclude=["options"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        if field == "name" and Connection.objects.filter(name=connection.name).exclude(pk=connection.pk).exists():
            raise Conflict(messages[0], code="connection_exists", field="name") from error
        raise Invalid(messages[0], code="invalid_field", field=field) from error
    connection.save()


def _record(actor: Actor, connection: Connection, description: str, details: dict[str, Any] | None = None) -> None:
    subject = Subject(
        target_type="connection",
        target_id=connection.pk,
        connection=connection.name,
        details={"strategy": connection.strategy, **(details or {})},
    )
    record("sapi", actor, subject, description=description)
