"""The dashboard is a door to the services: what it leaves behind is what the service leaves behind, to the last row."""

from collections.abc import Callable

from django.test import Client

from core.actors import Actor
from invitations import services as invitations
from orgs.services import connections, memberships, organizations
from tests.admin.conftest import at
from tests.cast import Company, database_connection, make_invitation, make_role, make_user
from tests.doors.conftest import traces_of

Door = Callable[[], object]


def _same(service: Door, door: Door) -> None:
    expected, found = traces_of(service), traces_of(door)
    assert expected.audit, "the operation leaves no trace, so there is nothing to compare"
    assert found == expected


def test_create_organization(dashboard: Client, operator_actor: Actor) -> None:
    form = {"name": "thehoekstra", "display_name": "Hoekstra", "metadata_key": ["plan"], "metadata_value": ["gold"]}
    _same(
        lambda: organizations.create_organization(
            actor=operator_actor, name="thehoekstra", display_name="Hoekstra", metadata={"plan": "gold"}
        ),
        lambda: dashboard.post(at("orgs_organization_add"), form),
    )


def test_enable_connection(dashboard: Client, operator_actor: Actor, hoekstra: Company) -> None:
    other = database_connection("contractors")
    form = {"connection": other.pk, "assign_membership_on_login": "on", "show_as_button": "on"}
    _same(
        lambda: connections.enable_connection(
            actor=operator_actor, organization=hoekstra.organization, connection=other, assign_membership_on_login=True
        ),
        lambda: dashboard.post(at("orgs_organization_connections", hoekstra.organization.pk), form),
    )


def test_add_member(dashboard: Client, operator_actor: Actor, hoekstra: Company) -> None:
    user, role = make_user(hoekstra.connection, "amanda@hoekstra.example"), make_role()
    form = {"users": [user.pk], "roles": [role.pk]}
    _same(
        lambda: memberships.add_members(
            actor=operator_actor, organization=hoekstra.organization, users=[user], roles=[role]
        ),
        lambda: dashboard.post(at("orgs_organization_members", hoekstra.organization.pk), form),
    )


def test_invite(dashboard: Client, operator_actor: Actor, hoekstra: Company) -> None:
    role = make_role()
    form = {
        "emails": "jennifer@hoekstra.example",
        "application": hoekstra.application.pk,
        "connection": hoekstra.connection.pk,
        "roles": [role.pk],
        "lifetime": 7,
        "unit": "days",
        "inviter_name": "Pieter",
        "delivery": "email",
    }
    _same(
        lambda: invitations.invite_member(
            actor=operator_actor,
            organization=hoekstra.organization,
            application=hoekstra.application,
            connection=hoekstra.connection,
            email="jennifer@hoekstra.example",
            inviter_name="Pieter",
            roles=[role],
        ),
        lambda: dashboard.post(at("invitations_invite", hoekstra.organization.pk), form),
    )


def test_revoke(dashboard: Client, operator_actor: Actor, hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    _same(
        lambda: invitations.revoke_invitation(actor=operator_actor, invitation=invitation),
        lambda: dashboard.post(at("invitations_invitation_revoke", invitation.pk)),
    )
