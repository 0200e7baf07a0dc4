"""`/authorize` and `/authorize/resume`: where a login begins and ends, and the only place that issues codes.

The toolkit proves application, redirect URI and parameters; `login` decides whether and when a code may be issued.
"""

from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from core import secrets
from login import transaction as transactions
from login.authorization_request import AuthorizationRequest
from login.browser import Browser, browser_of, remember_browser
from login.errors import LoginRefused, TransactionLost
from login.known import Known
from login.models import LoginTransaction, Session
from login.pages import render_lost, see_other
from login.session import is_live, touch
from login.steps import CompletedLogin, Leave, advance
from oidc import keys, wire
from oidc.calls import Login
from oidc.claims import granted_scopes
from oidc.events import Caller, success
from oidc.responses import FOUND, SEE_OTHER, Destination, ErrorPage, FormPostPage, deliver
from oidc.server import server
from oidc.storage import store
from oidc.storage.records import AuthorizationFacts, AuthorizationQuestion, Event, Standing
from orgs import policy

Decision = HttpResponse | ErrorPage | FormPostPage

# What the toolkit reads of a request. Whether somebody must sign in is the login's to say, so `prompt` is not among them.
_PROVEN_PARAMETERS: Final = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
# A decision made before the request reached Django, see `oidc.front`.
DECISION_KEY: Final = "tenant0.decision"


@dataclass(frozen=True)
class _Proven:
    """A request whose application and redirect URI are good."""

    request: Request
    facts: AuthorizationFacts
    destination: Destination


@csrf_exempt
def authorize(request: HttpRequest) -> HttpResponse:
    decision = request.META.get(DECISION_KEY) or decide(request)
    return decision if isinstance(decision, HttpResponse) else decision.render(request)


def decide(request: HttpRequest) -> Decision:
    """Answer an authorization request (RFC 6749 section 4.1.1, OIDC Core 1.0 section 3.1.2.1), by GET or POST."""
    if request.method not in {"GET", "POST"}:
        return wire.method_not_allowed("GET", "POST")
    status = FOUND if request.method == "GET" else SEE_OTHER
    try:
        authorization = AuthorizationRequest.parse(_query(request))
    except LoginRefused as refusal:
        return ErrorPage(refusal)
    browser = browser_of(request)
    proven = _prove(authorization, browser)
    if not isinstance(proven, _Proven):
        return proven
    try:
        authorization = _checked(authorization, proven)
        transaction = transactions.begin(
            authorization, proven.facts.application, known=_known(proven.facts), browser=browser
        )
        return _go_on(transaction, authorization, browser, proven=proven, status=status)
    except LoginRefused as refusal:
        return _refuse(proven, refusal, status=status)


def resume(request: HttpRequest) -> HttpResponse:
    """Go on after a page: the request is rebuilt from the stored query, nothing in this URL but `state` has effect."""
    browser = browser_of(request)
    try:
        transaction = transactions.load(request.GET.get("state", ""), browser)
        decision = _resumed(transaction, browser)
    except TransactionLost:
        return render_lost(request)
    return decision if isinstance(decision, HttpResponse) else decision.render(request)


def _resumed(transaction: LoginTransaction, browser: Browser) -> Decision:
    authorization = AuthorizationRequest.parse(transaction.query)
    proven = _prove(authorization, browser)
    if not isinstance(proven, _Proven):
        return proven
    try:
        authorization = _checked(authorization, proven)
        return _go_on(transaction, authorization, browser, proven=proven, status=FOUND)
    except LoginRefused as refusal:
        transactions.finish(transaction)
        return _refuse(proven, refusal, status=FOUND)


def _query(request: HttpRequest) -> str:
    if request.method == "GET":
        return str(request.META.get("QUERY_STRING", ""))
    try:
        return request.body.decode()
    except (RequestDataTooBig, UnicodeDecodeError, OSError) as error:
        raise LoginRefused("invalid_request", "the request body cannot be read") from error


def _prove(authorization: AuthorizationRequest, browser: Browser) -> _Proven | Decision:
    """Load what the request is about and let the toolkit validate it; errors go where RFC 6749 section 4.1.2.1 says."""
    facts = store().authorization_facts(_question(authorization, browser))
    if facts is None:
        reason = "Unknown client" if authorization.client_id else "Missing required parameter: client_id"
        return ErrorPage(LoginRefused("invalid_request", reason))
    pairs = [(name, value) for name in _PROVEN_PARAMETERS if (value := getattr(authorization, name))]
    request = Request(f"{settings.TENANT0_ISSUER}authorize", "GET", pairs)
    request.facts = facts
    request.scopes = list(authorization.scopes) or ["openid"]
    grant = server.response_types.get(authorization.response_type, server.code_grant)
    try:
        grant.validate_authorization_request(request)
    except FatalClientError:
        return ErrorPage(
            LoginRefused(
                "invalid_request",
                "Callback URL mismatch: the redirect_uri is not among the application's callback URLs",
            )
        )
    except OAuth2Error as error:
        return deliver(_destination(request), {"error": error.error, "error_description": error.description})
    request.is_proven = True
    return _Proven(request, facts, _destination(request))


