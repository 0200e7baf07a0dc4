"""What one instance is told by its environment, checked once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

_MINIMUM_SECRET_KEY_LENGTH: Final = 32
_LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class ConfigurationError(Exception):
    """A value of the environment is missing or wrong; the message names it."""


@dataclass(frozen=True)
class Config:
    """One instance of Travel0, which serves one customer."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    base_url: str
    customer: str
    secret_key: str = field(repr=False)
    organization: str | None = None
    ca_bundle: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the `TRAVEL0_*` values; raises ConfigurationError with the name of the first that will not do."""
        secret_key = _required(environment, "TRAVEL0_SECRET_KEY")
        if len(secret_key) < _MINIMUM_SECRET_KEY_LENGTH:
            raise ConfigurationError(
                f"TRAVEL0_SECRET_KEY: {_MINIMUM_SECRET_KEY_LENGTH} random characters or more are needed."
            )
        ca_bundle = environment.get("TRAVEL0_CA_BUNDLE") or None
        if ca_bundle is not None and not Path(ca_bundle).is_file():
            raise ConfigurationError("TRAVEL0_CA_BUNDLE: there is no such file.")
        return cls(
            issuer=_issuer(_required(environment, "TRAVEL0_ISSUER")),
            client_id=_required(environment, "TRAVEL0_CLIENT_ID"),
            client_secret=_required(environment, "TRAVEL0_CLIENT_SECRET"),
            base_url=_base_url(_required(environment, "TRAVEL0_BASE_URL")),
            customer=_required(environment, "TRAVEL0_CUSTOMER"),
            secret_key=secret_key,
            organization=environment.get("TRAVEL0_ORGANIZATION") or None,
            ca_bundle=ca_bundle,
        )

    @property
    def discovery_url(self) -> str:
        """OpenID Connect Discovery 1.0 section 4."""
        return f"{self.issuer}.well-known/openid-configuration"

    @property
    def issuer_origin(self) -> str:
        """Scheme, host and port of the issuer, as a content security policy writes them."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def login_url(self) -> str:
        """The Application Login URI to register: links in invitations lead here."""
        return f"{self.base_url}/login"

    @property
    def callback_url(self) -> str:
        """The callback URL to register. Built from the configuration: a Host header is anybody's to choose."""
        return f"{self.base_url}/login/callback"

    @property
    def logged_out_url(self) -> str:
        """The logout URL to register."""
        return f"{self.base_url}/"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name}: a value is needed.")
    return value


def _issuer(value: str) -> str:
    _web_address("TRAVEL0_ISSUER", value)
    if not value.endswith("/"):
        raise ConfigurationError("TRAVEL0_ISSUER: it ends with a slash, exactly as the issuer writes itself.")
    return value


def _base_url(value: str) -> str:
    parts = _web_address("TRAVEL0_BASE_URL", value)
    if parts.path not in {"", "/"}:
        raise ConfigurationError("TRAVEL0_BASE_URL: only scheme, host and port; Travel0 has a host name of its own.")
    return value.removesuffix("/")


def _web_address(name: str, value: str) -> SplitResult:
    """Secrets and codes travel to these addresses: https, or plain http that never leaves this machine."""
    parts = urlsplit(value)
    host = parts.hostname or ""
    is_loopback = host in _LOOPBACK_HOSTS or host.endswith(".localhost")
    if not host or parts.scheme not in {"https", "http"} or (parts.scheme == "http" and not is_loopback):
        raise ConfigurationError(f"{name}: an https address is needed; http is for this machine alone.")
    if parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError(f"{name}: an address without user, query and fragment is needed.")
    return parts
