"""`/u/theme/…css`: the two colours of an organization as a style sheet, and a visit of `/login` out of the blue."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from login import pages
from login.branding import theme_css


@require_safe
def theme(_request: HttpRequest, primary: str, background: str) -> HttpResponse:
    """The path says it all, so the answer never changes and may be kept for a year."""
    response = HttpResponse(theme_css(primary, background), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
def direct_visit(request: HttpRequest) -> HttpResponse:
    """Nobody signs in here without an application: lead to where logins start, else explain."""
    return pages.render_lost(request)
