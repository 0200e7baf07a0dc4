"""Connections: their names, for which applications they are enabled, and what goes with them."""

from typing import Any

import pytest

from core.errors import Conflict, Invalid
from core.models import AuditEvent
from identity.models import ApplicationConnection, Connection, Credential, Identity, User
from identity.policy import connection_accepts_new_users
from identity.services.connections import (
    create_connection,
    delete_connection,
    disable_for_application,
    enable_for_application,
    update_connection,
)
from orgs.models import Membership, OrganizationConnection
from tests.cast import OPERATOR, Company, database_connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "a\n", "ä", "a" * 129, "a_b", "a\x00"])
def test_an_odd_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        database_connection(name)
    assert refused.value.field == "name"


def test_a_name_is_taken_once() -> None:
    database_connection("hoekstra-db")
    with pytest.raises(Conflict) as refused:
        database_connection("hoekstra-db")
    assert (refused.value.code, refused.value.field) == ("connection_exists", "name")


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        create_connection(actor=OPERATOR, name="odd", strategy="telepathy")
    assert refused.value.field == "strategy"


@pytest.mark.parametrize(
    "changes", [{"name": "other"}, {"strategy": "samlp"}, {"id": "con_1"}, {"metadata": []}, {"display_name": "a\nb"}]
)
def test_what_may_not_change_stays(changes: dict[str, Any]) -> None:
    connection = database_connection("hoekstra-db")
    with pytest.raises(Invalid):
        update_connection(actor=OPERATOR, connection=connection, **changes)
    connection.refresh_from_db()
    assert (connection.name, connection.strategy, connection.metadata) == ("hoekstra-db", "auth0", {})


def test_a_change_of_options_is_recorded_by_name_only() -> None:
    connection = database_connection("hoekstra-db")
    update_connection(actor=OPERATOR, connection=connection, options={"passwordPolicy": "low"}, display_name="Hoekstra")
    event = AuditEvent.objects.filter(target_id=connection.pk).first()
    assert event is not None
    assert event.details["changed"] == {"options": ["passwordPolicy"], "display_name": ["", "Hoekstra"]}


def test_options_are_encrypted_at_rest() -> None:
    database_connection("hoekstra-db", password_dictionary={"enable": True, "dictionary": ["open-sesame"]})
    stored = Connection.objects.extra(select={"raw": "options"}).values_list("raw", flat=True).get()
    assert "open-sesame" not in str(stored)


def test_enabling_twice_is_enabling_once(hoekstra: Company) -> None:
    enable_for_application(actor=OPERATOR, connection=hoekstra.connection, application=hoekstra.application)
    assert ApplicationConnection.objects.count() == 1
    disable_for_application(actor=OPERATOR, connection=hoekstra.connection, application=hoekstra.application)
    disable_for_application(actor=OPERATOR, connection=hoekstra.connection, application=hoekstra.application)
    assert not connection_accepts_new_users(hoekstra.connection)


def test_a_deleted_connection_takes_its_people_along(hoekstra: Company, jennifer: User, metahexa: Company) -> None:
    delete_connection(actor=OPERATOR, connection=hoekstra.connection)
    assert not User.objects.filter(pk=jennifer.pk).exists()
    for left in (Credential, Identity, Membership):
        assert not left.objects.exists()
    assert OrganizationConnection.objects.get().connection == metahexa.connection
    assert AuditEvent.objects.filter(description="Deleted a connection").get().details["users"] == 1


def test_whoever_can_sign_in_elsewhere_stays(jennifer: User, hoekstra: Company, metahexa: Company) -> None:
    Identity.objects.create(user=jennifer, connection=metahexa.connection, subject="1" * 24, is_primary=False)
    delete_connection(actor=OPERATOR, connection=hoekstra.connection)
    left = Identity.objects.get(user=jennifer)
    assert (left.connection, left.is_primary) == (metahexa.connection, True)
    assert Membership.objects.filter(user=jennifer).exists()
