"""Accepting an invitation: once, by the right person, and with what it promised."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Expired, Forbidden
from core.models import AuditEvent
from identity.models import Connection, Credential, User
from identity.services.provisioning import provision
from identity.services.users import set_blocked
from identity.strategies.base import ConnectionProfile
from invitations.models import Invitation, InvitationState
from invitations.services import accept_invitation, open_invitation, record_refusal, revoke_invitation
from invitations.tickets import make_ticket
from login.browser import Browser
from login.session import start_session
from orgs.models import Membership, Organization
from orgs.services.connections import disable_connection, enable_connection
from orgs.services.organizations import delete_organization, freeze_organization
from tests.cast import (
    JENNIFER,
    OPERATOR,
    OUTSIDER,
    VISITOR,
    Company,
    database_connection,
    make_invitation,
    make_role,
    make_user,
)


def open_link(company: Company, ticket: str) -> Invitation:
    return open_invitation(ticket=ticket, application=company.application, organization=company.organization)


def accept(invitation: Invitation, user: User, connection: Connection) -> Membership:
    return accept_invitation(actor=VISITOR, invitation=invitation, user=user, connection=connection)


def unverified(company: Company, email: str = JENNIFER) -> User:
    return make_user(company.connection, email, email_verified=False)


def test_it_makes_the_invited_person_a_member_with_the_roles(hoekstra: Company) -> None:
    role = make_role("Travel manager")
    invitation = make_invitation(hoekstra, roles=[role])
    membership = accept(invitation, unverified(hoekstra), hoekstra.connection)
    assert list(membership.roles.all()) == [role]
    assert membership.source == Membership.Source.INVITATION


def test_it_verifies_the_address_and_the_credential(hoekstra: Company) -> None:
    user = unverified(hoekstra)
    accept(make_invitation(hoekstra), user, hoekstra.connection)
    user.refresh_from_db()
    assert user.email_verified
    assert Credential.objects.get(email=JENNIFER).email_verified


def test_it_merges_metadata_key_by_key(hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER, profile={"app_metadata": {"team": "sales", "level": 1}})
    invitation = make_invitation(hoekstra, app_metadata={"level": 2}, user_metadata={"seat": "window"})
    accept(invitation, user, hoekstra.connection)
    user.refresh_from_db()
    assert user.app_metadata == {"team": "sales", "level": 2}
    assert user.user_metadata == {"seat": "window"}


def test_it_is_recorded(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    user = unverified(hoekstra)
    accept(invitation, user, hoekstra.connection)
    found = AuditEvent.objects.filter(organization_id=hoekstra.organization.pk, user_id=user.user_id)
    assert {event.type for event in found} >= {"si", "organization_member_added"}
    assert found.get(type="organization_member_added").details == {"reason": "invitation"}


def test_a_second_acceptance_is_refused(hoekstra: Company) -> None:
    invitation, user = make_invitation(hoekstra), unverified(hoekstra)
    ticket = make_ticket(invitation)
    accept(invitation, user, hoekstra.connection)
    with pytest.raises(Expired):
        accept(invitation, user, hoekstra.connection)
    with pytest.raises(Expired):
        open_link(hoekstra, ticket)
    assert Membership.objects.count() == 1


def test_a_member_may_accept_and_receives_the_roles(hoekstra: Company, jennifer: User) -> None:
    role = make_role()
    membership = accept(make_invitation(hoekstra, roles=[role]), jennifer, hoekstra.connection)
    assert membership.roles.get() == role
    assert Membership.objects.filter(user=jennifer).count() == 1


def test_another_person_leaves_it_pending(hoekstra: Company, outsider: User) -> None:
    invitation = make_invitation(hoekstra)
    with pytest.raises(Forbidden) as refused:
        accept(invitation, outsider, hoekstra.connection)
    record_refusal(actor=VISITOR, invitation=invitation, reason=refused.value.message)
    invitation.refresh_from_db()
    assert refused.value.code == "wrong_account"
    assert invitation.state == InvitationState.PENDING
    assert not Membership.objects.filter(user=outsider).exists()
    assert AuditEvent.objects.filter(type="fi", target_id=invitation.pk).exists()


def test_a_blocked_person_is_refused(hoekstra: Company) -> None:
    user = set_blocked(actor=OPERATOR, user=unverified(hoekstra), blocked=True)
    with pytest.raises(Forbidden):
        accept(make_invitation(hoekstra), user, hoekstra.connection)


def test_the_pinned_connection_is_the_only_one(hoekstra: Company) -> None:
    other = database_connection("other-db", application=hoekstra.application)
    enable_connection(actor=OPERATOR, organization=hoekstra.organization, connection=other)
    invitation = make_invitation(hoekstra, connection=hoekstra.connection)
    with pytest.raises(Forbidden):
        accept(invitation, make_user(other, JENNIFER), other)


def test_a_connection_of_another_organization_is_refused(hoekstra: Company, metahexa: Company) -> None:
    user = make_user(metahexa.connection, JENNIFER)
    with pytest.raises(Forbidden):
        accept(make_invitation(hoekstra), user, metahexa.connection)


@pytest.mark.parametrize(
    ("email", "verified"), [(OUTSIDER, True), (JENNIFER, False), ("", True)], ids=["other", "unverified", "missing"]
)
def test_an_identity_provider_must_assert_the_verified_address(
    hoekstra: Company, monkeypatch: pytest.MonkeyPatch, email: str, verified: bool
) -> None:
    invitation = make_invitation(hoekstra)
    profile = ConnectionProfile("upstream-1", email, email_verified=verified)
    user = provision(actor=VISITOR, connection=hoekstra.connection, profile=profile)
    # The connection is not one of ours to keep passwords: what it says of the address is all there is.
    monkeypatch.setattr("invitations.policy.strategy_class", lambda _name: object)
    with pytest.raises(Forbidden):
        accept(invitation, user, hoekstra.connection)


def test_sessions_of_the_unverified_account_end(hoekstra: Company) -> None:
    squatter = unverified(hoekstra)
    session, _token = start_session(
        user=squatter, connection=hoekstra.connection, amr=["pwd"], browser=Browser(), at=timezone.now()
    )
    accept(make_invitation(hoekstra), squatter, hoekstra.connection)
    session.refresh_from_db()
    assert session.revoked_at is not None


def void(invitation: Invitation, company: Company, how: str) -> None:
    if how == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "revoked":
        revoke_invitation(actor=OPERATOR, invitation=invitation)
    elif how == "frozen":
        freeze_organization(actor=OPERATOR, organization=company.organization)
    elif how == "disabled":
        disable_connection(actor=OPERATOR, link=company.link)
    else:
        delete_organization(actor=OPERATOR, organization=Organization.objects.get())


@pytest.mark.parametrize("how", ["expired", "revoked", "frozen", "disabled", "deleted"])
def test_a_link_that_leads_nowhere_is_refused_in_the_same_words(hoekstra: Company, how: str) -> None:
    invitation = make_invitation(hoekstra, connection=hoekstra.connection)
    ticket = make_ticket(invitation)
    void(invitation, hoekstra, how)
    with pytest.raises(Expired) as refused:
        open_link(hoekstra, ticket)
    with pytest.raises(Expired) as wrong:
        open_link(hoekstra, "A" * 32)
    assert (refused.value.code, refused.value.message) == (wrong.value.code, wrong.value.message)


@pytest.mark.parametrize("how", ["expired", "revoked", "frozen", "disabled"])
def test_what_ended_after_it_was_opened_is_not_accepted(hoekstra: Company, how: str) -> None:
    invitation, user = make_invitation(hoekstra), unverified(hoekstra)
    void(invitation, hoekstra, how)
    with pytest.raises(Expired):
        accept(invitation, user, hoekstra.connection)
    assert not Membership.objects.exists()


def test_a_ticket_opens_only_its_own_organization_and_application(hoekstra: Company, metahexa: Company) -> None:
    ticket = make_ticket(make_invitation(hoekstra))
    crossed: list[dict[str, Any]] = [
        {"application": hoekstra.application, "organization": metahexa.organization},
        {"application": metahexa.application, "organization": hoekstra.organization},
    ]
    for pair in crossed:
        with pytest.raises(Expired):
            open_invitation(ticket=ticket, **pair)
    assert open_link(hoekstra, ticket).state == InvitationState.PENDING


@pytest.mark.parametrize("position", [0, 15, 31])
def test_a_changed_character_opens_nothing(hoekstra: Company, position: int) -> None:
    ticket = make_ticket(make_invitation(hoekstra))
    changed = "x" if ticket[position] != "x" else "y"
    with pytest.raises(Expired):
        open_link(hoekstra, ticket[:position] + changed + ticket[position + 1 :])


def test_opening_ten_times_changes_nothing(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    for _time in range(10):
        open_link(hoekstra, make_ticket(invitation))
    accept(invitation, unverified(hoekstra), hoekstra.connection)
    assert Membership.objects.count() == 1
