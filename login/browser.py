"""What we know of the browser in front of us: two cookies, an address, a user agent."""

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import secrets
from core.actors import Actor, ActorKind
from core.client_address import client_ip

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Browser:
    """`session_token` names the SSO session, `browser_token` binds login transactions; both empty when absent."""

    session_token: str = ""
    browser_token: str = ""
    ip: str = ""
    user_agent: str = ""

    @property
    def actor(self) -> Actor:
        """The person in front of the browser, before anybody knows who it is."""
        return Actor(ActorKind.END_USER, "", "", ip=self.ip, user_agent=self.user_agent)


def browser_of(request: HttpRequest) -> Browser:
    """Read the browser from a request; a cookie that we cannot have made counts as absent."""
    return Browser(
        session_token=_token(request, settings.TENANT0_SESSION_COOKIE),
        browser_token=_token(request, settings.TENANT0_BROWSER_COOKIE),
        ip=client_ip(request),
        user_agent=str(request.META.get("HTTP_USER_AGENT", ""))[:500],
    )


def remember_browser(response: HttpResponseBase, browser_token: str) -> None:
    """Set the cookie that binds login transactions to this browser; it ends with the browser."""
    _set(response, settings.TENANT0_BROWSER_COOKIE, browser_token, max_age=None)


def remember_session(response: HttpResponseBase, session_token: str) -> None:
    """Set the cookie of the SSO session."""
    _set(response, settings.TENANT0_SESSION_COOKIE, session_token, max_age=settings.SESSION_ABSOLUTE_SECONDS)


def forget_session(response: HttpResponseBase) -> None:
    """Take the cookie of the SSO session away."""
    _set(response, settings.TENANT0_SESSION_COOKIE, "", max_age=0)


def new_browser_token() -> str:
    return secrets.new_token()


def _set(response: HttpResponseBase, name: str, value: str, *, max_age: int | None) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=settings.TENANT0_ISSUER_IS_HTTPS, httponly=True, samesite="Lax"
    )


def _token(request: HttpRequest, name: str) -> str:
    value = request.COOKIES.get(name, "")
    return value if _TOKEN.fullmatch(value) else ""
