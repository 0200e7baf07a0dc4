"""The short way in front of Django's handler: the same answers, and pages by the long way."""

import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections

from oidc import front
from oidc.endpoints import userinfo as userinfo_module
from oidc.front import Front
from tests.oidc.clients import VERIFIER, Party

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _connections_stay(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server tidies its connections up around a request; the test's transaction must outlive that."""
    monkeypatch.setattr(front, "close_old_connections", lambda: None)
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


class Caller:
    """Calls the WSGI application as a server does."""

    def __init__(self) -> None:
        self.application = Front(WSGIHandler())

    def __call__(
        self, method: str, path: str, *, query: str = "", body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "auth.travel0.test",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1",
            "HTTP_HOST": "auth.travel0.test",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        answer: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            answer["status"], answer["headers"] = int(status[:3]), dict(headers)

        content = b"".join(self.application(environ, start_response))
        return answer["status"], answer["headers"], content


def cookie_of(party: Party) -> str:
    name = settings.TENANT0_SESSION_COOKIE
    return f"{name}={party.browser.cookies[name].value}"


def test_a_login_from_code_to_claims(party: Party) -> None:
    call = Caller()
    status, headers, _body = call("GET", "/authorize", query=urlencode(party.parameters()), cookie=cookie_of(party))
    assert status == 302
    code = headers["Location"].split("code=")[1].split("&")[0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": party.redirect_uri,
        "client_id": party.application.client_id,
        "client_secret": party.client_secret,
        "code_verifier": VERIFIER,
    }
    status, headers, body = call("POST", "/oauth/token", body=urlencode(form).encode())
    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(body))
    status, _headers, body = call("GET", "/userinfo", authorization=f"Bearer {json.loads(body)['access_token']}")
    assert status == 200


def test_every_answer_carries_the_usual_headers(party: Party) -> None:
    _status, headers, _body = Caller()("GET", "/.well-known/jwks.json")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["X-Request-Id"]


def test_a_head_request_has_no_body(party: Party) -> None:
    status, headers, body = Caller()("HEAD", "/.well-known/openid-configuration")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0


def test_a_login_that_needs_a_page_sets_the_cookie_and_leaves(party: Party) -> None:
    status, headers, _body = Caller()("GET", "/authorize", query=urlencode(party.parameters()))
    assert status == 303
    assert headers["Location"].startswith("/u/login?state=")
    assert headers["Set-Cookie"].startswith(settings.TENANT0_BROWSER_COOKIE)


def test_a_page_comes_with_the_headers_of_pages(party: Party) -> None:
    query = urlencode(party.parameters(response_mode="form_post"))
    status, headers, body = Caller()("GET", "/authorize", query=query, cookie=cookie_of(party))
    assert status == 200
    assert b'name="code"' in body
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_an_error_page_is_a_page(party: Party) -> None:
    status, headers, _body = Caller()("GET", "/authorize", query="client_id=nobody")
    assert status == 400
    assert "Content-Security-Policy" in headers


def test_a_fault_of_ours_is_json_without_details(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(userinfo_module, "store", broken)
    status, headers, body = Caller()("GET", "/userinfo", authorization="Bearer x")
    assert status == 500
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["error"] == "server_error"
    assert b"secret detail" not in body
