"""Inviting: who may be invited to what, what is sent, and what an operator sees of it."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection as database
from django.utils import timezone
from pytest_django import Settings

from core.errors import Expired, Invalid, Throttled
from core.models import AuditEvent, OutboxMessage
from identity.models import Application
from identity.services.applications import update_application
from invitations.links import invitation_url
from invitations.models import Invitation, InvitationEvent, InvitationState
from invitations.services import (
    invite_member,
    invite_members,
    open_invitation,
    record_delivery,
    resend_invitation,
    revoke_invitation,
)
from invitations.tickets import make_ticket
from orgs.services.connections import disable_connection
from orgs.services.organizations import freeze_organization
from tests.cast import JENNIFER, OPERATOR, Company, make_invitation, make_role


def kinds(invitation: Invitation) -> list[str]:
    return list(invitation.events.values_list("kind", flat=True))


def seconds_left(invitation: Invitation) -> int:
    return round((invitation.expires_at - timezone.now()).total_seconds())


def test_an_invitation_is_pending_for_seven_days(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra, " Jennifer@Hoekstra.EXAMPLE ")
    assert invitation.invitee_email == JENNIFER
    assert invitation.state == InvitationState.PENDING
    assert invitation.pk.startswith("uinv_")
    assert seconds_left(invitation) == 604800


def test_the_link_leads_to_the_login_uri_with_three_parameters(hoekstra: Company) -> None:
    update_application(
        actor=OPERATOR, application=hoekstra.application, initiate_login_uri="https://h.travel0.test/login?tenant=1"
    )
    invitation = Invitation.objects.get(pk=make_invitation(hoekstra).pk)
    parts = urlsplit(invitation_url(invitation))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://h.travel0.test/login"
    assert parse_qs(parts.query) == {
        "tenant": ["1"],
        "invitation": [make_ticket(invitation)],
        "organization": [hoekstra.organization.pk],
        "organization_name": ["thehoekstra"],
    }


def test_a_ticket_has_32_letters_and_digits_and_is_stored_nowhere(hoekstra: Company) -> None:
    ticket = make_ticket(make_invitation(hoekstra))
    assert ticket.isalnum()
    assert len(ticket) == 32
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # names of our own tables
            assert ticket not in str(cursor.fetchall())


def test_the_mail_waits_in_the_outbox(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    message = OutboxMessage.objects.get()
    assert (message.kind, message.key) == ("invitation_email", f"invitation:{invitation.pk}:1")
    assert message.payload == {"invitation": invitation.pk, "generation": 1}
    assert kinds(invitation) == ["created", "queued"]


def test_link_only_mode_sends_nothing(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra, send_email=False)
    assert not OutboxMessage.objects.exists()
    assert kinds(invitation) == ["created"]


@pytest.mark.parametrize("lifetime", [60, 2592000])
def test_the_lifetime_is_a_minute_to_thirty_days(hoekstra: Company, lifetime: int) -> None:
    assert seconds_left(make_invitation(hoekstra, ttl_seconds=lifetime)) == lifetime


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": f"{JENNIFER}\r\nBcc: all@hoekstra.example"}, "email"),
        ({"ttl_seconds": 59}, "ttl_sec"),
        ({"ttl_seconds": -1}, "ttl_sec"),
        ({"ttl_seconds": 2592001}, "ttl_sec"),
        ({"ttl_seconds": True}, "ttl_sec"),
        ({"ttl_seconds": "60"}, "ttl_sec"),
        ({"inviter_name": ""}, "inviter"),
        ({"inviter_name": "\r\n\u202e"}, "inviter"),
        ({"inviter_name": "x" * 301}, "inviter"),
        ({"app_metadata": {"a": "\x00"}}, "app_metadata"),
        ({"user_metadata": {"a": "x" * 70000}}, "user_metadata"),
    ],
)
def test_it_refuses_odd_input(hoekstra: Company, arguments: dict[str, Any], field: str) -> None:
    usual: dict[str, Any] = {"email": JENNIFER, "inviter_name": "Pieter"}
    with pytest.raises(Invalid) as refused:
        invite_member(
            actor=OPERATOR,
            organization=hoekstra.organization,
            application=hoekstra.application,
            **{**usual, **arguments},
        )
    assert refused.value.field == field
    assert not Invitation.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_an_inviters_name_is_one_plain_line(hoekstra: Company) -> None:
    invitation = invite_member(
        actor=OPERATOR,
        organization=hoekstra.organization,
        application=hoekstra.application,
        email=JENNIFER,
        inviter_name="Pieter\r\nBcc: all@hoekstra.example\u202e",
    )
    assert invitation.inviter_name == "Pieter Bcc: all@hoekstra.example"


@pytest.mark.parametrize("usage", ["", "deny"])
def test_the_application_must_allow_organizations(hoekstra: Company, usage: str) -> None:
    Application.objects.update(organization_usage=usage)
    hoekstra.application.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        make_invitation(hoekstra)
    assert refused.value.code == "organizations_not_allowed"


def test_the_application_needs_a_login_uri_or_the_tenant_one(hoekstra: Company, settings: Settings) -> None:
    Application.objects.update(initiate_login_uri="")
    hoekstra.application.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        make_invitation(hoekstra)
    assert refused.value.code == "no_login_uri"
    settings.TENANT0_DEFAULT_LOGIN_URI = "https://travel0.example/start"
    assert invitation_url(make_invitation(hoekstra)).startswith("https://travel0.example/start?invitation=")


def test_a_frozen_organization_invites_nobody(hoekstra: Company) -> None:
    frozen = freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    with pytest.raises(Invalid) as refused:
        invite_member(
            actor=OPERATOR, organization=frozen, application=hoekstra.application, email=JENNIFER, inviter_name="P"
        )
    assert refused.value.code == "organization_frozen"


def test_the_connection_must_be_enabled_for_the_organization(hoekstra: Company, metahexa: Company) -> None:
    with pytest.raises(Invalid) as refused:
        make_invitation(hoekstra, connection=metahexa.connection)
    assert refused.value.code == "connection_not_enabled"
    disable_connection(actor=OPERATOR, link=hoekstra.link)
    with pytest.raises(Invalid) as refused:
        make_invitation(hoekstra)
    assert refused.value.code == "no_connection"


def test_many_are_invited_alike_or_none(hoekstra: Company) -> None:
    arguments: dict[str, Any] = {
        "organization": hoekstra.organization,
        "application": hoekstra.application,
        "inviter_name": "Pieter",
        "roles": iter([make_role()]),
    }
    made = invite_members(actor=OPERATOR, emails=["a@b.example", "A@B.example", "c@d.example"], **arguments)
    assert [invitation.roles.count() for invitation in made] == [1, 1]
    with pytest.raises(Invalid):
        invite_members(actor=OPERATOR, emails=["e@f.example", "odd"], **arguments)
    with pytest.raises(Invalid):
        invite_members(actor=OPERATOR, emails=[], **arguments)
    assert Invitation.objects.count() == 2


def test_one_address_is_not_flooded(hoekstra: Company, metahexa: Company, settings: Settings) -> None:
    settings.INVITATIONS_PER_ADDRESS_PER_DAY = 2
    make_invitation(hoekstra)
    make_invitation(metahexa)
    with pytest.raises(Throttled) as refused:
        make_invitation(hoekstra, JENNIFER.upper())
    assert refused.value.retry_after_seconds > 0
    assert Invitation.objects.count() == 2


def test_one_organization_invites_so_many_an_hour(hoekstra: Company, metahexa: Company, settings: Settings) -> None:
    settings.INVITATIONS_PER_HOUR = 2
    make_invitation(hoekstra, "a@b.example")
    make_invitation(hoekstra, "c@d.example")
    with pytest.raises(Throttled):
        make_invitation(hoekstra, "e@f.example")
    make_invitation(metahexa, "e@f.example")


def test_sending_again_voids_the_link_before(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    old = make_ticket(invitation)
    again = resend_invitation(actor=OPERATOR, invitation=invitation)
    pair: dict[str, Any] = {"application": hoekstra.application, "organization": hoekstra.organization}
    with pytest.raises(Expired):
        open_invitation(ticket=old, **pair)
    assert open_invitation(ticket=make_ticket(again), **pair) == invitation
    assert OutboxMessage.objects.filter(key=f"invitation:{invitation.pk}:2").exists()
    assert kinds(invitation) == ["created", "queued", "resent", "queued"]


def test_sending_again_gives_the_lifetime_it_had_each_time(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra, ttl_seconds=3600)
    Invitation.objects.update(
        created_at=timezone.now() - timedelta(days=20), expires_at=timezone.now() - timedelta(days=19)
    )
    for _time in range(2):
        invitation = resend_invitation(actor=OPERATOR, invitation=invitation)
        assert seconds_left(invitation) == 3600
    assert invitation.state == InvitationState.PENDING


def test_what_ended_is_not_sent_again(hoekstra: Company) -> None:
    invitation = revoke_invitation(actor=OPERATOR, invitation=make_invitation(hoekstra))
    with pytest.raises(Expired):
        resend_invitation(actor=OPERATOR, invitation=invitation)


def test_revoking_twice_is_revoking_once(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    revoke_invitation(actor=OPERATOR, invitation=invitation)
    revoked = revoke_invitation(actor=OPERATOR, invitation=invitation)
    assert revoked.state == InvitationState.REVOKED
    assert kinds(revoked).count("revoked") == 1
    assert AuditEvent.objects.filter(description="Revoked an invitation").count() == 1


def test_the_log_names_the_invitation_but_not_the_ticket(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    event = AuditEvent.objects.get(target_id=invitation.pk)
    assert event.details["invitation"]["invitee"] == {"email": JENNIFER}
    assert (event.type, event.organization_id) == ("sapi", hoekstra.organization.pk)


def test_deliveries_are_on_the_timeline(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    payload = {"invitation": invitation.pk, "generation": 1}
    record_delivery(payload, OutboxMessage.State.PENDING, "mail server away")
    record_delivery(payload, OutboxMessage.State.PENDING, "mail server away")
    record_delivery(payload, OutboxMessage.State.SENT, "")
    record_delivery({"invitation": "uinv_gone", "generation": 1}, OutboxMessage.State.SENT, "")
    assert kinds(invitation) == ["created", "queued", "delivery_failed", "sent"]
    assert InvitationEvent.objects.get(kind="delivery_failed").detail == "mail server away"


def test_a_link_outlives_a_change_of_encryption_keys(hoekstra: Company, settings: Settings) -> None:
    invitation = make_invitation(hoekstra)
    before = make_ticket(invitation)
    settings.TENANT0_ENCRYPTION_KEYS = ["a-new-key-" + "0" * 54, *settings.TENANT0_ENCRYPTION_KEYS]
    assert make_ticket(invitation) == before
