"""Puts one instance together."""

import os
from typing import Final

from flask import Flask

from .config import Config
from .pages import build_pages, register_failures
from .people import People
from .signing_in import build_signing_in, register_issuer
from .store import MemoryStore

# Two stores: anybody may begin a login, and must not be able to push out the people who are signed in.
_LOGINS_KEPT: Final = 10_000
_PEOPLE_KEPT: Final = 100_000
_MAXIMUM_BODY_BYTES: Final = 16 * 1024
_STATIC_SECONDS: Final = 3600


def create_app(config: Config | None = None) -> Flask:
    """Return the WSGI application of one instance, configured by the environment unless told otherwise."""
    config = config or Config.from_environment(os.environ)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=config.secret_key,
        # With this prefix a browser takes the cookie from this very host only, so no sibling host can plant one.
        SESSION_COOKIE_NAME="__Host-travel0" if config.is_https else "travel0",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        # Lax and not Strict: the person comes back from the issuer by a link of another site.
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=_MAXIMUM_BODY_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=_STATIC_SECONDS,
    )
    people = People(MemoryStore(capacity=_PEOPLE_KEPT))
    issuer = register_issuer(app, config, MemoryStore(capacity=_LOGINS_KEPT))
    app.register_blueprint(build_pages(config, people))
    app.register_blueprint(build_signing_in(config, people, issuer))
    register_failures(app)
    return app
