"""Changing applications: create, update, rotate and reveal the secret, delete."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import secrets
from core.actors import Actor
from core.audit import Subject, record
from core.errors import Forbidden
from core.identifiers import random_alphanumeric
from core.validation import assign, save_validated
from identity.models import Application
from identity.models.application import default_grant_types

SECRET_LENGTH = 64


@dataclass(frozen=True)
class CreatedApplication:
    """A new application and its secret in clear, which is shown once (empty for a public application)."""

    application: Application
    client_secret: str


def create_application(
    *, actor: Actor, client_id: str | None = None, is_global: bool = False, **fields: Any
) -> CreatedApplication:
    """Create an application with a random secret. Raises `Invalid` naming the field at fault.

    `client_id` is for set-ups that must know it beforehand; `Conflict` when it is taken. A public application is not
    given the client credentials grant unless `grant_types` says so.
    """
    application = Application(is_global=is_global, **({"client_id": client_id} if client_id else {}))
    assign(application, fields)
    if "grant_types" not in fields and application.is_public:
        application.grant_types = [name for name in default_grant_types() if name != "client_credentials"]
    secret = _set_new_secret(application)
    with transaction.atomic():
        save_validated(application, conflict_code="client_exists")
        _record(actor, application, "Created an application")
    return CreatedApplication(application, "" if application.is_public else secret)


def update_application(*, actor: Actor, application: Application, **changes: Any) -> Application:
    """Change fields of an application. Locks it; audits old and new values."""
    with transaction.atomic():
        application = Application.objects.select_for_update().get(pk=application.pk)
        if changed := assign(application, changes):
            save_validated(application, changed=changed, conflict_code="client_exists")
            _record(actor, application, "Updated an application", {"changed": changed})
    return application


def rotate_secret(*, actor: Actor, application: Application) -> str:
    """Replace the secret and return the new one; the old one is dead at once. Locks the application."""
    with transaction.atomic():
        application = Application.objects.select_for_update().get(pk=application.pk)
        secret = _set_new_secret(application)
        application.save(update_fields=["client_secret_digest", "client_secret_sealed", "updated_at"])
        _record(actor, application, "Rotated the client secret")
    return secret


def reveal_secret(*, actor: Actor, application: Application) -> str:
    """Return the secret in clear; every call is audited."""
    _record(actor, application, "Read the client secret", event="mgmt_api_read")
    return application.client_secret_sealed


def delete_application(*, actor: Actor, application: Application) -> None:
    """Delete an application with its grants, tokens and pending invitations."""
    if application.is_global:
        raise Forbidden(_("The global client cannot be deleted."), code="client_is_global")
    with transaction.atomic():
        _record(actor, application, "Deleted an application")
        application.delete()


def _set_new_secret(application: Application) -> str:
    secret = random_alphanumeric(SECRET_LENGTH)
    application.client_secret_digest = secrets.digest(secret)
    application.client_secret_sealed = secret
    return secret


def _record(
    actor: Actor,
    application: Application,
    description: str,
    details: dict[str, Any] | None = None,
    *,
    event: str = "sapi",
) -> None:
    subject = Subject(
        target_type="application",
        target_id=application.client_id,
        client_id=application.client_id,
        details={"name": application.name, **(details or {})},
    )
    record(event, actor, subject, description=description)
