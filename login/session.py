"""The SSO session: our own row and cookie, tied to no organization and never a dashboard session."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from core import secrets
from identity.models import Connection, User
from login.browser import Browser
from login.models import Session

# How often the idle clock is written forward: a write on each silent login would cost more than it tells.
_TOUCH_AFTER = timedelta(minutes=5)


def find_session(token: str) -> Session | None:
    """Return the live session behind a cookie, with its user, or None.

    Dead means revoked, past its absolute or idle end, or of a blocked user.
    """
    if not token:
        return None
    session = Session.objects.select_related("user").filter(token_digest=secrets.digest(token)).first()
    return session if session is not None and is_live(session) else None


def is_live(session: Session) -> bool:
    now = timezone.now()
    return (
        session.revoked_at is None
        and session.expires_at > now
        and session.idle_expires_at > now
        and not session.user.blocked
    )


def new_session(
    *, user: User, connection: Connection, amr: list[str], browser: Browser, at: datetime
) -> tuple[Session, str]:
    """Return a session with a new id that is not stored yet, and the token for its cookie."""
    token = secrets.new_token()
    session = Session(
        token_digest=secrets.digest(token),
        user=user,
        connection=connection,
        auth_time=at,
        amr=amr,
        created_at=at,
        last_seen_at=at,
        idle_expires_at=at + timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        expires_at=at + timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS),
        ip=browser.ip,
        user_agent=browser.user_agent,
    )
    return session, token


def start_session(
    *, user: User, connection: Connection, amr: list[str], browser: Browser, at: datetime
) -> tuple[Session, str]:
    """Begin a session outside of a login, and end the one this browser had; see `new_session`."""
    revoke_session(browser.session_token)
    session, token = new_session(user=user, connection=connection, amr=amr, browser=browser, at=at)
    session.save(force_insert=True)
    return session, token


def touch(session: Session) -> None:
    """Write the idle end forward, at most every few minutes."""
    now = timezone.now()
    if now - session.last_seen_at < _TOUCH_AFTER:
        return
    Session.objects.filter(pk=session.pk, revoked_at=None).update(
        last_seen_at=now, idle_expires_at=now + timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    )


def revoke_session(token: str) -> None:
    """End the session behind a cookie, if there is one and it lives."""
    if not token:
        return
    Session.objects.filter(token_digest=secrets.digest(token), revoked_at=None).update(revoked_at=timezone.now())


def revoke_user_sessions(user_id: int) -> None:
    """End every session of a user (primary key)."""
    Session.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=timezone.now())


def sweep_sessions(now: datetime, limit: int) -> int:
    """Delete sessions that are past their absolute end."""
    keys = Session.objects.filter(expires_at__lt=now).values_list("pk", flat=True)[:limit]
    return Session.objects.filter(pk__in=list(keys)).delete()[0]
