"""The wire's errors: which OAuth error, text and status a refusal is, and where it goes.

Texts and statuses are Auth0's where its SDKs read them; RFC 6749 section 5.2 has 400 where Auth0 answers 403.
"""

import json
from typing import Any

from oauthlib.oauth2.rfc6749.errors import OAuth2Error

INVALID_CODE = "Invalid authorization code"
# SDKs look for the words "invalid refresh token" to fall back to another way of signing in.
INVALID_REFRESH_TOKEN = "Unknown or invalid refresh token."


class Refused(OAuth2Error):
    """A refusal of ours, raised through the toolkit's grants, which answer with its error, text and status."""

    def __init__(self, error: str, description: str, *, status: int = 400, basic: bool = False) -> None:
        self.error = error
        self._basic = basic
        super().__init__(description=description, status_code=status)

    @property
    def headers(self) -> dict[str, str]:
        # RFC 6749 section 5.2: a client that tried the Authorization header is told the scheme.
        return {"WWW-Authenticate": 'Basic realm="tenant0"'} if self._basic else {}


def invalid_request(description: str) -> Refused:
    return Refused("invalid_request", description)


def invalid_client(*, basic: bool = False) -> Refused:
    """The same words for an unknown application and a wrong secret."""
    return Refused("invalid_client", "Client authentication failed", status=401, basic=basic)


def invalid_grant(description: str) -> Refused:
    return Refused("invalid_grant", description, status=403)


def access_denied(description: str) -> Refused:
    return Refused("access_denied", description, status=403)


def body_of(error: str, description: str) -> bytes:
    """Return the JSON body of an error."""
    body: dict[str, Any] = {"error": error, "error_description": description}
    return json.dumps(body).encode()
