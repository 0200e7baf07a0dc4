"""Signing up, forgotten passwords, verifying an address, consent, and pages without a login in progress."""

import pytest
from django.conf import LazySettings

from core import outbox
from core.models import OutboxMessage
from identity.models import Credential, EmailTicket, User
from identity.services.applications import update_application
from identity.services.connections import update_connection
from identity.services.tickets import ticket_text
from login.models import Consent, Session
from orgs.models import Membership
from tests.cast import JENNIFER, OPERATOR, PASSWORD, Company, make_hoekstra
from tests.login.conftest import asking
from tests.page_driver import Page, PageDriver

NEW_PASSWORD = "Another-Booking-8"
SIGN_UP = {"assign_membership_on_login": True, "is_signup_enabled": True}


def ticket_for(email: str, purpose: str) -> str:
    """Let the worker do what was asked for, and return the ticket that its mail carries."""
    outbox.relay()
    return ticket_text(EmailTicket.objects.get(email=email, purpose=purpose))


def test_people_sign_up_where_the_organization_lets_them(browser: PageDriver, db: None) -> None:
    customer = make_hoekstra(link_options=SIGN_UP)
    page = browser.open("/authorize", **asking(customer, screen_hint="signup"))
    assert page.path.startswith("/u/signup")
    back = browser.follow(browser.submit(page, email=JENNIFER, password=PASSWORD))
    assert back.parameters["code"]
    membership = Membership.objects.get(organization=customer.organization)
    assert membership.source == Membership.Source.AUTO
    assert not membership.user.email_verified
    assert OutboxMessage.objects.filter(kind="verify_email").exists()


def test_nobody_signs_up_where_the_organization_does_not(browser: PageDriver, hoekstra: Company) -> None:
    page = browser.open("/authorize", **asking(hoekstra, screen_hint="signup"))
    assert page.status == 403
    assert "signup-form" not in page.text
    forced = browser.submit(browser.open("/authorize", **asking(hoekstra)), email=JENNIFER, password=PASSWORD)
    assert forced.status == 422
    assert not Credential.objects.exists()


def test_an_address_signs_up_once(browser: PageDriver, db: None) -> None:
    customer = make_hoekstra(link_options=SIGN_UP)
    for attempt, expected in ((1, 303), (2, 422)):
        visitor = PageDriver()
        page = visitor.open("/authorize", **asking(customer, screen_hint="signup"))
        assert visitor.submit(page, email=JENNIFER, password=PASSWORD).status == expected, attempt
    assert User.objects.filter(email=JENNIFER).count() == 1


def forgotten(browser: PageDriver, customer: Company, email: str) -> Page:
    login = browser.open("/authorize", **asking(customer))
    request = browser.get(login.path.replace("/u/login", "/u/reset-password/request"))
    return browser.submit(request, email=email)


