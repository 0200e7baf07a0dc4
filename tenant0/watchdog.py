"""Ends a Celery worker that is up and yet takes nothing from the broker, so that whoever started it starts it again.

Celery's Redis transport has stopped like that, silently, after Redis was restarted under load. A canary runs every fifteen seconds;
when none has for a while although messages wait, this worker ends itself.
"""

import logging
import os
import threading
import time
from typing import Any, Final

import redis
from celery.signals import worker_ready
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from core.tasks import CANARY_KEY

logger = logging.getLogger(__name__)

# Seconds: between two looks, and of silence that is one too many.
LOOK_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 90.0
_QUEUE: Final = "celery"


@worker_ready.connect
def watch(**_kwargs: Any) -> None:
    """Begin to watch when the worker is ready; only where the broker is Redis, whose workers are replaced when they end."""
    if settings.CELERY_BROKER_URL.startswith("redis"):
        threading.Thread(target=_watch, name="watchdog", daemon=True).start()


def _watch() -> None:
    started = time.time()
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_connect_timeout=2, socket_timeout=2)
    while True:
        time.sleep(LOOK_SECONDS)
        if is_stuck(broker, started=started):
            logger.critical("this worker takes no messages; it ends, to be started again")
            # Not an exception: the loop that would carry it is what is stuck. Nothing is lost: deliveries are claimed by a lease.
            os._exit(70)


def is_stuck(broker: "redis.Redis", *, started: float) -> bool:
    """Whether no canary has sung for too long although the broker answers and messages wait. `started`: Unix time, in seconds."""
    try:
        waiting = int(broker.llen(_QUEUE))
        last = float(cache.get(CANARY_KEY) or 0)
    except (RedisError, OSError):
        return False
    return waiting > 0 and time.time() - max(last, started) > SILENCE_SECONDS
