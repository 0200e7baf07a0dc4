"""The timer's tasks: sweeping in batches, the canary, and waking the relay."""

from datetime import datetime

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.utils.module_loading import import_string

from core import tasks

left = 0


def sweep_numbers(_now: datetime, limit: int) -> int:
    global left
    gone = min(left, limit)
    left -= gone
    return gone


@pytest.fixture
def _two_and_a_half_batches(settings: LazySettings) -> None:
    global left
    left = 2500
    settings.SWEEPERS = [f"{__name__}.sweep_numbers"]


@pytest.mark.usefixtures("_two_and_a_half_batches")
def test_it_sweeps_until_nothing_is_left() -> None:
    assert tasks.sweep() == 2500
    assert left == 0


@pytest.mark.django_db
def test_every_sweeper_named_in_the_settings_answers(settings: LazySettings) -> None:
    assert all(callable(import_string(path)) for path in settings.SWEEPERS)
    assert tasks.sweep() == 0


def test_every_path_named_in_the_settings_leads_somewhere(settings: LazySettings) -> None:
    handlers = [*settings.OUTBOX_HANDLERS.values(), *settings.OUTBOX_RESULTS.values(), settings.OUTBOX_WAKE]
    assert all(callable(import_string(path)) for path in [*handlers, *settings.CREDENTIALS_CHANGED_HANDLERS])


def test_the_canary_leaves_a_sign() -> None:
    tasks.canary()
    assert cache.get(tasks.CANARY_KEY) is not None
