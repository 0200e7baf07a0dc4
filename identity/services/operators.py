"""Operators: the people who may sign in to the dashboard."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.validation import save_validated
from identity.addresses import canonical_email
from identity.models import OperatorRole, User
from identity.passwords import is_measurable


@dataclass(frozen=True)
class CreatedOperator:
    """A new operator and the password in clear, which is shown once."""

    user: User
    password: str


def new_password() -> str:
    """Return a random password of 120 bits."""
    return secrets.token_urlsafe(15)


def create_operator(*, actor: Actor, email: str, role: str, password: str | None = None) -> CreatedOperator:
    """Create an operator; without a password a random one of 120 bits is made."""
    address = canonical_email(email)
    chosen = password or new_password()
    _check_password(chosen)
    _check_role(role)
    with transaction.atomic():
        if User.objects.filter(email=address).exclude(operator_role="").exists():
            raise Conflict(_("There is an operator with this address."), code="operator_exists", field="email")
        user = User(email=address, name=address, nickname=address.partition("@")[0], operator_role=role)
        user.set_password(chosen)
        save_validated(user, conflict_code="operator_exists")
        _record(actor, user, "Created an operator", role)
    return CreatedOperator(user, chosen)


def change_role(*, actor: Actor, user: User, role: str) -> User:
    """Change what an operator may do. The last owner stays one. Locks all owners."""
    _check_role(role)
    with transaction.atomic():
        if role != OperatorRole.OWNER:
            _keep_one_owner(user)
        user = _lock(user)
        details = {"changed": {"operator_role": [user.operator_role, role]}}
        user.operator_role = role
        user.save(update_fields=["operator_role"])
        _record(actor, user, "Changed an operator's role", role, details)
    return user


def set_operator_blocked(*, actor: Actor, user: User, blocked: bool) -> User:
    """Keep an operator out of the dashboard at once, or let them in again. The last owner stays in. Locks all owners."""
    with transaction.atomic():
        if blocked:
            _keep_one_owner(user)
        user = _lock(user)
        user.blocked = blocked
        user.save(update_fields=["blocked"])
        description = "Blocked an operator" if blocked else "Unblocked an operator"
        _record(actor, user, description, user.operator_role)
    return user


def change_password(*, actor: Actor, user: User, password: str) -> User:
    """Set an operator's password; every dashboard session of theirs ends with the old one's hash."""
    _check_password(password)
    with transaction.atomic():
        user = _lock(user)
        user.set_password(password)
        user.last_password_reset = timezone.now()
        user.save(update_fields=["password", "last_password_reset"])
        _record(actor, user, "Changed an operator's password", user.operator_role)
    return user


def reset_password(*, actor: Actor, user: User) -> str:
    """Give an operator a new random password and return it, to be shown once; every dashboard session of theirs ends."""
    password = new_password()
    change_password(actor=actor, user=user, password=password)
    return password


def remove_operator(*, actor: Actor, user: User) -> None:
    """Delete an operator; the last owner stays."""
    with transaction.atomic():
        _keep_one_owner(user)
        user = _lock(user)
        _record(actor, user, "Removed an operator", user.operator_role)
        user.delete()


def _check_role(role: str) -> None:
    if role not in OperatorRole.values:
        # The empty role too: a person without one is an end-user, and operators never become one.
        raise Invalid(_("There is no such role."), code="unknown_role", field="operator_role")


def _check_password(password: str) -> None:
    if not is_measurable(password):
        raise Invalid(_("A password may have at most 128 characters."), code="password_too_weak", field="password")
    try:
        password_validation.validate_password(password)
    except ValidationError as error:
        raise Invalid(error.messages[0], code="password_too_weak", field="password") from error


def _lock(user: User) -> User:
    """Re-read an operator under lock; somebody who is none is not found."""
    locked = User.objects.select_for_update().filter(pk=user.pk).exclude(operator_role="").first()
    if locked is None:
        raise NotFound(_("There is no such operator."), code="inexistent_operator")
    return locked


def _keep_one_owner(user: User) -> None:
    owners = User.objects.select_for_update().filter(operator_role=OperatorRole.OWNER, blocked=False)
    if [owner.pk for owner in owners] == [user.pk]:
        raise Forbidden(_("The last owner cannot be removed or given another role."), code="last_owner")


def _record(actor: Actor, user: User, description: str, role: str, details: dict[str, Any] | None = None) -> None:
    subject = Subject(
        target_type="operator",
        target_id=user.user_id,
        details={"email": user.email, "role": role, **(details or {})},
    )
    record("sapi", actor, subject, description=description)
