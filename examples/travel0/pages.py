"""The pages that need no issuer: home, health, failures, and the headers that every answer carries."""

from typing import Final

from flask import Blueprint, Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from .config import Config
from .people import People
from .trips import upcoming_trips

_TITLES: Final = {
    "access_denied": "You have not been let in",
    "expired": "This sign-in has expired",
    "not_found": "There is nothing here",
    "unavailable": "Sign-in is not available right now",
    "unverified": "This sign-in could not be verified",
}


def failure(error: str, description: str, status: int) -> tuple[str, int]:
    """Draw the page of a sign-in that went no further. The template escapes what it shows."""
    title = _TITLES.get(error, "Signing in did not work")
    return render_template("failure.html", title=title, error=error, description=description), status


def build_pages(config: Config, people: People) -> Blueprint:
    """Return the blueprint `pages` of this instance."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def home() -> str:
        person = people.find()
        template = "home.html" if person else "welcome.html"
        return render_template(template, person=person, trips=upcoming_trips())

    @pages.get("/healthz")
    def health() -> dict[str, str]:
        """Tell that the process answers; the issuer's health is the issuer's to tell."""
        return {"status": "ok"}

    @pages.app_context_processor
    def shared() -> dict[str, object]:
        return {"customer": config.customer, "login_url": config.login_url}

    @pages.after_app_request
    def harden(response: Response) -> Response:
        return _with_security_headers(response, config)

    return pages


def register_failures(app: Flask) -> None:
    """Show every refused or failed request as a page of Travel0."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        if status >= 500:
            return failure("server_error", "Something went wrong on our side. Please try again in a moment.", status)
        return failure("not_found", "The address is not one of ours, or it cannot be used in this way.", status)


def _with_security_headers(response: Response, config: Config) -> Response:
    # Browsers hold a form to `form-action` through its redirects too, and signing out redirects to the issuer.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {config.issuer_origin}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    # Whether somebody is signed in is for this browser only, and the back button must not show it afterwards.
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
