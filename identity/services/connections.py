"""Changing connections, and for which applications they are enabled."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Invalid
from core.validation import assign, save_validated
from identity.models import Application, ApplicationConnection, Connection, Identity, User
from identity.strategies import strategy_class

_USERS_AT_ONCE: Final = 1000


def create_connection(
    *,
    actor: Actor,
    name: str,
    strategy: str,
    options: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Connection:
    """Create a connection. `Conflict` for a name in use, `Invalid` naming the field at fault.

    `fields` may hold `display_name`, `show_as_button`, `is_domain_connection` and `metadata`.
    """
    connection = Connection(name=name, strategy=strategy)
    assign(connection, fields)
    connection.options = _clean_options(strategy, options or {})
    with transaction.atomic():
        # The strategy has judged the options already.
        save_validated(connection, conflict_code="connection_exists", exclude=["options"])
        _record(actor, connection, "Created a connection")
    return connection


def update_connection(*, actor: Actor, connection: Connection, **changes: Any) -> Connection:
    """Change `display_name`, `options` (replaced as a whole), `show_as_button` or `metadata`. Locks the connection.

    Its name and strategy never change: subjects are kept by them. Of options only the names of what changed are audited,
    as they may hold secrets of an upstream.
    """
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        if "options" in changes:
            changes["options"] = _clean_options(connection.strategy, changes["options"])
        if changed := assign(connection, changes, immutable=("name", "strategy")):
            save_validated(connection, changed=changed, exclude=["options"])
            _record(actor, connection, "Updated a connection", {"changed": _auditable(changed)})
    return connection


def delete_connection(*, actor: Actor, connection: Connection) -> None:
    """Delete a connection and the users who have no other identity; their sessions and tokens go with them.

    A user who can still sign in by another connection stays, with the oldest identity left as the primary one.
    """
    with transaction.atomic():
        here = Identity.objects.filter(connection=connection)
        elsewhere = Identity.objects.exclude(connection=connection)
        users = User.objects.filter(pk__in=here.values("user")).exclude(pk__in=elsewhere.values("user"))
        _record(actor, connection, "Deleted a connection", {"users": users.count()})
        # In batches: the rows that go with a user are read before they are deleted.
        while batch := list(users.values_list("pk", flat=True)[:_USERS_AT_ONCE]):
            User.objects.filter(pk__in=batch).delete()
        orphaned = set(here.filter(is_primary=True).values_list("user_id", flat=True))
        here.delete()
        for user_id in orphaned:
            oldest = elsewhere.filter(user_id=user_id).order_by("id").first()
            if oldest is not None:
                Identity.objects.filter(pk=oldest.pk).update(is_primary=True)
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


def _auditable(changed: dict[str, list[Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {name: values for name, values in changed.items() if name != "options"}
    if "options" in changed:
        old, new = changed["options"]
        shown["options"] = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return shown


def _record(actor: Actor, connection: Connection, description: str, details: dict[str, Any] | None = None) -> None:
    subject = Subject(
        target_type="connection",
        target_id=connection.pk,
        connection=connection.name,
        details={"strategy": connection.strategy, **(details or {})},
    )
    record("sapi", actor, subject, description=description)
