"""Changing organizations: create, update, freeze, delete."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from core.actors import Actor
from core.audit import Subject, record
from core.validation import assign, save_validated
from orgs.models import Organization
from orgs.services.connections import ConnectionChoice, enable_connection


def create_organization(
    *, actor: Actor, name: str, enabled_connections: Iterable[ConnectionChoice] = (), **fields: Any
) -> Organization:
    """Create an organization, with connections enabled for it at once where some are named.

    `Conflict` (`organization_conflict`) for a name in use, `Invalid` naming the field at fault.
    """
    organization = Organization(name=name)
    assign(organization, fields)
    with transaction.atomic():
        save_validated(organization, conflict_code="organization_conflict")
        _record(actor, organization, "Created an organization")
        for choice in enabled_connections:
            enable_connection(actor=actor, organization=organization, **vars(choice))
    return organization


def update_organization(*, actor: Actor, organization: Organization, **changes: Any) -> Organization:
    """Change fields of an organization; metadata is replaced as a whole. Locks the organization."""
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        if changed := assign(organization, changes):
            save_validated(organization, changed=changed, conflict_code="organization_conflict")
            _record(actor, organization, "Updated an organization", {"changed": changed})
    return organization


def freeze_organization(*, actor: Actor, organization: Organization) -> Organization:
    """Stop all logins and refreshes of an organization; its data stays."""
    return update_organization(actor=actor, organization=organization, status=Organization.Status.FROZEN)


def unfreeze_organization(*, actor: Actor, organization: Organization) -> Organization:
    return update_organization(actor=actor, organization=organization, status=Organization.Status.ACTIVE)


def delete_organization(*, actor: Actor, organization: Organization) -> None:
    """Delete an organization with its memberships, roles in it, invitations and enabled connections.

    Its users and its connections stay.
    """
    with transaction.atomic():
        _record(actor, organization, "Deleted an organization")
        organization.delete()


def _record(actor: Actor, organization: Organization, description: str, details: dict[str, Any] | None = None) -> None:
    subject = Subject(
        target_type="organization",
        target_id=organization.pk,
        organization_id=organization.pk,
        organization_name=organization.name,
        details=details or {},
    )
    record("sapi", actor, subject, description=description)
