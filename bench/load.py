"""A small load generator: ready requests over kept connections, each sent once, every answer kept.

It blocks on one selector and does no work per request beyond finding where an answer ends, so that the server is what is measured.
"""

import re
import selectors
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass
class Response:
    """One answer: its status, its head and its body as bytes, and the seconds it took."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r\n]*)", self.head, re.IGNORECASE)
        return found.group(1).decode() if found else ""

    def cookies(self) -> dict[str, str]:
        pairs = re.findall(rb"\r\nset-cookie: *([^=\r\n]+)=([^;\r\n]*)", self.head, re.IGNORECASE)
        return {name.decode(): value.decode() for name, value in pairs}


def http(method: str, path: str, headers: Mapping[str, str] | None = None, body: str | None = None) -> bytes:
    """Return a request as bytes; a body is a form unless `headers` say otherwise."""
    lines = {"Host": "127.0.0.1", **(headers or {})}
    content = body.encode() if body is not None else b""
    if body is not None:
        lines = {"Content-Type": "application/x-www-form-urlencoded", **lines, "Content-Length": str(len(content))}
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return head.encode() + b"\r\n" + content


@dataclass
class _Connection:
    socket: socket.socket
    index: int = -1
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def drive(port: int, requests: Iterable[bytes], *, connections: int = 4) -> list[Response]:
    """Send the requests over some connections, the next one as soon as one is answered; answers come in their order."""
    ready = list(requests)
    answers: list[Response | None] = [None] * len(ready)
    todo = iter(range(len(ready)))
    with selectors.DefaultSelector() as selector:
        for _number in range(min(connections, len(ready))):
            opened = _Connection(socket.create_connection(("127.0.0.1", port)))
            opened.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(opened.socket, selectors.EVENT_READ, opened)
            _send(opened, next(todo), ready)
        while selector.get_map():
            for key, _events in selector.select(timeout=60) or _stalled():
                connection: _Connection = key.data
                if not _receive(connection):
                    continue
                answers[connection.index] = _response(connection)
                following = next(todo, None)
                if following is None:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                else:
                    _send(connection, following, ready)
    return [answer for answer in answers if answer is not None]


def _send(connection: _Connection, index: int, ready: list[bytes]) -> None:
    connection.index, connection.sent_at = index, time.perf_counter()
    connection.received.clear()
    connection.socket.sendall(ready[index])


def _receive(connection: _Connection) -> bool:
    """Read what there is; whether the answer is complete."""
    data = connection.socket.recv(262144)
    if not data:
        raise ConnectionError("the server closed a connection")
    received = connection.received
    received += data
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(received[: end + 2])
    if _CHUNKED.search(head):
        return received.endswith(b"0\r\n\r\n")
    length = _LENGTH.search(head)
    return len(received) >= end + 4 + (int(length.group(1)) if length else 0)


def _response(connection: _Connection) -> Response:
    head, _blank, body = bytes(connection.received).partition(b"\r\n\r\n")
    head += b"\r\n"
    if _CHUNKED.search(head):
        body = _joined(body)
    return Response(int(head[9:12]), head, body, time.perf_counter() - connection.sent_at)


def _joined(chunks: bytes) -> bytes:
    out = b""
    while chunks:
        size, _newline, chunks = chunks.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            break
        out, chunks = out + chunks[:length], chunks[length + 2 :]
    return out


def _stalled() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError("no answer within a minute")
