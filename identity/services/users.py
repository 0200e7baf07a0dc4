"""Changing users: create, update, block, delete, and the roles they hold tenant-wide."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Forbidden, Invalid
from core.validation import domain_error
from identity import policy
from identity.addresses import canonical_email
from identity.models import Connection, Credential, EmailTicket, Role, User, UserRole
from identity.services.provisioning import provision
from identity.strategies import strategy_for
from identity.strategies.base import PasswordStrategy

PROFILE_FIELDS: Final = ("name", "nickname", "given_name", "family_name", "picture", "locale")
METADATA_FIELDS: Final = ("user_metadata", "app_metadata")
CREATABLE_FIELDS: Final = frozenset({*PROFILE_FIELDS, *METADATA_FIELDS, "blocked"})
UPDATABLE_FIELDS: Final = CREATABLE_FIELDS | {"email", "email_verified", "username"}


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
    values = {"email_verified": email_verified, **_known(profile or {}, CREATABLE_FIELDS)}
    names = _names_in(values)
    with transaction.atomic():
        if password is None:
            asserted = strategy.sign_up_without_password(email, username=username)
        else:
            asserted = strategy.sign_up(email, password, username=username, personal=names)
        user = provision(actor=actor, connection=connection, profile=asserted, signed_up=False)
        _apply(user, values)
        if email_verified:
            _credentials(user).update(email_verified=True)
        _record(actor, user, "Created a user", {"connection": connection.name, "email": user.email})
    return user


def update_user(*, actor: Actor, user: User, **changes: Any) -> User:
    """Change profile, metadata, e-mail, username or blocking. Locks the user.

    Changing `email` or `username` changes the credential too; a new address is unverified unless `email_verified` is
    given. Blocking and a new address end every session and refresh token. Metadata is replaced as a whole, and its values
    stay out of the audit log. `Conflict` for a taken address or username, `Forbidden` for an operator.
    """
    _known(changes, UPDATABLE_FIELDS)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.operator_role:
            raise Forbidden(_("Change the operator at the operators' page."), code="user_is_operator")
        _rename(user, changes)
        changed = {
            name: [getattr(user, name), value] for name, value in changes.items() if getattr(user, name) != value
        }
        if not changed:
            return user
        _apply(user, {name: value for name, (_old, value) in changed.items()})
        if "email_verified" in changes:
            _credentials(user).update(email_verified=user.email_verified)
        if "email" in changed or ("blocked" in changed and user.blocked):
            end_logins(user)
        shown = {name: values for name, values in changed.items() if name not in METADATA_FIELDS}
        _record(actor, user, "Updated a user", {"fields": sorted(changed), "changed": shown})
    return user


def set_blocked(*, actor: Actor, user: User, blocked: bool) -> User:
    """Block or unblock; blocking ends every session and refresh token."""
    return update_user(actor=actor, user=user, blocked=blocked)


def set_password(*, actor: Actor, user: User, password: str) -> None:
    """Set the password of a database user; ends every session and refresh token, and voids the links sent before."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        identity = user.identities.select_related("connection").filter(is_primary=True).first()
        strategy = strategy_for(identity.connection) if identity else None
        if identity is None or not isinstance(strategy, PasswordStrategy):
            raise Invalid(_("This user has no password here."), code="connection_not_database")
        strategy.change_password(identity.subject, password, personal=personal_names(user))
        void_tickets(user)
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
    given = list(roles)
    with transaction.atomic():
        UserRole.objects.bulk_create([UserRole(user=user, role=role) for role in given], ignore_conflicts=True)
        _record(actor, user, "Assigned roles", {"roles": [role.pk for role in given]})


def remove_roles(*, actor: Actor, user: User, roles: Iterable[Role]) -> None:
    gone = list(roles)
    with transaction.atomic():
        UserRole.objects.filter(user=user, role__in=gone).delete()
        _record(actor, user, "Removed roles", {"roles": [role.pk for role in gone]})


def record_login(user: User, *, ip: str) -> None:
    """Count a login; called inside the transaction that completes it."""
    user.last_login, user.last_ip = timezone.now(), ip
    # The database counts: two logins at once are two.
    User.objects.filter(pk=user.pk).update(last_login=user.last_login, last_ip=ip, logins_count=F("logins_count") + 1)


def end_logins(user: User) -> None:
    """End every session and token of a user, through the handlers that the settings name."""
    for path in settings.CREDENTIALS_CHANGED_HANDLERS:
        import_string(path)(user.pk)


def void_tickets(user: User) -> None:
    """Make every link void that an e-mail about the account carried."""
    EmailTicket.objects.filter(user=user, used_at=None).update(used_at=timezone.now())


def personal_names(user: User) -> tuple[str, ...]:
    """Return what a user is called, which a password may have to leave out."""
    return _names_in({**{name: getattr(user, name) for name in PROFILE_FIELDS}, "user_metadata": user.user_metadata})


def _known(values: Mapping[str, Any], known: frozenset[str]) -> Mapping[str, Any]:
    if unknown := sorted(set(values) - known):
        raise Invalid(
            _("Unknown field: %(names)s") % {"names": ", ".join(unknown)}, code="unknown_field", field=unknown[0]
        )
    return values


def _names_in(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a person, which a password may have to leave out."""
    metadata = values.get("user_metadata")
    more = [metadata.get("first", ""), metadata.get("last", "")] if isinstance(metadata, dict) else []
    found = [values.get(name, "") for name in ("name", "nickname", "given_name", "family_name")]
    return tuple(text for text in [*found, *more] if isinstance(text, str) and text)


def _apply(user: User, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(user, name, value)
    user.updated_at = timezone.now()
    try:
        user.clean_fields(exclude={field.name for field in user._meta.fields} - set(values))
    except ValidationError as error:
        raise domain_error(error) from error
    user.save(update_fields=[*values, "updated_at"])


def _rename(user: User, changes: dict[str, Any]) -> None:
    """Bring the credential to a new address or username, and `changes` to the form that is stored."""
    if "email" in changes:
        changes["email"] = canonical_email(str(changes["email"]))
    renamed = {
        name: changes[name]
        for name in ("email", "username")
        if changes.get(name, getattr(user, name)) != getattr(user, name)
    }
    if "email" in renamed:
        changes.setdefault("email_verified", False)
    for identity in user.identities.select_related("connection") if renamed else ():
        strategy = strategy_for(identity.connection)
        if isinstance(strategy, PasswordStrategy):
            strategy.rename(identity.subject, **renamed)


def _credentials(user: User) -> QuerySet[Credential]:
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
