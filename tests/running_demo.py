"""The demo as a newcomer runs it, started as a process on free ports; and a browser to look at it with."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 110


@dataclass(frozen=True)
class RunningDemo:
    """Addresses and the operator's sign-in, read from the table that the demo prints."""

    issuer: str
    hoekstra: str
    metahexa: str
    mail: str
    operator_email: str
    operator_password: str


@contextmanager
def running_demo(folder: Path) -> Iterator[RunningDemo]:
    """Start the demo in a folder of its own, and stop it with Ctrl-C as a person would."""
    ports = _free_ports(4)
    flags = [
        f"--port={ports[0]}",
        f"--hoekstra-port={ports[1]}",
        f"--metahexa-port={ports[2]}",
        f"--mail-port={ports[3]}",
    ]
    # What the tests are told about their own database and Redis is not the demo's business.
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment = {
        **inherited,
        "TENANT0_ISSUER": "http://localhost:8000/",
        "SECRET_KEY": "replaced-by-the-demos-own-random-secret-key",
        "PYTHONUNBUFFERED": "1",
    }
    log = folder / "output.txt"
    with open(log, "wb") as output:
        process = subprocess.Popen(  # our own command
            [sys.executable, str(ROOT / "manage.py"), "demo", f"--folder={folder / 'demo'}", *flags],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        text = _wait(process, log)
        found = re.search(r"(\S+@\S+) / (\S+)", text)
        assert found is not None, text
        yield RunningDemo(
            issuer=f"http://localhost:{ports[0]}/",
            hoekstra=f"http://hoekstra.localhost:{ports[1]}/",
            metahexa=f"http://metahexa.localhost:{ports[2]}/",
            mail=f"http://localhost:{ports[3]}/",
            operator_email=found.group(1),
            operator_password=found.group(2),
        )
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _wait(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        text = log.read_text()
        if "Ctrl-C stops everything" in text:
            return text
        assert process.poll() is None, text
        time.sleep(0.2)
    raise AssertionError(f"the demo is not ready:\n{log.read_text()}")


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
