"""`/userinfo`: claims about the person behind an access token (OIDC Core 1.0 section 5.3)."""

import json
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from core import secrets
from oidc import wire
from oidc.claims import custom_claims, profile_claims
from oidc.errors import body_of
from oidc.storage import store
from oidc.storage.records import UserinfoFacts

_LONGEST_TOKEN: Final = 16384


@csrf_exempt
def userinfo(request: HttpRequest) -> HttpResponse:
    """Answer to the token in the Authorization header alone: in a query or body it would be logged (RFC 9700 section 4.3.2)."""
    if request.method == "OPTIONS":
        return _open(wire.preflight(request, methods=("GET", "POST"), allowed=True))
    if request.method not in {"GET", "POST"}:
        return wire.method_not_allowed("GET", "POST", "OPTIONS")
    token = wire.bearer_token(request)
    if not token:
        return _open(_challenge("Missing access token", with_error=False))
    facts = store().userinfo_facts(secrets.digest(token)) if len(token) <= _LONGEST_TOKEN else None
    scopes = facts.token.scope.split() if facts else []
    # A token without `openid` was made for another place than this.
    if facts is None or "openid" not in scopes or not _may_be_told(facts):
        return _open(_challenge("Unauthorized"))
    claims = custom_claims(facts.token.custom_claims.get("id_token", {}))
    claims |= profile_claims(facts.user, scopes)
    claims["sub"] = facts.user.user_id
    return _open(wire.answer(json.dumps(claims).encode()))


def _may_be_told(facts: UserinfoFacts) -> bool:
    if facts.user.blocked:
        return False
    if not facts.token.organization_id:
        return True
    return facts.organization is not None and facts.organization.is_active and facts.is_member


def _challenge(description: str, *, with_error: bool = True) -> HttpResponse:
    """RFC 6750 section 3: who sent no token at all is not told an error code."""
    challenge = 'Bearer realm="tenant0"' + (', error="invalid_token"' if with_error else "")
    return wire.answer(body_of("invalid_token", description), status=401, headers={"WWW-Authenticate": challenge})


def _open(response: HttpResponse) -> HttpResponse:
    # Any page may ask: what answers is the token, and no cookie goes along.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
