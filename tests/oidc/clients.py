"""What the protocol's tests share: a browser that is signed in, requests to the endpoints, and the tokens they give."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.test import Client
from django.utils import timezone

from identity.models import Application, Connection, User
from login.browser import Browser
from login.models import Session
from login.session import start_session

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Response = _MonkeyPatchedWSGIResponse
else:
    Response = object

VERIFIER: Final = "v" * 43
CHALLENGE: Final = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
# A request of a confidential application that does without PKCE.
NO_PKCE: Final = {"code_challenge": "", "code_challenge_method": ""}
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass
class Party:
    """An application in front of the endpoints, with the browser of one person."""

    application: Application
    client_secret: str = ""
    browser: Client = field(default_factory=Client)
    back_channel: Client = field(default_factory=Client)

    @property
    def redirect_uri(self) -> str:
        return str(self.application.callbacks[0])

    def sign_in(self, user: User, connection: Connection) -> Session:
        """Give the browser an SSO session, as a login would."""
        session, token = start_session(
            user=user, connection=connection, amr=["pwd"], browser=Browser(), at=timezone.now()
        )
        self.browser.cookies[settings.TENANT0_SESSION_COOKIE] = token
        return session

    def authorize(self, **parameters: str) -> Response:
        """Make an authorization request; a parameter given as "" is left out."""
        return self.browser.get(f"/authorize?{urlencode(self.parameters(**parameters))}", secure=True)

    def parameters(self, **parameters: str) -> dict[str, str]:
        usual = {
            "client_id": self.application.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email",
            "state": "some-state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **parameters}.items() if value}

    def code(self, **parameters: str) -> str:
        """Return the code of a silent login."""
        answer = callback(self.authorize(**parameters))
        assert "code" in answer, answer
        return answer["code"]

    def token(self, **body: str) -> Response:
        """Ask the token endpoint with the secret in the body; a parameter given as "" is left out."""
        own = {"client_id": self.application.client_id, "client_secret": self.client_secret}
        return self.send({**own, **body})

    def send(self, body: dict[str, str], **headers: str) -> Response:
        """Ask the token endpoint with these parameters and headers alone."""
        form = urlencode({name: value for name, value in body.items() if value})
        return self.back_channel.post("/oauth/token", form, content_type=_FORM, secure=True, headers=headers)

    def exchange(self, code: str, **body: str) -> Response:
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        return self.token(**{**usual, **body})

    def tokens(self, **parameters: str) -> dict[str, Any]:
        """Return the token response of a silent login."""
        response = self.exchange(self.code(**parameters))
        assert response.status_code == 200, response.content
        return dict(response.json())

    def refresh(self, refresh_token: str, **body: str) -> Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **body)

    def userinfo(self, access_token: str) -> Response:
        return self.back_channel.get("/userinfo", secure=True, headers={"authorization": f"Bearer {access_token}"})


def callback(response: Response) -> dict[str, str]:
    """Return the parameters of a redirect to an application."""
    assert response.status_code in {302, 303}, (response.status_code, response.content[:500])
    parts = urlsplit(response["Location"])
    return dict(parse_qsl(parts.query or parts.fragment, keep_blank_values=True))


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a JWT without verifying it; the tests of keys do that."""
    return _decoded(token.split(".")[1])


def header_of(token: str) -> dict[str, Any]:
    return _decoded(token.split(".")[0])


def _decoded(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
