"""The keys that sign our tokens: made at the first start, rotated by command, published as a key set.

One key is current and signs, one is next and only published, so that relying parties know it before it signs; earlier ones stay
published until they are revoked. Two processes differ for `_REREAD_SECONDS` at most.
"""

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict, NotFound
from oidc.models import SigningKey

ALGORITHM: Final = "RS256"
_KEY_SIZE: Final = 2048
_CERTIFICATE_LIFETIME: Final = timedelta(days=3650)
# How long a process signs with what it has read: a rotation reaches every process within this time.
_REREAD_SECONDS: Final = 5.0
# Any number that nothing else locks on; it makes concurrent first starts wait for each other.
_ADVISORY_LOCK: Final = 0x74656E30
# A token longer than this was not made here.
_MAXIMUM_TOKEN_LENGTH: Final = 16384


@dataclass(frozen=True)
class KeySetDocument:
    """The published key set as ready bytes (RFC 7517 section 5), with its entity tag."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class _KeyRing:
    read_at: float
    current: RSAKey
    verifiers: KeySet
    document: KeySetDocument


_ring: _KeyRing | None = None
_parsed: dict[str, RSAKey] = {}
_reading = threading.Lock()


def sign(claims: dict[str, Any], *, typ: str = "JWT") -> str:
    """Return `claims` as a signed token (RFC 7519 section 7.1) under the current key."""
    key = _keys().current
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": typ}, claims, key, [ALGORITHM], default_type=None)


def read(token: str) -> dict[str, Any] | None:
    """Return the claims of a token that we signed with a key still published, or None. Checks no claim, not even `exp`."""
    if len(token) > _MAXIMUM_TOKEN_LENGTH or not token.isascii():
        return None
    try:
        decoded = jwt.decode(token, _keys().verifiers, [ALGORITHM])
    except (JoseError, ValueError):
        return None
    return decoded.claims if decoded.claims.get("iss") == settings.TENANT0_ISSUER else None


def document() -> KeySetDocument:
    """Return the key set that relying parties verify our tokens with."""
    return _keys().document


def current_key() -> SigningKey:
    """Return the key that signs now, making the first ones if there are none."""
    ensure_keys()
    return SigningKey.objects.get(current_since__isnull=False, current_until=None)


def ensure_keys() -> None:
    """Make the current and the next key where they are missing; safe to call from many processes at once."""
    with transaction.atomic():
        _lock()
        if not SigningKey.objects.filter(current_since__isnull=False, current_until=None).exists():
            _make(current=True)
        if not SigningKey.objects.filter(current_since=None, revoked_at=None).exists():
            _make(current=False)


def rotate_keys(*, actor: Actor) -> SigningKey:
    """Let the next key sign from now on and make a new next one; the former stays published. Returns the new current key."""
    ensure_keys()
    with transaction.atomic():
        _lock()
        now = timezone.now()
        SigningKey.objects.filter(current_since__isnull=False, current_until=None).update(current_until=now)
        key = SigningKey.objects.filter(current_since=None, revoked_at=None).earliest("id")
        key.current_since = now
        key.save(update_fields=["current_since"])
        _make(current=False)
        _record(actor, key, "Rotated the signing keys")
    forget()
    return key


def revoke_key(*, actor: Actor, kid: str) -> SigningKey:
    """Take a previous key out of the published set: tokens it signed are no longer good.

    Raises `NotFound`, or `Conflict` for a key that signs or is about to.
    """
    with transaction.atomic():
        _lock()
        key = SigningKey.objects.filter(kid=kid).first()
        if key is None:
            raise NotFound(_("There is no such key."))
        if key.current_until is None:
            raise Conflict(_("Only a previous key can be revoked; rotate the keys first."))
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
            _record(actor, key, "Revoked a signing key")
    forget()
    return key


def forget() -> None:
    """Read the keys again at their next use."""
    global _ring  # the process's one key ring
    _ring = None


def _keys() -> _KeyRing:
    global _ring  # the process's one key ring
    ring = _ring
    if ring is not None and time.monotonic() - ring.read_at < _REREAD_SECONDS:
        return ring
    with _reading:
        if _ring is None or time.monotonic() - _ring.read_at >= _REREAD_SECONDS:
            _ring = _read_keys()
        return _ring


def _read_keys() -> _KeyRing:
    rows = list(SigningKey.objects.filter(revoked_at=None).order_by("id"))
    current = next((row for row in rows if row.current_since and not row.current_until), None)
    if current is None:
        ensure_keys()
        return _read_keys()
    keys = {row.kid: _parsed.get(row.kid) or _parse(row) for row in rows}
    _parsed.clear()
    _parsed.update(keys)
    # The current key first: verifiers that look at one key only take that one.
    rows.sort(key=lambda row: row is not current)
    body = json.dumps({"keys": [_public_jwk(row, keys[row.kid]) for row in rows]}, separators=(",", ":")).encode()
    return _KeyRing(
        read_at=time.monotonic(),
        current=keys[current.kid],
        verifiers=KeySet(list(keys.values())),
        document=KeySetDocument(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'),
    )


def _parse(row: SigningKey) -> RSAKey:
    # The checks that are skipped take 30 ms and guard against keys of strangers; this one is ours, authenticated by its encryption.
    private = serialization.load_pem_private_key(row.private_pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(private, rsa.RSAPrivateKey)
    return RSAKey.import_key(private, {"kid": row.kid, "use": "sig", "alg": ALGORITHM})


def _public_jwk(row: SigningKey, key: RSAKey) -> dict[str, Any]:
    certificate = x509.load_pem_x509_certificate(row.certificate_pem.encode())
    der = certificate.public_bytes(serialization.Encoding.DER)
    # RFC 7517 section 4.8 asks for SHA-1 in `x5t`; it names a certificate here and secures nothing.
    thumbprint = hashlib.sha1(der, usedforsecurity=False).digest()
    public = key.as_dict(private=False)
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": ALGORITHM,
        "kid": row.kid,
        "n": public["n"],
        "e": public["e"],
        "x5c": [base64.b64encode(der).decode()],
        "x5t": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode(),
    }


def _make(*, current: bool) -> SigningKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_SIZE)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey.objects.create(
        kid=RSAKey.import_key(private).thumbprint(),
        alg=ALGORITHM,
        private_pem=pem.decode(),
        certificate_pem=_certificate(private),
        current_since=timezone.now() if current else None,
    )


def _certificate(private: rsa.RSAPrivateKey) -> str:
    host = settings.TENANT0_ISSUER.split("//", 1)[1].strip("/")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _CERTIFICATE_LIFETIME)
        .sign(private, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _lock() -> None:
    """Let one process at a time change the keys, until its transaction ends. SQLite's write lock does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])


def _record(actor: Actor, key: SigningKey, description: str) -> None:
    record("sapi", actor, Subject(target_type="signing_key", target_id=key.kid), description=description)
