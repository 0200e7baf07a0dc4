"""The outbox: what must leave the database is written with the change that caused it, and delivered later, at least once.

A row is claimed by a lease and delivered outside any transaction, so a killed worker loses nothing and holds no lock.
The broker is a wake-up only: a timer relays as well.
"""

import logging
import random
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core import secrets
from core.models import OutboxMessage

logger = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 2
_LONGEST_RETRY_SECONDS = 3600
# How long one run of the relay claims new messages, in seconds. Its last delivery may still take a lease's time.
_RUN_SECONDS = 45


class Undeliverable(Exception):  # raised by handlers; says what is so
    """Trying again cannot help; the message is given up."""


class NoLongerWanted(Exception):
    """What the message was about has passed; nothing was sent and nothing is wrong."""


def enqueue(*, key: str, kind: str, payload: Mapping[str, Any], shard: str = "") -> OutboxMessage:
    """Write a message in the caller's transaction; a key already there is left as it is.

    `payload` holds ids, never secrets. Wakes the relay on commit.
    """
    message, made = OutboxMessage.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": dict(payload), "shard": shard}
    )
    if made:
        transaction.on_commit(_wake_relay)
    return message


def relay(*, limit: int = 100) -> int:
    """Deliver up to `limit` messages that are due; returns how many were tried.

    Shards take turns, so that one with a thousand messages, or with a mail server that hangs, does not hold up the others.
    """
    tried = 0
    served: set[str] = set()
    ends_at = time.monotonic() + _RUN_SECONDS
    while tried < limit and time.monotonic() < ends_at and (message := _claim(served)) is not None:
        tried += 1
        served.add(message.shard)
        _deliver(message)
    return tried


def retry(message: OutboxMessage) -> None:
    """Try a given-up message again, now."""
    OutboxMessage.objects.filter(pk=message.pk, state=OutboxMessage.State.DEAD).update(
        state=OutboxMessage.State.PENDING,
        available_at=timezone.now(),
        created_at=timezone.now(),
        finished_at=None,
    )
    transaction.on_commit(_wake_relay)


def sweep(now: datetime, limit: int) -> int:
    """Delete messages that ended long ago."""
    old = now - timedelta(seconds=settings.OUTBOX_KEEP_SECONDS)
    keys = OutboxMessage.objects.filter(finished_at__lt=old).values_list("pk", flat=True)[:limit]
    return OutboxMessage.objects.filter(pk__in=list(keys)).delete()[0]


def _claim(served: set[str]) -> OutboxMessage | None:
    """Take the lease of one due message, or return None; rather of a shard that was not served yet in this round."""
    now = timezone.now()
    due = models.Q(state=OutboxMessage.State.PENDING, available_at__lte=now)
    leased = OutboxMessage.objects.filter(state=OutboxMessage.State.PENDING, leased_until__gt=now)
    waiting = OutboxMessage.objects.filter(due & (models.Q(leased_until=None) | models.Q(leased_until__lte=now)))
    message = _lease(waiting.exclude(shard__in=served).exclude(shard__in=leased.values("shard")), now)
    if message is None:
        served.clear()
        message = _lease(waiting, now)
    return message


def _lease(waiting: models.QuerySet[OutboxMessage], now: datetime) -> OutboxMessage | None:
    """Claim the first of `waiting`: its row is locked for this moment only, the lease holds until the delivery has ended."""
    with transaction.atomic():
        # SQLite locks no rows; there the transaction begins with the one write lock.
        message = (
            waiting.select_for_update(skip_locked=settings.TENANT0_IS_POSTGRESQL).order_by("available_at", "id").first()
        )
        if message is None:
            return None
        message.lease_token = secrets.new_token()
        message.leased_until = now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
        message.attempts += 1
        message.save(update_fields=["lease_token", "leased_until", "attempts"])
    return message


def _deliver(message: OutboxMessage) -> None:
    state, error = OutboxMessage.State.SENT, ""
    try:
        import_string(settings.OUTBOX_HANDLERS[message.kind])(message.payload)
    except NoLongerWanted as reason:
        state, error = OutboxMessage.State.CANCELLED, str(reason)
    except Undeliverable as reason:
        state, error = OutboxMessage.State.DEAD, str(reason)
    except Exception as reason:  # noqa: BLE001  # a handler's any failure must leave the message in the queue
        error = f"{type(reason).__name__}: {reason}"[:500]
        give_up_at = message.created_at + timedelta(seconds=settings.OUTBOX_GIVE_UP_SECONDS)
        state = OutboxMessage.State.DEAD if timezone.now() >= give_up_at else OutboxMessage.State.PENDING
        logger.warning("delivery failed", extra={"kind": message.kind, "key": message.key, "reason": error})
    _settle(message, state, error)


def _settle(message: OutboxMessage, state: OutboxMessage.State, error: str) -> None:
    """Write how it ended, if the lease is still ours, and tell whoever wants to know."""
    now = timezone.now()
    ended = state != OutboxMessage.State.PENDING
    values: dict[str, Any] = {"state": state, "last_error": error, "lease_token": "", "leased_until": None}
    if ended:
        values["finished_at"] = now
    else:
        values["available_at"] = now + _retry_delay(message.attempts)
    ours = OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(**values)
    listener = settings.OUTBOX_RESULTS.get(message.kind)
    if not ours or not listener:
        return
    try:
        with transaction.atomic():
            import_string(listener)(message.payload, state, error)
    except Exception:  # a listener's fault must not send the message again
        logger.exception("result of a delivery not noted", extra={"kind": message.kind, "key": message.key})


def _retry_delay(attempts: int) -> timedelta:
    """Exponential back-off with full jitter, capped."""
    ceiling = min(_FIRST_RETRY_SECONDS * 2 ** min(attempts, 16), _LONGEST_RETRY_SECONDS)
    return timedelta(seconds=random.uniform(_FIRST_RETRY_SECONDS, max(ceiling, _FIRST_RETRY_SECONDS)))  # noqa: S311  # jitter


def _wake_relay() -> None:
    try:
        import_string(settings.OUTBOX_WAKE)()
    except Exception as reason:  # noqa: BLE001  # the broker is only a wake-up: without it the timer relays
        logger.warning("relay not woken", extra={"reason": type(reason).__name__})
