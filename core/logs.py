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

_STANDARD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request"}


def current_request_id() -> str:
    """Return the id of the request being answered, or the empty string outside of one."""
    return _request_id.get()


def begin_request(offered: str | None) -> str:
    """Start a new request id for this context, taking over an acceptable one from the caller."""
    request_id = offered if offered and _ACCEPTABLE_REQUEST_ID.fullmatch(offered) else secrets.token_hex(8)
    _request_id.set(request_id)
    return request_id


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, and the record's extra values."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request_id():
            entry["request_id"] = request_id
        entry |= {key: value for key, value in vars(record).items() if key not in _STANDARD_FIELDS}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)
