"""What text and JSON may be stored: nothing that breaks a mail header, hides in a page, or a database refuses."""

import json
import unicodedata
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control characters, line and paragraph separators, and halves of surrogate pairs, which no encoding can write.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})
# They turn the reading direction around, so that a name reads as another (Unicode Technical Report 36 section 2.5).
_DIRECTION_MARKS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
MAXIMUM_JSON_LENGTH: Final = 65536


def is_plain(text: str) -> bool:
    """Whether a text is one line without control characters or marks that turn the reading direction."""
    return not any(
        character in _DIRECTION_MARKS or unicodedata.category(character) in _REFUSED_CATEGORIES for character in text
    )


def validate_plain_text(value: str) -> None:
    """Refuse a name that could break a mail header or read as another one."""
    if not is_plain(value):
        raise ValidationError(
            _("Write this on one line, without control characters or marks that turn the reading direction."),
            code="not_plain",
        )


def validate_json_object(value: Any) -> None:
    """Refuse what is no JSON object, is over 64 KiB, or holds text that PostgreSQL cannot store."""
    if not isinstance(value, dict):
        raise ValidationError(_("This must be an object."), code="not_an_object")
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        written.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValidationError(_("This cannot be written as JSON."), code="not_json") from error
    if len(written) > MAXIMUM_JSON_LENGTH:
        raise ValidationError(_("This is too large: at most 64 KiB."), code="too_large")
    # PostgreSQL has no NUL in text; json.dumps writes it as an escape.
    if "\\u0000" in written.replace("\\\\", ""):
        raise ValidationError(_("This has a character that cannot be stored."), code="not_json")
