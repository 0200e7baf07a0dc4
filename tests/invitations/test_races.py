"""Many at once: what is promised once happens once, whatever the order of the statements. PostgreSQL only."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection as database

from core.errors import DomainError
from identity.models import Credential, Identity, OperatorRole, User
from identity.services import operators, tickets
from identity.services.provisioning import provision
from identity.services.users import create_user, update_user
from identity.strategies.base import ConnectionProfile
from invitations.models import Invitation, InvitationState
from invitations.services import accept_invitation, resend_invitation, revoke_invitation
from orgs.models import Membership, Organization
from orgs.services.memberships import MAXIMUM_ROLES, add_members, assign_member_roles
from orgs.services.organizations import create_organization
from tests.cast import (
    JENNIFER,
    OPERATOR,
    PASSWORD,
    VISITOR,
    Company,
    make_hoekstra,
    make_invitation,
    make_member,
    make_operator,
    make_role,
    make_user,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not settings.TENANT0_IS_POSTGRESQL, reason="threads share no SQLite database in memory"),
    pytest.mark.django_db(transaction=True),
]

CROWD = 20


def all_at_once(act: Callable[[int], Any], *, count: int = CROWD) -> list[Any]:
    """Run `act` in as many threads, begun together; return results and domain errors."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return act(number)
        except DomainError as error:
            return error
        finally:
            database.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def succeeded(results: list[Any]) -> list[Any]:
    return [result for result in results if not isinstance(result, DomainError)]


@pytest.fixture
def company() -> Company:
    return make_hoekstra()


def test_twenty_acceptances_make_one_member(company: Company) -> None:
    invitation = make_invitation(company, roles=[make_role()])
    user = make_user(company.connection, JENNIFER)
    results = all_at_once(
        lambda _: accept_invitation(actor=VISITOR, invitation=invitation, user=user, connection=company.connection)
    )
    assert len(succeeded(results)) == 1
    assert Membership.objects.get().roles.count() == 1
    assert invitation.events.filter(kind="accepted").count() == 1


def test_accepting_and_revoking_exclude_each_other(company: Company) -> None:
    user = make_user(company.connection, JENNIFER)
    for _round in range(5):
        invitation = make_invitation(company)

        def act(number: int, invitation: Invitation = invitation) -> Any:
            if number:
                return revoke_invitation(actor=OPERATOR, invitation=invitation)
            return accept_invitation(actor=VISITOR, invitation=invitation, user=user, connection=company.connection)

        assert len(succeeded(all_at_once(act, count=2))) == 1
        invitation.refresh_from_db()
        assert invitation.state in {InvitationState.ACCEPTED, InvitationState.REVOKED}


def test_every_resend_is_a_generation_of_its_own(company: Company) -> None:
    invitation = make_invitation(company)
    results = all_at_once(lambda _: resend_invitation(actor=OPERATOR, invitation=invitation), count=5)
    assert sorted(result.generation for result in results) == [2, 3, 4, 5, 6]


def test_one_address_becomes_one_user(company: Company) -> None:
    results = all_at_once(
        lambda _: create_user(actor=OPERATOR, connection=company.connection, email=JENNIFER, password=PASSWORD)
    )
    assert len(succeeded(results)) == 1
    assert {error.code for error in results if isinstance(error, DomainError)} == {"user_exists"}
    assert User.objects.count() == Credential.objects.count() == Identity.objects.count() == 1


def test_the_first_logins_of_one_person_are_one_user(company: Company) -> None:
    profile = ConnectionProfile("upstream-1", JENNIFER, email_verified=True)
    results = all_at_once(lambda _: provision(actor=VISITOR, connection=company.connection, profile=profile))
    assert len({user.pk for user in results}) == 1
    assert User.objects.count() == 1


def test_two_people_do_not_get_one_address(company: Company) -> None:
    people = [make_user(company.connection, f"p{number}@hoekstra.example") for number in range(5)]
    results = all_at_once(
        lambda number: update_user(actor=OPERATOR, user=people[number], email=JENNIFER), count=len(people)
    )
    assert len(succeeded(results)) == 1
    assert User.objects.filter(email=JENNIFER).count() == 1


def test_one_name_becomes_one_organization(company: Company) -> None:
    results = all_at_once(lambda _: create_organization(actor=OPERATOR, name="metahexa"))
    assert len(succeeded(results)) == 1
    assert Organization.objects.filter(name="metahexa").count() == 1


def test_adding_a_member_at_once_adds_one(company: Company) -> None:
    user = make_user(company.connection, JENNIFER)
    results = all_at_once(lambda _: add_members(actor=OPERATOR, organization=company.organization, users=[user]))
    assert len(succeeded(results)) == CROWD
    assert Membership.objects.count() == 1


def test_roles_given_at_once_stay_below_the_ceiling(company: Company) -> None:
    membership = Membership.objects.get(user=make_member(company, JENNIFER))
    assign_member_roles(actor=OPERATOR, membership=membership, roles=[make_role() for _ in range(MAXIMUM_ROLES - 2)])
    more = [make_role() for _ in range(5)]
    results = all_at_once(
        lambda number: assign_member_roles(actor=OPERATOR, membership=membership, roles=[more[number]]), count=5
    )
    assert len(succeeded(results)) == 2
    assert membership.roles.count() == MAXIMUM_ROLES


def test_a_reset_link_is_good_once(company: Company) -> None:
    user = make_user(company.connection, JENNIFER)
    sent = tickets.send_ticket(actor=OPERATOR, purpose="reset_password", identity=user.identities.get())
    ticket = tickets.ticket_text(sent)
    results = all_at_once(
        lambda number: tickets.complete_password_reset(
            actor=VISITOR, ticket=ticket, password=f"Another-Secret-{number}"
        ),
        count=5,
    )
    assert len(succeeded(results)) == 1


def test_two_owners_do_not_remove_each_other(company: Company) -> None:
    owners = [make_operator(), make_operator()]
    all_at_once(lambda number: operators.remove_operator(actor=OPERATOR, user=owners[number]), count=2)
    assert User.objects.filter(operator_role=OperatorRole.OWNER).count() == 1
