"""Celery tasks of the house: relaying the outbox, sweeping what has passed, and the canary."""

import logging
import time

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string

from core import outbox

logger = logging.getLogger(__name__)

CANARY_KEY = "canary"
_SWEEP_BATCH = 1000
_SWEEP_ROUNDS = 20


@shared_task(name="core.relay_outbox", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def relay_outbox() -> int:
    """Deliver what is due. May run any number of times side by side: a message is claimed by a lease."""
    return outbox.relay()


@shared_task(name="core.sweep", ignore_result=True)
def sweep() -> int:
    """Delete what has passed, in batches, so that no statement takes long. Expiry never depends on it."""
    deleted = 0
    for path in settings.SWEEPERS:
        sweeper = import_string(path)
        for _round in range(_SWEEP_ROUNDS):
            gone = sweeper(timezone.now(), _SWEEP_BATCH)
            deleted += gone
            if gone < _SWEEP_BATCH:
                break
    return deleted


@shared_task(name="core.canary", ignore_result=True)
def canary() -> None:
    """Leave a sign of life that readiness reads."""
    cache.set(CANARY_KEY, time.time(), timeout=3600)


def wake_relay() -> None:
    """Ask a worker to relay now. Retries are off: without a broker the timer does it."""
    relay_outbox.apply_async(retry=False, expires=60)
