"""Pages for requests that no view answers: unknown paths, forged forms, errors of ours."""

import sys

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.middleware import DATABASE_IS_AWAY, unavailable
from login.errors import LoginRefused
from login.pages import render_error


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(request, 400, "invalid_request", _("The request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(request, 403, "access_denied", _("You may not see this page."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return _page(request, 404, "not_found", _("There is nothing here."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Plain text: whatever failed may be what a page needs. Called while the failure is being handled.

    A database that goes away between the view and the end of the request, as when the dashboard's session is saved, ends here.
    """
    if isinstance(sys.exception(), DATABASE_IS_AWAY):
        return unavailable(request)
    return HttpResponse("Something went wrong on our side. Please try again.\n", status=500, content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # Django passes it
    """A form that did not come from our own page in this browser, or whose cookie is gone."""
    text = _("This form has expired or was sent from elsewhere. Go back, load the page again and retry.")
    return _page(request, 403, "form_expired", text)


def _page(request: HttpRequest, status: int, error: str, description: str) -> HttpResponse:
    return render_error(request, LoginRefused(error, description), status=status)
