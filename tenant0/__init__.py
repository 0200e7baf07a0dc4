"""The project: settings, URLs, the Celery app and the start-up commands."""

from tenant0.celery import app as celery_app

__all__ = ["celery_app"]
