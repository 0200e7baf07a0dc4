"""Ending codes and tokens: those of a person, of a session, of one family; and sweeping what has passed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from oidc.models import AccessToken, Grant, RefreshToken


def revoke_user_tokens(user_id: int) -> None:
    """End every code and token of a user (primary key)."""
    _revoke(Q(user_id=user_id))


def revoke_application_tokens(user_id: int, application_id: int) -> None:
    """End every code and token that a user has at one application."""
    _revoke(Q(user_id=user_id, application_id=application_id))


def revoke_session_tokens(sid: str) -> None:
    """End the codes and access tokens of a session that has ended.

    Refresh tokens live on: each was asked for by `offline_access`, and those are for when the person is away
    (OIDC Back-Channel Logout 1.0 section 2.7, OIDC Core 1.0 section 11).
    """
    if not sid:
        return
    Grant.objects.filter(sid=sid, used_at=None).delete()
    AccessToken.objects.filter(sid=sid).delete()


def revoke_family(family: UUID) -> None:
    """End everything issued from one code, which was used then (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2)."""
    _revoke_tokens(Q(family=family))


def _revoke(condition: Q) -> None:
    with transaction.atomic():
        # A used code is kept, so that a replay of it is still told from nonsense; an unused one must not become tokens.
        Grant.objects.filter(condition, used_at=None).update(used_at=timezone.now())
        _revoke_tokens(condition)


def _revoke_tokens(condition: Q) -> None:
    with transaction.atomic():
        _revoke_refresh_tokens(RefreshToken.objects.filter(condition, revoked=None))
        AccessToken.objects.filter(condition).delete()


def _revoke_refresh_tokens(living: QuerySet[RefreshToken]) -> None:
    # A rotation under way adds a token that this statement cannot see yet, but it holds the lock of one that it does see: after
    # waiting for that, another round finds the new one. Rotating a revoked token fails, so the rounds end.
    while living.all().update(revoked=timezone.now()):
        pass


def sweep_tokens(now: datetime, limit: int) -> int:
    """Delete codes and tokens that are past their time, at most `limit` of each kind. Returns how many.

    Used codes stay until they expire, so that a replay is noticed; rotated tokens until the absolute end of their family, or
    for the settings' idle lifetime after they were last touched.
    """
    return (
        _sweep(Grant.objects.filter(expires__lt=now), limit)
        + _sweep(AccessToken.objects.filter(expires__lt=now), limit)
        + _sweep(RefreshToken.objects.filter(expires_at__lt=now), limit)
    )


def _sweep(passed: QuerySet[Grant] | QuerySet[AccessToken] | QuerySet[RefreshToken], limit: int) -> int:
    keys = list(passed.values_list("pk", flat=True)[:limit])
    model = passed.model
    return model._base_manager.filter(pk__in=keys).delete()[0] if keys else 0
