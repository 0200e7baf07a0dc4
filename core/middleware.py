"""The one middleware every request passes: a request id and a line in the log."""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from core.logs import begin_request

logger: Final = logging.getLogger("tenant0.request")


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
