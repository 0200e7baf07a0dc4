"""The second, independent reading of an ID token, with python-jose in the one form of it that is safe."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jose import JWTError, jwt

_ALGORITHM: Final = "RS256"
_MAXIMUM_LENGTH: Final = 16 * 1024
_LEEWAY_SECONDS: Final = 30
_OPTIONS: Final = {
    "require_iat": True,
    "require_exp": True,
    "require_sub": True,
    "require_aud": True,
    "require_iss": True,
    "leeway": _LEEWAY_SECONDS,
}


class IdTokenRefused(Exception):
    """The ID token does not prove the login it was asked for; the message is for the log."""


@dataclass(frozen=True)
class Expectation:
    """What this login asked for, kept since the authorization request was sent."""

    issuer: str
    client_id: str
    nonce: str
    organization: str | None


def verify_id_token(
    id_token: str, expected: Expectation, *, access_token: str, key_set: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the claims of an ID token that came from the token endpoint, or raise IdTokenRefused.

    OpenID Connect Core 1.0 section 3.1.3.7, in its numbering: issuer (2), audience (3), authorized party (4, 5),
    signature (6), algorithm (7, 8), expiry (9), time of issue (10), nonce (11); section 3.1.3.8 for `at_hash`. The
    organization is compared beside them: a customer's instance must not be entered by a member of another one.
    """
    if len(id_token) > _MAXIMUM_LENGTH:
        raise IdTokenRefused("the token is too long")
    key = _signing_key(id_token, key_set)
    try:
        claims = jwt.decode(
            id_token,
            key,
            algorithms=[_ALGORITHM],
            options=dict(_OPTIONS),
            audience=expected.client_id,
            issuer=expected.issuer,
            access_token=access_token,
        )
    except JWTError as error:
        raise IdTokenRefused(str(error)) from error
    _check_parties(claims, expected)
    _check_times(claims)
    _check_nonce(claims, expected.nonce)
    _check_organization(claims, expected.organization)
    return claims


def _signing_key(id_token: str, key_set: Mapping[str, Any]) -> dict[str, str]:
    """Return the one RSA key that the header names.

    The library tries every key it is given, takes shared secrets for keys when it may, and reads past `crit` (RFC 7515
    section 4.1.11); so it is handed one public key as a JWK that we chose, and never a header it could misread.
    """
    try:
        header = jwt.get_unverified_header(id_token)
    except JWTError as error:
        raise IdTokenRefused(str(error)) from error
    if header.get("alg") != _ALGORITHM:
        raise IdTokenRefused(f"it is not signed by {_ALGORITHM}")
    if "crit" in header:
        raise IdTokenRefused("its header holds an extension that must be understood")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise IdTokenRefused("its header names no key")
    found = [key for key in key_set.get("keys", []) if key.get("kid") == kid]
    if len(found) != 1:
        raise IdTokenRefused("its header names a key that the issuer does not publish")
    key = found[0]
    if key.get("kty") != "RSA" or key.get("use", "sig") != "sig" or key.get("alg", _ALGORITHM) != _ALGORITHM:
        raise IdTokenRefused("the key it names is not for this algorithm")
    return {"kty": "RSA", "alg": _ALGORITHM, "n": key["n"], "e": key["e"]}


def _check_parties(claims: Mapping[str, Any], expected: Expectation) -> None:
    """The library is content to be one audience of several; an ID token of ours is for us alone."""
    if claims["aud"] not in (expected.client_id, [expected.client_id]):
        raise IdTokenRefused("it has other audiences")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise IdTokenRefused("it was issued to another party")
    if not claims["sub"]:
        raise IdTokenRefused("its subject is empty")


def _check_times(claims: Mapping[str, Any]) -> None:
    """The library accepts a time of issue that lies ahead, and numbers written as text."""
    if type(claims["iat"]) is not int or type(claims["exp"]) is not int:
        raise IdTokenRefused("its times are not whole numbers")
    if claims["iat"] > time.time() + _LEEWAY_SECONDS:
        raise IdTokenRefused("it was issued in the future")


def _check_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    found = claims.get("nonce")
    if not isinstance(found, str) or not hmac.compare_digest(found.encode(), nonce.encode()):
        raise IdTokenRefused("it answers another authorization request")


def _check_organization(claims: Mapping[str, Any], organization: str | None) -> None:
    """An organization is asked for by its id, or by its name where the issuer allows that."""
    if organization is None:
        return
    if organization.startswith("org_"):
        is_the_one = claims.get("org_id") == organization
    else:
        is_the_one = claims.get("org_name") == organization.lower()
    if not is_the_one:
        raise IdTokenRefused("it is for another organization")
