"""`python -m examples.travel0` serves an instance, and stops when asked."""

import os
import socket
import subprocess
import sys
import time

import httpx

from tests.examples.test_travel0_configuration import ENVIRONMENT

COMMAND = [sys.executable, "-m", "examples.travel0"]
PATIENCE_SECONDS = 20


def answer(process: subprocess.Popen[bytes], url: str) -> httpx.Response:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return httpx.get(url, trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("the instance does not answer")


def test_it_serves_an_instance_until_it_is_asked_to_stop() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([*COMMAND, "--port", str(port)], env=os.environ | ENVIRONMENT) as process:
        try:
            assert answer(process, f"http://127.0.0.1:{port}/healthz").json() == {"status": "ok"}
            assert "Hoekstra &amp; Associates" in httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).text
        finally:
            process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_it_says_in_one_line_why_it_cannot_start() -> None:
    environment = os.environ | ENVIRONMENT | {"TRAVEL0_ISSUER": "auth.travel0.net"}
    ended = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS)

    assert ended.returncode == 2
    assert "TRAVEL0_ISSUER" in ended.stderr
    assert ended.stderr.count("\n") == 1
