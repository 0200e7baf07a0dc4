"""`/oidc/logout` (OIDC RP-Initiated Logout 1.0) and `/v2/logout` (Auth0's): ending the session of this browser.

Only this browser's session ends, whoever asks. It leads back to an application by an exactly registered URL alone, and at
`/oidc/logout` only for a hint that we signed or that names the session.
"""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from core.secrets import equal
from identity.models import Application
from login.branding import branding_of
from login.browser import Browser, browser_of, forget_session
from login.errors import LoginRefused
from login.models import Session
from login.pages import render_error, render_page
from login.session import find_session, revoke_session
from oidc import keys
from oidc.events import Caller, success
from oidc.responses import redirect
from oidc.services import revoke_session_tokens
from oidc.storage.portable import write_event
from oidc.storage.records import Standing

_LONGEST_VALUE: Final = 16384


@dataclass(frozen=True)
class _LogoutRequest:
    """The parameters, and what the verified hint says; empty when absent."""

    id_token_hint: str = ""
    logout_hint: str = ""
    post_logout_redirect_uri: str = ""
    client_id: str = ""
    state: str = ""
    hinted_sid: str = ""
    hinted_sub: str = ""
    is_hinted: bool = False


@csrf_exempt
@require_http_methods(["GET", "HEAD"])
def auth0_logout(request: HttpRequest) -> HttpResponse:
    """End the session at once and go to `returnTo`, if the application named by `client_id` lists it.

    `federated` and `auth0Client` are accepted; there is no upstream session to end for a database connection.
    """
    browser = browser_of(request)
    application = _application(request.GET.get("client_id", ""))
    wanted = request.GET.get("returnTo", "")
    if application is not None and not wanted and application.allowed_logout_urls:
        wanted = application.allowed_logout_urls[0]
    _end_session(find_session(browser.session_token), browser, application)
    if not wanted:
        response = _logged_out_page(request, application)
    elif application is None or not application.post_logout_redirect_uri_allowed(wanted):
        refusal = LoginRefused(
            "invalid_request", _("The returnTo address is not among the application's allowed logout URLs.")
        )
        response = render_error(request, refusal)
    else:
        response = redirect(wanted)
    forget_session(response)
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def rp_logout(request: HttpRequest) -> HttpResponse:
    """End the session at once for a hint that fits it; otherwise ask the person first."""
    try:
        wanted = _parse(request)
    except LoginRefused as refusal:
        return render_error(request, refusal)
    browser = browser_of(request)
    if request.method == "POST" and not browser.session_token:
        # Another site's POST comes without our cookies; the redirect that follows brings them.
        return redirect(f"/oidc/logout?{urlencode(_parameters(wanted))}", status=303)
    session = find_session(browser.session_token)
    if session is None or _fits(wanted, session):
        return _ended(request, wanted, session)
    parameters = [(name, value) for name, value in _parameters(wanted).items() if name == "client_id"]
    application = _application(wanted.client_id)
    return render_page(
        request, "login/logout_confirm.html", {"parameters": parameters}, branding=branding_of(None, application)
    )


@require_POST
@csrf_protect
def confirmed_logout(request: HttpRequest) -> HttpResponse:
    """End the session because the person said so on our page. Leads nowhere: nobody proved where to."""
    browser = browser_of(request)
    return _ended(request, _LogoutRequest(), find_session(browser.session_token))


def _ended(request: HttpRequest, wanted: _LogoutRequest, session: Session | None) -> HttpResponse:
    application = _application(wanted.client_id)
    _end_session(session, browser_of(request), application)
    uri = wanted.post_logout_redirect_uri
    if uri and wanted.is_hinted and application is not None and application.post_logout_redirect_uri_allowed(uri):
        if wanted.state:
            uri += ("&" if "?" in uri else "?") + urlencode({"state": wanted.state})
        response = redirect(uri)
    else:
        response = _logged_out_page(request, application)
    forget_session(response)
    return response


def _parse(request: HttpRequest) -> _LogoutRequest:
    query = _query(request)
    values: dict[str, str] = {}
    for name, value in query:
        if name not in _LogoutRequest.__dataclass_fields__ or name.startswith(("hinted", "is_")):
            continue
        if name in values or len(value) > _LONGEST_VALUE or "\x00" in value:
            raise LoginRefused("invalid_request", f"parameter {name} is invalid")
        values[name] = value
    wanted = _LogoutRequest(**values)  # type: ignore[arg-type]  # the names were checked, the rest keep their defaults
    claims = keys.read(wanted.id_token_hint) if wanted.id_token_hint else None
    if claims is None:
        return wanted
    audience = str(claims.get("aud", ""))
    if wanted.client_id and wanted.client_id != audience:
        # Section 2 of the specification: the two must agree; a hint of another application is no hint.
        return wanted
    return replace(
        wanted,
        client_id=audience,
        hinted_sid=str(claims.get("sid", "")),
        hinted_sub=str(claims.get("sub", "")),
        is_hinted=True,
    )


def _query(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        query = request.META.get("QUERY_STRING", "") if request.method != "POST" else request.body.decode()
        return parse_qsl(query, errors="strict", max_num_fields=200)
    except (RequestDataTooBig, ValueError, OSError) as error:
        raise LoginRefused("invalid_request", "the request cannot be read") from error


def _parameters(wanted: _LogoutRequest) -> dict[str, str]:
    names = ("id_token_hint", "logout_hint", "post_logout_redirect_uri", "client_id", "state")
    return {name: value for name in names if (value := getattr(wanted, name))}


def _fits(wanted: _LogoutRequest, session: Session) -> bool:
    """Whether the request knows something that only a party to this very session knows."""
    if wanted.is_hinted:
        return equal(wanted.hinted_sid, session.sid) if wanted.hinted_sid else wanted.hinted_sub == session.user.user_id
    return bool(wanted.logout_hint) and equal(wanted.logout_hint, session.sid)


def _end_session(session: Session | None, browser: Browser, application: Application | None) -> None:
    if session is None:
        return
    with transaction.atomic():
        revoke_session(browser.session_token)
        revoke_session_tokens(session.sid)
        caller = Caller(browser.ip, browser.user_agent)
        standing = Standing(user=session.user)
        write_event(success("slo", application or "", caller, standing=standing, description="Signed out"))


def _application(client_id: str) -> Application | None:
    found: Application | None = (
        Application.objects.filter(client_id=client_id, is_global=False).first() if client_id else None
    )
    return found


def _logged_out_page(request: HttpRequest, application: Application | None) -> HttpResponse:
    return render_page(request, "login/logged_out.html", {}, branding=branding_of(None, application))
