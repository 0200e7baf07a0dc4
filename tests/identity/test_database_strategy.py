"""The database strategy: who gets in with what, and what a password leaves behind."""

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import DjangoAssertNumQueries

from core.errors import Conflict, Invalid, NotFound
from identity import passwords
from identity.models import Connection, Credential
from identity.strategies import strategy_for
from identity.strategies.base import InvalidCredentials
from identity.strategies.database import DatabaseStrategy
from tests.cast import JENNIFER, PASSWORD, database_connection

pytestmark = pytest.mark.django_db


def strategy(connection: Connection) -> DatabaseStrategy:
    found = strategy_for(connection)
    assert isinstance(found, DatabaseStrategy)
    return found


@pytest.fixture
def database() -> DatabaseStrategy:
    return strategy(database_connection("hoekstra-db"))


@pytest.fixture
def with_usernames() -> DatabaseStrategy:
    return strategy(
        database_connection("named-db", requires_username=True, validation={"username": {"min": 3, "max": 8}})
    )


def test_sign_up_and_sign_in_give_the_same_subject(database: DatabaseStrategy) -> None:
    made = database.sign_up(JENNIFER, PASSWORD)
    found = database.authenticate(" Jennifer@HOEKSTRA.example", PASSWORD)
    assert made == found
    assert len(found.subject) == 24
    assert not found.email_verified


@pytest.mark.parametrize("identifier", [JENNIFER, "nobody@hoekstra.example", "nobody", "", "x\x00y", "\ud800"])
def test_wrong_credentials_are_all_alike(database: DatabaseStrategy, identifier: str) -> None:
    database.sign_up(JENNIFER, PASSWORD)
    with pytest.raises(InvalidCredentials):
        database.authenticate(identifier, "wrong")


@pytest.mark.parametrize("identifier", [JENNIFER, "nobody@hoekstra.example", "nobody"])
def test_each_attempt_costs_one_hash(
    database: DatabaseStrategy, monkeypatch: pytest.MonkeyPatch, identifier: str
) -> None:
    database.sign_up(JENNIFER, PASSWORD)
    hashes: list[str] = []

    def hashing(*arguments: str) -> bool:
        hashes.append(arguments[0])
        return False

    monkeypatch.setattr(passwords, "check_password", hashing)
    monkeypatch.setattr(passwords, "make_password", hashing)
    with pytest.raises(InvalidCredentials):
        database.authenticate(identifier, "wrong")
    assert len(hashes) == 1


@pytest.mark.parametrize("identifier", [JENNIFER, "nobody@hoekstra.example"])
def test_an_over_long_password_costs_nothing_for_anybody(
    database: DatabaseStrategy, django_assert_num_queries: DjangoAssertNumQueries, identifier: str
) -> None:
    database.sign_up(JENNIFER, PASSWORD)
    with django_assert_num_queries(0), pytest.raises(InvalidCredentials):
        database.authenticate(identifier, "x" * 1_000_000)


def test_an_address_is_taken_in_any_spelling(database: DatabaseStrategy) -> None:
    database.sign_up(JENNIFER, PASSWORD)
    with pytest.raises(Conflict) as refused:
        database.sign_up(JENNIFER.upper(), PASSWORD)
    assert refused.value.code == "user_exists"


def test_connections_keep_their_people_apart(database: DatabaseStrategy) -> None:
    other = strategy(database_connection("other-db"))
    database.sign_up(JENNIFER, PASSWORD)
    with pytest.raises(InvalidCredentials):
        other.authenticate(JENNIFER, PASSWORD)
    assert other.sign_up(JENNIFER, PASSWORD).subject != database.authenticate(JENNIFER, PASSWORD).subject


def test_a_username_signs_in_in_any_case(with_usernames: DatabaseStrategy) -> None:
    made = with_usernames.sign_up(JENNIFER, PASSWORD, username="Jenny")
    assert with_usernames.authenticate("JENNY", PASSWORD).subject == made.subject
    assert made.attributes == {"username": "jenny"}


@pytest.mark.parametrize("username", ["", "ab", "a" * 9, "jen ny", "jen@ny", "j\u0435nny", "jenn\u212a"])
def test_an_odd_username_is_refused(with_usernames: DatabaseStrategy, username: str) -> None:
    with pytest.raises(Invalid) as refused:
        with_usernames.sign_up(JENNIFER, PASSWORD, username=username)
    assert refused.value.field == "username"


def test_a_username_is_taken_once(with_usernames: DatabaseStrategy) -> None:
    with_usernames.sign_up(JENNIFER, PASSWORD, username="jenny")
    with pytest.raises(Conflict) as refused:
        with_usernames.sign_up("other@hoekstra.example", PASSWORD, username="JENNY")
    assert (refused.value.code, refused.value.field) == ("username_exists", "username")


def test_usernames_are_ignored_where_the_connection_has_none(database: DatabaseStrategy) -> None:
    assert database.sign_up(JENNIFER, PASSWORD, username="jenny").attributes == {}


def test_without_a_password_nobody_gets_in(database: DatabaseStrategy) -> None:
    made = database.sign_up_without_password(JENNIFER)
    for password in ("", "!", Credential.objects.get().password):
        with pytest.raises(InvalidCredentials):
            database.authenticate(JENNIFER, password)
    database.change_password(made.subject, PASSWORD)
    assert database.authenticate(JENNIFER, PASSWORD).subject == made.subject


def test_a_changed_password_replaces_the_old_one(database: DatabaseStrategy) -> None:
    made = database.sign_up(JENNIFER, PASSWORD)
    database.change_password(made.subject, "Another-Secret-8")
    with pytest.raises(InvalidCredentials):
        database.authenticate(JENNIFER, PASSWORD)
    assert database.authenticate(JENNIFER, "Another-Secret-8").subject == made.subject
    assert Credential.objects.get().history == []


def test_the_history_keeps_as_many_as_it_says() -> None:
    database = strategy(database_connection("strict-db", password_history={"enable": True, "size": 2}))
    subject = database.sign_up(JENNIFER, "Password-A-1").subject
    database.change_password(subject, "Password-B-2")
    for earlier in ("Password-A-1", "Password-B-2"):
        with pytest.raises(Invalid) as refused:
            database.change_password(subject, earlier)
        assert refused.value.code == "password_history"
    database.change_password(subject, "Password-C-3")
    database.change_password(subject, "Password-A-1")
    assert len(Credential.objects.get().history) == 2


def test_an_unknown_subject_has_no_password_to_change(database: DatabaseStrategy) -> None:
    with pytest.raises(NotFound):
        database.change_password("0" * 24, PASSWORD)


def test_a_hash_of_another_kind_is_renewed_at_sign_in(database: DatabaseStrategy) -> None:
    database.sign_up(JENNIFER, PASSWORD)
    Credential.objects.update(password=make_password(PASSWORD, hasher="scrypt"))
    database.authenticate(JENNIFER, PASSWORD)
    assert not passwords.is_outdated(Credential.objects.get().password)
    database.authenticate(JENNIFER, PASSWORD)
