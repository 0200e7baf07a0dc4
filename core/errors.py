"""The errors services raise: codes and sentences, no HTTP. Each door maps them in one table of its own."""

from typing import ClassVar


class DomainError(Exception):
    """A request that the domain refuses; nothing was written.

    `code` is a stable snake_case word for programs, `message` a sentence for a person, `field` the
    name of the input at fault or None.
    """

    default_code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field


class NotFound(DomainError):
    """The thing named does not exist, or may not be known to exist."""

    default_code = "not_found"


class Conflict(DomainError):
    """The change clashes with something that already exists."""

    default_code = "conflict"


class Invalid(DomainError):
    """The input breaks a rule that needs more than the input itself to be judged."""

    default_code = "invalid"


class Forbidden(DomainError):
    """The actor may not do this."""

    default_code = "forbidden"


class Expired(DomainError):
    """The thing named was good once and its time has passed, or it was used."""

    default_code = "expired"


class Throttled(DomainError):
    """Too many attempts; `retry_after_seconds` says when the next one may be made."""

    default_code = "too_many_attempts"

    def __init__(self, message: str, *, retry_after_seconds: int, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds
