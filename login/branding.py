"""How a page looks: the organization's logo, colours and name, else the tenant's."""

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse

from core.colours import contrast, text_on
from identity.models import Application
from orgs.models import Organization

DEFAULT_PRIMARY: Final = "#3b3fd8"
DEFAULT_BACKGROUND: Final = "#f2f3f8"
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Branding:
    """What a page shows of an organization. Colours are `#rrggbb`; `logo_url` may be empty, then `initials` stand for it."""

    name: str
    logo_url: str = ""
    primary: str = DEFAULT_PRIMARY
    background: str = DEFAULT_BACKGROUND

    @property
    def initials(self) -> str:
        """Up to two letters of the name."""
        words = [word for word in self.name.replace("&", " ").split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "•"

    @property
    def stylesheet(self) -> str:
        """The address of the small style sheet that sets the two colours; no inline style is needed."""
        return reverse("login-theme", args=[self.primary[1:].lower(), self.background[1:].lower()])


def branding_of(organization: Organization | None, application: Application | None = None) -> Branding:
    """Return the branding of an organization, or of an application without one."""
    if organization is not None:
        return Branding(
            name=organization.display_name or organization.name,
            logo_url=organization.logo_url,
            primary=_colour(organization.primary_color, DEFAULT_PRIMARY),
            background=_colour(organization.page_background_color, DEFAULT_BACKGROUND),
        )
    if application is not None:
        return Branding(name=application.name, logo_url=application.logo_uri)
    return Branding(name=settings.TENANT0_FRIENDLY_NAME)


def theme_css(primary: str, background: str) -> str:
    """Return the style sheet for two colours given as six hexadecimal digits each.

    Text on the primary colour is black or white, whichever contrasts more (WCAG 2.2 section 1.4.3); links take the primary
    colour only where it is readable on white.
    """
    on_primary = text_on(primary)
    link = f"#{primary}" if contrast(primary, "ffffff") >= 4.5 else "#1b1c3a"
    on_background = "#ffffff" if contrast(background, "ffffff") > contrast(background, "14152b") else "#14152b"
    return (
        f":root{{--primary:#{primary};--on-primary:{on_primary};--link:{link};"
        f"--background:#{background};--on-background:{on_background}}}\n"
    )


def _colour(value: str, default: str) -> str:
    return value if _COLOUR.fullmatch(value) else default
