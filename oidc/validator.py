"""The toolkit's validator with its storage replaced: one read before a decision, one write after it.

The grants of the toolkit ask the questions in the order of the specifications; here are the answers. A refusal is raised as
`Refused`, which the grants turn into an answer.
"""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from core import secrets
from identity.models import Application
from identity.uris import callback_allowed
from oidc import issuing
from oidc.calls import Login, TokenCall
from oidc.errors import (
    INVALID_CODE,
    INVALID_REFRESH_TOKEN,
    Refused,
    access_denied,
    invalid_client,
    invalid_grant,
)
from oidc.events import failure, success
from oidc.machines import check_machine, machine_event, machine_question
from oidc.models import Grant, RefreshToken
from oidc.services import revoke_family
from oidc.standing import still_stands
from oidc.storage import store
from oidc.storage.portable import write_event
from oidc.storage.records import (
    CodeFacts,
    NewCode,
    NewTokens,
    RefreshFacts,
    Standing,
)
from orgs import policy

CHALLENGE_REFUSED: Final = "Failed to verify code verifier"
_OFFLINE: Final = "offline_access"


class Validator(OAuth2Validator):
    """Answers the grants from one read of the database; `request.call` is a `TokenCall` at the token endpoint."""

    # --- Which application ---

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        # One road for confidential and public applications: `authenticate_client` tells them apart.
        return True

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """RFC 6749 section 2.3: a confidential application proves its secret, a public one must not send any."""
        call: TokenCall = request.call
        application = self._load(request, call)
        offered = call.credentials
        if application is None:
            raise invalid_client(basic=offered.by_basic)
        call.application = application
        proven = not offered.secret if application.is_public else application.secret_matches(offered.secret)
        if not proven:
            raise invalid_client(basic=offered.by_basic)
        request.client, request.client_id = application, application.client_id
        return True

    def _load(self, request: Request, call: TokenCall) -> Application | None:
        client_id = call.credentials.client_id
        if request.grant_type == "client_credentials":
            call.machine = store().machine_facts(machine_question(request, call))
            return call.machine.application if call.machine else None
        facts: CodeFacts | RefreshFacts | None
        if request.grant_type == "refresh_token":
            facts = refresh = store().refresh_facts(client_id, secrets.digest(request.refresh_token))
            if refresh:
                call.context, call.superseded = refresh.token, refresh.superseded
        else:
            facts = code = store().code_facts(client_id, secrets.digest(request.code))
            call.context = code.grant if code else None
        call.standing = facts.standing if facts else None
        return facts.application if facts else None

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        if grant_type in client.grant_types and not (grant_type == "client_credentials" and client.is_public):
            return True
        raise Refused("unauthorized_client", f"Grant type '{grant_type}' not allowed for the client.", status=403)

    # --- The authorization endpoint; `request.facts` are the facts of the request ---

    def validate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        request.client = request.facts.application
        return True

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Exact comparison (RFC 9700 section 2.1); the placeholder counts only for an organization that may be signed in to."""
        application, organization = request.facts.application, request.facts.organization
        usable = organization is not None and organization.is_active and policy.organization_allowed(application)
        name = organization.name if usable else None
        return callback_allowed(redirect_uri, application.callbacks, organization_name=name)

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> str:
        if getattr(request, "call", None) is not None:
            # At the token endpoint `validate_code` has compared the redirect URI already.
            return str(request.call.context.redirect_uri or request.client.default_redirect_uri)
        return str(request.client.default_redirect_uri)

    def validate_response_type(
        self, client_id: str, response_type: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return "authorization_code" in client.grant_types

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        # RFC 9700 section 2.1.1.
        return bool(request.client.is_public)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Unknown scopes of a person's login are ignored later on; an application on its own behalf is refused them."""
        call: TokenCall | None = getattr(request, "call", None)
        if call is None or call.machine is None:
            return True
        check_machine(call.machine, request)
        return True

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        call: TokenCall | None = getattr(request, "call", None)
        if call is not None and call.machine is not None and call.machine.grant is not None:
            return list(call.machine.grant.scope)
        return []

    def new_code(self) -> str:
        return secrets.new_token()

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Store the code by its digest with the login it stands for; `request.login` is an `Login`."""
        login: Login = request.login
        store().add_code(
            NewCode(
                digest=secrets.digest(code["code"]),
                application_id=request.client.pk,
                user_id=login.user.pk,
                expires=timezone.now()
                + timedelta(seconds=settings.OAUTH2_PROVIDER["AUTHORIZATION_CODE_EXPIRE_SECONDS"]),
                # Empty when the request named none: then the token request need not either (RFC 6749 section 4.1.3).
                redirect_uri="" if request.using_default_redirect_uri else request.redirect_uri,
                scope=" ".join(request.scopes),
                nonce=request.nonce or "",
                code_challenge=request.code_challenge or "",
                code_challenge_method=request.code_challenge_method or "",
                claims="",
                family=login.family,
                organization_id=login.organization_id,
                connection_id=login.connection_id,
                sid=login.sid,
                auth_time=login.auth_time,
                amr=list(login.amr),
                audience=login.audience,
                custom_claims=login.custom_claims,
            ),
            request.event,
        )

    # --- The token endpoint: codes ---

    def validate_code(
        self, client_id: str, code: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """RFC 6749 section 4.1.3; a second use ends what the first one gave (section 4.1.2)."""
        call: TokenCall = request.call
        grant = call.context
        if not isinstance(grant, Grant):
            raise invalid_grant(INVALID_CODE)
        if grant.used_at is not None:
            self._replayed(call, grant)
        if grant.expires <= timezone.now() or not still_stands(grant, call.standing):
            raise invalid_grant(INVALID_CODE)
        if not _redirect_uri_fits(grant, client, request.redirect_uri or ""):
            raise invalid_grant("The redirect URI is wrong.")
        # A verifier for a code that was asked for without a challenge is a downgrade (RFC 9700 section 4.8.2), and a challenge
        # without a verifier proves nothing.
        if bool(grant.code_challenge) != bool(request.code_verifier):
            raise invalid_grant(CHALLENGE_REFUSED)
        self._adopt(request, call, grant.scope)
        return True

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Application, *args: Any, **kwargs: Any
    ) -> bool:
        return True  # `validate_code` has compared it: it must be the same, or left out both times.

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return request.call.context.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        return request.call.context.code_challenge_method or None

    def get_authorization_code_nonce(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> str | None:
        return request.call.context.nonce or None

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """`save_bearer_token` takes the code and stores the tokens in one step."""

    def _replayed(self, call: TokenCall, grant: Grant) -> None:
        revoke_family(grant.family)
        write_event(failure("feacft", call.application, call.caller, standing=call.standing, why="Code used twice"))
        raise invalid_grant(INVALID_CODE)

    # --- The token endpoint: refresh tokens ---

    def validate_refresh_token(
        self, refresh_token: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """RFC 6749 section 6, with rotation and the detection of reuse of RFC 9700 section 4.14.2."""
        call: TokenCall = request.call
        token = call.context
        if not isinstance(token, RefreshToken) or token.revoked is not None:
            raise invalid_grant(INVALID_REFRESH_TOKEN)
        if token.rotated_at is not None and not _within_leeway(token, client, superseded=call.superseded):
            self._reused(call, token)
        if _has_expired(token) or not still_stands(token, call.standing):
            raise invalid_grant(INVALID_REFRESH_TOKEN)
        _check_unchanged(token, call.standing, request)
        self._adopt(request, call, token.scope)
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        scope: str = request.call.context.scope
        return scope.split()

    def rotate_refresh_token(self, request: Request) -> bool:
        return bool(request.client.refresh_token_rotation == Application.RotationType.ROTATING)

    def refresh_id_token(self, request: Request) -> bool:
        return True

    def _reused(self, call: TokenCall, token: RefreshToken) -> None:
        revoke_family(token.family)
        write_event(failure("ferrt", call.application, call.caller, standing=call.standing, why="Refresh token reused"))
        raise invalid_grant(INVALID_REFRESH_TOKEN)

    def _adopt(self, request: Request, call: TokenCall, scope: str) -> None:
        assert call.standing is not None
        request.user = call.standing.user
        request.scopes = scope.split()
        request.offline = _OFFLINE in request.scopes

    # --- Making tokens ---

    def access_token_lifetime(self, request: Request) -> int:
        return issuing.access_token_lifetime(_api(request.call))

    def new_access_token(self, request: Request) -> str:
        return issuing.new_access_token(request, request.call)

    def new_refresh_token(self, _request: Request) -> str:
        return secrets.new_token()

    def get_id_token(self, token: dict[str, Any], token_handler: Any, request: Request) -> str:
        return issuing.new_id_token(request, request.call)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Take the code or refresh token and store what was made of it, in one step; the loser of a race gets nothing."""
        call: TokenCall = request.call
        if call.machine is not None:
            if not call.machine.audited:
                write_event(machine_event(call))
            return
        assert call.application is not None
        tokens = _new_tokens(token, request, call.application)
        if isinstance(call.context, Grant):
            event = success("seacft", call.application, call.caller, standing=call.standing)
            if not store().redeem_code(call.context, tokens, event):
                self._replayed(call, call.context)
        elif isinstance(call.context, RefreshToken):
            self._save_refreshed(call, call.application, call.context, tokens)

    def _save_refreshed(self, call: TokenCall, client: Application, token: RefreshToken, tokens: NewTokens) -> None:
        event = success("sertft", client, call.caller, standing=call.standing)
        if client.refresh_token_rotation == Application.RotationType.ROTATING:
            leeway = client.refresh_token_leeway_seconds
            saved = store().rotate_refresh_token(token, tokens, event, leeway_seconds=leeway)
        else:
            saved = store().extend_refresh_token(token, tokens, event)
        if not saved:
            self._reused(call, token)


