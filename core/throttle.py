"""Counting attempts in fixed windows, in the cache that all processes share.

When the cache cannot be reached the count is unknown and the attempt goes on: a login must not depend on the counter.
"""

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from core import secrets
from core.errors import Throttled

logger = logging.getLogger(__name__)

# Redis has a family of errors of its own, none of which is Python's ConnectionError.
_OUT_OF_REACH = (RedisError, OSError)


@dataclass(frozen=True)
class Limit:
    """At most `limit` attempts in `window_seconds` for one `key` within a `scope`. Keys are kept as digests."""

    scope: str
    key: str
    limit: int
    window_seconds: int

    @property
    def window_ends_in_seconds(self) -> int:
        return self.window_seconds - int(time.time()) % self.window_seconds

    def cache_key(self) -> str:
        window = int(time.time()) // self.window_seconds
        return f"throttle:{self.scope}:{secrets.digest(self.key)[:32]}:{window}"


def hit(limit: Limit, *, count: int = 1) -> int:
    """Count an attempt and return how many there are in this window; 0 when the cache is out of reach."""
    key = limit.cache_key()
    try:
        cache.add(key, 0, timeout=limit.window_seconds + 1)
        return int(cache.incr(key, count))
    except (*_OUT_OF_REACH, ValueError) as error:
        # ValueError: the entry expired between the two calls.
        logger.warning("throttle counter unavailable", extra={"scope": limit.scope, "reason": type(error).__name__})
        return 0


def check(*limits: Limit) -> None:
    """Raise `Throttled` when any limit is used up; counts nothing."""
    for limit in limits:
        try:
            used = int(cache.get(limit.cache_key(), 0))
        except _OUT_OF_REACH as error:
            logger.warning("throttle counter unavailable", extra={"scope": limit.scope, "reason": type(error).__name__})
            continue
        if used >= limit.limit:
            raise Throttled(_("Too many attempts. Try again later."), retry_after_seconds=limit.window_ends_in_seconds)


def spend(limit: Limit, *, count: int = 1) -> None:
    """Count an attempt and raise `Throttled` when it is one too many."""
    if hit(limit, count=count) > limit.limit:
        raise Throttled(_("Too many attempts. Try again later."), retry_after_seconds=limit.window_ends_in_seconds)


def forget(*limits: Limit) -> None:
    """Forget the attempts of the current window, after a success."""
    try:
        cache.delete_many([limit.cache_key() for limit in limits])
    except _OUT_OF_REACH as error:
        logger.warning("throttle counter unavailable", extra={"reason": type(error).__name__})
