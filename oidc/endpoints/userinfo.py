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
        return _open(_challenge("invalid_token", "Missing access token", with_error=False))
    facts = store().userinfo_facts(secrets.digest(token)) if len(token) <= _LONGEST_TOKEN else None
    if facts is None or not _may_be_told(facts):
        return _open(_challenge("invalid_token", "Unauthorized"))
    scopes = facts.token.scope.split()
    if "openid" not in scopes:
        return _open(_challenge("insufficient_scope", "The access token lacks the openid scope", status=403))
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


def _challenge(error: str, description: str, *, status: int = 401, with_error: bool = True) -> HttpResponse:
    """RFC 6750 section 3: who sent no token at all is not told an error code."""
    challenge = f'Bearer realm="tenant0", error="{error}"' if with_error else 'Bearer realm="tenant0"'
    return wire.answer(body_of(error, description), status=status, headers={"WWW-Authenticate": challenge})


def _open(response: HttpResponse) -> HttpResponse:
    # Any page may ask: what answers is the token, and no cookie goes along.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
