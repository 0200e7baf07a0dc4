"""The product as a peer of a comparison harness that drives several OpenID providers through the same operations.

The harness names this file, finds `peers` and `ops` of its own on the path, and calls `peer()`. Needs PGHOST, PGPORT and PGUSER
of a local PostgreSQL, as the harness sets them.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import ops  # type: ignore[import-not-found]  # the harness's own, there only when it runs this file
import peers  # type: ignore[import-not-found]
import psycopg

ROOT: Final = Path(__file__).resolve().parent.parent
PORT: Final = 18207
DATABASE: Final = "tenant0_product"
WORKERS: Final = 2

sys.path.insert(0, str(ROOT))

from bench import operations  # noqa: E402  # the project must be on the path first


class Product(ops.Peer):  # type: ignore[misc]  # the harness has no types
    """Where the endpoints are, and how a person signs in: through the login page, with its transaction and CSRF token."""

    token = "/oauth/token"
    authorize = "/authorize"
    userinfo = "/userinfo"
    discovery = "/.well-known/openid-configuration"
    jwks = "/.well-known/jwks.json"
    scope = operations.SCOPES

    def cc_request(self) -> bytes:
        return operations.client_credentials()

    def login_requests(self, n: int) -> list[bytes]:
        return operations.logins(PORT, n)


def environment() -> dict[str, str]:
    return {
        # Host, port and user come from PGHOST, PGPORT and PGUSER.
        "DATABASE_URL": f"postgres:///{DATABASE}",
        "TENANT0_ISSUER": f"http://127.0.0.1:{PORT}/",
        "SECRET_KEY": "bench-" + "0123456789abcdef" * 4,
        "EMAIL_URL": "dummymail://",
        "DJANGO_SETTINGS_MODULE": "tenant0.settings",
        "PYTHONPATH": str(ROOT),
    }


def prepare() -> None:
    """Create the database if it is not there, and seed it."""
    with psycopg.connect(dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    subprocess.run([python(), "-m", "bench.seed"], cwd=ROOT, env={**os.environ, **environment()}, check=True)


def python() -> str:
    """The interpreter that has the product's packages: the project's own where there is one."""
    own = ROOT / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def peer() -> Any:
    command = [python(), "manage.py", "serve", "--port", str(PORT), "--workers", str(WORKERS)]
    return peers.Setup(
        "tenant0/granian/RS256", Product(), command, PORT, DATABASE, "/healthz", str(ROOT), environment(), prepare
    )
