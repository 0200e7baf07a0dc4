"""The options of a database connection: one validation for every door."""

from typing import Any

import pytest

from core.errors import Invalid
from identity.models import Connection
from identity.services.connections import create_connection, update_connection
from tests.cast import OPERATOR, database_connection

pytestmark = pytest.mark.django_db


def test_a_new_connection_has_auth0s_defaults() -> None:
    connection = database_connection("plain")
    assert connection.options == {"passwordPolicy": "good", "brute_force_protection": True}


def test_every_option_is_stored_under_auth0s_name() -> None:
    options: dict[str, Any] = {
        "passwordPolicy": "excellent",
        "password_complexity_options": {"min_length": 12},
        "password_history": {"enable": True, "size": 24},
        "password_dictionary": {"enable": True, "dictionary": ["travel0"]},
        "password_no_personal_info": {"enable": True},
        "disable_signup": True,
        "requires_username": True,
        "brute_force_protection": False,
        "validation": {"username": {"min": 3, "max": 20}},
    }
    connection = database_connection("full", **options)
    connection.refresh_from_db()
    assert connection.options == options


@pytest.mark.parametrize(
    "options",
    [
        {"passwordpolicy": "good"},
        {"passwordPolicy": "great"},
        {"passwordPolicy": ["good"]},
        {"password_complexity_options": {"min_length": 0}},
        {"password_complexity_options": {"min_length": 129}},
        {"password_complexity_options": {"min_length": True}},
        {"password_complexity_options": 8},
        {"password_history": {"enable": True, "size": 25}},
        {"password_history": {"enable": "yes"}},
        {"password_history": {"length": 5}},
        {"password_dictionary": {"enable": True, "dictionary": ["x" * 51]}},
        {"password_dictionary": {"enable": True, "dictionary": ["x"] * 201}},
        {"password_dictionary": {"enable": True, "dictionary": [1]}},
        {"password_dictionary": {"dictionary": "travel0"}},
        {"password_no_personal_info": True},
        {"disable_signup": 1},
        {"requires_username": None},
        {"validation": {"username": "short"}},
        {"validation": {"username": {"min": 9, "max": 8}}},
        {"validation": {"username": {"min": 20}}},
        {"validation": []},
    ],
)
def test_anything_else_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        database_connection("odd", **options)
    assert (refused.value.code, refused.value.field) == ("invalid_options", "options")
    assert not Connection.objects.exists()


@pytest.mark.parametrize("options", [[1], "none", 5])
def test_options_are_an_object(options: Any) -> None:
    with pytest.raises(Invalid):
        create_connection(actor=OPERATOR, name="odd", strategy="auth0", options=options)


def test_an_update_replaces_the_options_as_a_whole() -> None:
    connection = database_connection("plain", disable_signup=True)
    updated = update_connection(actor=OPERATOR, connection=connection, options={"passwordPolicy": "low"})
    assert updated.options == {"passwordPolicy": "low", "brute_force_protection": True}


def test_a_refused_update_changes_nothing() -> None:
    connection = database_connection("plain", disable_signup=True)
    with pytest.raises(Invalid):
        update_connection(actor=OPERATOR, connection=connection, options={"unknown": 1}, display_name="New")
    connection.refresh_from_db()
    assert connection.options["disable_signup"] is True
    assert connection.display_name == ""
