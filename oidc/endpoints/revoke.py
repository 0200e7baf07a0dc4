"""`/oauth/revoke`: an application gives a token back (RFC 7009)."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from core import secrets
from identity.models import Application
from oidc import wire
from oidc.endpoints.token import caller_of
from oidc.errors import Refused, invalid_client, invalid_request
from oidc.events import Caller, success
from oidc.models import AccessToken, RefreshToken
from oidc.services import revoke_family
from oidc.storage import store
from oidc.storage.portable import write_event
from oidc.storage.records import Standing


@csrf_exempt
def revoke(request: HttpRequest) -> HttpResponse:
    if request.method == "OPTIONS":
        origin = request.META.get("HTTP_ORIGIN", "")
        return wire.preflight(request, methods=("POST",), allowed=store().origin_is_registered(origin))
    if request.method != "POST":
        return wire.method_not_allowed("POST", "OPTIONS")
    application: Application | None = None
    try:
        values = wire.parameters(request)
        application = _authenticated(wire.credentials(request, values))
        if "token" not in values:
            raise invalid_request("Missing required parameter: token")
        _revoke(application, secrets.digest(values["token"]), caller_of(request))
        # The answer is the same for a token that never was (RFC 7009 section 2.2).
        response = wire.answer(b"")
    except Refused as refused:
        response = wire.refusal(refused)
    origin = request.META.get("HTTP_ORIGIN")
    return wire.allow_origin(
        request, response, allowed=origin is not None and application is not None and application.origin_allowed(origin)
    )


def _authenticated(offered: wire.ClientCredentials) -> Application:
    application: Application | None = Application.objects.filter(client_id=offered.client_id, is_global=False).first()
    if application is None:
        raise invalid_client(basic=offered.by_basic)
    proven = not offered.secret if application.is_public else application.secret_matches(offered.secret)
    if not proven:
        raise invalid_client(basic=offered.by_basic)
    return application


def _revoke(application: Application, digest: str, caller: Caller) -> None:
    """End a token of this application: a refresh token with everything made from it, an access token by itself."""
    with transaction.atomic():
        token = (
            RefreshToken.objects.select_related("user").filter(token_checksum=digest, application=application).first()
        )
        if token is not None:
            revoke_family(token.family)
            standing = Standing(user=token.user)
            write_event(success("srrt", application, caller, standing=standing, description="Revoked a refresh token"))
            return
        AccessToken.objects.filter(token_checksum=digest, application=application).delete()
