"""From a person, their login and the granted scopes to claims. Pure: no database, no clock, no keys.

OIDC Core 1.0 section 5.4 says which scope asks for which claims; like Auth0 we put them into the ID token too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from identity.models import ResourceServer, User
from orgs.models import Organization

STANDARD_SCOPES: Final = ("openid", "profile", "email", "address", "phone", "offline_access")
# What a script may not set: the claims of the specifications, and Auth0's own.
RESERVED_CLAIMS: Final = frozenset(
    [
        "acr",
        "act",
        "active",
        "amr",
        "at_hash",
        "ath",
        "attest",
        "aud",
        "auth_time",
        "authorization_details",
        "azp",
        "c_hash",
        "client_id",
        "cnf",
        "cty",
        "dest",
        "entitlements",
        "events",
        "exp",
        "groups",
        "gty",
        "htm",
        "htu",
        "iat",
        "internalService",
        "iss",
        "jcard",
        "jku",
        "jti",
        "jwe",
        "jwk",
        "kid",
        "may_act",
        "mky",
        "nbf",
        "nonce",
        "object_id",
        "org_id",
        "org_name",
        "orig",
        "origid",
        "permissions",
        "roles",
        "rph",
        "s_hash",
        "sid",
        "sub",
        "sub_jwk",
        "toe",
        "txn",
        "typ",
        "uuid",
        "vot",
        "vtm",
        "x5t#S256",
    ]
)
_RESERVED_PREFIX: Final = "sip_"
_RFC9068_DIALECTS: Final = frozenset({ResourceServer.Dialect.RFC9068.value, ResourceServer.Dialect.RFC9068_AUTHZ.value})
_AUTHZ_DIALECTS: Final = frozenset(
    {ResourceServer.Dialect.ACCESS_TOKEN_AUTHZ.value, ResourceServer.Dialect.RFC9068_AUTHZ.value}
)


@dataclass(frozen=True)
class OrganizationClaims:
    """The organization of a login as tokens name it; `name` only where names are on."""

    id: str
    name: str = ""

    def claims(self) -> dict[str, str]:
        return {"org_id": self.id, "org_name": self.name} if self.name else {"org_id": self.id}


@dataclass(frozen=True)
class AccessTokenSubject:
    """Who an access token speaks for. `grant_type` is the `gty` claim, empty for a person's own login."""

    sub: str
    client_id: str
    grant_type: str = ""


def organization_claims(organization: Organization | None, *, names: bool) -> OrganizationClaims | None:
    if organization is None:
        return None
    return OrganizationClaims(organization.pk, organization.name if names else "")


def profile_claims(user: User, scopes: Iterable[str]) -> dict[str, Any]:
    """Return the claims that the scopes ask for; what we do not know is left out (OIDC Core 1.0 section 5.3.2)."""
    asked = set(scopes)
    claims: dict[str, Any] = {}
    if "profile" in asked:
        claims |= {
            "name": user.name,
            "given_name": user.given_name,
            "family_name": user.family_name,
            "nickname": user.nickname,
            "picture": user.picture,
            "locale": user.locale,
            "preferred_username": user.username,
            # Auth0 writes an ISO string where OIDC Core has a number; its SDKs read the string.
            "updated_at": user.updated_at.strftime("%Y-%m-%dT%H:%M:%S.")
            + f"{user.updated_at.microsecond // 1000:03d}Z",
        }
    if "email" in asked and user.email:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    if "phone" in asked and user.phone_number:
        claims |= {"phone_number": user.phone_number, "phone_number_verified": user.phone_verified}
    return {name: value for name, value in claims.items() if value != ""}


def custom_claims(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return what scripts added, without names that are not theirs to set; those are dropped silently, as at Auth0."""
    return {
        name: value
        for name, value in claims.items()
        if name not in RESERVED_CLAIMS and not name.startswith(_RESERVED_PREFIX)
    }


def is_rfc9068(dialect: str) -> bool:
    return dialect in _RFC9068_DIALECTS


def bears_permissions(api: ResourceServer) -> bool:
    """Whether tokens for this API carry the `permissions` claim."""
    return api.enforce_policies and api.token_dialect in _AUTHZ_DIALECTS


def granted_scopes(asked: Iterable[str], *, api_scopes: Iterable[str], api: ResourceServer | None) -> tuple[str, ...]:
    """Return the scopes a person's application may have: ours, and those the API knows; unknown ones are ignored.

    For the Management API a person's token never carries more than the scopes about that person.
    """
    known = set(api_scopes)
    if api is not None and api.is_system:
        known = {scope for scope in known if ":current_user" in scope}
    return tuple(scope for scope in asked if scope in STANDARD_SCOPES or scope in known)


def permitted_scopes(
    scopes: Iterable[str], *, api: ResourceServer | None, permissions: Iterable[str]
) -> tuple[str, ...]:
    """Cut the API's scopes to what the person may do there, where the API enforces that."""
    if api is None or not api.enforce_policies:
        return tuple(scopes)
    held = set(permissions)
    return tuple(scope for scope in scopes if scope in STANDARD_SCOPES or scope in held)


def access_token_claims(
    subject: AccessTokenSubject,
    *,
    api: ResourceServer,
    scopes: Iterable[str],
    permissions: Iterable[str],
    userinfo_url: str,
) -> dict[str, Any]:
    """Return the claims of a JWT access token but for issuer, times, organization and what scripts added.

    In Auth0's profile, or by RFC 9068 section 2.2 where the API asks for it.
    """
    scopes = tuple(scopes)
    claims: dict[str, Any] = {
        "sub": subject.sub,
        "aud": [api.identifier, userinfo_url] if "openid" in scopes else api.identifier,
    }
    if is_rfc9068(api.token_dialect):
        claims["client_id"] = subject.client_id
    else:
        claims["azp"] = subject.client_id
        if subject.grant_type:
            claims["gty"] = subject.grant_type
    if scopes:
        claims["scope"] = " ".join(scopes)
    if bears_permissions(api):
        claims["permissions"] = list(permissions)
    return claims
