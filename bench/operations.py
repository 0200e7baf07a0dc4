"""The measured operations as lists of requests, each made of the answers to the one before."""

import base64
import hashlib
import html
import json
import re
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.load import Response, drive, http
from bench.values import AUDIENCE, CALLBACK, PASSWORD, SCOPE, SECRET, email

VERIFIER: Final = "v" * 64
CHALLENGE: Final = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPES: Final = "openid profile email offline_access"


def basic(client_id: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{SECRET}".encode()).decode()}


def authorize(client_id: str, cookie: str, number: int, **more: str) -> bytes:
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": SCOPES,
        "state": f"s{number}",
        "nonce": f"n{number}",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return http("GET", "/authorize?" + urlencode(query), {"Cookie": cookie} if cookie else {})


def code_of(response: Response) -> str:
    location = response.header("location")
    codes = parse_qs(urlsplit(location).query).get("code")
    if not codes:
        raise SystemExit(f"no code: {response.status} {location} {response.body[:300]!r}")
    return codes[0]


def exchange(client_id: str, code: str) -> bytes:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return http("POST", "/oauth/token", basic(client_id), urlencode(form))


def refresh(client_id: str, token: str) -> bytes:
    return http(
        "POST", "/oauth/token", basic(client_id), urlencode({"grant_type": "refresh_token", "refresh_token": token})
    )


def client_credentials() -> bytes:
    form = {"grant_type": "client_credentials", "audience": AUDIENCE, "scope": SCOPE}
    return http("POST", "/oauth/token", basic("m2m"), urlencode(form))


def userinfo(token: str) -> bytes:
    return http("GET", "/userinfo", {"Authorization": f"Bearer {token}"})


def logins(port: int, count: int) -> list[bytes]:
    """Open `count` login pages and return the POSTs that a person would send from them."""
    parked = drive(port, [authorize("web", "", number) for number in range(count)])
    pages = [urlsplit(answer.header("location")) for answer in parked]
    cookies = [answer.cookies() for answer in parked]
    opened = drive(
        port,
        [
            http("GET", f"{page.path}?{page.query}", {"Cookie": joined(jar)})
            for page, jar in zip(pages, cookies, strict=True)
        ],
    )
    posts = []
    for number, (page, jar, answer) in enumerate(zip(pages, cookies, opened, strict=True)):
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', answer.body)
        if answer.status != 200 or token is None:
            raise SystemExit(f"no login page: {answer.status} {answer.body[:500]!r}")
        form = {"csrfmiddlewaretoken": html.unescape(token.group(1).decode()), "password": PASSWORD}
        form[identifier_field(answer.body)] = email(number)
        headers = {"Cookie": joined({**jar, **answer.cookies()})}
        posts.append(http("POST", f"{page.path}?{page.query}", headers, urlencode(form)))
    return posts


def identifier_field(page: bytes) -> str:
    """Return the name of the first visible field of the login form."""
    for tag in re.findall(rb"<input[^>]*>", page):
        name = re.search(rb'name="([^"]+)"', tag)
        if name and b'type="hidden"' not in tag and b'type="password"' not in tag:
            return name.group(1).decode()
    raise SystemExit("the login page has no identifier field")


def joined(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def tokens_of(response: Response) -> dict[str, Any]:
    if response.status != 200:
        raise SystemExit(f"no tokens: {response.status} {response.body[:500]!r}")
    return dict(json.loads(response.body))
