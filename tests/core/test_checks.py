"""`check --deploy` names what would hurt in production, and is silent where nothing would."""

import secrets

import pytest
from django.conf import LazySettings
from django.core.checks import CheckMessage, run_checks


def found(*, database: bool = False) -> set[str]:
    messages: list[CheckMessage] = run_checks(
        include_deployment_checks=True, databases=["default"] if database else None
    )
    return {str(message.id) for message in messages if str(message.id).startswith("tenant0.")}


@pytest.fixture(autouse=True)
def _production(settings: LazySettings) -> None:
    settings.SECRET_KEY = secrets.token_urlsafe(48)
    settings.TENANT0_ENCRYPTION_KEYS = [secrets.token_urlsafe(48)]
    settings.TENANT0_ISSUER = "https://auth.travel0.test/"
    settings.DEBUG = False
    settings.TENANT0_IS_POSTGRESQL = True
    settings.REDIS_URL = "redis://redis:6379/0"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.TENANT0_TRUSTED_PROXIES = 1


def test_a_good_deployment_has_nothing_to_be_told() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TENANT0_ISSUER", "http://auth.travel0.test/", "tenant0.E001"),
        ("SECRET_KEY", "x" * 64, "tenant0.E002"),
        ("SECRET_KEY", "change-me-" + "0123456789abcdef" * 4, "tenant0.E002"),
        ("DEBUG", True, "tenant0.E003"),
        ("TENANT0_IS_POSTGRESQL", False, "tenant0.E004"),
        ("REDIS_URL", "", "tenant0.E005"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "tenant0.E006"),
        ("TENANT0_TRUSTED_PROXIES", 0, "tenant0.I001"),
    ],
)
def test_it_names_what_would_hurt(settings: LazySettings, name: str, value: object, expected: str) -> None:
    setattr(settings, name, value)
    assert expected in found()


def test_it_warns_of_one_key_for_two_purposes(settings: LazySettings) -> None:
    settings.TENANT0_ENCRYPTION_KEYS = [settings.SECRET_KEY]
    assert found() == {"tenant0.W001"}


@pytest.mark.django_db
def test_it_misses_the_signing_key() -> None:
    assert found(database=True) == {"tenant0.E007"}
