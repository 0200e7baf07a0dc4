"""Structured JSON logs with a request id, and nothing secret in them."""

import json
import logging
import re
import secrets
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

_request_id: ContextVar[str] = ContextVar("request_id", default="")

# A caller may name its own request id, so that one id runs through several systems' logs. Anything that
# is not a plain short word is replaced: it would otherwise be a way to write into the log.
_ACCEPTABLE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")

# The last line of defence: our own code logs ids and codes only, but what a library writes into a message or a traceback is its own.
_SECRET_NAMES: Final = (
    r"[\w-]*(?:password|secret|token|ticket|assertion|cookie|authorization|credential)[\w-]*"
    r"|code|code_verifier|state|nonce|invitation|SAMLResponse|RelayState"
)
_REDACTIONS: Final = (
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), r"\1 [redacted]"),
    # A signed token: three parts, the first of which is a JSON object.
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), "[redacted]"),
    (re.compile(rf"(?i)([\"']?\b(?:{_SECRET_NAMES})[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;)}}\]]+"), r"\1[redacted]"),
    # Credentials in the address of a database, a broker or a mail server.
    (re.compile(r"(\w://[^\s:/@]*:)[^\s@/]+@"), r"\1[redacted]@"),
    # Our own tokens have 43 characters. Letters and digits both, so that a long word or a line of dashes stays.
    (re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{43,}(?![\w/.-])"), "[redacted]"),
)
_SHORTEST_TOKEN: Final = 43
_MARKS: Final = re.compile(r"[\s=:]|eyJ", re.IGNORECASE)
_SECRET_FIELD: Final = re.compile(_SECRET_NAMES, re.IGNORECASE)

_STANDARD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request"}


def current_request_id() -> str:
    """Return the id of the request being answered, or the empty string outside of one."""
    return _request_id.get()


def begin_request(offered: str | None) -> str:
    """Start a new request id for this context, taking over an acceptable one from the caller."""
    request_id = offered if offered and _ACCEPTABLE_REQUEST_ID.fullmatch(offered) else secrets.token_hex(8)
    _request_id.set(request_id)
    return request_id


def redacted(text: str) -> str:
    """Return the text without what looks like a token, a password or another secret."""
    # Most of what is logged is a word or a path. Each pattern needs one of these marks or more letters, so such text is passed at once.
    if len(text) < _SHORTEST_TOKEN and not _MARKS.search(text):
        return text
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, and the record's extra values."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if request_id := current_request_id():
            entry["request_id"] = request_id
        entry |= {key: _harmless(key, value) for key, value in vars(record).items() if key not in _STANDARD_FIELDS}
        if record.exc_info:
            entry["exception"] = redacted(self.formatException(record.exc_info))
        return json.dumps(entry, default=str)


def _harmless(key: str, value: object) -> object:
    """Return an extra value as it may be logged: numbers as they are, all else as text without secrets."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return "[redacted]" if _SECRET_FIELD.fullmatch(key) else redacted(str(value))