def test_strangers_and_users_get_the_same_answer(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    known = forgotten(PageDriver(), hoekstra, JENNIFER)
    unknown = forgotten(PageDriver(), hoekstra, "nobody11@hoekstra.example")
    assert (known.status, unknown.status) == (200, 200)

    def words(page: Page, email: str) -> str:
        # The way back names each one's own login.
        return page.text.replace(email, "").split('id="reset-sent"')[1].split("</p>")[0]

    assert words(known, JENNIFER) == words(unknown, "nobody11@hoekstra.example")
    outbox.relay()
    assert EmailTicket.objects.count() == 1


def test_a_new_password_ends_every_session_and_works(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    login = browser.open("/authorize", **asking(hoekstra))
    browser.follow(browser.submit(login, username=JENNIFER, password=PASSWORD))
    forgotten(PageDriver(), hoekstra, JENNIFER)
    page = browser.get("/u/reset-password", ticket=ticket_for(JENNIFER, EmailTicket.Purpose.RESET_PASSWORD))
    assert browser.submit(page, password=NEW_PASSWORD, repeated="Something-Else-9").status == 422
    assert browser.submit(page, password="weak", repeated="weak").status == 422
    assert browser.submit(page, password=NEW_PASSWORD, repeated=NEW_PASSWORD).status == 200
    assert not Session.objects.filter(revoked_at=None).exists()
    again = browser.open("/authorize", **asking(hoekstra))
    assert browser.submit(again, username=JENNIFER, password=PASSWORD).status == 422
    assert browser.follow(browser.submit(again, username=JENNIFER, password=NEW_PASSWORD)).parameters["code"]


def test_a_reset_link_is_good_once_and_survives_scanners(
    browser: PageDriver, hoekstra: Company, jennifer: User
) -> None:
    forgotten(browser, hoekstra, JENNIFER)
    ticket = ticket_for(JENNIFER, EmailTicket.Purpose.RESET_PASSWORD)
    for _visit in range(5):
        assert PageDriver().get("/u/reset-password", ticket=ticket).status == 200
    page = browser.get("/u/reset-password", ticket=ticket)
    assert browser.submit(page, password=NEW_PASSWORD, repeated=NEW_PASSWORD).status == 200
    assert browser.submit(page, password="Third-Booking-9", repeated="Third-Booking-9").status == 400
    assert browser.get("/u/reset-password", ticket=ticket).status == 400


@pytest.mark.parametrize("path", ["/u/reset-password", "/u/email-verification"])
@pytest.mark.parametrize("ticket", ["", "x", "A" * 32, "A" * 5000, "%00", "' OR 1=1 --"])
def test_a_made_up_ticket_opens_nothing(browser: PageDriver, db: None, path: str, ticket: str) -> None:
    page = browser.get(path, ticket=ticket)
    assert page.status == 400
    assert "no longer valid" in page.text


def test_an_address_is_verified_by_the_button_not_by_the_link(browser: PageDriver, db: None) -> None:
    customer = make_hoekstra(link_options=SIGN_UP)
    page = browser.open("/authorize", **asking(customer, screen_hint="signup"))
    browser.follow(browser.submit(page, email=JENNIFER, password=PASSWORD))
    ticket = ticket_for(JENNIFER, EmailTicket.Purpose.VERIFY_EMAIL)
    confirm = browser.get("/u/email-verification", ticket=ticket)
    assert not User.objects.get(email=JENNIFER).email_verified
    assert browser.submit(confirm).status == 200
    assert User.objects.get(email=JENNIFER).email_verified
    assert browser.submit(confirm).status == 400


def third_party_login(browser: PageDriver, customer: Company) -> Page:
    update_application(actor=OPERATOR, application=customer.application, is_first_party=False)
    page = browser.open("/authorize", **asking(customer))
    return browser.follow(browser.submit(page, username=JENNIFER, password=PASSWORD))


def test_a_third_party_asks_first_and_once(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    consent = third_party_login(browser, hoekstra)
    assert consent.path.startswith("/u/consent")
    assert "Your e-mail address" in consent.text
    assert browser.follow(browser.submit(consent, decision="allow")).parameters["code"]
    assert set(Consent.objects.get().scopes) >= {"profile", "email"}
    assert browser.get("/authorize", **asking(hoekstra, prompt="none")).parameters["code"]
    more = browser.open("/authorize", **asking(hoekstra, scope="openid profile email phone"))
    assert more.path.startswith("/u/consent")
    assert "Your phone number" in more.text


def test_denying_tells_the_application(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    consent = third_party_login(browser, hoekstra)
    assert browser.follow(browser.submit(consent, decision="deny")).parameters["error"] == "access_denied"
    assert not Consent.objects.exists()


def test_a_silent_request_cannot_consent(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    third_party_login(browser, hoekstra)
    assert browser.get("/authorize", **asking(hoekstra, prompt="none")).parameters["error"] == "consent_required"


def test_the_name_of_a_third_party_is_only_text(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    name = 'Click "here" & win'
    update_application(actor=OPERATOR, application=hoekstra.application, name=name)
    consent = third_party_login(browser, hoekstra)
    assert "Click &quot;here&quot; &amp; win" in consent.text
    assert name not in consent.text


@pytest.mark.parametrize("path", ["/login", "/u/login", "/u/signup", "/signup/invitation", "/invitation", "/u/consent"])
def test_a_page_without_a_login_explains_itself(browser: PageDriver, db: None, path: str) -> None:
    page = browser.get(path)
    assert page.status == 400
    assert "start again" in page.text


def test_a_page_without_a_login_leads_to_where_logins_start(
    browser: PageDriver, db: None, settings: LazySettings
) -> None:
    settings.TENANT0_DEFAULT_LOGIN_URI = "https://app.travel0.test/login"
    assert browser.get("/login").location == "https://app.travel0.test/login"


def test_a_connection_that_closed_its_sign_up_stays_closed_without_an_organization(
    browser: PageDriver, db: None
) -> None:
    customer = make_hoekstra()
    update_connection(actor=OPERATOR, connection=customer.connection, options={"disable_signup": True})
    assert browser.open("/authorize", **asking(customer, organization="", screen_hint="signup")).status == 403
