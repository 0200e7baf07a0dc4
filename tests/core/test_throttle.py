"""Counting attempts, and carrying on when nobody can count."""

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from core import throttle
from core.errors import Throttled
from core.throttle import Limit

LIMIT = Limit("test", "somebody", 2, 60)


def test_it_lets_as_many_pass_as_the_limit_says() -> None:
    throttle.spend(LIMIT)
    throttle.spend(LIMIT)
    with pytest.raises(Throttled) as caught:
        throttle.spend(LIMIT)
    assert 0 < caught.value.retry_after_seconds <= 60


def test_checking_counts_nothing() -> None:
    for _attempt in range(5):
        throttle.check(LIMIT)
    assert throttle.hit(LIMIT) == 1


def test_a_success_forgets_the_failures() -> None:
    throttle.hit(LIMIT, count=2)
    throttle.forget(LIMIT)
    throttle.check(LIMIT)


def test_keys_do_not_share_a_count() -> None:
    throttle.hit(LIMIT, count=2)
    throttle.check(Limit("test", "somebody else", 2, 60))


@pytest.mark.parametrize("error", [RedisConnectionError, RedisTimeoutError, ConnectionError, TimeoutError])
def test_a_lost_cache_lets_people_in(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object, **_kwargs: object) -> None:
        raise error("no cache")

    monkeypatch.setattr(cache, "add", gone)
    monkeypatch.setattr(cache, "get", gone)
    monkeypatch.setattr(cache, "delete_many", gone)
    throttle.check(LIMIT)
    throttle.forget(LIMIT)
    assert throttle.hit(LIMIT) == 0
