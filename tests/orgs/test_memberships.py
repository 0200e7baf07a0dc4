"""Memberships and the roles of a member: per organization, never across."""

import pytest

from core.errors import Conflict, Invalid
from core.models import AuditEvent
from identity.models import User
from identity.services.users import delete_user
from orgs import policy
from orgs.models import MemberRole, Membership
from orgs.services.connections import update_enabled_connection
from orgs.services.memberships import (
    MAXIMUM_ROLES,
    add_members,
    assign_member_roles,
    join_on_login,
    remove_member_roles,
    remove_members,
)
from tests.cast import OPERATOR, Company, make_role


def test_adding_twice_is_adding_once(hoekstra: Company, outsider: User) -> None:
    role = make_role()
    first = add_members(actor=OPERATOR, organization=hoekstra.organization, users=[outsider])[0]
    second = add_members(actor=OPERATOR, organization=hoekstra.organization, users=[outsider], roles=[role])[0]
    assert first == second
    assert second.roles.get() == role
    assert AuditEvent.objects.filter(type="organization_member_added").count() == 1


def test_every_new_member_receives_the_roles_of_a_generator(hoekstra: Company, jennifer: User, outsider: User) -> None:
    roles = (make_role() for _number in range(2))
    members = add_members(actor=OPERATOR, organization=hoekstra.organization, users=[jennifer, outsider], roles=roles)
    assert [member.roles.count() for member in members] == [2, 2]


def test_an_operator_is_no_member(hoekstra: Company, outsider: User, owner: User) -> None:
    with pytest.raises(Invalid):
        add_members(actor=OPERATOR, organization=hoekstra.organization, users=[outsider, owner])
    assert not Membership.objects.exists()


def test_roles_are_held_in_one_organization_only(hoekstra: Company, metahexa: Company, jennifer: User) -> None:
    role = make_role()
    other = add_members(actor=OPERATOR, organization=metahexa.organization, users=[jennifer])[0]
    membership = policy.find_membership(hoekstra.organization, jennifer)
    assert membership is not None
    assign_member_roles(actor=OPERATOR, membership=membership, roles=[role])
    assert membership.roles.get() == role
    assert not other.roles.exists()
    assert not jennifer.user_roles.exists()


def test_roles_are_given_and_taken(hoekstra: Company, jennifer: User) -> None:
    first, second = make_role(), make_role()
    membership = Membership.objects.get(user=jennifer)
    assign_member_roles(actor=OPERATOR, membership=membership, roles=iter([first, second]))
    remove_member_roles(actor=OPERATOR, membership=membership, roles=iter([first, make_role()]))
    assert membership.roles.get() == second
    kept = AuditEvent.objects.filter(user_id=jennifer.user_id, type="sapi").values_list("details", flat=True)
    assert {"roles_added": [first.pk, second.pk]} in list(kept)


def test_a_member_has_at_most_fifty_roles(hoekstra: Company, jennifer: User) -> None:
    membership = Membership.objects.get(user=jennifer)
    assign_member_roles(actor=OPERATOR, membership=membership, roles=[make_role() for _ in range(MAXIMUM_ROLES)])
    with pytest.raises(Conflict) as refused:
        assign_member_roles(actor=OPERATOR, membership=membership, roles=[make_role()])
    assert refused.value.code == "too_many_roles"
    assert MemberRole.objects.count() == MAXIMUM_ROLES


def test_removing_ends_the_membership_with_its_roles(hoekstra: Company, jennifer: User) -> None:
    membership = Membership.objects.get(user=jennifer)
    assign_member_roles(actor=OPERATOR, membership=membership, roles=[make_role()])
    remove_members(actor=OPERATOR, organization=hoekstra.organization, users=[jennifer])
    assert not Membership.objects.exists()
    assert not MemberRole.objects.exists()
    assert AuditEvent.objects.filter(type="organization_member_removed", user_id=jennifer.user_id).count() == 1


def test_removing_somebody_of_another_organization_does_nothing(
    hoekstra: Company, metahexa: Company, jennifer: User
) -> None:
    remove_members(actor=OPERATOR, organization=metahexa.organization, users=[jennifer])
    assert Membership.objects.filter(user=jennifer).exists()


def test_a_deleted_user_is_no_member_any_more(jennifer: User) -> None:
    delete_user(actor=OPERATOR, user=jennifer)
    assert not Membership.objects.exists()


def join(company: Company, user: User) -> Membership | None:
    return join_on_login(organization=company.organization, user=user, connection=company.connection)


def test_nobody_joins_by_logging_in_unless_the_connection_says_so(hoekstra: Company, outsider: User) -> None:
    assert join(hoekstra, outsider) is None
    update_enabled_connection(actor=OPERATOR, link=hoekstra.link, assign_membership_on_login=True)
    membership = join(hoekstra, outsider)
    assert membership is not None
    assert membership.source == Membership.Source.AUTO
    assert AuditEvent.objects.get(type="organization_member_added").details == {"reason": "auto_membership"}


def test_a_connection_of_another_organization_gives_no_membership(
    hoekstra: Company, metahexa: Company, outsider: User
) -> None:
    update_enabled_connection(actor=OPERATOR, link=hoekstra.link, assign_membership_on_login=True)
    joined = join_on_login(organization=metahexa.organization, user=outsider, connection=hoekstra.connection)
    assert joined is None
    assert not Membership.objects.exists()


def test_a_switched_off_connection_gives_no_membership(hoekstra: Company, outsider: User) -> None:
    update_enabled_connection(actor=OPERATOR, link=hoekstra.link, assign_membership_on_login=True, is_enabled=False)
    assert join(hoekstra, outsider) is None


def test_a_member_stays_one_whatever_the_connection_says(hoekstra: Company, jennifer: User) -> None:
    assert join(hoekstra, jennifer) == Membership.objects.get(user=jennifer)
