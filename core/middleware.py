"""The one middleware every request passes: a request id and a line in the log."""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from core.logs import begin_request

logger: Final = logging.getLogger("tenant0.request")
DATABASE_IS_AWAY: Final = (OperationalError, InterfaceError)


class RequestMiddleware:
    """Give every request an id and write one line about it: method, path without query, status, milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = begin(request)
        response = self.get_response(request)
        finish(request, response, request_id, started=started)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that is away is told as such."""
        return unavailable(request) if isinstance(exception, DATABASE_IS_AWAY) else None


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer that we are away for a moment: try again soon, and no trace (RFC 9110 section 15.6.4)."""
    logger.error("database unavailable", extra={"path": request.path})
    headers = {"Retry-After": "5", "Cache-Control": "no-store"}
    if "text/html" in request.META.get("HTTP_ACCEPT", ""):
        # Set here too, as what adds it elsewhere does not see every failure.
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
        return HttpResponse(render_to_string("unavailable.html"), status=503, headers=headers)
    body = {"error": "temporarily_unavailable", "error_description": "The service is briefly unavailable."}
    return JsonResponse(body, status=503, headers=headers)


def begin(request: HttpRequest) -> str:
    """Start the request's id and return it."""
    return begin_request(request.META.get("HTTP_X_REQUEST_ID"))


def finish(request: HttpRequest, response: HttpResponse, request_id: str, *, started: float) -> None:
    """Name the request in the answer and write its line. `started` is a reading of the performance counter, in seconds."""
    response.headers["X-Request-Id"] = request_id
    if logger.isEnabledFor(logging.INFO):
        # Never the query string: it may hold a code, a ticket or a state.
        logger.info(
            "request",
            extra={
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            },
        )
