"""Changing organizations: create, update, freeze, delete."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict, Invalid
from orgs.models import Organization


def create_organization(*, actor: Actor, name: str, **fields: Any) -> Organization:
    """Create an organization. `Conflict` (`organization_conflict`) for a name in use, `Invalid` naming the field at fault."""
    organization = Organization(name=name, **fields)
    with transaction.atomic():
        _save(organization)
        _record(actor, organization, "Created an organization")
    return organization


def update_organization(*, actor: Actor, organization: Organization, **changes: Any) -> Organization:
    """Change fields of an organization; metadata is replaced as a whole. Locks the organization."""
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        before = {name: getattr(organization, name) for name in changes}
        for name, value in changes.items():
            setattr(organization, name, value)
        _save(organization)
        changed = {name: [before[name], value] for name, value in changes.items() if before[name] != value}
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


def _save(organization: Organization) -> None:
    try:
        organization.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        if field == "name" and any(problem.code == "unique" for problem in error.error_dict["name"]):
            raise Conflict(messages[0], code="organization_conflict", field="name") from error
        raise Invalid(messages[0], code="invalid_field", field=field) from error
    organization.save()


def _record(actor: Actor, organization: Organization, description: str, details: dict[str, Any] | None = None) -> None:
    subject = Subject(
        target_type="organization",
        target_id=organization.pk,
        organization_id=organization.pk,
        organization_name=organization.name,
        details=details or {},
    )
    record("sapi", actor, subject, description=description)
