"""Checking a password at a login page: throttled before anything is hashed, the same for strangers and users."""

from django.conf import settings
from django.utils.translation import gettext as _

from core import throttle
from core.actors import Actor, ActorKind
from identity.models import Connection
from identity.strategies import strategy_for
from identity.strategies.base import ConnectionProfile, InvalidCredentials, PasswordStrategy
from login.browser import Browser
from login.completion import record_event
from login.models import LoginTransaction


class SignInFailed(Exception):
    """The password page must be shown again with `message`."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def authenticate(
    transaction: LoginTransaction,
    browser: Browser,
    *,
    connections: list[Connection],
    identifier: str,
    password: str,
) -> tuple[Connection, ConnectionProfile]:
    """Return the connection that knows the person, and their profile.

    Raises `core.errors.Throttled` before hashing, `SignInFailed` for wrong credentials. Audits `fp` without saying whether
    the person exists.
    """
    limits = _limits(browser, identifier)
    throttle.check(*limits)
    for connection in connections:
        strategy = strategy_for(connection)
        assert isinstance(strategy, PasswordStrategy)
        try:
            profile = strategy.authenticate(identifier, password)
        except InvalidCredentials:
            continue
        # Only the account's own counter: an address that guesses many accounts must not clean itself with its own.
        throttle.forget(limits[0])
        return connection, profile
    for limit in limits:
        throttle.hit(limit)
    actor = Actor(ActorKind.END_USER, "", identifier[:254], ip=browser.ip, user_agent=browser.user_agent)
    record_event("fp", transaction, actor, description="Wrong e-mail or password")
    raise SignInFailed(_("Wrong email or password."))


def _limits(browser: Browser, identifier: str) -> tuple[throttle.Limit, throttle.Limit]:
    seconds = settings.LOGIN_ATTEMPTS_SECONDS
    account = f"{identifier.strip().lower()}|{browser.ip}"
    return (
        throttle.Limit("login-account", account, settings.LOGIN_ATTEMPTS, seconds),
        throttle.Limit("login-address", browser.ip, settings.LOGIN_ATTEMPTS_PER_ADDRESS, seconds),
    )
