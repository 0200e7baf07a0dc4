"""Organizations: what may be stored, what a change leaves behind, and what a deletion takes along."""

from typing import Any

import pytest
from pytest_django import Settings

from core.errors import Conflict, Invalid
from core.models import AuditEvent
from identity.models import Connection, User
from invitations.models import Invitation
from orgs import policy
from orgs.models import MemberRole, Membership, Organization, OrganizationConnection
from orgs.services.connections import ConnectionChoice
from orgs.services.memberships import add_members
from orgs.services.organizations import (
    create_organization,
    delete_organization,
    freeze_organization,
    unfreeze_organization,
    update_organization,
)
from tests.cast import OPERATOR, Company, database_connection, make_invitation, make_role

pytestmark = pytest.mark.django_db


def make(name: str = "thehoekstra", **fields: Any) -> Organization:
    return create_organization(actor=OPERATOR, name=name, **fields)


def test_an_organization_has_an_id_of_auth0s_shape() -> None:
    organization = make()
    assert organization.pk.startswith("org_")
    assert len(organization.pk) == 20


@pytest.mark.parametrize("name", ["a", "0", "the-hoekstra_1", "a" * 50])
def test_a_name_may_be(name: str) -> None:
    assert make(name).name == name


@pytest.mark.parametrize(
    "name", ["", "a" * 51, "Hoekstra", "-a", "_a", "a b", "a.b", "org_1", "hoekstra\n", "h\u043eekstra", "a\x00"]
)
def test_a_name_may_not_be(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        make(name)
    assert refused.value.field == "name"


def test_a_name_is_taken_once_and_free_after_a_renaming() -> None:
    organization = make()
    with pytest.raises(Conflict) as refused:
        make()
    assert refused.value.code == "organization_conflict"
    update_organization(actor=OPERATOR, organization=organization, name="hoekstra")
    assert make().name == "thehoekstra"


def test_a_renaming_to_a_taken_name_changes_nothing() -> None:
    make("metahexa")
    organization = make()
    with pytest.raises(Conflict):
        update_organization(actor=OPERATOR, organization=organization, name="metahexa", display_name="New")
    organization.refresh_from_db()
    assert (organization.name, organization.display_name) == ("thehoekstra", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"display_name": "x" * 256},
        {"display_name": "Hoekstra\r\nBcc: all"},
        {"display_name": "\u202eartskeoH"},
        {"display_name": "\x00"},
        {"metadata": []},
        {"metadata": {"a": 1}},
        {"metadata": {"a": "x" * 256}},
        {"metadata": {"": "x"}},
        {"metadata": {"a": "\x00"}},
        {"metadata": {str(number): "x" for number in range(26)}},
        {"logo_url": "http://hoekstra.example/logo.png"},
        {"logo_url": "javascript:alert(1)"},
        {"primary_color": "red"},
        {"page_background_color": "#12345"},
        {"page_background_color": "#123456;"},
        {"status": "gone"},
        {"id": "org_mine"},
        {"created_at": None},
    ],
)
def test_it_refuses_odd_fields(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        make(**fields)
    assert refused.value.field in fields
    assert not Organization.objects.exists()


def test_a_change_is_recorded_with_old_and_new() -> None:
    organization = make(display_name="Hoekstra")
    update_organization(actor=OPERATOR, organization=organization, display_name="Hoekstra & Associates")
    event = AuditEvent.objects.filter(organization_id=organization.pk).first()
    assert event is not None
    assert event.details["changed"] == {"display_name": ["Hoekstra", "Hoekstra & Associates"]}
    assert (event.type, event.actor_id, event.ip) == ("sapi", OPERATOR.identifier, OPERATOR.ip)


def test_metadata_is_replaced_as_a_whole() -> None:
    organization = make(metadata={"plan": "gold", "seats": "10"})
    assert update_organization(actor=OPERATOR, organization=organization, metadata={"plan": "silver"}).metadata == {
        "plan": "silver"
    }


def test_no_metadata_is_empty_metadata() -> None:
    organization = make(metadata={"plan": "gold"})
    assert update_organization(actor=OPERATOR, organization=organization, metadata=None).metadata == {}
    organization.refresh_from_db()
    assert organization.metadata == {}


def test_freezing_keeps_everything(hoekstra: Company, jennifer: User) -> None:
    frozen = freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    assert not frozen.is_active
    assert Membership.objects.filter(user=jennifer).exists()
    assert unfreeze_organization(actor=OPERATOR, organization=frozen).is_active


def test_connections_may_be_enabled_at_once() -> None:
    connection = database_connection("hoekstra-db")
    choice = ConnectionChoice(connection, assign_membership_on_login=True, is_signup_enabled=True)
    organization = make(enabled_connections=[choice])
    link = policy.connections_for(organization)[0]
    assert (link.connection, link.assign_membership_on_login, link.is_signup_enabled) == (connection, True, True)


def test_a_refused_connection_leaves_no_organization() -> None:
    choice = ConnectionChoice(database_connection("hoekstra-db"), is_signup_enabled=True)
    with pytest.raises(Invalid):
        make(enabled_connections=[choice])
    assert not Organization.objects.exists()


def test_a_deletion_leaves_users_and_connections(hoekstra: Company, metahexa: Company, jennifer: User) -> None:
    add_members(actor=OPERATOR, organization=hoekstra.organization, users=[jennifer], roles=[make_role()])
    add_members(actor=OPERATOR, organization=metahexa.organization, users=[jennifer])
    make_invitation(hoekstra)
    delete_organization(actor=OPERATOR, organization=hoekstra.organization)
    assert not Invitation.objects.exists()
    assert not MemberRole.objects.exists()
    assert Membership.objects.get().organization == metahexa.organization
    assert OrganizationConnection.objects.get().organization == metahexa.organization
    assert User.objects.filter(pk=jennifer.pk).exists()
    assert Connection.objects.filter(pk=hoekstra.connection.pk).exists()
    assert AuditEvent.objects.filter(description="Deleted an organization", organization_name="thehoekstra").exists()


def test_an_organization_is_found_by_id_and_by_name_only_while_names_are_on(settings: Settings) -> None:
    organization = make()
    assert policy.find_organization(organization.pk) == organization
    assert policy.find_organization("thehoekstra") is None
    settings.TENANT0_ORGANIZATION_NAMES = True
    assert policy.find_organization("TheHoekstra") == organization


@pytest.mark.parametrize("value", ["", "org_unknown", "org_\x00", "\ud800", "org_" + "a" * 10_000])
def test_what_names_no_organization_finds_none(value: str) -> None:
    assert policy.find_organization(value) is None
