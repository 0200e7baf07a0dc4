"""What anybody may read: the provider's metadata (OIDC Discovery 1.0 section 4, RFC 8414) and the key set."""

import hashlib
import json
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from oidc import keys, wire
from oidc.claims import STANDARD_SCOPES
from oidc.keys import ALGORITHM, KeySetDocument
from oidc.server import RESPONSE_MODES, server

# Seconds. Short enough that a revoked key is soon forgotten; the next key is published long before it signs.
_MAX_AGE: Final = 300
_CLAIMS: Final = [
    "aud",
    "auth_time",
    "email",
    "email_verified",
    "exp",
    "family_name",
    "given_name",
    "iat",
    "iss",
    "locale",
    "name",
    "nickname",
    "org_id",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "sid",
    "sub",
    "updated_at",
]


def metadata(request: HttpRequest) -> HttpResponse:
    return _document(request, _metadata(settings.TENANT0_ISSUER))


def jwks(request: HttpRequest) -> HttpResponse:
    return _document(request, keys.document())


def _document(request: HttpRequest, document: KeySetDocument) -> HttpResponse:
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        return wire.method_not_allowed("GET", "HEAD", "OPTIONS")
    if request.method == "OPTIONS":
        response = wire.preflight(request, methods=("GET",), allowed=True)
    elif request.META.get("HTTP_IF_NONE_MATCH") == document.etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(document.body, content_type="application/json")
    headers = response.headers
    headers["ETag"] = document.etag
    headers["Cache-Control"] = f"public, max-age={_MAX_AGE}"
    headers["Access-Control-Allow-Origin"] = "*"
    return response


@lru_cache(maxsize=2)
def _metadata(issuer: str) -> KeySetDocument:
    """Return the metadata as ready bytes. It names what there is and nothing else."""
    metadata = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}oauth/token",
        "userinfo_endpoint": f"{issuer}userinfo",
        "jwks_uri": f"{issuer}.well-known/jwks.json",
        "revocation_endpoint": f"{issuer}oauth/revoke",
        "end_session_endpoint": f"{issuer}oidc/logout",
        "scopes_supported": list(STANDARD_SCOPES),
        "response_types_supported": list(server.response_types),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(server.grant_types),
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "claims_supported": _CLAIMS,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        "authorization_response_iss_parameter_supported": True,
    }
    body = json.dumps(metadata).encode()
    return KeySetDocument(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
