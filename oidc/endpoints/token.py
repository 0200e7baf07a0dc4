"""`/oauth/token`: the token endpoint (RFC 6749 section 3.2), for forms and JSON bodies, across origins."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from oauthlib.common import Request

from core import throttle
from core.client_address import client_ip
from oidc import wire
from oidc.calls import TokenCall
from oidc.errors import Refused, invalid_request
from oidc.events import Caller, failure
from oidc.server import server
from oidc.storage import store
from oidc.storage.portable import write_event

_FAILED: Final = {"authorization_code": "feacft", "refresh_token": "fertft", "client_credentials": "feccft"}
_REQUIRED: Final = {"authorization_code": "code", "refresh_token": "refresh_token"}
# How many failures of one application from one address are written down a minute; the rest would only fill the log.
_RECORDED_FAILURES: Final = 30


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    if request.method == "OPTIONS":
        origin = request.META.get("HTTP_ORIGIN", "")
        return wire.preflight(request, methods=("POST",), allowed=store().origin_is_registered(origin))
    if request.method != "POST":
        return wire.method_not_allowed("POST", "OPTIONS")
    try:
        values = wire.parameters(request)
        call = TokenCall(wire.credentials(request, values), caller_of(request))
        grant = _grant_request(values, call)
    except Refused as refused:
        return wire.refusal(refused)
    response = _answer(grant, call)
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None or call.application is None:
        return response
    return wire.allow_origin(request, response, allowed=call.application.origin_allowed(origin))


def caller_of(request: HttpRequest) -> Caller:
    return Caller(client_ip(request), str(request.META.get("HTTP_USER_AGENT", ""))[:500])


def _grant_request(values: dict[str, str], call: TokenCall) -> Request:
    """Return the toolkit's request. It is built from known parameters only: any other would become an attribute of it."""
    grant_type = values.get("grant_type")
    if grant_type is None:
        raise invalid_request("Missing required parameter: grant_type")
    if grant_type not in server.grant_types:
        raise Refused("unsupported_grant_type", "Unsupported grant type")
    required = _REQUIRED.get(grant_type)
    if required is not None and required not in values:
        raise invalid_request(f"Missing required parameter: {required}")
    grant = Request(f"{settings.TENANT0_ISSUER}oauth/token", "POST", list(values.items()))
    grant.call = call
    return grant


def _answer(grant: Request, call: TokenCall) -> HttpResponse:
    try:
        handler = server.grant_types[grant.grant_type]
        headers, body, status = handler.create_token_response(grant, server.bearer)
    except Refused as refused:
        # The loser of a race learns of it when its tokens are stored, after the grant has decided.
        headers, body, status = refused.headers, refused.json, refused.status_code
    if status != 200:
        _record_failure(grant.grant_type, call, status)
    challenge = {name: value for name, value in headers.items() if name == "WWW-Authenticate"}
    return wire.answer(body.encode(), status=status, headers=challenge)


def _record_failure(grant_type: str, call: TokenCall, status: int) -> None:
    if call.is_recorded:
        return
    key = f"{call.credentials.client_id}|{call.caller.ip}"
    if throttle.hit(throttle.Limit("token-failures", key, _RECORDED_FAILURES, 60)) <= _RECORDED_FAILURES:
        client = call.application or call.credentials.client_id[:255]
        write_event(
            failure(_FAILED[grant_type], client, call.caller, standing=None, why=f"Refused with status {status}")
        )
