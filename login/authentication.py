"""Checking a password at a login page: throttled before anything is hashed, the same for strangers and users."""

from django.conf import settings
from django.utils.translation import gettext as _

from core import throttle
from core.actors import Actor, ActorKind
from identity.attempts import account_limit
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
    the person exists. Connections without brute-force protection count by the network address alone.
    """
    here, everywhere, address = _limits(browser, identifier)
    is_protected = any(connection.options.get("brute_force_protection", True) for connection in connections)
    throttle.check(address)
    if is_protected:
        throttle.check(everywhere)
        # Counted before the password is compared: of many attempts at once each is one.
        throttle.spend(here)
    for connection in connections:
        strategy = strategy_for(connection)
        assert isinstance(strategy, PasswordStrategy)
        try:
            profile = strategy.authenticate(identifier, password)
        except InvalidCredentials:
            continue
        # Only this person's own counter here: an address that guesses many accounts must not clean itself with its own,
        # nor a guesser go on because the owner signs in meanwhile.
        throttle.forget(here)
        return connection, profile
    throttle.hit(address)
    if is_protected:
        throttle.hit(everywhere)
    actor = Actor(ActorKind.END_USER, "", identifier[:254], ip=browser.ip, user_agent=browser.user_agent)
    record_event("fp", transaction, actor, description="Wrong e-mail or password")
    raise SignInFailed(_("Wrong email or password."))


def _limits(browser: Browser, identifier: str) -> tuple[throttle.Limit, throttle.Limit, throttle.Limit]:
    """Return the limits of this account from here, of this account from anywhere, and of this address."""
    seconds = settings.LOGIN_ATTEMPTS_SECONDS
    account = f"{identifier.strip().lower()}|{browser.ip}"
    return (
        throttle.Limit("login-account", account, settings.LOGIN_ATTEMPTS, seconds),
        account_limit(identifier),
        throttle.Limit("login-address", browser.ip, settings.LOGIN_ATTEMPTS_PER_ADDRESS, seconds),
    )
