"""The Celery app: the broker, and what runs on a timer."""

import os
from pathlib import Path
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenant0.settings")

from django.conf import settings  # the settings module must be named first

app = Celery("tenant0")


def transport_options(broker: str) -> dict[str, Any]:
    """Return the options of the transport behind a broker URL."""
    if broker.startswith("redis"):
        # Abandoned messages come back after the visibility time-out; looking for them every second rather than every 100
        # is what makes that true.
        return {
            "visibility_timeout": 120,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_keepalive": True,
            "socket_timeout": 10,
            "socket_connect_timeout": 2,
        }
    if broker.startswith("filesystem"):
        folder = Path(settings.CELERY_FILESYSTEM_FOLDER)
        for name in ("queue", "control"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
        }
    return {}


app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_transport_options=transport_options(settings.CELERY_BROKER_URL),
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # Seconds: a task that takes longer is told to stop, then killed.
    task_soft_time_limit=90,
    task_time_limit=110,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    beat_schedule={
        # Seconds. The relay runs without being woken too: the broker may have been away.
        "relay": {"task": "core.relay_outbox", "schedule": 5.0, "options": {"expires": 5}},
        "sweep": {"task": "core.sweep", "schedule": 300.0, "options": {"expires": 300}},
        "canary": {"task": "core.canary", "schedule": 15.0, "options": {"expires": 15}},
    },
)
app.autodiscover_tasks(["core"])

# Not tasks: it begins to watch when a worker is ready, and is loaded at the same time as they are.
app.autodiscover_tasks(["tenant0"], related_name="watchdog")
