"""The mails people get: both parts, one link on its own line, headers that no name can break, and a second look before sending."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from core import outbox
from core.models import OutboxMessage
from identity.models import EmailTicket
from identity.services.tickets import request_password_reset
from invitations.models import Invitation
from invitations.services import resend_invitation, revoke_invitation
from orgs.models import Organization
from orgs.services.organizations import freeze_organization, update_organization
from tests.cast import JENNIFER, OPERATOR, VISITOR, Company, make_invitation, make_user
from tests.platform.processes import free_port

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


def sent() -> EmailMessage:
    """Deliver what is due and return the one mail that went out, as a mail program reads it."""
    outbox.relay()
    assert len(mail.outbox) == 1
    return message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)


def part(message: EmailMessage, subtype: str) -> str:
    found = [piece for piece in message.walk() if piece.get_content_subtype() == subtype]
    assert len(found) == 1
    payload = found[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def test_an_invitation_says_who_where_and_how_long(hoekstra: Company) -> None:
    make_invitation(hoekstra)
    message = sent()
    assert message["To"] == JENNIFER
    assert "Pieter Hoekstra has invited you to Hoekstra & Associates" in message["Subject"]
    text = part(message, "plain")
    assert "Hoekstra & Associates" in text
    assert "(UTC)" in text
    assert "Hoekstra &amp; Associates" in part(message, "html")


def test_the_link_stands_on_its_own_line_and_leads_to_the_login_uri(hoekstra: Company) -> None:
    make_invitation(hoekstra)
    message = sent()
    links = [line for line in part(message, "plain").splitlines() if "://" in line]
    assert len(links) == 1
    assert re.fullmatch(
        rf"{re.escape(hoekstra.login_uri)}\?invitation=\w+&organization=org_\w+&organization_name=thehoekstra", links[0]
    )
    assert part(message, "html").count(f'href="{links[0].replace("&", "&amp;")}"') == 2


def test_it_is_marked_as_automatic_and_has_one_id_for_ever(hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    first = sent()
    OutboxMessage.objects.update(state=State.PENDING)
    mail.outbox.clear()
    assert sent()["Message-ID"] == first["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"
    resend_invitation(actor=OPERATOR, invitation=invitation)
    mail.outbox.clear()
    assert sent()["Message-ID"] != first["Message-ID"]


def test_nothing_in_it_reports_that_it_was_read(hoekstra: Company) -> None:
    make_invitation(hoekstra)
    html = part(sent(), "html")
    assert "<img" not in html
    assert "<script" not in html


def test_it_wears_the_organizations_look(hoekstra: Company) -> None:
    update_organization(
        actor=OPERATOR,
        organization=hoekstra.organization,
        primary_color="#ffd400",
        page_background_color="#eef5f2",
        logo_url="https://hoekstra.example/logo.png",
    )
    make_invitation(hoekstra)
    html = part(sent(), "html")
    # Black is what can be read on this yellow.
    assert "background:#ffd400;color:#000000" in html
    assert "background:#eef5f2" in html
    assert 'src="https://hoekstra.example/logo.png"' in html


def test_names_cannot_become_headers_or_markup(hoekstra: Company) -> None:
    Organization.objects.update(display_name="A\r\nBcc: everyone@example.com <b>{{ 7|add:7 }}</b>")
    Invitation.objects.filter(pk=make_invitation(hoekstra).pk).update(inviter_name='Eve\r\nX-Evil: 1 "<script>')
    message = sent()
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert "Bcc: everyone@example.com" in message["Subject"]
    html = part(message, "html")
    assert "<b>" not in html
    assert "<script>" not in html
    assert "{{ 7|add:7 }}" in html


def test_it_speaks_the_persons_language(hoekstra: Company) -> None:
    make_invitation(hoekstra, user_metadata={"language": "nl"})
    message = sent()
    assert '<html lang="nl">' in part(message, "html")
    assert "has invited you" not in message["Subject"]


def cancelled() -> bool:
    outbox.relay()
    return not mail.outbox and OutboxMessage.objects.get().state == State.CANCELLED


def test_a_revoked_invitation_is_not_sent(hoekstra: Company) -> None:
    revoke_invitation(actor=OPERATOR, invitation=make_invitation(hoekstra))
    assert cancelled()


def test_an_invitation_of_a_frozen_organization_is_not_sent(hoekstra: Company) -> None:
    make_invitation(hoekstra)
    freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    assert cancelled()


def test_only_the_latest_generation_is_sent(hoekstra: Company) -> None:
    resend_invitation(actor=OPERATOR, invitation=make_invitation(hoekstra))
    sent()
    states = OutboxMessage.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [State.CANCELLED, State.SENT]


@pytest.fixture
def _reset_asked(hoekstra: Company) -> None:
    make_user(hoekstra.connection, JENNIFER, profile={"name": "Jennifer"})
    request_password_reset(
        actor=VISITOR,
        connection=hoekstra.connection,
        email=JENNIFER,
        application=hoekstra.application,
        organization_id=hoekstra.organization.pk,
    )
    # The request itself is looked at by the worker, so that asking takes as long for strangers.
    outbox.relay(limit=1)


@pytest.mark.usefixtures("_reset_asked")
def test_a_reset_leads_to_the_issuer() -> None:
    message = sent()
    assert message["To"] == JENNIFER
    links = [line for line in part(message, "plain").splitlines() if "://" in line]
    assert len(links) == 1
    assert links[0].startswith("https://auth.travel0.test/u/reset-password?ticket=")


@pytest.mark.usefixtures("_reset_asked")
def test_a_spent_ticket_is_not_sent() -> None:
    EmailTicket.objects.update(used_at=timezone.now())
    outbox.relay()
    assert not mail.outbox


class Refusing:
    """A mail server that answers recipients with one reply."""

    def __init__(self, reply: str) -> None:
        self.reply = reply

    async def handle_RCPT(self, *_args: Any) -> str:  # noqa: N802  # the library names it
        return self.reply


@pytest.fixture
def mail_server(request: pytest.FixtureRequest, settings: LazySettings) -> Iterator[None]:
    controller = Controller(Refusing(request.param), hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield
    controller.stop()


@pytest.mark.parametrize(
    ("mail_server", "state"),
    [("550 5.1.1 no such person", State.DEAD), ("451 4.7.1 greylisted", State.PENDING)],
    indirect=["mail_server"],
)
@pytest.mark.usefixtures("mail_server")
def test_a_final_no_is_final_and_a_later_is_later(hoekstra: Company, state: str) -> None:
    make_invitation(hoekstra)
    outbox.relay()
    message = OutboxMessage.objects.get()
    assert message.state == state
    assert message.last_error


def test_a_mail_server_that_is_away_costs_nothing_but_time(hoekstra: Company, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_invitation(hoekstra)
    outbox.relay()
    assert OutboxMessage.objects.get().state == State.PENDING
