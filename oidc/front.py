"""A short way in front of Django for the endpoints that are asked most often.

The views are the same as behind Django's handler; what is left out is its URL resolver, its signals, and middleware that has
nothing to do here: these endpoints read no dashboard cookie and render no page. Whatever ends in a page goes the long way.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse

from core.middleware import begin, finish
from oidc.endpoints.authorize import DECISION_KEY, decide
from oidc.endpoints.discovery import jwks, metadata
from oidc.endpoints.token import token
from oidc.endpoints.userinfo import userinfo
from oidc.errors import body_of
from oidc.responses import ErrorPage, FormPostPage
from oidc.wire import answer

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]
Answer = HttpResponse | ErrorPage | FormPostPage

_VIEWS: Final[dict[str, Callable[[HttpRequest], Answer]]] = {
    "/authorize": decide,
    "/oauth/token": token,
    "/userinfo": userinfo,
    "/.well-known/openid-configuration": metadata,
    "/.well-known/oauth-authorization-server": metadata,
    "/.well-known/jwks.json": jwks,
}
_SERVER_ERROR: Final = 500


class Front:
    """Answers the hot paths, and passes every other request on to `application`."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        # A view may return what is to become a page, which the stubs do not foresee; it passes through untouched.
        self._views = {path: convert_exception_to_response(cast(Any, view)) for path, view in _VIEWS.items()}
        # What the security middleware would add.
        self._headers = [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ]
        if settings.SECURE_HSTS_SECONDS:
            self._headers.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        view = self._views.get(environ["PATH_INFO"])
        if view is None:
            return self._application(environ, start_response)
        started = time.perf_counter()
        close_old_connections()
        request = WSGIRequest(environ)
        request_id = begin(request)
        response = view(request)
        if not isinstance(response, HttpResponse):
            # A page: the long way renders it with all that belongs to pages, from the decision made here.
            environ[DECISION_KEY] = response
            return self._application(environ, start_response)
        if response.status_code == _SERVER_ERROR:
            response = answer(body_of("server_error", "Internal error"), status=response.status_code)
        finish(request, response, request_id, started=started)
        headers = [*response.items(), *self._headers, ("Content-Length", str(len(response.content)))]
        headers += [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.content]
