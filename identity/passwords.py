"""Password policy of a database connection, and hashing that never takes more than its share of the machine.

A password is compared and hashed as the NFKC form of what was typed (NIST SP 800-63B section 3.1.1.2), so that the same
keys on two keyboards give the same password.
"""

import gzip
import itertools
import re
import threading
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Invalid

MAXIMUM_LENGTH: Final = 128
_MINIMUM_LENGTHS: Final = {"none": 1, "low": 6, "fair": 8, "good": 8, "excellent": 10}
_PERSONAL_FRAGMENT_LENGTH: Final = 4
_HISTORY_SIZE: Final = 5
_WORD: Final = re.compile(r"\w+")


@lru_cache(maxsize=1)
def _hashing() -> threading.BoundedSemaphore:
    # Each process hashes a few passwords at a time: Argon2id takes a core for 18 ms, and a flood of logins must not
    # starve the token endpoint.
    return threading.BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE)


def normalize(password: str) -> str:
    """Return the form of a password that is hashed and compared."""
    return unicodedata.normalize("NFKC", password)


def is_measurable(password: str) -> bool:
    """Whether a password is short enough, and writable text, so that it may be hashed at all."""
    return len(password) <= MAXIMUM_LENGTH and not any(unicodedata.category(letter) == "Cs" for letter in password)


def is_outdated(stored: str) -> bool:
    """Whether a hash was made by another hasher, or other parameters, than the preferred one."""
    try:
        hasher = identify_hasher(stored)
    except ValueError:
        return False
    return hasher.algorithm != get_hasher().algorithm or hasher.must_update(stored)


def history_size(options: Mapping[str, Any]) -> int:
    """Return how many earlier passwords are kept; none are while the history is off."""
    kept = options.get("password_history", {})
    return int(kept.get("size", _HISTORY_SIZE)) if kept.get("enable") else 0


def hash_password(password: str) -> str:
    """Hash a password with the preferred hasher, in Django's format."""
    with _hashing():
        return make_password(normalize(password))


def verify_password(password: str, stored: str) -> bool:
    """Compare a password with a stored hash. An over-long password is never hashed."""
    if not is_measurable(password):
        return False
    with _hashing():
        return check_password(normalize(password), stored)


def spend_one_hash() -> None:
    """Cost what a comparison costs, for a person who does not exist."""
    with _hashing():
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
    if options.get("password_dictionary", {}).get("enable"):
        rules.append(_("No common password"))
    if options.get("password_no_personal_info", {}).get("enable"):
        rules.append(_("Nothing of your name or address"))
    return rules


def check_password_policy(
    options: Mapping[str, Any],
    password: str,
    *,
    personal: tuple[str, ...] = (),
    history: tuple[str, ...] = (),
) -> None:
    """Judge a new password by a connection's options.

    `personal` are the person's names and addresses, of which no word of four letters may be part of the password;
    `history` are earlier hashes, newest first.
    Raises `Invalid` on the field `password`: `password_too_weak`, `password_dictionary`,
    `password_personal_info` or `password_history`.
    """
    # First of all: nothing else looks at a megabyte.
    if len(password) > MAXIMUM_LENGTH:
        raise _refused("password_too_weak", _("A password may have at most 128 characters."))
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in password):
        # A tab or a NUL is typed by accident, and other systems cut the password there.
        raise _refused("password_too_weak", _("This password has a character that cannot be used."))
    normalized = normalize(password)
    _check_strength(options, normalized)
    _check_dictionary(options, normalized)
    if options.get("password_no_personal_info", {}).get("enable"):
        _check_personal(normalized, personal)
    if any(verify_password(password, old) for old in history[: history_size(options)]):
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
    own = {normalize(word).casefold() for word in dictionary.get("dictionary", [])}
    if password.casefold() in own or password.casefold() in _common_passwords():
        raise _refused("password_dictionary", _("This password is too common. Choose another one."))


def _check_personal(password: str, personal: tuple[str, ...]) -> None:
    lowered = password.casefold()
    fragments = {word for text in personal for word in _WORD.findall(normalize(text.partition("@")[0]).casefold())}
    if any(len(fragment) >= _PERSONAL_FRAGMENT_LENGTH and fragment in lowered for fragment in fragments):
        raise _refused("password_personal_info", _("The password may not contain your name or address."))


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    path = Path(password_validation.__file__).resolve().parent / "common-passwords.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return frozenset(line.strip() for line in file)


def _refused(code: str, message: str) -> Invalid:
    return Invalid(message, code=code, field="password")
