"""The toolkit's grants, put together once: which response types and grant types exist, and what differs from theirs."""

from typing import Any, Final

from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.grant_types import AuthorizationCodeGrant as PlainCodeGrant
from oauthlib.oauth2.rfc6749.grant_types import ClientCredentialsGrant
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant, RefreshTokenGrant

from oidc.errors import invalid_grant, invalid_request
from oidc.validator import CHALLENGE_REFUSED, Validator

RESPONSE_MODES: Final = ("query", "fragment", "form_post")
# RFC 7636 section 4.1.
_VERIFIER_LENGTHS: Final = range(43, 129)


class S256CodeGrant(PlainCodeGrant):
    """The code grant with S256 as the only challenge method: `plain` proves nothing (RFC 9700 section 2.1.1)."""

    _code_challenge_methods: Final = {"S256": code_challenge_method_s256}

    def validate_authorization_request(self, request: Request) -> Any:
        # The response is created from a request that was validated before the login; once is enough.
        if getattr(request, "is_proven", False):
            return request.scopes, {}
        return super().validate_authorization_request(request)

    def create_authorization_code(self, request: Request) -> dict[str, str]:
        grant: dict[str, str] = {"code": self.request_validator.new_code()}
        if request.state:
            grant["state"] = request.state
        return grant

    def prepare_authorization_response(
        self, request: Request, token: dict[str, str], headers: dict[str, str], body: Any, status: int
    ) -> dict[str, str]:
        """Leave the parameters as they are: the endpoint delivers them in the response mode, and errors likewise."""
        return token

    def validate_code_challenge(self, challenge: str, challenge_method: str, verifier: str) -> bool:
        if len(verifier) in _VERIFIER_LENGTHS and super().validate_code_challenge(
            challenge, challenge_method, verifier
        ):
            return True
        raise invalid_grant(CHALLENGE_REFUSED)


class CodeGrant(AuthorizationCodeGrant):
    """The same with an ID token (OIDC Core 1.0 section 3.1)."""

    def __init__(self, request_validator: Validator) -> None:
        super().__init__(request_validator)
        self.proxy_target = S256CodeGrant(request_validator)
        self.custom_validators.pre_auth.append(_known_response)
        self.custom_validators.post_auth.append(self.openid_authorization_validator)
        self.register_token_modifier(self.add_id_token)


class Bearer(BearerToken):
    """Bearer tokens, with a refresh token only where `offline_access` was granted (OIDC Core 1.0 section 11)."""

    def create_token(self, request: Request, refresh_token: bool = False, **kwargs: Any) -> Any:
        wanted = refresh_token and getattr(request, "offline", False)
        return super().create_token(request, refresh_token=wanted, **kwargs)


class Server:
    """Grants by their wire names. It holds no state of a request."""

    def __init__(self) -> None:
        validator = Validator()
        self.bearer = Bearer(
            validator,
            token_generator=validator.new_access_token,
            expires_in=validator.access_token_lifetime,
            refresh_token_generator=validator.new_refresh_token,
        )
        self.code_grant = CodeGrant(validator)
        self.response_types: dict[str, Any] = {"code": self.code_grant}
        self.grant_types: dict[str, Any] = {
            "authorization_code": self.code_grant,
            "refresh_token": RefreshTokenGrant(validator),
            "client_credentials": ClientCredentialsGrant(validator),
        }


def _known_response(request: Request) -> dict[str, Any]:
    if request.response_type is not None and request.response_type not in server.response_types:
        raise errors.UnsupportedResponseTypeError(request=request)
    if request.response_mode is not None and request.response_mode not in RESPONSE_MODES:
        raise invalid_request("unsupported response_mode")
    return {}


server: Final = Server()
