"""X-Forwarded-For is believed only as far as the operator's own proxies wrote it."""

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from core.client_address import client_ip


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "", "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_it_counts_trusted_hops_from_the_right(
    settings: LazySettings, proxies: int, header: str, expected: str
) -> None:
    settings.TENANT0_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": header})
    assert client_ip(request) == expected
