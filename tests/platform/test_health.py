"""What is said when something we stand on is away: readiness, and pages and answers that ask to come back."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from core.tasks import CANARY_KEY, canary
from oidc.keys import ensure_keys

HOST = {"host": "auth.travel0.test"}


@pytest.fixture
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly: host=db password=hunter2")

    monkeypatch.setattr(connection, "cursor", away)
    monkeypatch.setattr(connection, "connect", away)


def away(*_args: Any, **_kwargs: Any) -> None:
    raise RedisConnectionError("redis:6379 is away")


@pytest.mark.parametrize("path", ["/healthz"])
@pytest.mark.parametrize("host", ["auth.travel0.test", "10.1.2.3:8000", "unknown.example"])
def test_it_is_alive_whoever_asks(client: Client, path: str, host: str) -> None:
    answer = client.get(path, headers={"host": host})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_ready_once_there_are_keys(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = ""  # The tests may have one; workers are watched through it.
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").json()["checks"]["keys"] == "missing"
    ensure_keys()
    assert client.get("/readyz").json() == {
        "ready": True,
        "checks": {"database": "ok", "migrations": "ok", "keys": "ok", "cache": "ok"},
        "workers": "not watched",
    }


@pytest.mark.django_db
def test_it_tells_of_silent_workers_without_taking_the_web_away(client: Client, settings: LazySettings) -> None:
    ensure_keys()
    settings.REDIS_URL = "redis://redis:6379/0"
    assert client.get("/readyz").json()["workers"] == "silent"
    canary()
    assert client.get("/readyz").json()["workers"] == "ok"
    cache.set(CANARY_KEY, 1.0)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["workers"]) == (200, "silent")


@pytest.mark.django_db
def test_it_is_not_ready_without_its_cache(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_keys()
    monkeypatch.setattr(cache, "set", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["cache"] == "ConnectionError"


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_database")
def test_it_is_alive_but_not_ready_without_its_database(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "OperationalError"
    assert b"hunter2" not in answer.content


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_database")
@pytest.mark.parametrize("path", ["/u/login?state=x", "/admin/", "/authorize?client_id=x"])
def test_a_page_without_the_database_asks_to_come_back(path: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["dashboard"] = client.cookies["__Host-dashboard"] = "a" * 32
    answer = client.get(path, headers={**HOST, "accept": "text/html"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "try again" in answer.text
    assert "hunter2" not in answer.text


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_database")
def test_a_machine_without_the_database_is_told_in_json() -> None:
    asked = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    answer = Client(raise_request_exception=False).post(
        "/oauth/token", asked, content_type="application/json", headers=HOST
    )
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["error"] == "temporarily_unavailable"
