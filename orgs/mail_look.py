"""How a mail of an organization looks: its name, logo and colours, else the application's or the product's."""

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from core.colours import text_on
from identity.models import Application
from orgs.models import Organization

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_PRIMARY: Final = "#3b3fd8"
_BACKGROUND: Final = "#f2f3f8"


@dataclass(frozen=True)
class MailLook:
    """What the mail templates show. Colours are `#rrggbb`; `logo_url` may be empty."""

    name: str
    logo_url: str = ""
    primary: str = _PRIMARY
    background: str = _BACKGROUND

    @property
    def on_primary(self) -> str:
        return text_on(self.primary[1:])


def mail_look(organization: Organization | None, application: Application | None = None) -> MailLook:
    """Return the look of an organization's mail, or of an application's without one."""
    if organization is not None:
        return MailLook(
            name=str(organization),
            logo_url=organization.logo_url,
            primary=_colour(organization.primary_color, _PRIMARY),
            background=_colour(organization.page_background_color, _BACKGROUND),
        )
    if application is not None:
        return MailLook(name=application.name, logo_url=application.logo_uri)
    return MailLook(name=settings.TENANT0_FRIENDLY_NAME)


def _colour(value: str, default: str) -> str:
    # Colours stand in a style attribute; whatever is not one does not get there.
    return value if _COLOUR.fullmatch(value) else default
