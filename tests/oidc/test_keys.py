"""The signing keys: made once, rotated, revoked, and kept from everybody."""

from io import StringIO
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from core.actors import SYSTEM
from core.errors import Conflict, NotFound
from oidc import keys
from oidc.models import SigningKey
from tests.oidc.clients import Party, header_of


def published() -> list[str]:
    return [key["kid"] for key in Client().get("/.well-known/jwks.json", secure=True).json()["keys"]]


@pytest.mark.django_db
def test_the_first_use_makes_a_current_and_a_next_key() -> None:
    keys.ensure_keys()
    keys.ensure_keys()
    assert SigningKey.objects.count() == 2
    assert keys.current_key().current_since is not None


@pytest.mark.django_db
def test_a_rotation_lets_the_next_key_sign_and_keeps_the_former(party: Party) -> None:
    before = party.tokens()["id_token"]
    upcoming = SigningKey.objects.get(current_since=None)
    keys.rotate_keys(actor=SYSTEM)
    after = party.tokens()["id_token"]
    assert header_of(after)["kid"] == upcoming.kid
    assert keys.read(before) is not None
    assert len(published()) == 3
    assert published()[0] == upcoming.kid


@pytest.mark.django_db
def test_a_revoked_key_is_no_longer_published_or_believed(party: Party) -> None:
    token = party.tokens()["id_token"]
    former = keys.current_key().kid
    keys.rotate_keys(actor=SYSTEM)
    keys.revoke_key(actor=SYSTEM, kid=former)
    assert former not in published()
    assert keys.read(token) is None


@pytest.mark.django_db
def test_the_current_and_the_next_key_cannot_be_revoked() -> None:
    keys.ensure_keys()
    for key in SigningKey.objects.all():
        with pytest.raises(Conflict):
            keys.revoke_key(actor=SYSTEM, kid=key.kid)
    with pytest.raises(NotFound):
        keys.revoke_key(actor=SYSTEM, kid="nonsense")


@pytest.mark.django_db
def test_private_keys_are_encrypted_at_rest() -> None:
    keys.ensure_keys()
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_pem FROM oidc_signingkey")
        assert all("PRIVATE KEY" not in row[0] for row in cursor.fetchall())


@pytest.mark.django_db
def test_a_token_of_a_stranger_s_key_is_not_read() -> None:
    keys.ensure_keys()
    token = keys.sign({"iss": "https://auth.travel0.test/", "sub": "x"})
    SigningKey.objects.all().delete()
    keys.forget()
    assert keys.read(token) is None
    assert keys.read("x" * 20000) is None
    assert keys.read("é.é.é") is None


@pytest.mark.django_db
def test_the_command_lists_and_rotates() -> None:
    out = StringIO()
    call_command("keys", "rotate", stdout=out)
    states = sorted(line.split()[1] for line in out.getvalue().splitlines())
    assert states == ["current", "next", "previous"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one process write at a time anyway")
def test_many_first_starts_make_two_keys() -> None:
    def start() -> None:
        keys.ensure_keys()
        connections.close_all()

    threads = [Thread(target=start) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SigningKey.objects.count() == 2
