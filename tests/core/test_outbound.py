"""The outbound client: nothing private is reached, nothing drips on for ever."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from core import outbound
from tests.certificates import make_certificate


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the base class names it
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        body = b"x" * (3_000_000 if self.path == "/large" else 5)
        self.send_response(200)
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("X-Host", self.headers["Host"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with serving() as found:
        yield found


@contextmanager
def serving(wrap: Callable[[socket.socket], socket.socket] = lambda plain: plain) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = wrap(server.socket)
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
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://[::1/",
        "http://exämple.com/",
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


def test_it_refuses_a_packed_answer(settings: LazySettings, port: int) -> None:
    settings.TENANT0_OUTBOUND_ALLOW = ["127.0.0.1"]
    with pytest.raises(outbound.OutboundFailed, match="packed"):
        outbound.get(f"http://127.0.0.1:{port}/packed")


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"], ids=["headers", "body"])
def test_a_drip_ends_at_the_deadline(settings: LazySettings, head: bytes) -> None:
    settings.TENANT0_OUTBOUND_ALLOW = ["127.0.0.1"]
    with dripping(head) as port:
        started = time.monotonic()
        with pytest.raises(outbound.OutboundFailed):
            outbound.send("GET", f"http://127.0.0.1:{port}/", deadline_seconds=0.6)
        assert time.monotonic() - started < 2


def test_a_name_that_changes_its_mind_is_not_asked_twice(
    settings: LazySettings, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def resolve(host: str, *_args: Any, **_kwargs: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    settings.TENANT0_OUTBOUND_ALLOW = ["127.0.0.1/32"]
    monkeypatch.setattr("core.outbound.socket.getaddrinfo", resolve_names(resolve))
    assert outbound.get(f"http://rebinding.example:{port}/").status == 200
    assert asked == ["rebinding.example"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr("core.outbound.socket.getaddrinfo", resolve_names(resolve))
    with pytest.raises(outbound.OutboundRefused):
        outbound.get("http://two-faced.example/")


def test_tls_is_checked_against_the_name_and_our_own_authorities(settings: LazySettings, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    settings.TENANT0_OUTBOUND_ALLOW = ["localhost", "127.0.0.0/8"]
    with serving(lambda plain: context.wrap_socket(plain, server_side=True)) as port:
        with pytest.raises(outbound.OutboundFailed):
            outbound.get(f"https://localhost:{port}/")
        settings.TENANT0_CA_BUNDLE = str(certificate)
        assert outbound.get(f"https://localhost:{port}/").body == b"xxxxx"
        with pytest.raises(outbound.OutboundFailed):
            outbound.get(f"https://127.0.0.1:{port}/")


def resolve_names(resolve: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Answer for names; addresses, which connecting resolves as well, resolve as ever."""
    real = socket.getaddrinfo

    def answer(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        return resolve(host, *args, **kwargs) if host.endswith(".example") else real(host, *args, **kwargs)

    return answer


@contextmanager
def dripping(head: bytes) -> Iterator[int]:
    """A server that sends `head` and then a byte every fifth of a second, for as long as somebody listens."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _address = listener.accept()
        with connection:
            try:
                connection.sendall(head)
                for _second in range(50):
                    connection.sendall(b"H")
                    time.sleep(0.2)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    thread.join(5)
    listener.close()
