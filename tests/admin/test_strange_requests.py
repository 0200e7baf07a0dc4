"""Strange ids and parameters: every address of the dashboard answers them, and none with an error of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from identity.models import User

_STRANGE = ["abc", "9" * 30, "-1", "0", "😀", "a_5Fb", "_", "..", "' OR 1=1 --", "x" * 3000, "%s", "auth0|x"]


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        elif isinstance(entry, URLPattern) and route.startswith("admin/") and "<" in route:
            yield route


def _filled(route: str, value: str) -> str:
    """Put a value where a path has a text, and a number where it has a number."""
    parts = []
    for part in route.split("/"):
        if part.startswith("<int:"):
            parts.append("9" * 18)
        elif "<" in part:
            parts.append(value)
        else:
            parts.append(part)
    return "/" + "/".join(parts)


def _routes() -> list[str]:
    return sorted(route for route in _patterns(get_resolver()) if "(?" not in route)


def test_there_are_addresses_to_try() -> None:
    assert len(_routes()) > 60


@pytest.mark.parametrize("value", _STRANGE)
def test_no_strange_id_is_an_error_of_ours(browser: Client, owner: User, value: str) -> None:
    browser.raise_request_exception = False
    failed = [
        route
        for route in _routes()
        for answer in (browser.get(_filled(route, value)), browser.post(_filled(route, value), {"post": "yes"}))
        if answer.status_code >= 500
    ]
    assert not failed


@pytest.mark.parametrize(
    "query",
    [
        {"app_label": "orgs", "model_name": "membership", "field_name": "user", "term": "a" * 5000},
        {"app_label": "orgs", "model_name": "membership", "field_name": "nothing"},
        {"app_label": "nowhere", "model_name": "x", "field_name": "y"},
        {},
        {"app_label": "orgs", "model_name": "membership", "field_name": "user", "page": "zzz"},
    ],
)
def test_no_strange_search_is_an_error_of_ours(browser: Client, owner: User, query: dict[str, Any]) -> None:
    browser.raise_request_exception = False
    assert browser.get("/admin/autocomplete/", query).status_code < 500
