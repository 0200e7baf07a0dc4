"""`/healthz`: the process answers. `/readyz`: what it needs is there."""

import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from core.tasks import CANARY_KEY
from oidc.models import SigningKey

# Seconds without a sign of life of the workers before we say so; the canary sings every fifteen.
_CANARY_LIMIT: Final = 90


class HealthMiddleware:
    """Answers the two addresses before anything else has a say: which host was asked for is of no matter here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = {"/healthz": healthz, "/readyz": readyz}.get(request.path_info, self.get_response)
        return view(request)


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 with each check, or 503 when one of the needed ones fails. Workers being away is a warning only."""
    needed: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "keys": _keys,
        "cache": _cache,
    }
    results = {name: _run(check) for name, check in needed.items()}
    ready = all(result == "ok" for result in results.values())
    body = {"ready": ready, "checks": results, "workers": _run(_workers)}
    return JsonResponse(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def _run(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, RedisError, OSError) as error:
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _keys() -> str:
    return "ok" if SigningKey.objects.filter(revoked_at=None).exists() else "missing"


def _cache() -> str:
    cache.set("readyz", 1, timeout=5)
    return "ok" if cache.get("readyz") == 1 else "lost"


def _workers() -> str:
    if not settings.REDIS_URL:
        return "not watched"
    last = cache.get(CANARY_KEY)
    if last is None:
        return "silent"
    return "ok" if time.time() - last < _CANARY_LIMIT else "silent"
