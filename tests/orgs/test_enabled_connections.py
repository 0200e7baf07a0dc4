"""Connections enabled for an organization."""

from typing import Any

import pytest

from core.errors import Conflict, Invalid
from core.models import AuditEvent
from identity.models import User
from identity.policy import connection_accepts_new_users
from orgs import policy
from orgs.models import Membership, OrganizationConnection
from orgs.services.connections import disable_connection, enable_connection, update_enabled_connection
from orgs.services.organizations import create_organization
from tests.cast import OPERATOR, Company, database_connection


def test_enabling_has_auth0s_defaults(hoekstra: Company) -> None:
    link = OrganizationConnection.objects.get()
    assert (link.assign_membership_on_login, link.show_as_button, link.is_signup_enabled) == (False, True, False)


def test_enabling_twice_is_refused(hoekstra: Company) -> None:
    with pytest.raises(Conflict) as refused:
        enable_connection(actor=OPERATOR, organization=hoekstra.organization, connection=hoekstra.connection)
    assert refused.value.code == "connection_enabled"


def test_enabling_for_an_organization_does_not_let_users_be_created(db: None) -> None:
    organization, connection = create_organization(actor=OPERATOR, name="new"), database_connection("new-db")
    enable_connection(actor=OPERATOR, organization=organization, connection=connection)
    assert not connection_accepts_new_users(connection)


@pytest.mark.parametrize(
    "changes", [{"is_signup_enabled": True}, {"organization": None}, {"connection": None}, {"x": 1}]
)
def test_a_refused_change_changes_nothing(hoekstra: Company, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        update_enabled_connection(actor=OPERATOR, link=hoekstra.link, **changes)
    assert not OrganizationConnection.objects.get().is_signup_enabled


def test_sign_up_needs_membership_on_login_in_auth0s_words(hoekstra: Company) -> None:
    with pytest.raises(Invalid) as refused:
        update_enabled_connection(actor=OPERATOR, link=hoekstra.link, is_signup_enabled=True)
    assert refused.value.message.startswith("Only database connections with assign_membership_on_login = true")
    link = update_enabled_connection(
        actor=OPERATOR, link=hoekstra.link, is_signup_enabled=True, assign_membership_on_login=True
    )
    assert policy.signup_allowed(link)
    with pytest.raises(Invalid):
        update_enabled_connection(actor=OPERATOR, link=link, assign_membership_on_login=False)


def test_a_change_is_recorded(hoekstra: Company) -> None:
    update_enabled_connection(actor=OPERATOR, link=hoekstra.link, show_as_button=False)
    event = AuditEvent.objects.filter(organization_id=hoekstra.organization.pk).first()
    assert event is not None
    assert event.details["changed"] == {"show_as_button": [True, False]}
    assert event.connection == "hoekstra-db"


def test_only_what_is_switched_on_counts(hoekstra: Company) -> None:
    assert [link.connection for link in policy.connections_for(hoekstra.organization)] == [hoekstra.connection]
    update_enabled_connection(actor=OPERATOR, link=hoekstra.link, is_enabled=False)
    assert policy.connections_for(hoekstra.organization) == []
    assert policy.find_enabled_connection(hoekstra.organization, hoekstra.connection) is None


def test_disabling_leaves_the_members(hoekstra: Company, jennifer: User) -> None:
    disable_connection(actor=OPERATOR, link=hoekstra.link)
    assert not OrganizationConnection.objects.exists()
    assert Membership.objects.filter(user=jennifer).exists()
