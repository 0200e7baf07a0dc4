"""Delivering an authorization response to an application: by query, fragment or form (OAuth 2.0 Multiple Response Types,
OAuth 2.0 Form Post Response Mode), and the two kinds of pages the endpoint shows itself."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from login.errors import LoginRefused
from login.pages import render_error

FOUND: Final = 302
SEE_OTHER: Final = 303


@dataclass(frozen=True)
class Destination:
    """Where the response goes: a proven redirect URI, the response mode ("" for the default), and the state to echo."""

    redirect_uri: str
    response_mode: str = ""
    state: str = ""


@dataclass(frozen=True)
class ErrorPage:
    """An error that stays here, as application or redirect URI are not proven."""

    refusal: LoginRefused

    def render(self, request: HttpRequest) -> HttpResponse:
        return render_error(request, self.refusal)


@dataclass(frozen=True)
class FormPostPage:
    """A page whose form carries the response; a script of ours submits it, without scripts a button does."""

    redirect_uri: str
    parameters: tuple[tuple[str, str], ...]

    def render(self, request: HttpRequest) -> HttpResponse:
        context = {
            "redirect_uri": self.redirect_uri,
            "parameters": self.parameters,
            "language": translation.get_language() or settings.LANGUAGE_CODE,
        }
        response = render(request, "login/form_post.html", context)
        response["Cache-Control"] = "no-store"
        parts = urlsplit(self.redirect_uri)
        # A native application's private scheme has no host.
        target = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
        # The content security policy's middleware reads this name; it is how its own decorators work.
        response._csp_replace = {"form-action": [target]}  # type: ignore[attr-defined]
        return response


def deliver(
    destination: Destination, parameters: dict[str, str], *, status: int = FOUND
) -> HttpResponse | FormPostPage:
    """Send `parameters` to the application with its state and our issuer (RFC 9207 section 2)."""
    pairs = dict(parameters)
    if destination.state:
        pairs["state"] = destination.state
    pairs["iss"] = settings.TENANT0_ISSUER
    if destination.response_mode == "form_post":
        return FormPostPage(destination.redirect_uri, tuple(pairs.items()))
    # A registered redirect URI has no fragment, and may have a query of its own (RFC 6749 section 3.1.2).
    query_mark = "&" if "?" in destination.redirect_uri else "?"
    mark = "#" if destination.response_mode == "fragment" else query_mark
    return redirect(f"{destination.redirect_uri}{mark}{urlencode(pairs)}", status=status)


def redirect(location: str, *, status: int = FOUND) -> HttpResponse:
    """Redirect to a proven URI. Django's own redirect refuses the private schemes of native applications."""
    response = HttpResponse(status=status)
    response.headers["Location"] = location
    response.headers["Cache-Control"] = "no-store"
    return response
