"""Password policy of a database connection, and hashing that never takes more than its share of the machine.

A password is compared and hashed as the NFKC form of what was typed (NIST SP 800-63B section 3.1.1.2), so that the same
keys on two keyboards give the same password.
"""

import gzip
import itertools
import threading
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Invalid

MAXIMUM_LENGTH: Final = 128
_MINIMUM_LENGTHS: Final = {"none": 1, "low": 6, "fair": 8, "good": 8, "excellent": 10}
_PERSONAL_FRAGMENT_LENGTH: Final = 4

# Each process hashes a few passwords at a time: Argon2id takes a core for 18 ms, and a flood of logins must not
# starve the token endpoint.
_hashing = threading.BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE)


def normalize(password: str) -> str:
    """Return the form of a password that is hashed and compared."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Hash a password with the preferred hasher, in Django's format."""
    with _hashing:
        return make_password(normalize(password))


def verify_password(password: str, stored: str) -> bool:
    """Compare a password with a stored hash. An over-long password is never hashed."""
    if len(password) > MAXIMUM_LENGTH:
        return False
    with _hashing:
        return check_password(normalize(password), stored)


def spend_one_hash() -> None:
    """Cost what a comparison costs, for a person who does not exist."""
    with _hashing:
        make_password("nobody's password")


def minimum_length(options: Mapping[str, Any]) -> int:
    """Return how many characters a password needs at least."""
    override = options.get("password_complexity_options", {}).get("min_length")
    return int(override or _MINIMUM_LENGTHS[policy_name(options)])


def policy_name(options: Mapping[str, Any]) -> str:
    return options.get("passwordPolicy") or "none"


def describe_policy(options: Mapping[str, Any]) -> list[str]:
    """Return the rules in words, for the page where a password is chosen."""
    length = minimum_length(options)
    rules = [
        ngettext("At least %(n)d character", "At least %(n)d characters", length) % {"n": length},
    ]
    policy = policy_name(options)
    if policy == "fair":
        rules.append(_("Lower-case letters, upper-case letters and digits"))
    if policy in {"good", "excellent"}:
        rules.append(_("Three of: lower-case letters, upper-case letters, digits, special characters"))
    if policy == "excellent":
        rules.append(_("No more than two identical characters in a row"))
    return rules


def check_password_policy(
    options: Mapping[str, Any],
    password: str,
    *,
    personal: tuple[str, ...] = (),
    history: tuple[str, ...] = (),
) -> None:
    """Judge a new password by a connection's options.

    `personal` are the person's names and addresses, `history` earlier hashes, newest first.
    Raises `Invalid` on the field `password`: `password_too_weak`, `password_dictionary`,
    `password_personal_info` or `password_history`.
    """
    if len(password) > MAXIMUM_LENGTH:
        raise _refused("password_too_weak", _("A password may have at most 128 characters."))
    if "\x00" in password:
        raise _refused("password_too_weak", _("This password has a character that cannot be used."))
    normalized = normalize(password)
    _check_strength(options, normalized)
    _check_dictionary(options, normalized)
    if options.get("password_no_personal_info", {}).get("enable"):
        _check_personal(normalized, personal)
    kept = options.get("password_history", {})
    if kept.get("enable") and any(verify_password(password, old) for old in history[: int(kept.get("size", 5))]):
        raise _refused("password_history", _("This password was used before. Choose another one."))


def _check_strength(options: Mapping[str, Any], password: str) -> None:
    length = minimum_length(options)
    if len(password) < length:
        raise _refused(
            "password_too_weak",
            ngettext(
                "The password must have at least %(n)d character.",
                "The password must have at least %(n)d characters.",
                length,
            )
            % {"n": length},
        )
    policy = policy_name(options)
    lower, upper, digit = (any(map(test, password)) for test in (str.islower, str.isupper, str.isdigit))
    special = any(not character.isalnum() for character in password)
    if policy == "fair" and not (lower and upper and digit):
        raise _refused("password_too_weak", _("The password needs lower-case letters, upper-case letters and digits."))
    if policy in {"good", "excellent"} and lower + upper + digit + special < 3:
        raise _refused(
            "password_too_weak",
            _("The password needs three of: lower-case letters, upper-case letters, digits, special characters."),
        )
    if policy == "excellent" and any(len(list(run)) > 2 for _key, run in itertools.groupby(password)):
        raise _refused("password_too_weak", _("The password may not have more than two identical characters in a row."))


def _check_dictionary(options: Mapping[str, Any], password: str) -> None:
    dictionary = options.get("password_dictionary", {})
    if not dictionary.get("enable"):
        return
    own = {str(word).lower() for word in dictionary.get("dictionary", [])}
    if password.lower() in own or password.lower() in _common_passwords():
        raise _refused("password_dictionary", _("This password is too common. Choose another one."))


def _check_personal(password: str, personal: tuple[str, ...]) -> None:
    lowered = password.lower()
    fragments = {text.strip().lower() for text in personal} | {
        text.partition("@")[0].strip().lower() for text in personal
    }
    if any(len(fragment) >= _PERSONAL_FRAGMENT_LENGTH and fragment in lowered for fragment in fragments):
        raise _refused("password_personal_info", _("The password may not contain your name or address."))


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    path = Path(password_validation.__file__).resolve().parent / "common-passwords.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return frozenset(line.strip() for line in file)


def _refused(code: str, message: str) -> Invalid:
    return Invalid(message, code=code, field="password")
