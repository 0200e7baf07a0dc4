"""The one middleware every request passes: a request id, a line in the log, and the caller's address."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.logs import begin_request

logger = logging.getLogger("tenant0.request")


class RequestMiddleware:
    """Give every request an id and write one line about it: method, path without query, status, milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = begin_request(request.META.get("HTTP_X_REQUEST_ID"))
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
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
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that is away is told as such: try again soon, and no trace (RFC 9110 section 15.6.4)."""
        if not isinstance(exception, (OperationalError, InterfaceError)):
            return None
        logger.error("database unavailable", extra={"path": request.path, "reason": type(exception).__name__})
        headers = {"Retry-After": "5", "Cache-Control": "no-store"}
        if "text/html" in request.META.get("HTTP_ACCEPT", ""):
            text = "We are briefly unavailable. Please try again in a few seconds.\n"
            return HttpResponse(text, status=503, content_type="text/plain", headers=headers)
        body = {"error": "temporarily_unavailable", "error_description": "The service is briefly unavailable."}
        return JsonResponse(body, status=503, headers=headers)
