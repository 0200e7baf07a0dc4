"""The outbound client: nothing private is reached, nothing drips on for ever."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import LazySettings

from core import outbound


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the base class names it
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        body = b"x" * (3_000_000 if self.path == "/large" else 5)
        self.send_response(200)
        self.send_header("X-Host", self.headers["Host"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://0.0.0.0/",
        "http://0/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://127.0.0.1:6379/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "unix:///var/run/docker.sock",
        "http://user@127.0.0.1/",
        "https://user:password@example.com/",
        "//127.0.0.1/",
        "http:///nothing",
    ],
)
def test_it_refuses_private_and_strange_addresses(url: str) -> None:
    with pytest.raises(outbound.OutboundRefused):
        outbound.get(url)


def test_it_reaches_a_private_host_that_the_operator_allows(settings: LazySettings, port: int) -> None:
    settings.TENANT0_OUTBOUND_ALLOW = ["localhost"]
    reply = outbound.get(f"http://localhost:{port}/")
    assert (reply.status, reply.body) == (200, b"xxxxx")
    assert reply.headers["x-host"] == f"localhost:{port}"


def test_it_reaches_a_private_network_that_the_operator_allows(settings: LazySettings, port: int) -> None:
    settings.TENANT0_OUTBOUND_ALLOW = ["127.0.0.0/8"]
    assert outbound.get(f"http://127.0.0.1:{port}/").status == 200


def test_it_does_not_follow_a_redirect(settings: LazySettings, port: int) -> None:
    settings.TENANT0_OUTBOUND_ALLOW = ["127.0.0.1"]
    assert outbound.get(f"http://127.0.0.1:{port}/redirect").status == 302


def test_it_stops_reading_at_its_limit(settings: LazySettings, port: int) -> None:
    settings.TENANT0_OUTBOUND_ALLOW = ["127.0.0.1"]
    with pytest.raises(outbound.OutboundFailed, match="larger than"):
        outbound.get(f"http://127.0.0.1:{port}/large")


def test_it_says_when_nobody_answers(settings: LazySettings) -> None:
    settings.TENANT0_OUTBOUND_ALLOW = ["127.0.0.1"]
    with pytest.raises(outbound.OutboundFailed):
        outbound.get("http://127.0.0.1:1/")
