"""What a strategy is: it turns credentials into a plain connection profile and knows nothing of users or sessions."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from identity.models import Connection


@dataclass(frozen=True)
class ConnectionProfile:
    """What a connection asserts about a person.

    `subject` is stable within the connection; `attributes` is the raw, JSON-serializable rest.
    """

    subject: str
    email: str
    email_verified: bool
    name: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Redirection:
    """Where a redirect strategy sends the browser, and what must be kept until it returns."""

    url: str
    kept: Mapping[str, Any]


class InvalidCredentials(Exception):  # the architecture's name; it says what happened
    """The credentials are wrong; the person may try again."""


class UpstreamFailure(Exception):
    """The upstream misbehaved; logged in full, shown to the person as one generic sentence."""


class Strategy(ABC):
    """The code behind a connection."""

    name: ClassVar[str]
    label: ClassVar[str]
    provider: ClassVar[str]

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @classmethod
    @abstractmethod
    def clean_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Validate and complete `Connection.options`; raises a `ValidationError` naming what is wrong."""


class PasswordStrategy(Strategy):
    """A strategy that asks for a password on our own page."""

    @abstractmethod
    def authenticate(self, identifier: str, password: str) -> ConnectionProfile:
        """Return the profile of the person, or raise `InvalidCredentials` at the same cost for known and unknown."""

    @abstractmethod
    def sign_up(
        self, email: str, password: str, *, username: str = "", personal: tuple[str, ...] = ()
    ) -> ConnectionProfile:
        """Store a new credential and return its profile; `Conflict` if taken, `Invalid` for a weak password.

        `personal` are the person's names, which a policy may keep out of the password.
        """

    @abstractmethod
    def sign_up_without_password(self, email: str, *, username: str = "") -> ConnectionProfile:
        """Store a credential for somebody who sets the password later, through an e-mail."""

    @abstractmethod
    def rename(self, subject: str, *, email: str | None = None, username: str | None = None) -> None:
        """Give a subject another e-mail address or username; `Conflict` if taken, `Invalid` if malformed."""

    @abstractmethod
    def change_password(self, subject: str, password: str, *, personal: tuple[str, ...] = ()) -> None:
        """Replace the password of a subject; `Invalid` when the policy refuses the new one."""

    @abstractmethod
    def knows(self, email: str) -> bool:
        """Whether the connection has a credential for an e-mail address."""


class RedirectStrategy(Strategy):
    """A strategy that sends the browser to an upstream IdP and reads what it brings back."""

    @abstractmethod
    def start(self, request: Mapping[str, str]) -> Redirection:
        """Return where to send the browser. `request` holds `login_hint` and the callback URL."""

    @abstractmethod
    def finish(self, response: Mapping[str, str], kept: Mapping[str, Any]) -> ConnectionProfile:
        """Verify what came back; raises `InvalidCredentials` or `UpstreamFailure`."""
