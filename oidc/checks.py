"""`manage.py check --deploy --database default`: without a signing key nobody can sign in."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from oidc.models import SigningKey


@register(Tags.database, deploy=True)
def check_signing_key(databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Asked only when a database is named, as Django asks of checks that read one."""
    if not databases:
        return []
    try:
        if SigningKey.objects.filter(revoked_at=None).exists():
            return []
    except DatabaseError:
        return [Error("The database has no tables yet; run migrate.", id="tenant0.E008")]
    return [Error("There is no signing key; run bootstrap.", id="tenant0.E007")]
