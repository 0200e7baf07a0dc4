"""The demo's child processes: started together, watched, ended together."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_STOP_SECONDS = 15


class ChildDied(Exception):
    """A child ended by itself; the message holds the end of its log."""


@dataclass(frozen=True)
class Child:
    """One process. `ready_url` answers once it is ready; empty when there is nothing to ask."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready_url: str = ""


class Family:
    """All children. Each is the leader of its own group, so that what it started ends with it."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: list[tuple[Child, subprocess.Popen[bytes]]] = []

    def start(self, child: Child) -> None:
        with open(self.logs / f"{child.name}.log", "wb") as log:
            process = subprocess.Popen(
                list(child.command),
                env={**os.environ, **child.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.running.append((child, process))

    def wait_until_ready(self, *, seconds: float) -> None:
        """Wait for every child's address to answer; `ChildDied` when one ends or does not answer in time."""
        deadline = time.monotonic() + seconds
        for child, process in self.running:
            while child.ready_url and not _answers(child.ready_url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise ChildDied(self._story(child))
                time.sleep(0.1)

    def watch(self) -> None:
        """Return never; `ChildDied` as soon as a child ends."""
        while True:
            for child, process in self.running:
                if process.poll() is not None:
                    raise ChildDied(self._story(child))
            time.sleep(0.5)

    def stop(self) -> None:
        """End every child and what it started, gently first."""
        for _child, process in reversed(self.running):
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for _child, process in self.running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()
            # What a child left behind in its group.
            _signal(process, signal.SIGKILL)

    def _story(self, child: Child) -> str:
        log = (self.logs / f"{child.name}.log").read_text(errors="replace")
        return f"{child.name} is not running. The end of its log:\n\n{log[-2000:]}"


def _signal(process: "subprocess.Popen[bytes]", what: signal.Signals) -> None:
    try:
        os.killpg(process.pid, what)
    except ProcessLookupError:
        return


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own loopback addresses
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
