"""Random tokens, their digests at rest, comparison in constant time, and encryption of what must be read back.

A token made here carries at least 256 bits, so a plain SHA-256 digest is a safe way to store it:
there is nothing to guess (RFC 6819 section 5.1.4.1.3 asks for hashing; a password hash is for passwords).
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

TOKEN_BYTES: Final = 32
TICKET_LENGTH: Final = 32
_TICKET_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def new_token() -> str:
    """Return a random URL-safe token of 256 bits (43 characters)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """Return the SHA-256 digest of a random token as 64 hexadecimal digits, the form kept at rest."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def matches(token: str, stored_digest: str) -> bool:
    """Tell in constant time whether a token belongs to a digest made by `digest`."""
    return hmac.compare_digest(digest(token), stored_digest)


def equal(left: str, right: str) -> bool:
    """Compare two strings in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def derived_ticket(purpose: str, *parts: str) -> str:
    """Return the ticket of 32 letters and digits that belongs to `parts`, always the same one.

    It is an HMAC of the parts under the newest encryption key, so a mail can be built again without the
    ticket ever having been stored in clear. About 190 bits.
    """
    return _ticket(_derived_key(_master_keys()[0], f"ticket:{purpose}"), parts)


def derived_tickets(purpose: str, *parts: str) -> tuple[str, ...]:
    """Return the ticket of `parts` under each encryption key in use, newest first."""
    return tuple(_ticket(_derived_key(key, f"ticket:{purpose}"), parts) for key in _master_keys())


def _ticket(key: bytes, parts: tuple[str, ...]) -> str:
    mac = hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha512).digest()
    number = int.from_bytes(mac, "big")
    letters = []
    for _ in range(TICKET_LENGTH):
        number, index = divmod(number, len(_TICKET_ALPHABET))
        letters.append(_TICKET_ALPHABET[index])
    return "".join(letters)


def encrypt(plain: str) -> str:
    """Encrypt and authenticate a string under the newest encryption key."""
    return _cipher(_master_keys()).encrypt(plain.encode()).decode()


def decrypt(sealed: str) -> str:
    """Open what `encrypt` made under any encryption key in use.

    Raises `cryptography.fernet.InvalidToken` when no key fits or the text was altered.
    """
    return _cipher(_master_keys()).decrypt(sealed.encode()).decode()


def _master_keys() -> tuple[str, ...]:
    return tuple(settings.TENANT0_ENCRYPTION_KEYS)


@lru_cache(maxsize=8)
def _cipher(master_keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived_key(key, "encryption"))) for key in master_keys])


@lru_cache(maxsize=64)
def _derived_key(master_key: str, info: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"tenant0", info=info.encode()).derive(master_key.encode())
