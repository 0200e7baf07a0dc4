"""Links in e-mails about an account: the same for strangers, good once, and void when the account moves on."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import outbox
from core.errors import Expired, Invalid
from core.models import AuditEvent, OutboxMessage
from identity.models import EmailTicket, User
from identity.services import tickets
from identity.services.users import set_blocked, update_user
from identity.strategies import strategy_for
from identity.strategies.base import InvalidCredentials, PasswordStrategy
from login.browser import Browser
from login.session import start_session
from tests.cast import JENNIFER, OPERATOR, OUTSIDER, PASSWORD, VISITOR, Company, make_user

RESET = EmailTicket.Purpose.RESET_PASSWORD
VERIFY = EmailTicket.Purpose.VERIFY_EMAIL
NEW_PASSWORD = "Another-Secret-8"


def ask(company: Company, email: str) -> None:
    tickets.request_password_reset(
        actor=VISITOR, connection=company.connection, email=email, application=company.application
    )


def deliver(company: Company, email: str) -> str:
    """Do what a worker does with a request; return the ticket that was sent."""
    ask(company, email)
    message = OutboxMessage.objects.get(kind="reset_password_request")
    tickets.deliver_reset_request(message.payload)
    return tickets.ticket_text(EmailTicket.objects.get(purpose=RESET))


def ticket_for(user: User, purpose: str = RESET) -> str:
    sent = tickets.send_ticket(actor=OPERATOR, purpose=purpose, identity=user.identities.get())
    return tickets.ticket_text(sent)


def reset(ticket: str, password: str = NEW_PASSWORD) -> EmailTicket:
    return tickets.complete_password_reset(actor=VISITOR, ticket=ticket, password=password)


def signs_in(company: Company, password: str) -> bool:
    strategy = strategy_for(company.connection)
    assert isinstance(strategy, PasswordStrategy)
    try:
        strategy.authenticate(JENNIFER, password)
    except InvalidCredentials:
        return False
    return True


def statements(company: Company, email: str) -> list[str]:
    with CaptureQueriesContext(database) as captured:
        ask(company, email)
    return [query["sql"].split()[0] for query in captured.captured_queries]


def test_asking_does_the_same_for_a_stranger(hoekstra: Company, jennifer: User) -> None:
    assert statements(hoekstra, JENNIFER) == statements(hoekstra, "nobody@hoekstra.example")
    assert not EmailTicket.objects.exists()


def test_a_worker_sends_the_link_to_the_stored_address(hoekstra: Company, jennifer: User) -> None:
    ticket = deliver(hoekstra, JENNIFER)
    mail = OutboxMessage.objects.get(kind="reset_password_email")
    sent = EmailTicket.objects.get()
    assert mail.payload == {"ticket": sent.pk}
    assert (sent.email, sent.application) == (JENNIFER, hoekstra.application)
    assert AuditEvent.objects.get(type="scpr").ip == VISITOR.ip
    assert ticket not in f"{mail.payload}{sent.digest}"


@pytest.mark.parametrize("who", ["stranger", "blocked"])
def test_nobody_else_is_sent_anything(hoekstra: Company, jennifer: User, who: str) -> None:
    set_blocked(actor=OPERATOR, user=jennifer, blocked=who == "blocked")
    ask(hoekstra, JENNIFER if who == "blocked" else OUTSIDER)
    with pytest.raises(outbox.NoLongerWanted):
        tickets.deliver_reset_request(OutboxMessage.objects.get().payload)
    assert not EmailTicket.objects.exists()


def test_a_new_password_is_set_once(hoekstra: Company, jennifer: User) -> None:
    ticket = deliver(hoekstra, JENNIFER)
    reset(ticket)
    assert signs_in(hoekstra, NEW_PASSWORD)
    assert not signs_in(hoekstra, PASSWORD)
    with pytest.raises(Expired):
        reset(ticket, "A-Third-Secret-9")
    assert signs_in(hoekstra, NEW_PASSWORD)


def test_it_ends_every_login_and_every_other_link(hoekstra: Company, jennifer: User) -> None:
    session, _token = start_session(
        user=jennifer, connection=hoekstra.connection, amr=["pwd"], browser=Browser(), at=timezone.now()
    )
    other = ticket_for(jennifer)
    reset(ticket_for(jennifer))
    session.refresh_from_db()
    assert session.revoked_at is not None
    with pytest.raises(Expired):
        tickets.open_ticket(purpose=RESET, ticket=other)


def test_it_verifies_the_address(hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER, email_verified=False)
    reset(ticket_for(user))
    user.refresh_from_db()
    assert user.email_verified
    assert user.last_password_reset is not None


def test_a_weak_password_leaves_the_link_good(hoekstra: Company, jennifer: User) -> None:
    ticket = ticket_for(jennifer)
    with pytest.raises(Invalid):
        reset(ticket, "weak")
    assert signs_in(hoekstra, PASSWORD)
    reset(ticket)
    assert signs_in(hoekstra, NEW_PASSWORD)


def test_a_link_is_void_after_its_time(jennifer: User) -> None:
    ticket = ticket_for(jennifer)
    EmailTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Expired):
        tickets.open_ticket(purpose=RESET, ticket=ticket)


def test_a_link_is_void_when_the_address_changed(jennifer: User) -> None:
    ticket = ticket_for(jennifer)
    update_user(actor=OPERATOR, user=jennifer, email="jen@new.example")
    with pytest.raises(Expired):
        reset(ticket)


def test_a_link_serves_its_own_purpose_only(jennifer: User) -> None:
    ticket = ticket_for(jennifer, VERIFY)
    with pytest.raises(Expired):
        reset(ticket)


@pytest.mark.parametrize("ticket", ["", "A" * 32, "x\x00y", "\ud800", "A" * 100_000])
def test_a_made_up_link_opens_nothing(hoekstra: Company, ticket: str) -> None:
    with pytest.raises(Expired):
        tickets.open_ticket(purpose=RESET, ticket=ticket)


def test_verifying_marks_the_address_once(hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER, email_verified=False)
    ticket = ticket_for(user, VERIFY)
    tickets.complete_email_verification(actor=VISITOR, ticket=ticket)
    user.refresh_from_db()
    assert user.email_verified
    assert AuditEvent.objects.filter(type="sv", user_id=user.user_id).exists()
    with pytest.raises(Expired):
        tickets.complete_email_verification(actor=VISITOR, ticket=ticket)


def test_whoever_sat_in_the_unverified_account_is_out(hoekstra: Company) -> None:
    squatted = make_user(hoekstra.connection, JENNIFER, email_verified=False)
    session, _token = start_session(
        user=squatted, connection=hoekstra.connection, amr=["pwd"], browser=Browser(), at=timezone.now()
    )
    tickets.complete_email_verification(actor=VISITOR, ticket=ticket_for(squatted, VERIFY))
    session.refresh_from_db()
    assert session.revoked_at is not None


def test_tickets_are_swept_a_day_after_their_end(jennifer: User) -> None:
    ticket_for(jennifer)
    assert tickets.sweep(timezone.now(), 100) == 0
    EmailTicket.objects.update(expires_at=timezone.now() - timedelta(days=2))
    assert tickets.sweep(timezone.now(), 100) == 1
