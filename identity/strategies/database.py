"""The database strategy: passwords that we keep ourselves, one store a connection."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict, Invalid, NotFound
from core.text import is_plain
from identity import passwords
from identity.addresses import canonical_email, find_canonical_email
from identity.models import Credential
from identity.strategies import database_options
from identity.strategies.base import ConnectionProfile, InvalidCredentials, PasswordStrategy

_USERNAME_EXTRAS: Final = frozenset("_-.+@!$'^`~#")


class DatabaseStrategy(PasswordStrategy):
    """Passwords in our own database. Options bear Auth0's names: see `database_options`."""

    name: ClassVar[str] = "auth0"
    provider: ClassVar[str] = "auth0"
    label: ClassVar[str] = gettext_lazy("Database")  # type: ignore[assignment]  # a lazy string is a string to its readers

    @classmethod
    def clean_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        return database_options.clean(options)

    def authenticate(self, identifier: str, password: str) -> ConnectionProfile:
        if not passwords.is_measurable(password):
            # Never hashed, and refused before the look-up: the same for strangers and users.
            raise InvalidCredentials
        credential = self._find(identifier)
        if credential is None:
            passwords.spend_one_hash()
            raise InvalidCredentials
        if not passwords.verify_password(password, credential.password):
            raise InvalidCredentials
        if passwords.is_outdated(credential.password):
            # Only while it is still the hash that was compared: a new password set meanwhile wins.
            Credential.objects.filter(pk=credential.pk, password=credential.password).update(
                password=passwords.hash_password(password)
            )
        return self._profile(credential)

    def sign_up(
        self, email: str, password: str, *, username: str = "", personal: tuple[str, ...] = ()
    ) -> ConnectionProfile:
        address = canonical_email(email)
        name = self.clean_username(username)
        passwords.check_password_policy(self.connection.options, password, personal=(address, name, *personal))
        return self._profile(self._store(address, name, passwords.hash_password(password)))

    def sign_up_without_password(self, email: str, *, username: str = "") -> ConnectionProfile:
        """Store a credential that nobody can use until a password is set through an e-mail."""
        return self._profile(self._store(canonical_email(email), self.clean_username(username), make_password(None)))

    def rename(self, subject: str, *, email: str | None = None, username: str | None = None) -> None:
        """Give a subject another address, unverified at first, or another username; `Conflict` if taken."""
        changes: dict[str, Any] = {}
        if email is not None:
            changes |= {"email": canonical_email(email), "email_verified": False}
        if username is not None:
            changes |= {"username": self.clean_username(username)}
        self._check_free(subject, **{name: changes[name] for name in ("email", "username") if name in changes})
        try:
            with transaction.atomic():
                Credential.objects.filter(connection=self.connection, subject=subject).update(**changes)
        except IntegrityError as error:
            raise self._taken("email" if email is not None else "username") from error

    def change_password(self, subject: str, password: str, *, personal: tuple[str, ...] = ()) -> None:
        """Replace the password; locks the credential."""
        with transaction.atomic():
            credential = (
                Credential.objects.select_for_update().filter(connection=self.connection, subject=subject).first()
            )
            if credential is None:
                raise NotFound(_("There is no password to change."), code="inexistent_credential")
            earlier = (credential.password, *credential.history)
            passwords.check_password_policy(
                self.connection.options,
                password,
                personal=(credential.email, credential.username, *personal),
                history=earlier,
            )
            credential.history = list(earlier[: passwords.history_size(self.connection.options)])
            credential.password = passwords.hash_password(password)
            credential.password_set_at = timezone.now()
            credential.save(update_fields=["history", "password", "password_set_at"])

    def knows(self, email: str) -> bool:
        return Credential.objects.filter(connection=self.connection, email=email).exists()

    def clean_username(self, username: str) -> str:
        """Return the canonical username, or the empty string where the connection has none."""
        if not self.connection.options.get("requires_username"):
            return ""
        shortest, longest = database_options.username_bounds(self.connection.options)
        # Lower-casing after the check: it would turn a Kelvin sign into a k.
        text = username.strip()
        if not shortest <= len(text) <= longest:
            raise Invalid(
                _("The username must have %(min)d to %(max)d characters.") % {"min": shortest, "max": longest},
                code="invalid_username",
                field="username",
            )
        if "@" in text or not all((c.isascii() and c.isalnum()) or c in _USERNAME_EXTRAS for c in text):
            raise Invalid(
                _("Use letters, digits and simple punctuation in the username."),
                code="invalid_username",
                field="username",
            )
        return text.lower()

    def _find(self, identifier: str) -> Credential | None:
        credentials = Credential.objects.filter(connection=self.connection)
        if address := find_canonical_email(identifier):
            return credentials.filter(email=address).first()
        username = identifier.strip()
        if not username or not username.isascii() or not is_plain(username):
            return None
        # Said again, so that PostgreSQL may use the index of the rows that have a username.
        return credentials.exclude(username="").filter(username=username.lower()).first()

    def _store(self, email: str, username: str, password_hash: str) -> Credential:
        self._check_free("", email=email, username=username)
        try:
            with transaction.atomic():
                return Credential.objects.create(
                    connection=self.connection, email=email, username=username, password=password_hash
                )
        except IntegrityError as error:
            raise self._taken("email") from error

    def _check_free(self, subject: str, **identifiers: str) -> None:
        """Say which identifier is taken; the constraints hold where two people meet."""
        others = Credential.objects.filter(connection=self.connection).exclude(subject=subject)
        for field, value in identifiers.items():
            if value and others.filter(**{field: value}).exists():
                raise self._taken(field)

    def _taken(self, field: str) -> Conflict:
        if field == "username":
            return Conflict(_("This username is taken."), code="username_exists", field="username")
        return Conflict(_("The user already exists."), code="user_exists", field="email")

    def _profile(self, credential: Credential) -> ConnectionProfile:
        return ConnectionProfile(
            subject=credential.subject,
            email=credential.email,
            email_verified=credential.email_verified,
            attributes={"username": credential.username} if credential.username else {},
        )
