"""Guessing passwords: from one place, from many, and what becomes of the person whose account it is."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from identity.models import EmailTicket, User
from identity.services import tickets
from identity.services.connections import update_connection
from tests.cast import JENNIFER, OPERATOR, PASSWORD, VISITOR, Company
from tests.login.conftest import asking
from tests.page_driver import PageDriver

NEW_PASSWORD = "Another-Secret-8"


def guess(customer: Company, *, times: int, first: int = 1, username: str = JENNIFER) -> list[int]:
    """Try a wrong password once from each of so many addresses; return the statuses."""
    statuses = []
    for number in range(first, first + times):
        browser = PageDriver(address=f"203.0.113.{number}")
        page = browser.open("/authorize", **asking(customer))
        statuses.append(browser.submit(page, username=username, password="Wrong-Password-1").status)
    return statuses


def sign_in(customer: Company, password: str) -> int:
    browser = PageDriver(address="198.51.100.99")
    page = browser.open("/authorize", **asking(customer))
    return browser.submit(page, username=JENNIFER, password=password).status


@pytest.fixture(autouse=True)
def _few_attempts(settings: Settings) -> None:
    settings.LOGIN_ATTEMPTS_PER_ACCOUNT = 4


def test_guessing_one_account_from_many_addresses_is_stopped(hoekstra: Company, jennifer: User) -> None:
    assert guess(hoekstra, times=6) == [422, 422, 422, 422, 429, 429]
    assert sign_in(hoekstra, PASSWORD) == 429


def test_an_unknown_account_is_stopped_alike(hoekstra: Company, jennifer: User) -> None:
    assert guess(hoekstra, times=6, username="nobody@hoekstra.example") == [422, 422, 422, 422, 429, 429]
    assert sign_in(hoekstra, PASSWORD) == 303


def test_another_spelling_is_the_same_account(hoekstra: Company, jennifer: User) -> None:
    guess(hoekstra, times=2)
    assert guess(hoekstra, times=3, first=10, username=f" {JENNIFER.upper()}") == [422, 422, 429]


def test_the_owner_comes_back_by_e_mail(
    hoekstra: Company, jennifer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    guess(hoekstra, times=4)
    sent = tickets.send_ticket(
        actor=VISITOR, purpose=EmailTicket.Purpose.RESET_PASSWORD, identity=jennifer.identities.get()
    )
    with django_capture_on_commit_callbacks(execute=True):
        tickets.complete_password_reset(actor=VISITOR, ticket=tickets.ticket_text(sent), password=NEW_PASSWORD)
    assert sign_in(hoekstra, NEW_PASSWORD) == 303


def test_a_login_meanwhile_does_not_help_the_guesser(hoekstra: Company, jennifer: User) -> None:
    guess(hoekstra, times=3)
    assert sign_in(hoekstra, PASSWORD) == 303
    assert guess(hoekstra, times=2, first=10) == [422, 429]


def test_a_connection_may_do_without(hoekstra: Company, jennifer: User) -> None:
    update_connection(actor=OPERATOR, connection=hoekstra.connection, options={"brute_force_protection": False})
    assert guess(hoekstra, times=6) == [422] * 6
    assert sign_in(hoekstra, PASSWORD) == 303
