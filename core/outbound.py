"""The only HTTP client: what we fetch on somebody's word may not reach what only we can reach.

A name is resolved once, every address is judged, and the connection goes to the very address that was judged, so a name that changes
its mind in between (DNS rebinding) gains nothing. No redirects, one deadline for the whole exchange, and a limit on what is read.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpcore
from django.conf import settings

# Seconds: for one step, as connecting or waiting for bytes, and for everything together.
STEP_SECONDS: Final = 5.0
DEADLINE_SECONDS: Final = 10.0
MAXIMUM_BYTES: Final = 1024 * 1024
_PORTS: Final = {"http": 80, "https": 443}
# Addresses that stand for an IPv4 one (RFC 6052, RFC 3056, RFC 4380): refused whole, whatever they stand for.
_TRANSLATED: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
_TRANSPORT_ERRORS: Final = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundRefused(Exception):
    """The address may not be reached from here; nothing was sent."""


class OutboundFailed(Exception):
    """The other side did not answer, not in time, or too much."""


@dataclass(frozen=True)
class Reply:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(url: str, *, headers: Mapping[str, str] | None = None, maximum_bytes: int = MAXIMUM_BYTES) -> Reply:
    """Fetch a URL. Raises `OutboundRefused` or `OutboundFailed`; any status is an answer."""
    return send("GET", url, headers=headers, maximum_bytes=maximum_bytes)


def post(url: str, *, content: bytes, headers: Mapping[str, str] | None = None) -> Reply:
    """Send a body to a URL; see `get`."""
    return send("POST", url, headers=headers, content=content)


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    maximum_bytes: int = MAXIMUM_BYTES,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Reply:
    """Make one request within `deadline_seconds` and read at most `maximum_bytes`."""
    parts = _parts(url)
    backend = _JudgingBackend(deadline=time.monotonic() + deadline_seconds)
    trust = _trust(settings.TENANT0_CA_BUNDLE) if parts.scheme == "https" else None
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)
    # A packed answer could unfold to a thousand times what was counted.
    sent = {"Accept-Encoding": "identity", "User-Agent": "tenant0", **(headers or {})}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=trust, network_backend=backend) as pool,
            pool.stream(
                method, parts.geturl(), headers=list(sent.items()), content=content, extensions={"timeout": timeout}
            ) as response,
        ):
            received = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if received.get("content-encoding", "identity").lower() != "identity":
                raise OutboundFailed(f"{parts.hostname} sent a packed answer that nobody asked for")
            return Reply(response.status, received, _read(response, maximum_bytes))
    except _TRANSPORT_ERRORS as error:
        raise OutboundFailed(f"{type(error).__name__} from {parts.hostname}") from error


def _parts(url: str) -> SplitResult:
    """Take a URL apart; refused unless it is plain http or https with a host and nothing odd."""
    try:
        parts = urlsplit(url)
        if parts.scheme in _PORTS and parts.hostname and parts.username is None and url.isascii() and parts.port != 0:
            return parts._replace(fragment="")
    except ValueError:  # a port out of range, a bracket too many
        pass
    raise OutboundRefused("only http and https addresses without a user name can be called")


def _read(response: httpcore.Response, maximum_bytes: int) -> bytes:
    chunks, size = [], 0
    for chunk in response.iter_stream():
        size += len(chunk)
        if size > maximum_bytes:
            raise OutboundFailed(f"the answer is larger than {maximum_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


class _JudgingBackend(httpcore.NetworkBackend):
    """Connects to addresses that were judged, and hands out streams that end at the deadline."""

    def __init__(self, *, deadline: float) -> None:
        self._deadline = deadline
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in _judged_addresses(host, port):
            try:
                stream = self._network.connect_tcp(
                    str(address), port, _left(self._deadline, timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _DeadlineStream(stream, self._deadline)
        raise httpcore.ConnectError("no address answered") from failure


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose every step also ends at the deadline: a drip that pleases each step is cut off all the same."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """Return how many seconds a step may take."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left if timeout is None else min(left, timeout)


def _judged_addresses(host: str, port: int) -> list[Address]:
    """Resolve a host to addresses that may be reached; refused when any of them may not."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundFailed(f"{host} has no address") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not _is_public(address) and not _is_allowed(host, address):
            raise OutboundRefused(f"{host} leads to a private address")
    return list(dict.fromkeys(addresses))


def _is_public(address: Address) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        return _is_public(mapped)
    if any(address in network for network in _TRANSLATED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def _is_allowed(host: str, address: Address) -> bool:
    """Whether the operator lists this host name or a network with this address in TENANT0_OUTBOUND_ALLOW."""
    for entry in settings.TENANT0_OUTBOUND_ALLOW:
        if entry.lower() == host.lower():
            return True
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            continue
        if network.version == address.version and address in network:
            return True
    return False


@lru_cache(maxsize=4)
def _trust(extra_authorities: str) -> ssl.SSLContext:
    """Return the system's trust and, where a file of authorities is named, theirs as well."""
    context = ssl.create_default_context()
    if extra_authorities:
        context.load_verify_locations(extra_authorities)
    return context
