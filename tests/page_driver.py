"""A browser without a screen: Django's client with cookies, filling in our forms as a person without JavaScript would."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from django.test import Client

HOST = "auth.travel0.test"
ORIGIN = f"https://{HOST}"


class Page:
    """One answer and the address it came from."""

    def __init__(self, response: Any, path: str) -> None:
        self.response = response
        self.path = path

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def text(self) -> str:
        return str(self.response.content.decode())

    @property
    def location(self) -> str:
        return str(self.response.get("Location", ""))

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the redirect, from its query or its fragment."""
        parts = urlsplit(self.location)
        return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}


class PageDriver:
    """Enforces CSRF as production does; follows redirects within the issuer only."""

    def __init__(self, *, address: str = "192.0.2.50", language: str = "en") -> None:
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=address)
        self.headers = {"host": HOST, "accept-language": language}

    def get(self, path: str, **parameters: str) -> Page:
        full = f"{path}?{urlencode(parameters)}" if parameters else path
        return Page(self.client.get(full, headers=self.headers, secure=True), full)

    def open(self, path: str, **parameters: str) -> Page:
        """Go somewhere and follow the issuer's own redirects until a page or another site."""
        page = self.get(path, **parameters)
        while page.location and urlsplit(urljoin(ORIGIN, page.location)).netloc == HOST:
            page = self.get(page.location)
        return page

    def submit(self, page: Page, **values: str) -> Page:
        """Send the page's form, with its hidden values; the answer is not followed."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        headers = {**self.headers, "origin": ORIGIN}
        response = self.client.post(page.path, {**hidden, **values}, headers=headers, secure=True)
        return Page(response, page.path)

    def follow(self, page: Page) -> Page:
        assert page.status == 303, (page.status, page.text[:2000])
        return self.open(page.location)

    def cookie(self, name: str) -> Any:
        return self.client.cookies.get(name)
