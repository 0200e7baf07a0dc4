"""Tickets are derived, secrets are sealed, and old keys still open what they closed."""

import pytest
from cryptography.fernet import InvalidToken
from django.conf import LazySettings

from core import secrets


def test_a_ticket_is_always_the_same_for_the_same_parts() -> None:
    ticket = secrets.derived_ticket("invitation", "uinv_1", "1")
    assert ticket == secrets.derived_ticket("invitation", "uinv_1", "1")
    assert len(ticket) == 32
    assert ticket.isalnum()


@pytest.mark.parametrize(
    "parts", [("other", "uinv_1", "1"), ("invitation", "uinv_1", "2"), ("invitation", "uinv_11", "")]
)
def test_a_ticket_differs_with_purpose_and_parts(parts: tuple[str, ...]) -> None:
    assert secrets.derived_ticket(*parts) != secrets.derived_ticket("invitation", "uinv_1", "1")


def test_an_older_key_still_derives_and_decrypts(settings: LazySettings) -> None:
    settings.TENANT0_ENCRYPTION_KEYS = ["old key"]
    sealed, ticket = secrets.encrypt("a secret"), secrets.derived_ticket("invitation", "1")
    settings.TENANT0_ENCRYPTION_KEYS = ["new key", "old key"]
    assert secrets.decrypt(sealed) == "a secret"
    assert ticket in secrets.derived_tickets("invitation", "1")
    settings.TENANT0_ENCRYPTION_KEYS = ["new key"]
    with pytest.raises(InvalidToken):
        secrets.decrypt(sealed)


def test_a_digest_matches_its_token_only() -> None:
    token = secrets.new_token()
    assert secrets.matches(token, secrets.digest(token))
    assert not secrets.matches(token + "x", secrets.digest(token))
