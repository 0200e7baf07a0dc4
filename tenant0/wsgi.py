"""The WSGI application: the machines' endpoints through a short path, everything else through the whole stack."""

import os
from collections.abc import Callable, Iterable
from typing import Any, Final

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenant0.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402  # the settings module must be named first

# Endpoints that machines call: they read no cookie and render no page, so most middleware would only cost time.
PROTOCOL_PATHS: Final = frozenset(
    {
        "/oauth/token",
        "/oauth/revoke",
        "/userinfo",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
    }
)

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _handler(middleware: list[str]) -> WSGIHandler:
    """Return Django's handler with a middleware list of its own; it reads the setting once, when it is made."""
    usual = settings.MIDDLEWARE
    settings.MIDDLEWARE = middleware
    try:
        return WSGIHandler()
    finally:
        settings.MIDDLEWARE = usual


_everything = _handler(settings.MIDDLEWARE)
_protocol = _handler(settings.TENANT0_PROTOCOL_MIDDLEWARE)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request. Both handlers share the URLs; they differ in middleware alone."""
    handler = _protocol if environ.get("PATH_INFO") in PROTOCOL_PATHS else _everything
    response: Iterable[bytes] = handler(environ, start_response)
    return response
