"""The outbox: once a key, claimed by a lease, retried, given up, and never lost."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from core import outbox
from core.models import OutboxMessage

pytestmark = pytest.mark.django_db
State = OutboxMessage.State

delivered: list[Mapping[str, Any]] = []
results: list[tuple[str, str]] = []


def deliver(payload: Mapping[str, Any]) -> None:
    if payload.get("fails") == "transport":
        raise ConnectionRefusedError("no server")
    if payload.get("fails") == "for good":
        raise outbox.Undeliverable("no such mailbox")
    if payload.get("fails") == "unwanted":
        raise outbox.NoLongerWanted("revoked")
    delivered.append(payload)


def note_result(_payload: Mapping[str, Any], state: str, error: str) -> None:
    results.append((state, error))


@pytest.fixture(autouse=True)
def _handlers(settings: LazySettings) -> None:
    settings.OUTBOX_HANDLERS = {"test": f"{__name__}.deliver"}
    settings.OUTBOX_RESULTS = {"test": f"{__name__}.note_result"}
    delivered.clear()
    results.clear()


def enqueue(key: str = "k", *, shard: str = "", **payload: Any) -> OutboxMessage:
    return outbox.enqueue(key=key, kind="test", payload=payload, shard=shard)


def test_it_delivers_what_is_due_once() -> None:
    message = enqueue(n=1)
    assert outbox.relay() == 1
    assert outbox.relay() == 0
    message.refresh_from_db()
    assert message.state == State.SENT
    assert message.finished_at is not None
    assert delivered == [{"n": 1}]
    assert results == [("sent", "")]


def test_the_same_key_is_the_same_message() -> None:
    assert enqueue(n=1).pk == enqueue(n=2).pk
    assert OutboxMessage.objects.count() == 1


def test_a_failed_transport_is_tried_again_later() -> None:
    message = enqueue(fails="transport")
    outbox.relay()
    message.refresh_from_db()
    assert message.state == State.PENDING
    assert message.attempts == 1
    assert message.available_at > timezone.now()
    assert "ConnectionRefusedError" in message.last_error
    assert outbox.relay() == 0


def test_it_gives_up_after_the_set_time(settings: LazySettings) -> None:
    message = enqueue(fails="transport")
    long_ago = timezone.now() - timedelta(seconds=settings.OUTBOX_GIVE_UP_SECONDS + 1)
    OutboxMessage.objects.filter(pk=message.pk).update(created_at=long_ago)
    outbox.relay()
    message.refresh_from_db()
    assert message.state == State.DEAD


def test_what_cannot_be_delivered_is_given_up_at_once() -> None:
    message = enqueue(fails="for good")
    outbox.relay()
    message.refresh_from_db()
    assert message.state == State.DEAD
    assert results == [("dead", "no such mailbox")]


def test_what_is_no_longer_wanted_is_cancelled() -> None:
    message = enqueue(fails="unwanted")
    outbox.relay()
    message.refresh_from_db()
    assert message.state == State.CANCELLED
    assert delivered == []


def test_a_lease_keeps_others_away_until_it_ends() -> None:
    message = enqueue(n=1)
    OutboxMessage.objects.filter(pk=message.pk).update(
        lease_token="another worker", leased_until=timezone.now() + timedelta(seconds=60)
    )
    assert outbox.relay() == 0
    OutboxMessage.objects.filter(pk=message.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert outbox.relay() == 1
    assert delivered == [{"n": 1}]


def test_one_failing_message_does_not_hold_up_the_others() -> None:
    enqueue("a", fails="transport")
    enqueue("b", n=2)
    assert outbox.relay() == 2
    assert delivered == [{"n": 2}]


def test_a_given_up_message_can_be_tried_again() -> None:
    message = enqueue(fails="for good")
    outbox.relay()
    message.refresh_from_db()
    outbox.retry(message)
    message.refresh_from_db()
    assert message.state == State.PENDING


def test_the_sweeper_deletes_only_what_ended_long_ago(settings: LazySettings) -> None:
    old, fresh = enqueue("old", n=1), enqueue("fresh", n=2)
    outbox.relay()
    long_ago = timezone.now() - timedelta(seconds=settings.OUTBOX_KEEP_SECONDS + 1)
    OutboxMessage.objects.filter(pk=old.pk).update(finished_at=long_ago)
    assert outbox.sweep(timezone.now(), 10) == 1
    assert list(OutboxMessage.objects.values_list("pk", flat=True)) == [fresh.pk]


def test_a_lost_broker_does_not_lose_the_message(
    settings: LazySettings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.OUTBOX_WAKE = f"{__name__}.no_broker"
    with django_capture_on_commit_callbacks(execute=True):
        message = enqueue(n=1)
    message.refresh_from_db()
    assert message.state == State.PENDING


def no_broker() -> None:
    raise ConnectionRefusedError("no broker")


def test_shards_take_turns() -> None:
    for number in range(3):
        enqueue(f"a{number}", shard="a", n=f"a{number}")
    enqueue("b", shard="b", n="b")
    outbox.relay()
    assert [payload["n"] for payload in delivered] == ["a0", "b", "a1", "a2"]


def test_a_shard_that_another_worker_serves_comes_last() -> None:
    busy = enqueue("a0", shard="a", n="a0")
    OutboxMessage.objects.filter(pk=busy.pk).update(leased_until=timezone.now() + timedelta(seconds=60))
    enqueue("a1", shard="a", n="a1")
    enqueue("b", shard="b", n="b")
    outbox.relay()
    assert [payload["n"] for payload in delivered] == ["b", "a1"]


def test_a_listener_that_fails_does_not_send_the_message_again(settings: LazySettings) -> None:
    settings.OUTBOX_RESULTS = {"test": f"{__name__}.no_broker"}
    message = enqueue(n=1)
    outbox.relay()
    message.refresh_from_db()
    assert message.state == State.SENT


def test_the_wait_grows_and_has_an_end() -> None:
    message = enqueue(fails="transport")
    OutboxMessage.objects.filter(pk=message.pk).update(attempts=40)
    outbox.relay()
    message.refresh_from_db()
    assert message.available_at < timezone.now() + timedelta(hours=1, seconds=1)
