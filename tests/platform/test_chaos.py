"""A running server whose database and Redis go away and come back: it says so, and recovers without hands."""

import json
import shlex
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from tests.platform.processes import PYTHON, environment, free_port, manage, running, wait_for_port
from tools.services import find, postgresql, redis, unprivileged_user

pytestmark = pytest.mark.postgres


@dataclass(frozen=True)
class Site:
    """A server on a PostgreSQL and a Redis of its own."""

    url: str
    redis_url: str
    data: Path
    management_client: dict[str, str]

    def token(self) -> tuple[int, dict[str, str]]:
        """Ask for a token of the Management API; returns status and headers."""
        body = {"grant_type": "client_credentials", **self.management_client}
        return self.send("/oauth/token", json.dumps(body).encode(), {"Content-Type": "application/json"})

    def send(self, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        request = urllib.request.Request(  # noqa: S310  # our own server
            self.url + path, data=body, headers={"Host": "auth.travel0.test", **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, _lower(answer.headers)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, _lower(refused.headers)

    def database(self, *verb: str, check: bool = True) -> None:
        """Stop or start the database."""
        server = find("postgres")
        assert server is not None
        command = [str(Path(server).resolve().parent / "pg_ctl"), "-D", str(self.data), "-w", *verb]
        owner = unprivileged_user()
        who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        subprocess.run(command, cwd=self.data, check=check, stdout=subprocess.DEVNULL, **who)  # type: ignore[call-overload]  # told apart by keyword


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.fixture
def site() -> Iterator[Site]:
    # Not below pytest's own folder: where the tests run as root PostgreSQL runs as somebody else, and could not get there.
    with (
        tempfile.TemporaryDirectory(prefix="tenant0-site-") as name,
        postgresql(folder := Path(name)) as database_url,
        redis(folder) as redis_url,
    ):
        env = environment(folder, DATABASE_URL=database_url, REDIS_URL=redis_url)
        assert manage("migrate", "--verbosity=0", env=env).returncode == 0
        said = manage("bootstrap", "--operator-email=o@travel0.example", "--management-client=Chaos", env=env).stdout
        made = json.loads(said)["management_client"]
        client = {name: made[name] for name in ("client_id", "client_secret", "audience")}
        port, log = free_port(), folder / "serve.log"
        with running([PYTHON, "manage.py", "serve", "--port", str(port)], env=env, log=log) as process:
            wait_for_port(port, process, log)
            running_site = Site(f"http://127.0.0.1:{port}", redis_url, folder / "postgresql", client)
            yield running_site
        # A database that the test started is nobody else's to stop.
        running_site.database("stop", "-m", "immediate", check=False)


def test_it_says_that_the_database_is_away_and_recovers_when_it_is_back(site: Site) -> None:
    assert site.token()[0] == 200
    # The program, -D, the folder, and then what it was started with.
    options = shlex.join(shlex.split((site.data / "postmaster.opts").read_text())[3:])
    site.database("stop", "-m", "immediate")
    status, headers = site.token()
    assert (status, headers["retry-after"]) == (503, "5")
    status, headers = site.send("/u/login?state=x", None, {"Accept": "text/html", "Cookie": "tenant0_login=x"})
    assert status in {400, 503}
    assert site.send("/healthz", None, {})[0] == 200
    assert site.send("/readyz", None, {})[0] == 503
    site.database("start", "-l", str(site.data / "again.log"), "-o", options)
    back = time.monotonic()
    while site.token()[0] != 200:
        assert time.monotonic() - back < 10
        time.sleep(0.1)
    assert site.send("/readyz", None, {})[0] == 200


def test_tokens_do_not_wait_for_a_redis_that_is_away(site: Site) -> None:
    port = str(urllib.parse.urlsplit(site.redis_url).port)
    assert site.token()[0] == 200
    client = find("redis-cli") or "redis-cli"
    subprocess.run([client, "-p", port, "shutdown", "nosave"], check=False, capture_output=True)
    started = time.monotonic()
    assert site.token()[0] == 200
    assert time.monotonic() - started < 3
    assert site.send("/readyz", None, {})[0] == 503
