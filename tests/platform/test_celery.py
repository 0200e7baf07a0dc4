"""The worker and its timer: settings that let nothing be lost, a watchdog, and a real worker against a real broker."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from core.tasks import CANARY_KEY, canary
from tenant0 import watchdog
from tenant0.celery import app, transport_options
from tests.platform.processes import PYTHON, environment, manage, running


class Broker:
    """As much of a broker as the watchdog asks."""

    def __init__(self, waiting: int | None) -> None:
        self.waiting = waiting

    def llen(self, _queue: str) -> int:
        if self.waiting is None:
            raise RedisConnectionError("away")
        return self.waiting


def is_stuck(waiting: int | None, *, up_for: float) -> bool:
    return watchdog.is_stuck(Broker(waiting), started=time.time() - up_for)  # type: ignore[arg-type]  # a stand-in


def test_a_message_comes_back_only_after_its_task_must_have_ended() -> None:
    options = transport_options("redis://redis:6379/0")
    assert options["visibility_timeout"] > app.conf.task_time_limit
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (1, 1)
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_everything_on_the_timer_is_a_task_of_ours() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.mark.parametrize(
    ("waiting", "up_for", "expected"), [(5, 200, True), (0, 200, False), (5, 30, False), (None, 200, False)]
)
def test_a_worker_that_leaves_messages_waiting_is_stuck(waiting: int | None, up_for: float, expected: bool) -> None:
    assert is_stuck(waiting, up_for=up_for) is expected


def test_a_canary_shows_that_somebody_works() -> None:
    canary()
    assert not is_stuck(5, up_for=200)
    cache.set(CANARY_KEY, time.time() - 200)
    assert is_stuck(5, up_for=200)


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a migrated installation; with the tests' Redis where there is one."""
    env = environment(tmp_path)
    assert manage("migrate", "--verbosity=0", env=env).returncode == 0
    return env


def wait_for_mails(folder: Path, count: int, *, seconds: float) -> list[str]:
    """Wait until that many mails were written; returns their message ids."""
    deadline = time.monotonic() + seconds
    while True:
        ids = [
            line
            for path in folder.glob("*.log")
            for line in path.read_text().splitlines()
            if line.startswith("Message-ID:")
        ]
        if len(ids) >= count:
            return ids
        assert time.monotonic() < deadline, f"{len(ids)} of {count} mails"
        time.sleep(0.2)


INVITE = """
from tests.cast import make_hoekstra, make_invitation
company = make_hoekstra()
for number in range({count}):
    make_invitation(company, f"person{{number}}@hoekstra.example")
"""


def invite(env: dict[str, str], count: int) -> None:
    ended = manage("shell", "-c", INVITE.format(count=count), env=env)
    assert ended.returncode == 0, ended.stderr


def worker(env: dict[str, str], folder: Path) -> list[str]:
    schedule = ["--beat", "--schedule", str(folder / "beat")]
    return [PYTHON, "-m", "celery", "-A", "tenant0", "worker", "--concurrency=1", "--loglevel=warning", *schedule]


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    folder.mkdir()
    return folder


def test_a_worker_without_redis_delivers_within_seconds(installed: dict[str, str], tmp_path: Path, mails: Path) -> None:
    with running(worker(installed, tmp_path), env=installed, log=tmp_path / "worker.log"):
        invite(installed, 3)
        assert len(set(wait_for_mails(mails, 3, seconds=30))) == 3


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A database of the tests' Redis for one worker."""
    url = os.environ.get("REDIS_URL", "")
    if not url:
        pytest.skip("needs Redis")
    # The last of Redis's sixteen databases, which no other test uses.
    alone = f"{url.rpartition('/')[0]}/15"
    with redis.Redis.from_url(alone) as client:
        client.flushdb()
        yield alone
        client.flushdb()


@pytest.mark.postgres
def test_mail_survives_a_killed_worker_and_an_emptied_broker(
    installed: dict[str, str], tmp_path: Path, mails: Path, redis_url: str
) -> None:
    env = {**installed, "REDIS_URL": redis_url, "CELERY_BROKER_URL": redis_url, "EMAIL_TIMEOUT": "2"}
    invite(env, 20)
    with running(worker(env, tmp_path), env=env, log=tmp_path / "worker.log") as first:
        wait_for_mails(mails, 1, seconds=30)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    with running(worker(env, tmp_path), env=env, log=tmp_path / "worker.log"):
        ids = wait_for_mails(mails, 20, seconds=40)
    # Nothing is lost; what the killed worker had in hand may come twice, under the same id.
    assert len(set(ids)) == 20
    assert len(ids) <= 21
