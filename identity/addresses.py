"""The one canonical form of an e-mail address, used wherever one is stored or looked up."""

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

from core.errors import Invalid

# RFC 5321 section 4.5.3.1.3 allows 256 for a path, which is an address in angle brackets.
_MAXIMUM_LENGTH: Final = 254


def canonical_email(text: str) -> str:
    """Return the canonical form of an address: trimmed, lower case, the domain in its ASCII form (RFC 5890 section 2.3.2.1).

    Neither dots nor tags are touched: they are significant to some mail systems. The part before the @ must be ASCII as
    it was typed: lower-casing makes the Kelvin sign a k and NFKC makes far more letters one, and so two people's
    addresses. A domain is an ASCII name on the wire, so both spellings of one are the same address; letters whose
    folding browsers and libraries disagree about (ß) are refused.

    Raises `Invalid` (`invalid_email`).
    """
    # The address is measured before anything else looks at it: the domain's encoding takes quadratic time.
    local_part, _separator, domain = text.strip().rpartition("@")
    # A quoted local part may hold spaces and controls: legal, used by nobody, and a way into mail headers.
    if not local_part.isascii() or '"' in local_part or len(local_part) + len(domain) >= _MAXIMUM_LENGTH:
        raise _invalid()
    lowered = domain.lower()
    if lowered != lowered.casefold():
        raise _invalid()
    try:
        address = f"{local_part.lower()}@{punycode(lowered)}"
        validate_email(address)
    except (ValidationError, UnicodeError) as error:
        raise _invalid() from error
    if len(address) > _MAXIMUM_LENGTH or not address.isascii():
        raise _invalid()
    return address


def find_canonical_email(text: str) -> str | None:
    """Return the canonical form, or None where the text is no address; for looking up, not for storing."""
    try:
        return canonical_email(text)
    except Invalid:
        return None


def _invalid() -> Invalid:
    return Invalid(_("This is not a valid e-mail address."), code="invalid_email", field="email")
