"""The authorization request: standard and Auth0's own parameters, parsed once into values."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from login.errors import LoginRefused

MAXIMUM_QUERY_LENGTH: Final = 16384
MAXIMUM_VALUE_LENGTH: Final = 4096
# Parameters that decide something here; any other may come twice, as a script sees it only.
KNOWN_PARAMETERS: Final = frozenset(
    {
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "audience",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "login_hint",
        "screen_hint",
        "ui_locales",
        "acr_values",
        "id_token_hint",
        "connection",
        "organization",
        "invitation",
        "display",
        "request",
        "request_uri",
    }
)
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account", "create"})


@dataclass(frozen=True)
class AuthorizationRequest:
    """The values of one request to the authorization endpoint; an empty parameter counts as absent (RFC 6749 section 3.1).

    `query` is the original, from which the request is built again on resume. `hinted_sub` is the verified subject of
    `id_token_hint`, set by the endpoint. `problem` says what is wrong with a value; it is told to the application once that is
    proven.
    """

    query: str
    client_id: str = ""
    redirect_uri: str = ""
    response_type: str = ""
    response_mode: str = ""
    scopes: tuple[str, ...] = ()
    state: str = ""
    nonce: str = ""
    audience: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str = ""
    screen_hint: str = ""
    ui_locales: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    id_token_hint: str = ""
    connection: str = ""
    organization: str = ""
    invitation: str = ""
    hinted_sub: str = ""
    has_request_object: bool = False
    problem: str = ""

    @classmethod
    def parse(cls, query: str) -> "AuthorizationRequest":
        """Parse a query string or form body.

        Raises `LoginRefused` (`invalid_request`) for a known parameter given twice (RFC 6749 section 3.1) and for an over-long or
        NUL-bearing value: whom to tell cannot be known then.
        """
        values = _values(query)
        prompt = frozenset(values.get("prompt", "").split())
        max_age = values.get("max_age", "")
        return cls(
            query=query,
            scopes=tuple(dict.fromkeys(values.get("scope", "").split())),
            prompt=prompt,
            max_age=int(max_age) if _is_number(max_age) else None,
            has_request_object="request" in values or "request_uri" in values,
            problem=_problem(prompt, max_age),
            ui_locales=tuple(values.get("ui_locales", "").split()),
            acr_values=tuple(values.get("acr_values", "").split()),
            **{name: values.get(name, "") for name in _PLAIN},
        )


_PLAIN: Final = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "audience",
    "code_challenge",
    "code_challenge_method",
    "login_hint",
    "screen_hint",
    "id_token_hint",
    "connection",
    "organization",
    "invitation",
)


def _values(query: str) -> dict[str, str]:
    if len(query) > MAXIMUM_QUERY_LENGTH:
        raise LoginRefused("invalid_request", "the request is too long")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise LoginRefused("invalid_request", "the request is not valid UTF-8") from error
    values: dict[str, str] = {}
    for name, value in pairs:
        if name not in KNOWN_PARAMETERS:
            continue
        if name in values:
            raise LoginRefused("invalid_request", f"parameter {name} is given more than once")
        if len(value) > MAXIMUM_VALUE_LENGTH or "\x00" in value:
            raise LoginRefused("invalid_request", f"parameter {name} is invalid")
        values[name] = value
    return {name: value for name, value in values.items() if value}


def _problem(prompt: frozenset[str], max_age: str) -> str:
    if prompt - PROMPTS:
        return "parameter prompt is invalid"
    if "none" in prompt and len(prompt) > 1:
        # OIDC Core 1.0 section 3.1.2.1: none stands alone.
        return "parameter prompt may not combine none with other values"
    if max_age and not _is_number(max_age):
        return "parameter max_age is invalid"
    return ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10
