"""How often an account may be tried from anywhere, which a login counts and a reset by e-mail forgets."""

from django.conf import settings

from core import throttle
from identity.addresses import find_canonical_email


def account_limit(identifier: str) -> throttle.Limit:
    """Return the limit of wrong passwords for what somebody typed as an e-mail address or username, known or not."""
    key = find_canonical_email(identifier) or identifier.strip().lower()
    return throttle.Limit("login-everywhere", key, settings.LOGIN_ATTEMPTS_PER_ACCOUNT, settings.LOGIN_ATTEMPTS_SECONDS)


def unblock(*identifiers: str) -> None:
    """Let an account be tried again: its owner has just shown to receive its mail."""
    throttle.forget(*(account_limit(identifier) for identifier in identifiers if identifier))
