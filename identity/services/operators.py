"""Operators: the people who may sign in to the dashboard."""

import secrets
from dataclasses import dataclass

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict, Forbidden, Invalid
from identity.addresses import canonical_email
from identity.models import OperatorRole, User


@dataclass(frozen=True)
class CreatedOperator:
    """A new operator and the password in clear, which is shown once."""

    user: User
    password: str


def create_operator(*, actor: Actor, email: str, role: str, password: str | None = None) -> CreatedOperator:
    """Create an operator; without a password a random one of 120 bits is made."""
    address = canonical_email(email)
    chosen = password or secrets.token_urlsafe(15)
    _check_password(chosen)
    _check_role(role)
    with transaction.atomic():
        if User.objects.filter(email=address).exclude(operator_role="").exists():
            raise Conflict(_("There is an operator with this address."), code="operator_exists", field="email")
        user = User(email=address, name=address, nickname=address.partition("@")[0], operator_role=role)
        user.set_password(chosen)
        user.save()
        _record(actor, user, "Created an operator", role)
    return CreatedOperator(user, chosen)


def change_role(*, actor: Actor, user: User, role: str) -> None:
    """Change what an operator may do. The last owner stays one. Locks all owners."""
    _check_role(role)
    with transaction.atomic():
        if role != OperatorRole.OWNER:
            _keep_one_owner(user)
        user.operator_role = role
        user.save(update_fields=["operator_role"])
        _record(actor, user, "Changed an operator's role", role)


def change_password(*, actor: Actor, user: User, password: str) -> None:
    """Set an operator's password; every dashboard session of theirs ends with the old one's hash."""
    _check_password(password)
    with transaction.atomic():
        user.set_password(password)
        user.last_password_reset = timezone.now()
        user.save(update_fields=["password", "last_password_reset"])
        _record(actor, user, "Changed an operator's password", user.operator_role)


def remove_operator(*, actor: Actor, user: User) -> None:
    """Delete an operator; the last owner stays."""
    with transaction.atomic():
        _keep_one_owner(user)
        _record(actor, user, "Removed an operator", user.operator_role)
        user.delete()


def _check_role(role: str) -> None:
    if role not in OperatorRole.values:
        raise Invalid(_("There is no such role."), code="unknown_role", field="operator_role")


def _check_password(password: str) -> None:
    try:
        password_validation.validate_password(password)
    except ValidationError as error:
        raise Invalid(error.messages[0], code="password_too_weak", field="password") from error


def _keep_one_owner(user: User) -> None:
    owners = User.objects.select_for_update().filter(operator_role=OperatorRole.OWNER, blocked=False)
    if [owner.pk for owner in owners] == [user.pk]:
        raise Forbidden(_("The last owner cannot be removed or given another role."), code="last_owner")


def _record(actor: Actor, user: User, description: str, role: str) -> None:
    subject = Subject(target_type="operator", target_id=user.user_id, details={"email": user.email, "role": role})
    record("sapi", actor, subject, description=description)
