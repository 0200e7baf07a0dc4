"""Attacks on invitation links through the front door: guessing, swapping, replaying, and riding on a session."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import AuditEvent
from identity.models import User
from invitations.models import Invitation, InvitationState
from invitations.services import accept_invitation, revoke_invitation
from invitations.tickets import make_ticket
from login.models import LoginTransaction
from orgs.models import Membership
from orgs.services.organizations import freeze_organization
from tests.cast import JENNIFER, OPERATOR, VISITOR, Company, make_invitation, make_user

NOT_FOUND = {"error": ["invalid_request"], "error_description": ["invitation not found or already used"]}


def follow(client: Client, customer: Company, ticket: str, *, ip: str = "203.0.113.9", **changes: str) -> str:
    """Do what the application does with the link; return where the browser is sent."""
    parameters = {
        "client_id": customer.application.client_id,
        "redirect_uri": customer.redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "state": "xyz",
        "organization": customer.organization.pk,
        "invitation": ticket,
        **changes,
    }
    response = client.get("/authorize", parameters, secure=True, REMOTE_ADDR=ip)
    assert response.status_code in {302, 303}
    return response.headers["Location"]


def refusal(location: str) -> dict[str, list[str]]:
    answer = parse_qs(urlsplit(location).query)
    return {name: answer.get(name, []) for name in NOT_FOUND}


@pytest.fixture
def invitation(hoekstra: Company) -> Invitation:
    return make_invitation(hoekstra)


def test_the_link_leads_to_its_page(client: Client, hoekstra: Company, invitation: Invitation) -> None:
    assert urlsplit(follow(client, hoekstra, make_ticket(invitation))).path == "/signup/invitation"


@pytest.mark.parametrize("ticket", ["A" * 32, "short", "A" * 300, "ticket with spaces"])
def test_a_guess_is_refused(client: Client, hoekstra: Company, invitation: Invitation, ticket: str) -> None:
    assert refusal(follow(client, hoekstra, ticket)) == NOT_FOUND
    assert not LoginTransaction.objects.exists()


def test_a_ticket_serves_one_organization_and_one_application(
    client: Client, hoekstra: Company, metahexa: Company, invitation: Invitation
) -> None:
    ticket = make_ticket(invitation)
    assert refusal(follow(client, metahexa, ticket)) == NOT_FOUND
    assert refusal(follow(client, hoekstra, ticket, organization=metahexa.organization.pk)) == NOT_FOUND
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.PENDING


def test_a_spent_and_a_revoked_link_read_like_a_guess(
    client: Client, hoekstra: Company, invitation: Invitation
) -> None:
    spent, revoked = make_ticket(invitation), make_invitation(hoekstra, "other@hoekstra.example")
    user = make_user(hoekstra.connection, JENNIFER)
    accept_invitation(actor=VISITOR, invitation=invitation, user=user, connection=hoekstra.connection)
    revoke_invitation(actor=OPERATOR, invitation=revoked)
    for ticket in (spent, make_ticket(revoked)):
        assert refusal(follow(client, hoekstra, ticket)) == NOT_FOUND
    assert Membership.objects.count() == 1


def test_a_frozen_organization_lets_nobody_in(client: Client, hoekstra: Company, invitation: Invitation) -> None:
    freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    assert refusal(follow(client, hoekstra, make_ticket(invitation)))["error"] == ["invalid_request"]


def test_a_mail_scanner_does_no_harm(client: Client, hoekstra: Company, invitation: Invitation) -> None:
    for _time in range(10):
        follow(Client(), hoekstra, make_ticket(invitation))
    assert urlsplit(follow(client, hoekstra, make_ticket(invitation))).path == "/signup/invitation"


def test_guessing_from_one_address_is_stopped_in_the_same_words(
    client: Client, hoekstra: Company, invitation: Invitation, settings: Settings
) -> None:
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 3
    for number in range(3):
        assert refusal(follow(client, hoekstra, f"guess{number}")) == NOT_FOUND
    assert refusal(follow(client, hoekstra, make_ticket(invitation))) == NOT_FOUND
    elsewhere = follow(client, hoekstra, make_ticket(invitation), ip="198.51.100.20")
    assert urlsplit(elsewhere).path == "/signup/invitation"


def test_the_ticket_is_in_no_log(client: Client, hoekstra: Company, invitation: Invitation, jennifer: User) -> None:
    ticket = make_ticket(invitation)
    follow(client, hoekstra, ticket)
    events = [(event.description, event.details, event.user_agent) for event in AuditEvent.objects.all()]
    assert ticket not in str(events)
