"""`manage.py check --deploy`: the settings that would hurt in production."""

from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

_PLACEHOLDERS: Final = ("change", "secret", "insecure", "example", "replaced", "xxxx")
_CONSOLE_MAIL: Final = "django.core.mail.backends.console.EmailBackend"


@register(Tags.security, deploy=True)
def check_issuer(**_kwargs: Any) -> list[CheckMessage]:
    if urlsplit(settings.TENANT0_ISSUER).scheme != "https":
        return [Error("TENANT0_ISSUER is not https: codes and tokens would travel in the clear.", id="tenant0.E001")]
    return []


@register(Tags.security, deploy=True)
def check_secrets(**_kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    key = settings.SECRET_KEY
    if len(key) < 50 or len(set(key)) < 10 or any(word in key.lower() for word in _PLACEHOLDERS):
        found.append(Error("SECRET_KEY looks like a placeholder; use 50 random characters.", id="tenant0.E002"))
    if settings.TENANT0_ENCRYPTION_KEYS[0] == key:
        hint = "Set TENANT0_ENCRYPTION_KEYS, so that cookies and stored secrets can be rotated apart."
        found.append(Warning("Stored secrets are encrypted with SECRET_KEY.", hint=hint, id="tenant0.W001"))
    return found


@register(Tags.security, deploy=True)
def check_debug(**_kwargs: Any) -> list[CheckMessage]:
    return [Error("DEBUG is on: errors would show our insides.", id="tenant0.E003")] if settings.DEBUG else []


@register(Tags.database, deploy=True)
def check_shared_state(**_kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.TENANT0_IS_POSTGRESQL:
        found.append(Error("DATABASE_URL is SQLite: it serves one process on one machine.", id="tenant0.E004"))
    if not settings.REDIS_URL:
        hint = "Without Redis each process counts attempts for itself, and workers are not watched."
        found.append(Error("REDIS_URL is not set.", hint=hint, id="tenant0.E005"))
    return found


@register(Tags.security, deploy=True)
def check_mail(**_kwargs: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND == _CONSOLE_MAIL:
        return [Error("EMAIL_URL is not set: invitations would be printed, not sent.", id="tenant0.E006")]
    return []


@register(Tags.security, deploy=True)
def check_proxies(**_kwargs: Any) -> list[CheckMessage]:
    if settings.TENANT0_TRUSTED_PROXIES == 0:
        hint = "If a proxy stands in front, set it to their number: else everybody has the proxy's address, and shares its limits."
        return [Info("TENANT0_TRUSTED_PROXIES is 0: X-Forwarded-For is ignored.", hint=hint, id="tenant0.I001")]
    return []
