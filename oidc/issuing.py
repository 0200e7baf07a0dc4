"""Putting tokens together: what a login or an application's own request becomes on the wire. Stores nothing."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from oauthlib.common import Request

from core import secrets
from identity.models import ResourceServer
from oidc import claims, keys
from oidc.calls import TokenCall
from oidc.models import LoginContext

USERINFO_PATH = "userinfo"


def access_token_lifetime(api: ResourceServer | None) -> int:
    """Return how many seconds an access token lives; one without an API serves at the userinfo endpoint only."""
    if api is not None:
        return api.token_lifetime_seconds
    return int(settings.OAUTH2_PROVIDER["ACCESS_TOKEN_EXPIRE_SECONDS"])


def new_access_token(request: Request, call: TokenCall) -> str:
    """Return a JWT for an API's audience (RFC 9068 or Auth0's profile), else a random token."""
    if call.machine is not None:
        return _machine_token(request, call)
    standing, context = call.standing, call.context
    assert standing is not None
    assert context is not None
    request.scopes = list(claims.permitted_scopes(request.scopes, api=standing.api, permissions=standing.permissions))
    if standing.api is None:
        return secrets.new_token()
    subject = claims.AccessTokenSubject(
        sub=standing.user.user_id,
        client_id=request.client_id,
        grant_type="refresh_token" if request.grant_type == "refresh_token" else "",
    )
    body = claims.custom_claims(_added(context, "access_token")) | claims.access_token_claims(
        subject,
        api=standing.api,
        scopes=request.scopes,
        permissions=standing.permissions,
        userinfo_url=settings.TENANT0_ISSUER + USERINFO_PATH,
    )
    organization = claims.organization_claims(standing.organization, names=settings.TENANT0_ORGANIZATION_NAMES)
    return _sign_access_token(body | (organization.claims() if organization else {}), standing.api, request.expires_in)


def new_id_token(request: Request, call: TokenCall) -> str:
    """Return the ID token of a login (OIDC Core 1.0 section 2).

    `at_hash` is left out, which section 3.1.3.6 allows where the token comes from the token endpoint: verifiers that are given
    the ID token alone refuse one that has it. A refreshed token bears no nonce (section 12.2).
    """
    standing, context = call.standing, call.context
    assert standing is not None
    assert context is not None
    assert call.application is not None
    now = int(timezone.now().timestamp())
    body: dict[str, Any] = claims.custom_claims(_added(context, "id_token"))
    body |= claims.profile_claims(standing.user, request.scopes)
    body |= {
        "iss": settings.TENANT0_ISSUER,
        "sub": standing.user.user_id,
        "aud": call.application.client_id,
        "iat": now,
        "exp": now + call.application.id_token_lifetime_seconds,
    }
    if context.sid:
        body["sid"] = context.sid
    if context.auth_time is not None:
        body["auth_time"] = int(context.auth_time.timestamp())
    if nonce := getattr(context, "nonce", ""):
        body["nonce"] = nonce
    if "mfa" in context.amr:
        body["amr"] = context.amr
    organization = claims.organization_claims(standing.organization, names=settings.TENANT0_ORGANIZATION_NAMES)
    if organization:
        body |= organization.claims()
    return keys.sign(body)


def _machine_token(request: Request, call: TokenCall) -> str:
    assert call.machine is not None
    api = call.machine.api
    assert api is not None
    subject = claims.AccessTokenSubject(
        sub=f"{request.client_id}@clients", client_id=request.client_id, grant_type="client-credentials"
    )
    body = claims.access_token_claims(
        subject, api=api, scopes=request.scopes, permissions=request.scopes, userinfo_url=""
    )
    organization = claims.organization_claims(call.machine.organization, names=settings.TENANT0_ORGANIZATION_NAMES)
    return _sign_access_token(body | (organization.claims() if organization else {}), api, request.expires_in)


def _sign_access_token(body: dict[str, Any], api: ResourceServer, lifetime_seconds: int) -> str:
    now = int(timezone.now().timestamp())
    body |= {"iss": settings.TENANT0_ISSUER, "iat": now, "exp": now + lifetime_seconds}
    if not claims.is_rfc9068(api.token_dialect):
        return keys.sign(body)
    return keys.sign(body | {"jti": secrets.new_token()}, typ="at+jwt")


def _added(context: LoginContext, token: str) -> dict[str, Any]:
    added: dict[str, Any] = context.custom_claims.get(token, {})
    return added
