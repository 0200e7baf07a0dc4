"""The network of the tests is closed, or a test could pass on one machine alone."""

import socket
from typing import Any

import pytest


@pytest.mark.parametrize("way", ["connect", "connect_ex"])
def test_nothing_beyond_this_machine_is_reached(way: str) -> None:
    # 192.0.2.0/24 belongs to nobody (RFC 5737), should the guard be gone.
    with socket.socket() as probe:
        probe.settimeout(1)
        connect: Any = getattr(probe, way)
        with pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
            connect(("192.0.2.1", 443))


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]) as probe:
        assert probe.getpeername() == server.getsockname()