def _question(authorization: AuthorizationRequest, browser: Browser) -> AuthorizationQuestion:
    value = authorization.organization
    by_name = bool(value) and not policy.is_organization_id(value) and settings.TENANT0_ORGANIZATION_NAMES
    return AuthorizationQuestion(
        client_id=authorization.client_id,
        session_digest=secrets.digest(browser.session_token) if browser.session_token else "",
        organization_id="" if by_name else value,
        organization_name=value.lower() if by_name else "",
        audience=authorization.audience,
        scopes=authorization.scopes,
    )


def _destination(request: Request) -> Destination:
    return Destination(request.redirect_uri, request.response_mode or "", request.state or "")


def _known(facts: AuthorizationFacts) -> Known:
    return Known(facts.organization, connection_enabled=facts.connection_enabled, is_member=facts.is_member)


def _checked(authorization: AuthorizationRequest, proven: _Proven) -> AuthorizationRequest:
    """Refuse what the toolkit does not judge, and verify the hint."""
    if authorization.problem:
        raise LoginRefused("invalid_request", authorization.problem)
    if authorization.has_request_object:
        for name in dict(parse_qsl(authorization.query)).keys() & {"request", "request_uri"}:
            # OIDC Core 1.0 section 3.1.2.6: ignoring either would mean to act on another request than was made.
            raise LoginRefused(f"{name}_not_supported", f"parameter {name} is not supported")
    if authorization.audience and proven.facts.api is None:
        raise LoginRefused("access_denied", f"Service not found: {authorization.audience}")
    if not authorization.id_token_hint:
        return authorization
    # An expired ID token is a good hint (OIDC Core 1.0 section 3.1.2.1); one that we did not sign is none.
    claims = keys.read(authorization.id_token_hint)
    if claims is None:
        raise LoginRefused("invalid_request", "parameter id_token_hint is invalid")
    return replace(authorization, hinted_sub=str(claims.get("sub", "")))


def _go_on(
    transaction: LoginTransaction,
    authorization: AuthorizationRequest,
    browser: Browser,
    *,
    proven: _Proven,
    status: int,
) -> Decision:
    step = advance(transaction, authorization, browser, session=_live(proven.facts.session))
    if isinstance(step, Leave):
        browser_token = transactions.park(transaction, browser)
        response = see_other(step.path(transaction))
        remember_browser(response, browser_token)
        return response
    transactions.finish(transaction)
    return _issue(step, authorization, browser, proven=proven, status=status)


def _live(session: Session | None) -> Session | None:
    return session if session is not None and is_live(session) else None


def _issue(
    login: CompletedLogin, authorization: AuthorizationRequest, browser: Browser, *, proven: _Proven, status: int
) -> Decision:
    """Let the toolkit make the code for a completed login."""
    request, facts = proven.request, proven.facts
    request.scopes = _scopes(authorization, facts)
    request.login = Login(
        user=login.user,
        organization_id=login.organization.pk if login.organization else "",
        connection_id=login.session.connection_id or "",
        sid=login.session.sid,
        auth_time=login.auth_time,
        amr=login.amr,
        audience=authorization.audience,
        custom_claims=login.custom_claims,
    )
    request.event = _event(login, facts, browser)
    parameters: dict[str, Any] = server.code_grant.create_authorization_response(request, server.bearer)
    parameters.pop("state", None)
    touch(login.session)
    return deliver(proven.destination, parameters, status=status)


def _scopes(authorization: AuthorizationRequest, facts: AuthorizationFacts) -> list[str]:
    scopes = granted_scopes(authorization.scopes or ("openid",), api_scopes=facts.api_scopes, api=facts.api)
    offline = "refresh_token" in facts.application.grant_types and (facts.api is None or facts.api.allow_offline_access)
    return [scope for scope in scopes if offline or scope != "offline_access"]


def _event(login: CompletedLogin, facts: AuthorizationFacts, browser: Browser) -> Event:
    standing = Standing(user=login.user, organization=login.organization)
    # A login through our pages was written when the person authenticated; only the session's answer is a silent one.
    event = "ssa" if login.was_silent else "code_issued"
    return success(event, facts.application, Caller(browser.ip, browser.user_agent), standing=standing)


def _refuse(proven: _Proven, refusal: LoginRefused, *, status: int) -> Decision:
    parameters = {"error": refusal.error, "error_description": refusal.description}
    return deliver(proven.destination, parameters, status=status)
