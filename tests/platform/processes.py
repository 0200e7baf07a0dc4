"""Our own commands as processes of their own, with settings of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
START_SECONDS = 40


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """Return an environment with settings for an installation of its own in `folder`; an empty value takes one away."""
    settings = {
        "TENANT0_ISSUER": "https://auth.travel0.test/",
        "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
        "DATABASE_URL": f"sqlite:///{folder / 'tenant0.sqlite3'}",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "CELERY_BROKER_URL": "filesystem://",
        "CELERY_FILESYSTEM_FOLDER": str(folder / "celery"),
    }
    ours = ("TENANT0_", "DJANGO_")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(ours) and name not in {"ALLOWED_HOSTS", "REDIS_URL", *settings}
    }
    return {name: value for name, value in {**inherited, **settings, **changes}.items() if value}


def manage(
    *arguments: str, env: dict[str, str], folder: Path = ROOT, seconds: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run `manage.py` to its end."""
    command = [PYTHON, "manage.py", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=seconds, check=False)


@contextmanager
def running(command: list[str], *, env: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command beside the test, and end it with SIGTERM, or harder when it does not listen."""
    with open(log, "ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until somebody listens on a port of this machine."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
