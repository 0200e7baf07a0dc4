"""Several relays at once: each message leaves once, and none is left."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from core import outbox
from core.models import OutboxMessage

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="races need row locks"),
    pytest.mark.django_db(transaction=True),
]

sent: Counter[int] = Counter()
counting = threading.Lock()


def deliver(payload: Mapping[str, Any]) -> None:
    with counting:
        sent[payload["n"]] += 1


def test_no_message_is_claimed_twice(settings: LazySettings) -> None:
    settings.OUTBOX_HANDLERS = {"test": f"{__name__}.deliver"}
    sent.clear()
    for number in range(60):
        outbox.enqueue(key=f"k{number}", kind="test", payload={"n": number}, shard=f"s{number % 3}")
    start = threading.Barrier(4)

    def relay() -> None:
        start.wait()
        outbox.relay()
        connection.close()

    relays = [threading.Thread(target=relay) for _ in range(4)]
    for thread in relays:
        thread.start()
    for thread in relays:
        thread.join()
    assert sent == Counter(range(60))
    assert not OutboxMessage.objects.exclude(state=OutboxMessage.State.SENT).exists()
