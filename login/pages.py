"""Rendering the login pages: branding, language, and a content security policy that fits the redirect to come."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from login.branding import Branding, branding_of
from login.errors import LoginRefused
from login.models import LoginTransaction

_WEB_SCHEMES: Final = frozenset({"http", "https"})


def see_other(path: str) -> HttpResponseRedirect:
    """Redirect with 303, so that a browser never sends a password along (RFC 9700 section 4.12)."""
    response = HttpResponseRedirect(path)
    response.status_code = 303
    return response


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    branding: Branding,
    status: int = 200,
    redirect_uri: str = "",
) -> HttpResponse:
    """Render a login page. `redirect_uri` is where its form may lead in the end: browsers hold redirects to form-action."""
    page = {
        "branding": branding,
        "support_url": settings.TENANT0_SUPPORT_URL,
        "tenant_name": settings.TENANT0_FRIENDLY_NAME,
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "right_to_left": translation.get_language_bidi(),
        **context,
    }
    response = render(request, template, page, status=status)
    response["Cache-Control"] = "no-store"
    scheme = urlsplit(redirect_uri).scheme
    if scheme and scheme not in _WEB_SCHEMES:
        # The content security policy's middleware reads this name; it is how its own decorators work.
        response._csp_update = {"form-action": [f"{scheme}:"]}  # type: ignore[attr-defined]
    return response


def render_error(
    request: HttpRequest, refusal: LoginRefused, *, status: int = 400, branding: Branding | None = None
) -> HttpResponse:
    """Show an error that cannot be sent to an application, because it or its redirect URI is not proven."""
    context = {"error": refusal.error, "description": refusal.description}
    return render_page(request, "login/error.html", context, branding=branding or branding_of(None), status=status)


def render_lost(request: HttpRequest) -> HttpResponse:
    """Answer a page without a login in progress: lead to where logins start, else explain."""
    if settings.TENANT0_DEFAULT_LOGIN_URI:
        return see_other(settings.TENANT0_DEFAULT_LOGIN_URI)
    text = _(
        "This login has expired, was finished, or began in another browser. Go back to the application and start again."
    )
    return render_error(request, LoginRefused("login_expired", text))


def redirect_uri_of(transaction: LoginTransaction, requested: str) -> str:
    """Return where the browser goes in the end, for the content security policy."""
    callbacks = transaction.application.callbacks
    return requested or (callbacks[0] if callbacks else "")
