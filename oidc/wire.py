"""Reading the requests of machines and answering them: form or JSON bodies, client credentials, CORS, headers."""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from oidc.errors import Refused, body_of, invalid_client, invalid_request

# Parameters that decide something at our machine endpoints; any other is tolerated (telemetry, extensions).
_KNOWN: Final = frozenset(
    {
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "audience",
        "organization",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "token",
        "token_type_hint",
    }
)
_MAXIMUM_VALUE_LENGTH: Final = 16384
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ALLOWED_HEADERS: Final = "Content-Type, Authorization, Auth0-Client, DPoP"
_PREFLIGHT_SECONDS: Final = "86400"


@dataclass(frozen=True)
class ClientCredentials:
    """Who an application says it is (RFC 6749 section 2.3.1). `secret` is empty for a public one."""

    client_id: str
    secret: str
    by_basic: bool


def parameters(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of a form or JSON body; null and empty count as absent (RFC 6749 section 3.2).

    Refuses a known parameter that comes twice or is no text, and any known parameter in the query, where logs would keep it.
    """
    for name, _value in parse_qsl(request.META.get("QUERY_STRING", "")):
        if name in _KNOWN:
            raise invalid_request(f"parameter {name} must be in the request body")
    try:
        body = request.body
        text = body.decode()
    except (RequestDataTooBig, UnicodeDecodeError, OSError) as error:
        raise invalid_request("the request body cannot be read") from error
    content_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    pairs = _json_pairs(text) if content_type == "application/json" else _form_pairs(text)
    return _unique(pairs)


def credentials(request: HttpRequest, values: dict[str, str]) -> ClientCredentials:
    """Return the application's credentials from the Authorization header or the body, never from both."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if "client_assertion" in values or "client_assertion_type" in values:
        raise invalid_request("client assertions are not supported")
    if not header.lower().startswith("basic "):
        if "client_id" not in values:
            raise invalid_client()
        return ClientCredentials(values["client_id"], values.get("client_secret", ""), by_basic=False)
    if "client_secret" in values:
        raise invalid_request("use one method of client authentication only")
    client_id, secret = _basic(header)
    if values.get("client_id", client_id) != client_id:
        raise invalid_request("the client_id of the header and that of the body differ")
    return ClientCredentials(client_id, secret, by_basic=True)


def bearer_token(request: HttpRequest) -> str:
    """Return the token of the Authorization header, or the empty string (RFC 6750 section 2.1)."""
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def answer(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return a JSON answer that nobody stores."""
    everything = {**_NO_STORE, **headers} if headers else _NO_STORE
    return HttpResponse(body, content_type="application/json", status=status, headers=everything)


def refusal(refused: Refused) -> HttpResponse:
    return answer(body_of(refused.error, refused.description), status=refused.status_code, headers=refused.headers)


def allow_origin(request: HttpRequest, response: HttpResponse, *, allowed: bool) -> HttpResponse:
    """Let scripts of a registered origin read the answer (Fetch Standard, section on CORS). Never with cookies."""
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None:
        return response
    response.headers["Vary"] = "Origin"
    if allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def preflight(request: HttpRequest, *, methods: Iterable[str], allowed: bool) -> HttpResponse:
    """Answer the question that a browser asks before a request of another origin."""
    response = HttpResponse(status=204)
    if allowed:
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return allow_origin(request, response, allowed=allowed)


def method_not_allowed(*methods: str) -> HttpResponse:
    response = answer(body_of("invalid_request", "method not allowed"), status=405)
    response.headers["Allow"] = ", ".join(methods)
    return response


def _json_pairs(text: str) -> list[tuple[str, str]]:
    try:
        # Pairs rather than a dict: a name given twice must be seen.
        body = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise invalid_request("the request body is not valid JSON") from error
    if not isinstance(body, _Pairs):
        raise invalid_request("the request body must be a JSON object")
    pairs = []
    for name, value in body:
        if name not in _KNOWN or value is None:
            continue
        if not isinstance(value, str):
            raise invalid_request(f"parameter {name} must be a string")
        pairs.append((name, value))
    return pairs


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as the list of its members."""


def _form_pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise invalid_request("the request body is not a valid form") from error


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in pairs:
        if name not in _KNOWN:
            continue
        if name in values:
            raise invalid_request(f"parameter {name} is given more than once")
        if "\x00" in value or len(value) > _MAXIMUM_VALUE_LENGTH or not _encodable(value):
            raise invalid_request(f"parameter {name} is invalid")
        values[name] = value
    return {name: value for name, value in values.items() if value}


def _encodable(value: str) -> bool:
    # JSON can spell half a surrogate pair, which no database stores.
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def _basic(header: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(header[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise invalid_client(basic=True) from error
    client_id, colon, secret = decoded.partition(":")
    if not colon or "\x00" in decoded:
        raise invalid_client(basic=True)
    return unquote_plus(client_id), unquote_plus(secret)
