"""Which URLs an operator may register, and whether a request's redirect URI is one of them.

Redirect URIs match exactly (RFC 9700 section 2.1); the only thing that is filled in is Auth0's `{organization_name}`
placeholder as the whole left-most label of a host.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ORGANIZATION_PLACEHOLDER: Final = "{organization_name}"
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# Schemes that a browser would run, read locally, or hand to another program's interpreter.
FORBIDDEN_SCHEMES: Final = frozenset(
    {
        *("javascript", "data", "vbscript", "livescript", "mocha", "file", "filesystem", "blob", "about", "jar"),
        *("view-source", "intent", "content", "resource", "chrome", "chrome-extension", "moz-extension", "mailto"),
        *("tel", "sms", "ftp", "ws", "wss", "urn"),
    }
)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
# Controls, spaces of any kind, marks that turn the reading direction, and halves of surrogate pairs among them.
_UNSAFE: Final = re.compile(
    r"[\s\x00-\x20\x7f-\x9f\\<>\"^`|\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_MAXIMUM_LENGTH: Final = 2048

Check = Callable[[str], None]


def problems(values: object, check: Check) -> list[ValidationError]:
    """Run `check` over a list of strings and return what is wrong with it, one error a value."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return [ValidationError(_("This must be a list of addresses."))]
    found = []
    for value in values:
        try:
            check(value)
        except ValidationError as error:
            found.append(error)
    if len(set(values)) != len(values):
        found.append(ValidationError(_("An address is listed twice.")))
    return found


def callback_allowed(uri: str, callbacks: Iterable[str], *, organization_name: str | None) -> bool:
    """Tell whether `uri` is one of the registered callbacks.

    `organization_name` fills the placeholder and is None when the request names no organization.
    """
    for callback in callbacks:
        if ORGANIZATION_PLACEHOLDER not in callback:
            if uri == callback:
                return True
        elif organization_name is not None and uri == callback.replace(ORGANIZATION_PLACEHOLDER, organization_name):
            return True
    return False


def is_loopback(host: str | None) -> bool:
    """Whether a host name always means this machine (RFC 6761 section 6.3)."""
    return host is not None and (host in LOOPBACK_HOSTS or host.endswith(".localhost"))


def issuer_is_plain_loopback() -> bool:
    """Whether this is a development set-up: the issuer itself is plain http on this machine."""
    issuer = urlsplit(settings.TENANT0_ISSUER)
    return issuer.scheme == "http" and is_loopback(issuer.hostname)


def check_callback(uri: str) -> None:
    """A callback: https, http on loopback, or a private scheme of a native application (RFC 8252 section 7)."""
    parts = _split(uri)
    if ORGANIZATION_PLACEHOLDER in uri:
        _check_placeholder(uri, parts)
    elif "{" in uri or "}" in uri:
        raise ValidationError(_("%(uri)s: the only placeholder is {organization_name}."), params={"uri": uri})
    if "*" in parts.netloc:
        raise ValidationError(_("%(uri)s: wildcards are not supported."), params={"uri": uri})
    if parts.scheme in {"http", "https"}:
        _check_web(uri, parts, allow_plain_loopback=True)
    elif parts.scheme in FORBIDDEN_SCHEMES:
        raise ValidationError(_("%(uri)s: this scheme is not allowed."), params={"uri": uri})


def check_logout_url(uri: str) -> None:
    """A logout URL follows the rules of a callback, without placeholders."""
    if "{" in uri or "}" in uri:
        raise ValidationError(_("%(uri)s: placeholders are not supported here."), params={"uri": uri})
    check_callback(uri)


def check_login_uri(uri: str) -> None:
    """The application login URI: https and not localhost, as invitation mails lead there.

    Plain http on loopback hosts is accepted only while the issuer itself is plain http on loopback.
    """
    parts = _split(uri)
    if "{" in uri or "}" in uri:
        raise ValidationError(_("%(uri)s: placeholders are not supported here."), params={"uri": uri})
    _check_web(uri, parts, allow_plain_loopback=issuer_is_plain_loopback())
    if is_loopback(parts.hostname) and not issuer_is_plain_loopback():
        raise ValidationError(_("%(uri)s: a login URI may not be on localhost."), params={"uri": uri})


def check_origin(origin: str) -> None:
    """A web origin: scheme, host and port, nothing more (RFC 6454 section 6.2)."""
    parts = _split(origin)
    _check_web(origin, parts, allow_plain_loopback=True)
    if parts.path or parts.query:
        raise ValidationError(_("%(uri)s: an origin has no path, not even a final slash."), params={"uri": origin})


def check_logo_url(uri: str) -> None:
    """A picture's address: https, or plain http on loopback while the issuer is so itself."""
    _check_web(uri, _split(uri), allow_plain_loopback=issuer_is_plain_loopback())


def check_picture(uri: str) -> None:
    """The address of a person's picture, which an upstream may have chosen: https or http, never another scheme."""
    parts = _split(uri)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise _invalid(uri)


def _split(uri: str) -> SplitResult:
    if not uri or len(uri) > _MAXIMUM_LENGTH or _UNSAFE.search(uri):
        raise ValidationError(_("%(uri)s: this is not a valid address."), params={"uri": uri[:200]})
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  # reading it is what validates it
    except ValueError as error:
        raise _invalid(uri) from error
    if not _SCHEME.fullmatch(parts.scheme) or not uri.startswith(f"{parts.scheme}:"):
        raise _invalid(uri)
    if parts.fragment or "#" in uri:
        raise _fragment(uri)
    return parts


def _check_web(uri: str, parts: SplitResult, *, allow_plain_loopback: bool) -> None:
    if not parts.hostname or "@" in parts.netloc or parts.netloc != parts.netloc.lower():
        raise ValidationError(_("%(uri)s: this is not a valid address."), params={"uri": uri})
    if parts.scheme == "https" or (parts.scheme == "http" and allow_plain_loopback and is_loopback(parts.hostname)):
        return
    raise ValidationError(_("%(uri)s: the address must start with https."), params={"uri": uri})


def _check_placeholder(uri: str, parts: SplitResult) -> None:
    label, _dot, rest = parts.netloc.partition(".")
    whole_label = label == ORGANIZATION_PLACEHOLDER and "." in rest
    if uri.count(ORGANIZATION_PLACEHOLDER) != 1 or not whole_label or parts.scheme not in {"http", "https"}:
        raise ValidationError(
            _("%(uri)s: {organization_name} must be the whole first label of the host."), params={"uri": uri}
        )


def _invalid(uri: str) -> ValidationError:
    return ValidationError(_("%(uri)s: this is not a valid address."), params={"uri": uri[:200]})


def _fragment(uri: str) -> ValidationError:
    # RFC 6749 section 3.1.2: a redirection endpoint has no fragment.
    return ValidationError(_("%(uri)s: the address may not have a # part."), params={"uri": uri})
