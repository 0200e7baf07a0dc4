"""`manage.py serve`: the product behind granian, over http and https, started and stopped as a service manager does."""

import json
import signal
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import make_certificate
from tests.platform.processes import PYTHON, environment, free_port, manage, running, wait_for_port


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of a bootstrapped installation."""
    folder = tmp_path_factory.mktemp("installed")
    for command in (["migrate", "--verbosity=0"], ["bootstrap", "--operator-email=olivia@travel0.example"]):
        ended = manage(*command, env=environment(folder))
        assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture(scope="module")
def server(installed: Path) -> Iterator[str]:
    """The address of a running server."""
    port, log = free_port(), installed / "serve.log"
    command = [PYTHON, "manage.py", "serve", "--port", str(port), "--workers", "2"]
    with running(command, env=environment(installed), log=log) as process:
        wait_for_port(port, process, log)
        yield f"http://127.0.0.1:{port}"


def fetch(url: str, *, host: str = "auth.travel0.test", context: ssl.SSLContext | None = None) -> Any:
    asked = urllib.request.Request(url, headers={"Host": host})  # noqa: S310  # our own server
    return urllib.request.urlopen(asked, timeout=10, context=context)  # noqa: S310


def test_it_is_ready(server: str) -> None:
    with fetch(f"{server}/readyz", host="10.1.2.3:8000") as answer:
        assert json.load(answer)["checks"] == {"database": "ok", "migrations": "ok", "keys": "ok", "cache": "ok"}


def test_it_serves_the_short_way_and_the_long_way(server: str) -> None:
    with fetch(f"{server}/.well-known/openid-configuration") as answer:
        assert json.load(answer)["issuer"] == "https://auth.travel0.test/"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with fetch(f"{server}/admin/login/") as answer:
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["login/login.css", "login/icon.svg", "dashboard/dashboard.css", "unfold/css/styles.css"]
)
def test_it_serves_static_files_without_a_build(server: str, path: str) -> None:
    with fetch(f"{server}/static/{path}") as answer:
        assert answer.headers["Cache-Control"] == "max-age=600, public"
        assert len(answer.read()) > 100


@pytest.mark.parametrize("path", ["/static/", "/static/../manage.py", "/.git/config", "/static/login/", "/.env"])
def test_it_serves_nothing_else(server: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"{server}{path}")
    with refused.value:
        assert refused.value.code in {400, 404}


def test_its_log_is_json_without_query_strings(server: str, installed: Path) -> None:
    with fetch(f"{server}/healthz?ticket=do-not-write-this"):
        pass
    time.sleep(0.3)
    text = (installed / "serve.log").read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert any(line.get("path") == "/healthz" and line["request_id"] for line in lines)
    assert "do-not-write-this" not in text


def test_it_speaks_tls_and_stops_when_told(installed: Path) -> None:
    certificate, key = make_certificate(installed, "localhost")
    port, log = free_port(), installed / "tls.log"
    command = [PYTHON, "manage.py", "serve", "--port", str(port), "--tls-cert", str(certificate), "--tls-key", str(key)]
    with running(command, env=environment(installed), log=log) as process:
        wait_for_port(port, process, log)
        context = ssl.create_default_context(cafile=str(certificate))
        with fetch(f"https://localhost:{port}/healthz", context=context) as answer:
            assert answer.read() == b"ok\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_a_taken_port_gets_a_clear_message(installed: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        ended = manage("serve", "--port", port, env=environment(installed))
    assert ended.returncode == 1
    assert f"port {port}" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--tls-cert", "missing.pem"], "belong together"),
        (["--tls-cert", "missing.pem", "--tls-key", "missing.key"], "no file missing.pem"),
        (["--tls-cert", "README.md", "--tls-key", "README.md"], "not a certificate"),
    ],
)
def test_a_bad_certificate_gets_a_clear_message(installed: Path, flags: list[str], message: str) -> None:
    ended = manage("serve", *flags, env=environment(installed))
    assert ended.returncode == 1
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
