"""A line of the log is JSON, carries the request's id, and no query string."""

import json
import logging

import pytest
from django.test import Client

from core import secrets
from core.logs import JSONFormatter, begin_request, current_request_id, redacted


def formatted(message: str, **extra: object) -> dict[str, object]:
    record = logging.makeLogRecord({"msg": message, "levelname": "INFO", "name": "test", **extra})
    found: dict[str, object] = json.loads(JSONFormatter().format(record))
    return found


def test_a_line_is_one_json_object_with_what_was_added() -> None:
    line = formatted("two\nlines", user="a|1")
    assert line["message"] == "two\nlines"
    assert line["user"] == "a|1"
    assert "\n" not in JSONFormatter().format(logging.makeLogRecord({"msg": "two\nlines"}))


def test_the_request_object_is_left_out() -> None:
    assert "request" not in formatted("x", request="<WSGIRequest: GET '/u/login?state=secret'>")


@pytest.mark.parametrize("offered", ["short", "with space in it", "new\nline-attack", "x" * 65, None])
def test_a_strange_request_id_is_replaced(offered: str | None) -> None:
    assert begin_request(offered) != offered


def test_a_good_request_id_is_kept() -> None:
    begin_request("abcdef-123456")
    assert current_request_id() == "abcdef-123456"


def test_the_log_of_a_request_has_no_query(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/healthz?ticket=very-secret-ticket", headers={"host": "auth.travel0.test"})
    lines = [JSONFormatter().format(record) for record in caplog.records]
    assert any('"path": "/healthz"' in line for line in lines)
    assert not any("very-secret-ticket" in line for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {secret}",
        "authorization: Basic {secret}",
        "GET /u/login?state={secret}&x=1",
        "POST code={secret}",
        '{{"client_secret": "{secret}"}}',
        "{{'password': '{secret}'}}",
        "refresh_token={secret}",
        "https://travel0.example/login?invitation={secret}&organization=org_1",
        "postgres://tenant0:{secret}@db:5432/tenant0",
        "eyJhbGciOiJSUzI1NiJ9.{secret}.c2lnbmF0dXJl",
        "found {secret} somewhere",
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str) -> None:
    secret = secrets.new_token()
    assert secret not in redacted(text.format(secret=secret))


def test_ids_and_words_stay() -> None:
    text = "org_1234567890abcdef of auth0|507f1f77bcf86cd799439020 at /u/login answered 303: invalid_request"
    assert redacted(text) == text


def test_a_secret_in_a_traceback_or_an_extra_value_is_left_out() -> None:
    secret = secrets.new_token()
    try:
        raise ValueError(f"token={secret}")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "x", "exc_info": (ValueError, error, None), "token": "short", "n": 3})
    line = json.loads(JSONFormatter().format(record))
    assert secret not in line["exception"]
    assert line["token"] == "[redacted]"
    assert line["n"] == 3