def _api(call: TokenCall) -> Any:
    if call.machine is not None:
        return call.machine.api
    return call.standing.api if call.standing else None


def _redirect_uri_fits(grant: Grant, client: Application, offered: str) -> bool:
    if grant.redirect_uri:
        return bool(offered == grant.redirect_uri)
    return bool(offered in {"", client.default_redirect_uri})


def _within_leeway(token: RefreshToken, client: Application, *, superseded: bool) -> bool:
    """Whether the token is the one rotated last, and so short ago that its successor may not have arrived."""
    assert token.rotated_at is not None
    leeway = timedelta(seconds=client.refresh_token_leeway_seconds)
    return not superseded and timezone.now() - token.rotated_at < leeway


def _has_expired(token: RefreshToken) -> bool:
    now = timezone.now()
    return any(end is not None and end <= now for end in (token.expires_at, token.idle_expires_at))


def _check_unchanged(token: RefreshToken, standing: Standing | None, request: Request) -> None:
    """A refresh token is bound to its organization and audience; another one needs another login."""
    organization = getattr(request, "organization", None)
    if organization:
        own = standing.organization if standing else None
        if own is None or organization not in {own.pk, own.name if settings.TENANT0_ORGANIZATION_NAMES else own.pk}:
            raise invalid_grant(INVALID_REFRESH_TOKEN)
    audience = getattr(request, "audience", None)
    if audience and audience != token.audience:
        raise access_denied("The refresh token is bound to another audience.")


def _new_tokens(token: dict[str, Any], request: Request, client: Application) -> NewTokens:
    now = timezone.now()
    offered: str = token.get("refresh_token", "")
    expiring = client.refresh_token_expiration == Application.ExpirationType.EXPIRING
    absolute = now + timedelta(seconds=client.refresh_token_lifetime_seconds)
    idle = now + timedelta(seconds=client.refresh_token_idle_lifetime_seconds)
    return NewTokens(
        access_digest=secrets.digest(token["access_token"]),
        access_expires=now + timedelta(seconds=token["expires_in"]),
        scope=" ".join(request.scopes),
        refresh_digest=secrets.digest(offered) if offered else "",
        # What was granted, not what this request narrowed it to (RFC 6749 section 6).
        refresh_scope=request.call.context.scope,
        refresh_expires_at=absolute if expiring else None,
        refresh_idle_expires_at=idle if expiring else None,
    )
