"""The database strategy: passwords that we keep ourselves, one store a connection."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict, Invalid, NotFound
from identity import passwords
from identity.addresses import canonical_email, find_canonical_email
from identity.models import Connection, Credential
from identity.strategies.base import ConnectionProfile, InvalidCredentials, PasswordStrategy

_SWITCHES: Final = ("disable_signup", "requires_username", "brute_force_protection")
_NESTED_SWITCHES: Final = ("password_history", "password_dictionary", "password_no_personal_info")
_USERNAME_EXTRAS: Final = frozenset("_-.+@!$'^`~#")


class DatabaseStrategy(PasswordStrategy):
    """Passwords in our own database. Options bear Auth0's names: see `clean_options`."""

    name: ClassVar[str] = "auth0"
    provider: ClassVar[str] = "auth0"
    label: ClassVar[str] = gettext_lazy("Database")  # type: ignore[assignment]  # a lazy string is a string to its readers

    @classmethod
    def clean_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Validate and complete the options.

        Shape: `passwordPolicy` none|low|fair|good|excellent (default good), `password_complexity_options.min_length`
        1..128, `password_history` {enable, size 0..24}, `password_dictionary` {enable, dictionary},
        `password_no_personal_info` {enable}, `disable_signup`, `requires_username`, `brute_force_protection` (default true),
        `validation.username` {min, max}. Raises `ValidationError` for an unknown name or a bad value.
        """
        known = {
            "passwordPolicy",
            "password_complexity_options",
            "validation",
            *_SWITCHES,
            *_NESTED_SWITCHES,
        }
        if unknown := sorted(set(options) - known):
            raise ValidationError(_("Unknown option: %(names)s") % {"names": ", ".join(unknown)})
        cleaned = {"passwordPolicy": "good", "brute_force_protection": True, **options}
        if (cleaned["passwordPolicy"] or "none") not in {"none", "low", "fair", "good", "excellent"}:
            raise ValidationError(_("Unknown password policy."))
        for switch in _SWITCHES:
            if not isinstance(cleaned.get(switch, False), bool):
                raise ValidationError(_("%(name)s must be true or false.") % {"name": switch})
        for group in (*_NESTED_SWITCHES, "password_complexity_options", "validation"):
            if not isinstance(cleaned.get(group, {}), dict):
                raise ValidationError(_("%(name)s must be an object.") % {"name": group})
        _check_range(cleaned.get("password_complexity_options", {}).get("min_length", 1), 1, 128, "min_length")
        _check_range(cleaned.get("password_history", {}).get("size", 5), 0, 24, "size")
        words = cleaned.get("password_dictionary", {}).get("dictionary", [])
        if not isinstance(words, list) or len(words) > 200 or any(len(str(word)) > 50 for word in words):
            raise ValidationError(_("A dictionary has at most 200 words of at most 50 characters."))
        bounds = cleaned.get("validation", {}).get("username") or {}
        _check_range(bounds.get("min", 1), 1, 128, "min")
        _check_range(bounds.get("max", 15), 1, 128, "max")
        return cleaned

    def authenticate(self, identifier: str, password: str) -> ConnectionProfile:
        credential = self._find(identifier)
        if credential is None:
            passwords.spend_one_hash()
            raise InvalidCredentials
        if not passwords.verify_password(password, credential.password):
            raise InvalidCredentials
        return self._profile(credential)

    def sign_up(self, email: str, password: str, *, username: str = "") -> ConnectionProfile:
        address = canonical_email(email)
        username = self.clean_username(username)
        passwords.check_password_policy(self.connection.options, password, personal=(address, username))
        try:
            with transaction.atomic():
                credential = Credential.objects.create(
                    connection=self.connection,
                    email=address,
                    username=username,
                    password=passwords.hash_password(password),
                )
        except IntegrityError as error:
            raise Conflict(_("The user already exists."), code="user_exists", field="email") from error
        return self._profile(credential)

    def change_password(self, subject: str, password: str) -> None:
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
                personal=(credential.email, credential.username),
                history=earlier,
            )
            size = int(self.connection.options.get("password_history", {}).get("size", 5))
            credential.history = list(earlier[:size])
            credential.password = passwords.hash_password(password)
            credential.password_set_at = timezone.now()
            credential.save(update_fields=["history", "password", "password_set_at"])

    def knows(self, email: str) -> bool:
        return Credential.objects.filter(connection=self.connection, email=email).exists()

    def clean_username(self, username: str) -> str:
        """Return the canonical username, or the empty string where the connection has none."""
        if not self.connection.options.get("requires_username"):
            return ""
        bounds = self.connection.options.get("validation", {}).get("username") or {}
        text = username.strip().lower()
        if not bounds.get("min", 1) <= len(text) <= bounds.get("max", 15):
            raise Invalid(
                _("The username must have %(min)d to %(max)d characters.")
                % {"min": bounds.get("min", 1), "max": bounds.get("max", 15)},
                code="invalid_username",
                field="username",
            )
        if "@" in text or not all((c.isascii() and c.isalnum()) or c in _USERNAME_EXTRAS for c in text):
            raise Invalid(
                _("Use letters, digits and simple punctuation in the username."),
                code="invalid_username",
                field="username",
            )
        return text

    def _find(self, identifier: str) -> Credential | None:
        credentials = Credential.objects.filter(connection=self.connection)
        if address := find_canonical_email(identifier):
            return credentials.filter(email=address).first()
        username = identifier.strip().lower()
        return credentials.filter(username=username).first() if username else None

    def _profile(self, credential: Credential) -> ConnectionProfile:
        return ConnectionProfile(
            subject=credential.subject,
            email=credential.email,
            email_verified=credential.email_verified,
            attributes={"username": credential.username} if credential.username else {},
        )


def create_credential(connection: Connection, *, email: str, password_hash: str, username: str = "") -> Credential:
    """Store a credential whose password was hashed elsewhere or is unusable; `Conflict` if the address is taken."""
    try:
        with transaction.atomic():
            return Credential.objects.create(
                connection=connection, email=canonical_email(email), username=username, password=password_hash
            )
    except IntegrityError as error:
        raise Conflict(_("The user already exists."), code="user_exists", field="email") from error


def _check_range(value: object, lowest: int, highest: int, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise ValidationError(
            _("%(name)s must be a number from %(lowest)d to %(highest)d.")
            % {"name": name, "lowest": lowest, "highest": highest}
        )
