"""The one canonical form of an e-mail address, used wherever one is stored or looked up."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.errors import Invalid


def canonical_email(text: str) -> str:
    """Return the canonical form of an address: NFC, trimmed, lower case by Unicode's simple rules.

    Neither dots nor tags are touched: they are significant to some mail systems. No compatibility folding (NFKC)
    either: it would make two addresses of different people one. An address we cannot canonicalize without a doubt,
    because lower-casing changes it again or it holds control or format characters, is refused.

    Raises `Invalid` (`invalid_email`).
    """
    address = unicodedata.normalize("NFC", text.strip())
    lowered = address.lower()
    suspicious = any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in lowered)
    if suspicious or lowered != lowered.casefold() or len(lowered) > 254:
        raise _invalid()
    try:
        validate_email(lowered)
    except ValidationError as error:
        raise _invalid() from error
    return lowered


def find_canonical_email(text: str) -> str | None:
    """Return the canonical form, or None where the text is no address; for looking up, not for storing."""
    try:
        return canonical_email(text)
    except Invalid:
        return None


def _invalid() -> Invalid:
    return Invalid("This is not a valid e-mail address.", code="invalid_email", field="email")
