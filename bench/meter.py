"""What a span of work cost: CPU of a process and its children, CPU of PostgreSQL, statements that PostgreSQL ran."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

# The part of a CPU clock's id, below the inverted process id, that asks for the whole process in nanoseconds (Linux).
_PROCESS_CLOCK: Final = 2
# PostgreSQL's own checks of foreign keys are counted by it as statements; the application did not send them.
_SENT: Final = "SELECT coalesce(sum(s.calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database() AND s.toplevel AND s.query NOT LIKE '%pg_stat_statements%'"


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process tree. Processes that ended meanwhile are missing: measure steady servers."""
    total = 0.0
    for member in tree(pid):
        try:
            total += time.clock_gettime((~member << 3) | _PROCESS_CLOCK)
        except OSError:
            continue
    return total


def resident_megabytes(pid: int) -> list[float]:
    """Return the resident memory of each process of a tree that is worth the name."""
    sizes = []
    for member in tree(pid):
        try:
            status = Path(f"/proc/{member}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")), "0")
        sizes.append(round(int(kilobytes) / 1024, 1))
    return sizes


@dataclass
class Cost:
    """Per request: milliseconds of CPU of the server and of PostgreSQL, and statements; NaN where it cannot be known."""

    server_ms: float
    database_ms: float
    statements: float


class Meter:
    """Measures spans of work of one server on one local PostgreSQL."""

    def __init__(self, server_pid: int, database_url: str) -> None:
        self._server = server_pid
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._database = _postmaster(self._connection)
        self._connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def settle(self) -> None:
        """Let PostgreSQL learn what the tables hold now, as it does by itself within a minute: plans made for empty ones go."""
        self._connection.execute("VACUUM ANALYZE")

    def start(self) -> None:
        self._connection.execute("SELECT pg_stat_statements_reset()")
        self._before = self._now()

    def stop(self, requests: int) -> Cost:
        after = self._now()
        row: Any = self._connection.execute(_SENT).fetchone()
        server, database = (1000 * (end - begin) / requests for begin, end in zip(self._before, after, strict=True))
        return Cost(server, database, float(row[0]) / requests)

    def _now(self) -> tuple[float, float]:
        return cpu_seconds(self._server), cpu_seconds(self._database)


def _postmaster(connection: "psycopg.Connection[Any]") -> int:
    named = os.environ.get("TENANT0_POSTGRESQL_PID")
    if named:
        return int(named)
    backend = connection.info.backend_pid
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
