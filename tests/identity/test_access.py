"""Roles, APIs and their permissions, and what applications may ask for on their own behalf."""

from typing import Any

import pytest

from core.errors import Conflict, Forbidden, Invalid
from core.models import AuditEvent
from identity.models import ClientGrant, Permission, ResourceServer, Role, RolePermission
from identity.services import access
from identity.system import ensure_system_api, management_audience, management_scopes
from tests.cast import OPERATOR, make_role, travel0_application

pytestmark = pytest.mark.django_db

BOOKINGS = "https://api.travel0.test/bookings"


@pytest.fixture
def bookings() -> ResourceServer:
    return access.create_resource_server(
        actor=OPERATOR, identifier=BOOKINGS, name="Bookings", scopes={"read:trips": "Read", "book:trips": "Book"}
    )


def test_a_role_has_a_name_of_its_own() -> None:
    make_role("Traveller")
    with pytest.raises(Conflict) as refused:
        make_role("Traveller")
    assert refused.value.field == "name"


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 51, "\u202ea", "a\x00"])
def test_an_odd_role_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        access.create_role(actor=OPERATOR, name=name)
    assert not Role.objects.exists()


def test_a_renamed_role_is_recorded() -> None:
    role = make_role("Traveller")
    assert access.update_role(actor=OPERATOR, role=role, name="Traveler").name == "Traveler"
    event = AuditEvent.objects.filter(target_id=role.pk).first()
    assert event is not None
    assert event.details["changed"] == {"name": ["Traveller", "Traveler"]}


def test_permissions_of_a_role_become_exactly_those(bookings: ResourceServer) -> None:
    role = make_role()
    read, book = bookings.permissions.get(value="read:trips"), bookings.permissions.get(value="book:trips")
    access.set_role_permissions(actor=OPERATOR, role=role, permissions=[read])
    access.set_role_permissions(actor=OPERATOR, role=role, permissions=[book])
    assert list(role.permissions.all()) == [book]


def test_a_permission_that_goes_leaves_every_role(bookings: ResourceServer) -> None:
    role = make_role()
    access.set_role_permissions(actor=OPERATOR, role=role, permissions=bookings.permissions.all())
    access.set_scopes(actor=OPERATOR, resource_server=bookings, scopes={"read:trips": "See trips"})
    assert RolePermission.objects.get().permission.value == "read:trips"
    assert Permission.objects.get(resource_server=bookings).description == "See trips"


@pytest.mark.parametrize("scope", ["", "two words", "x" * 281])
def test_a_permission_is_one_word(bookings: ResourceServer, scope: str) -> None:
    with pytest.raises(Invalid):
        access.set_scopes(actor=OPERATOR, resource_server=bookings, scopes={scope: ""})
    assert bookings.permissions.count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"identifier": ""},
        {"identifier": "with space"},
        {"identifier": "new\nline"},
        {"name": "a\nb"},
        {"token_lifetime_seconds": 0},
        {"token_lifetime_seconds": 2592001},
        {"signing_alg": "none"},
        {"token_dialect": "own"},
        {"is_system": True},
    ],
)
def test_an_odd_api_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        access.create_resource_server(actor=OPERATOR, **{"identifier": BOOKINGS, **fields})
    assert not ResourceServer.objects.exists()


def test_an_identifier_never_changes_and_is_taken_once(bookings: ResourceServer) -> None:
    with pytest.raises(Invalid):
        access.update_resource_server(actor=OPERATOR, resource_server=bookings, identifier="other")
    with pytest.raises(Conflict):
        access.create_resource_server(actor=OPERATOR, identifier=BOOKINGS)


def test_the_system_api_is_made_once_and_stays() -> None:
    server = ensure_system_api()
    assert ensure_system_api() == server
    assert server.identifier == management_audience() == "https://auth.travel0.test/api/v2/"
    assert server.permissions.count() == len(management_scopes()) == len(set(management_scopes()))
    assert {"create:organization_invitations", "read:client_keys", "update:users"} <= set(management_scopes())
    with pytest.raises(Forbidden):
        access.delete_resource_server(actor=OPERATOR, resource_server=server)
    with pytest.raises(Forbidden):
        access.update_resource_server(actor=OPERATOR, resource_server=server, name="Mine")
    with pytest.raises(Forbidden):
        access.set_scopes(actor=OPERATOR, resource_server=server, scopes={})


def test_a_grant_holds_known_scopes_only(bookings: ResourceServer) -> None:
    application = travel0_application("machine.travel0.test").application
    with pytest.raises(Invalid) as refused:
        access.grant_client(
            actor=OPERATOR, application=application, resource_server=bookings, scope=["read:trips", "admin"]
        )
    assert "admin" in refused.value.message
    assert not ClientGrant.objects.exists()


def test_granting_again_replaces_the_scopes(bookings: ResourceServer) -> None:
    application = travel0_application("machine.travel0.test").application
    for scope in (["read:trips"], ["book:trips", "book:trips"]):
        access.grant_client(actor=OPERATOR, application=application, resource_server=bookings, scope=scope)
    assert ClientGrant.objects.get().scope == ["book:trips"]
