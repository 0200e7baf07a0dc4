"""The only HTTP client: what we fetch on somebody's word may not reach what only we can reach.

A name is resolved once, every address is judged, and the connection goes to the very address that was judged, so a name that changes
its mind in between (DNS rebinding) gains nothing. No redirects, a deadline, and a limit on what is read.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings

CONNECT_SECONDS: Final = 5.0
DEADLINE_SECONDS: Final = 10.0
MAXIMUM_BYTES: Final = 1024 * 1024
# Addresses that stand for an IPv4 one (RFC 6052, RFC 3056, RFC 4380): judged by what they stand for, here refused whole.
_TRANSLATED: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))

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
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise OutboundRefused("only http and https addresses without a user name can be called")
    address = _judged_address(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
    literal = f"[{address}]" if address.version == 6 else str(address)
    pinned = urlunsplit(parts._replace(netloc=f"{literal}:{parts.port}" if parts.port else literal, fragment=""))
    deadline = time.monotonic() + deadline_seconds
    try:
        with (
            httpx.Client(
                verify=_trust(), follow_redirects=False, trust_env=False, timeout=httpx.Timeout(CONNECT_SECONDS)
            ) as client,
            client.stream(
                method,
                pinned,
                content=content,
                headers={**(headers or {}), "Host": parts.netloc.rpartition("@")[2]},
                # The certificate must be the name's, not the address's.
                extensions={"sni_hostname": parts.hostname},
            ) as response,
        ):
            body = _read(response, maximum_bytes, deadline)
            return Reply(response.status_code, dict(response.headers.items()), body)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        raise OutboundFailed(f"{type(error).__name__} from {parts.hostname}") from error


def _read(response: httpx.Response, maximum_bytes: int, deadline: float) -> bytes:
    """Read the decoded body; a compressed flood counts at its real size, a drip by the clock."""
    chunks, size = [], 0
    for chunk in response.iter_bytes(chunk_size=16384):
        size += len(chunk)
        if size > maximum_bytes:
            raise OutboundFailed(f"the answer is larger than {maximum_bytes} bytes")
        if time.monotonic() > deadline:
            raise OutboundFailed("the answer took too long")
        chunks.append(chunk)
    return b"".join(chunks)


def _judged_address(host: str, port: int) -> Address:
    """Resolve a host and return an address that may be reached; refused when any of its addresses may not."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundFailed(f"{host} has no address") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not _is_public(address) and not _is_allowed(host, address):
            raise OutboundRefused(f"{host} leads to a private address")
    return addresses[0]


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


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.TENANT0_CA_BUNDLE:
        context.load_verify_locations(settings.TENANT0_CA_BUNDLE)
    return context
