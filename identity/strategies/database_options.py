"""The options of a database connection: Auth0's names, each with its bounds, and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.text import is_plain

POLICIES: Final = ("none", "low", "fair", "good", "excellent")
MAXIMUM_WORDS: Final = 200
MAXIMUM_WORD_LENGTH: Final = 50
DEFAULT_USERNAME_MINIMUM: Final = 1
DEFAULT_USERNAME_MAXIMUM: Final = 15
# What Auth0 sets on a new connection.
_DEFAULTS: Final = {"passwordPolicy": "good", "brute_force_protection": True}

Check = Callable[[str, Any], None]


def clean(options: Mapping[str, Any]) -> dict[str, Any]:
    """Validate and complete the options of a database connection.

    Shape: `passwordPolicy` none|low|fair|good|excellent or null for none (default good), `password_complexity_options`
    {min_length 1..128}, `password_history` {enable, size 0..24}, `password_dictionary` {enable, dictionary}, where dictionary
    has at most 200 words of at most 50 characters, `password_no_personal_info` {enable}, `disable_signup`,
    `requires_username`, `brute_force_protection` (default true), `validation` {username {min, max}}.
    Raises `ValidationError` for an unknown name or a bad value.
    """
    if not isinstance(options, Mapping):
        raise ValidationError(_("The options must be an object."))
    cleaned = {**_DEFAULTS, **options}
    _check_group("", cleaned, _CHECKS)
    bounds = username_bounds(cleaned)
    if bounds[0] > bounds[1]:
        raise ValidationError(_("%(name)s: the minimum is above the maximum.") % {"name": "validation.username"})
    return cleaned


def username_bounds(options: Mapping[str, Any]) -> tuple[int, int]:
    """Return the shortest and the longest username."""
    bounds = (options.get("validation") or {}).get("username") or {}
    return bounds.get("min", DEFAULT_USERNAME_MINIMUM), bounds.get("max", DEFAULT_USERNAME_MAXIMUM)


def _check_group(prefix: str, values: Any, checks: Mapping[str, Check]) -> None:
    if not isinstance(values, Mapping):
        raise ValidationError(_("%(name)s must be an object.") % {"name": prefix.rstrip(".")})
    if unknown := sorted(str(name) for name in values if name not in checks):
        raise ValidationError(_("Unknown option: %(names)s") % {"names": ", ".join(prefix + name for name in unknown)})
    for name, value in values.items():
        checks[name](prefix + name, value)


def _group(checks: Mapping[str, Check]) -> Check:
    return lambda name, value: _check_group(f"{name}.", value, checks)


def _policy(name: str, value: Any) -> None:
    if value is not None and value not in POLICIES:
        raise ValidationError(_("%(name)s must be one of: %(values)s.") % {"name": name, "values": ", ".join(POLICIES)})


def _switch(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ValidationError(_("%(name)s must be true or false.") % {"name": name})


def _number(lowest: int, highest: int) -> Check:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValidationError(
                _("%(name)s must be a whole number from %(lowest)d to %(highest)d.")
                % {"name": name, "lowest": lowest, "highest": highest}
            )

    return check


def _words(name: str, value: Any) -> None:
    words = value if isinstance(value, list) else [None]
    fits = all(isinstance(word, str) and 0 < len(word) <= MAXIMUM_WORD_LENGTH and is_plain(word) for word in words)
    if not fits or len(words) > MAXIMUM_WORDS:
        raise ValidationError(
            _("%(name)s must be a list of at most %(count)d words of at most %(length)d characters.")
            % {"name": name, "count": MAXIMUM_WORDS, "length": MAXIMUM_WORD_LENGTH}
        )


_CHECKS: Final[Mapping[str, Check]] = {
    "passwordPolicy": _policy,
    "password_complexity_options": _group({"min_length": _number(1, 128)}),
    "password_history": _group({"enable": _switch, "size": _number(0, 24)}),
    "password_dictionary": _group({"enable": _switch, "dictionary": _words}),
    "password_no_personal_info": _group({"enable": _switch}),
    "disable_signup": _switch,
    "requires_username": _switch,
    "brute_force_protection": _switch,
    "validation": _group({"username": _group({"min": _number(1, 128), "max": _number(1, 128)})}),
}
