"""Which connections are enabled for an organization, and how."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict, Invalid
from core.validation import assign
from identity.models import Connection
from identity.strategies import strategy_class
from identity.strategies.base import PasswordStrategy
from orgs.models import Organization, OrganizationConnection


@dataclass(frozen=True)
class ConnectionChoice:
    """A connection to enable for an organization, and how."""

    connection: Connection
    assign_membership_on_login: bool = False
    show_as_button: bool = True
    is_signup_enabled: bool = False


def enable_connection(
    *,
    actor: Actor,
    organization: Organization,
    connection: Connection,
    assign_membership_on_login: bool = False,
    show_as_button: bool = True,
    is_signup_enabled: bool = False,
) -> OrganizationConnection:
    """Enable a connection for an organization.

    `Conflict` when it is enabled already; `Invalid` when sign-up is asked for without membership on login or for a
    connection that is not a database.
    """
    link = OrganizationConnection(
        organization=organization,
        connection=connection,
        assign_membership_on_login=assign_membership_on_login,
        show_as_button=show_as_button,
        is_signup_enabled=is_signup_enabled,
    )
    _check(link)
    try:
        with transaction.atomic():
            link.save()
            _record(actor, link, "Enabled a connection for an organization")
    except IntegrityError as error:
        raise Conflict(
            _("The connection is already enabled for this organization."),
            code="connection_enabled",
            field="connection",
        ) from error
    return link


def update_enabled_connection(*, actor: Actor, link: OrganizationConnection, **changes: bool) -> OrganizationConnection:
    """Change `assign_membership_on_login`, `show_as_button`, `is_signup_enabled` or `is_enabled`. Locks the row.

    Raises what `enable_connection` raises.
    """
    with transaction.atomic():
        link = (
            OrganizationConnection.objects.select_for_update(of=("self",))
            .select_related("organization", "connection")
            .get(pk=link.pk)
        )
        changed = assign(link, changes, immutable=("organization", "connection"))
        _check(link)
        if changed:
            link.save(update_fields=list(changed))
            _record(actor, link, "Changed a connection of an organization", {"changed": changed})
    return link


def disable_connection(*, actor: Actor, link: OrganizationConnection) -> None:
    """Remove a connection from an organization; its users stay members but can no longer sign in through it."""
    with transaction.atomic():
        _record(actor, link, "Disabled a connection for an organization")
        link.delete()


def _check(link: OrganizationConnection) -> None:
    is_database = issubclass(strategy_class(link.connection.strategy), PasswordStrategy)
    if link.is_signup_enabled and not (is_database and link.assign_membership_on_login):
        raise Invalid(
            _("Only database connections with assign_membership_on_login = true can have sign-up enabled."),
            code="signup_needs_membership",
            field="is_signup_enabled",
        )


def _record(
    actor: Actor, link: OrganizationConnection, description: str, details: dict[str, Any] | None = None
) -> None:
    subject = Subject(
        target_type="organization",
        target_id=link.organization.pk,
        connection=link.connection.name,
        organization_id=link.organization.pk,
        organization_name=link.organization.name,
        details={
            "assign_membership_on_login": link.assign_membership_on_login,
            "show_as_button": link.show_as_button,
            "is_signup_enabled": link.is_signup_enabled,
            "is_enabled": link.is_enabled,
            **(details or {}),
        },
    )
    record("sapi", actor, subject, description=description)
