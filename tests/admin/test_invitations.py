"""Inviting at the dashboard: one or many, by mail or by link, resend, revoke, timeline."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEvent, OutboxMessage
from invitations.models import Invitation, InvitationState
from invitations.tickets import make_ticket
from tests.admin.conftest import at
from tests.cast import Company, make_invitation, make_role


def _form(customer: Company, **changes: Any) -> dict[str, Any]:
    return {
        "emails": "jennifer@hoekstra.example",
        "application": customer.application.pk,
        "lifetime": 7,
        "unit": "days",
        "inviter_name": "Pieter Hoekstra",
        "delivery": "email",
        **changes,
    }


def test_many_addresses_are_invited_at_once_with_roles(browser: Client, hoekstra: Company) -> None:
    role = make_role()
    form = _form(hoekstra, emails="a@hoekstra.example, b@hoekstra.example\nc@hoekstra.example", roles=[role.pk])
    assert browser.post(at("invitations_invite", hoekstra.organization.pk), form).status_code == 302
    assert Invitation.objects.count() == OutboxMessage.objects.count() == 3
    assert all(list(invitation.roles.all()) == [role] for invitation in Invitation.objects.all())
    assert AuditEvent.objects.filter(description="Invited a member", ip="192.0.2.44").count() == 3


def test_one_bad_address_among_many_invites_nobody(browser: Client, hoekstra: Company) -> None:
    response = browser.post(
        at("invitations_invite", hoekstra.organization.pk), _form(hoekstra, emails="a@hoekstra.example nonsense")
    )
    assert "emails" in response.context["form"].errors
    assert not Invitation.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(("lifetime", "unit", "seconds"), [(1, "minutes", 60), (30, "days", 2592000)])
def test_the_lifetime_goes_from_a_minute_to_thirty_days(
    browser: Client, hoekstra: Company, lifetime: int, unit: str, seconds: int
) -> None:
    browser.post(at("invitations_invite", hoekstra.organization.pk), _form(hoekstra, lifetime=lifetime, unit=unit))
    invitation = Invitation.objects.get()
    assert abs(invitation.expires_at - timezone.now() - timedelta(seconds=seconds)) < timedelta(seconds=20)


def test_a_longer_lifetime_is_told_at_its_field(browser: Client, hoekstra: Company) -> None:
    response = browser.post(at("invitations_invite", hoekstra.organization.pk), _form(hoekstra, lifetime=31))
    assert "lifetime" in response.context["form"].errors
    assert not Invitation.objects.exists()


def test_an_application_without_organizations_is_told_at_its_field(browser: Client, hoekstra: Company) -> None:
    hoekstra.application.organization_usage = "deny"
    hoekstra.application.save()
    response = browser.post(at("invitations_invite", hoekstra.organization.pk), _form(hoekstra))
    assert "application" in response.context["form"].errors


def test_a_link_is_shown_once_and_no_mail_is_sent(browser: Client, hoekstra: Company) -> None:
    response = browser.post(at("invitations_invite", hoekstra.organization.pk), _form(hoekstra, delivery="link"))
    invitation = Invitation.objects.get()
    ticket = make_ticket(invitation)
    assert ticket in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert not OutboxMessage.objects.exists()
    for address in (
        at("invitations_of_organization", hoekstra.organization.pk),
        at("invitations_invitation_change", invitation.pk),
        at("invitations_invitation_changelist"),
        at("orgs_organization_history", hoekstra.organization.pk),
    ):
        assert ticket not in browser.get(address).content.decode()


def test_sending_again_voids_the_first_link(browser: Client, hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    before = make_ticket(invitation)
    browser.post(at("invitations_invitation_resend", invitation.pk))
    invitation.refresh_from_db()
    assert make_ticket(invitation) != before
    assert OutboxMessage.objects.count() == 2


def test_revoking_is_asked_first_and_cannot_be_undone_by_sending_again(browser: Client, hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    browser.get(at("invitations_invitation_revoke", invitation.pk))
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.PENDING
    browser.post(at("invitations_invitation_revoke", invitation.pk))
    browser.post(at("invitations_invitation_resend", invitation.pk))
    invitation.refresh_from_db()
    assert (invitation.state, invitation.generation) == (InvitationState.REVOKED, 1)


def test_the_timeline_shows_what_became_of_it(browser: Client, hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    browser.post(at("invitations_invitation_revoke", invitation.pk))
    page = browser.get(at("invitations_invitation_change", invitation.pk)).content.decode()
    assert all(text in page for text in ("created", "e-mail queued", "revoked"))


@pytest.mark.parametrize("state", [*InvitationState.values, ""])
def test_the_list_is_filtered_by_state(browser: Client, hoekstra: Company, state: str) -> None:
    now = timezone.now()
    rows = {name: make_invitation(hoekstra, f"{name}@hoekstra.example") for name in InvitationState.values}
    Invitation.objects.filter(pk=rows["accepted"].pk).update(accepted_at=now)
    Invitation.objects.filter(pk=rows["revoked"].pk).update(revoked_at=now)
    Invitation.objects.filter(pk=rows["expired"].pk).update(expires_at=now)
    wanted = [rows[state]] if state else list(rows.values())
    tab = browser.get(at("invitations_of_organization", hoekstra.organization.pk), {"state": state})
    assert {row for row, _badge in tab.context["invitations"]} == set(wanted)
    everywhere = browser.get(at("invitations_invitation_changelist"), {"state": state} if state else {})
    assert set(everywhere.context["cl"].result_list) == set(wanted)


def test_what_is_missing_before_the_first_invitation_is_said(browser: Client, hoekstra: Company) -> None:
    hoekstra.link.delete()
    page = browser.get(at("invitations_of_organization", hoekstra.organization.pk)).content.decode()
    assert "Enable a connection for this organization" in page
