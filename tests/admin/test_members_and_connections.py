"""The members and connections tabs of an organization."""

from django.test import Client

from core.models import AuditEvent
from orgs.models import MemberRole, Membership, OrganizationConnection
from tests.admin.conftest import at
from tests.cast import Company, database_connection, make_member, make_role, make_user


def test_existing_users_are_added_with_roles(browser: Client, hoekstra: Company) -> None:
    user, role = make_user(hoekstra.connection, "amanda@hoekstra.example"), make_role()
    browser.post(at("orgs_organization_members", hoekstra.organization.pk), {"users": [user.pk], "roles": [role.pk]})
    membership = Membership.objects.get()
    assert (membership.user, list(membership.roles.all())) == (user, [role])
    assert AuditEvent.objects.filter(type="organization_member_added", user_id=user.user_id).exists()


def test_an_operator_cannot_be_chosen_as_a_member(browser: Client, hoekstra: Company, owner: object) -> None:
    response = browser.post(at("orgs_organization_members", hoekstra.organization.pk), {"users": [owner.pk]})  # type: ignore[attr-defined]
    assert "users" in response.context["form"].errors
    assert not Membership.objects.exists()


def test_the_roles_of_a_member_become_exactly_those_chosen(browser: Client, hoekstra: Company) -> None:
    old, new = make_role("Old"), make_role("New")
    make_member(hoekstra, "amanda@hoekstra.example", roles=(old,))
    address = at("orgs_organization_members_roles", hoekstra.organization.pk, Membership.objects.get().pk)
    browser.post(address, {"roles": [new.pk]})
    assert [link.role for link in MemberRole.objects.all()] == [new]


def test_removing_a_member_is_asked_first(browser: Client, hoekstra: Company) -> None:
    make_member(hoekstra, "amanda@hoekstra.example")
    address = at("orgs_organization_members_remove", hoekstra.organization.pk, Membership.objects.get().pk)
    browser.get(address)
    assert Membership.objects.exists()
    browser.post(address)
    assert not Membership.objects.exists()
    assert AuditEvent.objects.filter(type="organization_member_removed").exists()


def test_members_are_found_by_a_part_of_their_address(browser: Client, hoekstra: Company) -> None:
    for name in ("amanda", "bert"):
        make_member(hoekstra, f"{name}@hoekstra.example")
    page = browser.get(at("orgs_organization_members", hoekstra.organization.pk), {"q": "aman"}).context["page"]
    assert [member.user.email for member in page.rows] == ["amanda@hoekstra.example"]


def test_members_are_paged_by_key(browser: Client, hoekstra: Company) -> None:
    for number in range(53):
        user = make_user(hoekstra.connection, f"m{number}@hoekstra.example", password=None)
        Membership.objects.create(organization=hoekstra.organization, user=user)
    address = at("orgs_organization_members", hoekstra.organization.pk)
    first = browser.get(address).context["page"]
    second = browser.get(address, {"after": first.next}).context["page"]
    assert (len(first.rows), len(second.rows), second.next) == (50, 3, "")


def test_a_connection_is_enabled_with_its_switches(browser: Client, hoekstra: Company) -> None:
    other = database_connection("contractors")
    form = {"connection": other.pk, "assign_membership_on_login": "on", "is_signup_enabled": "on"}
    browser.post(at("orgs_organization_connections", hoekstra.organization.pk), form)
    link = OrganizationConnection.objects.get(connection=other)
    assert (link.assign_membership_on_login, link.is_signup_enabled, link.show_as_button) == (True, True, False)
    assert AuditEvent.objects.filter(description="Enabled a connection for an organization").count() == 2


def test_sign_up_without_membership_is_refused_at_its_switch(browser: Client, hoekstra: Company) -> None:
    other = database_connection("contractors")
    form = {"connection": other.pk, "is_signup_enabled": "on"}
    response = browser.post(at("orgs_organization_connections", hoekstra.organization.pk), form)
    assert "is_signup_enabled" in response.context["form"].errors
    assert not OrganizationConnection.objects.filter(connection=other).exists()


def test_switches_are_changed_and_all_may_be_off(browser: Client, hoekstra: Company) -> None:
    address = at("orgs_organization_connections_edit", hoekstra.organization.pk, hoekstra.link.pk)
    browser.post(address, {"assign_membership_on_login": "on"})
    hoekstra.link.refresh_from_db()
    assert (hoekstra.link.assign_membership_on_login, hoekstra.link.show_as_button) == (True, False)
    browser.post(address, {})
    hoekstra.link.refresh_from_db()
    assert not hoekstra.link.assign_membership_on_login


def test_disabling_a_connection_is_asked_first(browser: Client, hoekstra: Company) -> None:
    address = at("orgs_organization_connections_disable", hoekstra.organization.pk, hoekstra.link.pk)
    browser.get(address)
    assert OrganizationConnection.objects.exists()
    browser.post(address)
    assert not OrganizationConnection.objects.exists()
