"""Measures every operation on PostgreSQL and prints it beside its budget.

    python -m bench.run [requests] [rounds]     DATABASE_URL names a local PostgreSQL with pg_stat_statements loaded

CPU is that of the server and PostgreSQL together; on a busy machine it rises by a third. Statements are exact.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import operations as ops
from bench.load import Response, drive, http
from bench.meter import Cost, Meter, resident_megabytes

ROOT = Path(__file__).resolve().parent.parent
BUDGETS: dict[str, dict[str, float | None]] = json.loads((ROOT / "bench" / "budgets.json").read_text())
WORKERS = 2
CONNECTIONS = 4
WARM_UP = 400


@dataclass
class Figures:
    """The costs of one operation, round by round, and the latencies in seconds."""

    costs: list[Cost] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def middle(self, pick: Callable[[Cost], float]) -> float:
        return statistics.median(pick(cost) for cost in self.costs)


def main(arguments: list[str]) -> int:
    requests = int(arguments[0]) if arguments else 1000
    rounds = int(arguments[1]) if len(arguments) > 1 else 3
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        print("DATABASE_URL must name a PostgreSQL database; `make bench` starts one.", file=sys.stderr)
        return 2
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settle_environment(port)
    seeding = subprocess.run(
        [sys.executable, "-m", "bench.seed"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    organization = seeding.stdout.strip()
    with server(port) as process:
        figures = measure(port, Meter(process.pid, url), organization, requests=requests, rounds=rounds)
        memory = resident_megabytes(process.pid)
    report(figures, memory)
    return 0


def settle_environment(port: int) -> None:
    os.environ["TENANT0_ISSUER"] = f"http://127.0.0.1:{port}/"
    os.environ.setdefault("SECRET_KEY", "bench-" + "0123456789abcdef" * 4)
    os.environ.setdefault("EMAIL_URL", "dummymail://")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenant0.settings")


@contextmanager
def server(port: int) -> "Iterator[subprocess.Popen[bytes]]":
    """The product's own server, as it is run in production."""
    command = [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", str(WORKERS)]
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, cwd=ROOT, stdout=nothing, stderr=nothing)
    try:
        for _attempt in range(300):
            try:
                if drive(port, [http("GET", "/.well-known/openid-configuration")])[0].status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("the server did not start")
        yield process
    finally:
        process.terminate()
        process.wait(30)


def measure(port: int, meter: Meter, organization: str, *, requests: int, rounds: int) -> dict[str, Figures]:
    figures: dict[str, Figures] = {}

    def take(name: str, ready: list[bytes], *, expected: int) -> list[Response]:
        meter.start()
        answers = drive(port, ready, connections=CONNECTIONS)
        cost = meter.stop(len(ready))
        wrong = [answer for answer in answers if answer.status != expected]
        if wrong:
            raise SystemExit(
                f"{name}: {len(wrong)} answers are not {expected}: {wrong[0].status} {wrong[0].body[:500]!r}"
            )
        kept = figures.setdefault(name, Figures())
        kept.costs.append(cost)
        kept.seconds += [answer.seconds for answer in answers]
        return answers

    def round_of(count: int, cookies: list[str]) -> None:
        take("discovery", [http("GET", "/.well-known/openid-configuration")] * count, expected=200)
        take("jwks", [http("GET", "/.well-known/jwks.json")] * count, expected=200)
        take("client_credentials", [ops.client_credentials()] * count, expected=200)
        pick = [cookies[number % len(cookies)] for number in range(count)]
        in_organization = [ops.authorize("web", cookie, n, organization=organization) for n, cookie in enumerate(pick)]
        take("authorize_organization", in_organization, expected=302)
        answers = take("authorize", [ops.authorize("web", cookie, n) for n, cookie in enumerate(pick)], expected=302)
        answers = take("code", [ops.exchange("web", ops.code_of(answer)) for answer in answers], expected=200)
        tokens = [ops.tokens_of(answer) for answer in answers]
        take("userinfo", [ops.userinfo(token["access_token"]) for token in tokens], expected=200)
        take("refresh", [ops.refresh("web", token["refresh_token"]) for token in tokens], expected=200)

    def sessions() -> list[str]:
        answers = take("login", ops.logins(port, 32), expected=303)
        return [ops.joined(answer.cookies()) for answer in answers]

    cookies = sessions()
    round_of(WARM_UP, cookies)
    meter.settle()
    round_of(WARM_UP, cookies)
    figures.clear()
    for _round in range(rounds):
        cookies = sessions()
        round_of(requests, cookies)
    return figures


def report(figures: dict[str, Figures], memory: list[float]) -> None:
    print(
        f"{'operation':24}{'server':>9}{'database':>10}{'CPU ms':>9}{'budget':>8}{'SQL':>7}{'budget':>8}{'p50 ms':>9}{'p95 ms':>9}"
    )
    for name, kept in figures.items():
        budget = BUDGETS[name]
        ordered = sorted(kept.seconds)
        server_ms, database_ms = kept.middle(lambda cost: cost.server_ms), kept.middle(lambda cost: cost.database_ms)
        print(
            f"{name:24}{server_ms:9.3f}{database_ms:10.3f}{server_ms + database_ms:9.3f}{shown(budget['cpu_ms']):>8}"
            f"{kept.middle(lambda cost: cost.statements):7.2f}{shown(budget['sql']):>8}"
            f"{1000 * ordered[len(ordered) // 2]:9.2f}{1000 * ordered[int(len(ordered) * 0.95)]:9.2f}"
        )
    print(f"resident megabytes by process: {', '.join(str(size) for size in memory)}")


def shown(value: Any) -> str:
    return "" if value is None else str(value)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
