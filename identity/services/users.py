"""Changing users: create, update, block, delete, and the roles they hold tenant-wide."""

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Forbidden, Invalid
from identity import policy
from identity.addresses import canonical_email
from identity.models import Connection, Credential, Role, User, UserRole
from identity.services.provisioning import provision
from identity.strategies import strategy_for
from identity.strategies.base import ConnectionProfile, PasswordStrategy
from identity.strategies.database import create_credential

PROFILE_FIELDS: Final = ("name", "nickname", "given_name", "family_name", "picture", "locale")
METADATA_FIELDS: Final = ("user_metadata", "app_metadata")


def create_user(
    *,
    actor: Actor,
    connection: Connection,
    email: str,
    password: str | None = None,
    username: str = "",
    email_verified: bool = False,
    profile: dict[str, Any] | None = None,
) -> User:
    """Create a user in a database connection on behalf of an operator or the Management API.

    `profile` may hold the names of `PROFILE_FIELDS`, `METADATA_FIELDS` and `blocked`. Without a password the person sets one
    by "forgot password". Raises `Invalid` (`connection_disabled`, `connection_not_database`, a weak password, a bad address)
    and `Conflict` (`user_exists`).
    """
    if not policy.connection_accepts_new_users(connection):
        raise Invalid(
            _("The connection is not enabled for any application. Enable it for at least one to create users in it."),
            code="connection_disabled",
            field="connection",
        )
    strategy = strategy_for(connection)
    if not isinstance(strategy, PasswordStrategy):
        raise Invalid(
            _("Users of this connection come from its identity provider and cannot be created here."),
            code="connection_not_database",
            field="connection",
        )
    with transaction.atomic():
        if password is None:
            credential = create_credential(connection, email=email, password_hash="!", username=username)
            asserted = ConnectionProfile(credential.subject, credential.email, email_verified=False)
        else:
            asserted = strategy.sign_up(email, password, username=username)
        user = provision(actor=actor, connection=connection, profile=asserted)
        values = {"email_verified": email_verified, **(profile or {})}
        _apply(user, values)
        if email_verified:
            Credential.objects.filter(connection=connection, subject=asserted.subject).update(email_verified=True)
        _record(actor, user, "Created a user", {"connection": connection.name})
    return user


def update_user(*, actor: Actor, user: User, **changes: Any) -> User:
    """Change profile, metadata, e-mail or blocking. Locks the user.

    Changing `email` changes the credential too and, unless `email_verified` is given, un-verifies the address.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if "email" in changes:
            changes["email"] = canonical_email(changes["email"])
            if changes["email"] == user.email:
                del changes["email"]
            else:
                changes.setdefault("email_verified", False)
                _change_credential_address(user, changes["email"])
        ended = changes.get("blocked", False) and not user.blocked
        before = {name: getattr(user, name) for name in changes if name not in METADATA_FIELDS}
        _apply(user, changes)
        if "email_verified" in changes:
            _credentials(user).update(email_verified=changes["email_verified"])
        if ended or "email" in changes:
            end_logins(user)
        changed = {name: [before[name], getattr(user, name)] for name in before if before[name] != getattr(user, name)}
        _record(actor, user, "Updated a user", {"changed": changed} if changed else {})
    return user


def set_blocked(*, actor: Actor, user: User, blocked: bool) -> User:
    """Block or unblock; blocking ends every session and refresh token."""
    return update_user(actor=actor, user=user, blocked=blocked)


def set_password(*, actor: Actor, user: User, password: str) -> None:
    """Set the password of a database user; ends every session and refresh token."""
    with transaction.atomic():
        identity = user.identities.select_related("connection").filter(is_primary=True).first()
        strategy = strategy_for(identity.connection) if identity else None
        if identity is None or not isinstance(strategy, PasswordStrategy):
            raise Invalid(_("This user has no password here."), code="connection_not_database")
        strategy.change_password(identity.subject, password)
        user.last_password_reset = timezone.now()
        user.save(update_fields=["last_password_reset"])
        end_logins(user)
        record("scp", actor, _subject(user), description="Changed the password")


def delete_user(*, actor: Actor, user: User) -> None:
    """Delete a user with its identities, credentials, memberships, sessions and tokens."""
    if user.operator_role:
        raise Forbidden(_("Remove the operator at the operators' page."), code="user_is_operator")
    with transaction.atomic():
        end_logins(user)
        _credentials(user).delete()
        _record(actor, user, "Deleted a user", {"email": user.email}, event="sdu")
        user.delete()


def assign_roles(*, actor: Actor, user: User, roles: Iterable[Role]) -> None:
    """Give tenant-wide roles; those already held are no error."""
    with transaction.atomic():
        for role in roles:
            UserRole.objects.get_or_create(user=user, role=role)
        _record(actor, user, "Assigned roles", {"roles": [role.pk for role in roles]})


def remove_roles(*, actor: Actor, user: User, roles: Iterable[Role]) -> None:
    with transaction.atomic():
        UserRole.objects.filter(user=user, role__in=list(roles)).delete()
        _record(actor, user, "Removed roles", {"roles": [role.pk for role in roles]})


def record_login(user: User, *, ip: str) -> None:
    """Count a login; called inside the transaction that completes it."""
    user.last_login, user.last_ip = timezone.now(), ip
    user.logins_count += 1
    user.save(update_fields=["last_login", "last_ip", "logins_count"])


def end_logins(user: User) -> None:
    """End every session and token of a user, through the handlers that the settings name."""
    for path in settings.CREDENTIALS_CHANGED_HANDLERS:
        import_string(path)(user.pk)


def _apply(user: User, values: dict[str, Any]) -> None:
    allowed = {*PROFILE_FIELDS, *METADATA_FIELDS, "email", "email_verified", "blocked", "username"}
    if unknown := sorted(set(values) - allowed):
        raise Invalid(_("Unknown field: %(names)s") % {"names": ", ".join(unknown)}, code="unknown_field")
    for name, value in values.items():
        setattr(user, name, value)
    user.updated_at = timezone.now()
    try:
        user.full_clean(validate_unique=False, validate_constraints=False, exclude=["password", "picture"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], code="invalid_field", field=name) from error
    user.save(update_fields=[*values, "updated_at"])


def _change_credential_address(user: User, email: str) -> None:
    for credential in _credentials(user).select_for_update():
        taken = Credential.objects.filter(connection=credential.connection, email=email).exclude(pk=credential.pk)
        if taken.exists():
            raise Invalid(_("The user already exists."), code="user_exists", field="email")
        credential.email = email
        credential.email_verified = False
        credential.save(update_fields=["email", "email_verified"])


def _credentials(user: User) -> Any:
    """Return the credentials behind a user's identities."""
    keys = list(user.identities.values_list("connection_id", "subject"))
    found = Credential.objects.none()
    for connection_id, subject in keys:
        found = found | Credential.objects.filter(connection_id=connection_id, subject=subject)
    return found


def _subject(user: User, details: dict[str, Any] | None = None) -> Subject:
    return Subject(target_type="user", target_id=user.user_id, user_id=user.user_id, details=details or {})


def _record(actor: Actor, user: User, description: str, details: dict[str, Any], *, event: str = "sapi") -> None:
    record(event, actor, _subject(user, details), description=description)
