"""Signing in with a password: the page, the session, and what strangers learn."""

import pytest
from django.conf import LazySettings

from core.models import AuditEvent
from identity.models import User
from identity.services.users import set_blocked
from login.models import LoginTransaction, Session
from orgs.services.memberships import remove_members
from orgs.services.organizations import freeze_organization
from tests.cast import JENNIFER, OPERATOR, OUTSIDER, PASSWORD, Company, make_hoekstra, make_member, make_metahexa
from tests.login.conftest import asking
from tests.page_driver import Page, PageDriver


def signed_in(browser: PageDriver, customer: Company, email: str = JENNIFER, **changes: str) -> Page:
    page = browser.open("/authorize", **asking(customer, **changes))
    return browser.follow(browser.submit(page, username=email, password=PASSWORD))


def test_a_member_signs_in(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    back = signed_in(browser, hoekstra)
    assert back.location.startswith(hoekstra.redirect_uri)
    assert set(back.parameters) == {"code", "state", "iss"}
    assert AuditEvent.objects.get(type="s").user_id == jennifer.user_id
    jennifer.refresh_from_db()
    assert (jennifer.logins_count, jennifer.last_ip) == (1, "192.0.2.50")


def test_a_username_is_spoken_of_only_where_there_are_any(browser: PageDriver, db: None) -> None:
    without = make_hoekstra()
    assert "username</label>" not in browser.open("/authorize", **asking(without)).text
    with_usernames = make_metahexa(connection_options={"requires_username": True})
    assert "Email address or username" in browser.open("/authorize", **asking(with_usernames)).text


def test_the_hint_is_filled_in(browser: PageDriver, hoekstra: Company) -> None:
    page = browser.open("/authorize", **asking(hoekstra, login_hint="jen@hoekstra.example"))
    assert 'value="jen@hoekstra.example"' in page.text


def test_somebody_who_is_no_member_is_refused_with_auth0s_words(
    browser: PageDriver, hoekstra: Company, outsider: User
) -> None:
    back = signed_in(browser, hoekstra, OUTSIDER)
    assert back.parameters["error"] == "access_denied"
    expected = f"user {outsider.user_id} is not part of the {hoekstra.organization.pk} organization"
    assert back.parameters["error_description"] == expected
    assert "code" not in back.parameters


def test_a_blocked_user_is_refused_with_auth0s_words(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    set_blocked(actor=OPERATOR, user=jennifer, blocked=True)
    back = signed_in(browser, hoekstra)
    assert (back.parameters["error"], back.parameters["error_description"]) == ("unauthorized", "user is blocked")


def test_strangers_and_users_are_answered_alike(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    known = browser.submit(page, username=JENNIFER, password="Wrong-Password-1")
    unknown = browser.submit(page, username="nobody11@hoekstra.example", password="Wrong-Password-1")
    assert (known.status, unknown.status) == (422, 422)
    assert "Wrong email or password." in unknown.text

    def without_names(text: str) -> str:
        lines = text.replace(JENNIFER, "").replace("nobody11@hoekstra.example", "").splitlines()
        return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line)

    assert without_names(known.text) == without_names(unknown.text)


def test_a_wrong_password_is_counted_before_the_next_is_hashed(
    browser: PageDriver, hoekstra: Company, jennifer: User, settings: LazySettings
) -> None:
    settings.LOGIN_ATTEMPTS = 3
    page = browser.open("/authorize", **asking(hoekstra))
    for _attempt in range(3):
        assert browser.submit(page, username=JENNIFER, password="Wrong-Password-1").status == 422
    throttled = browser.submit(page, username=JENNIFER, password=PASSWORD)
    assert throttled.status == 429
    assert int(throttled.response["Retry-After"]) > 0
    elsewhere = PageDriver(address="198.51.100.20")
    assert signed_in(elsewhere, hoekstra).parameters["code"]


def test_one_address_may_not_guess_over_many_accounts(
    browser: PageDriver, hoekstra: Company, settings: LazySettings
) -> None:
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 4
    page = browser.open("/authorize", **asking(hoekstra))
    for number in range(4):
        browser.submit(page, username=f"user{number}@hoekstra.example", password="Wrong-Password-1")
    assert browser.submit(page, username="user9@hoekstra.example", password="Wrong-Password-1").status == 429


def test_the_password_never_comes_back(browser: PageDriver, hoekstra: Company) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    assert "Secret-Text-99" not in browser.submit(page, username=JENNIFER, password="Secret-Text-99").text


@pytest.mark.parametrize("password", ["x" * 129, "x" * 500_000, "", "with\x00nul"])
def test_odd_passwords_are_refused_without_being_hashed(
    browser: PageDriver, hoekstra: Company, jennifer: User, password: str
) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    assert browser.submit(page, username=JENNIFER, password=password).status == 422


def test_the_session_answers_silently(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    signed_in(browser, hoekstra)
    before = LoginTransaction.objects.count()
    back = browser.get("/authorize", **asking(hoekstra, prompt="none"))
    assert back.status == 302
    assert back.parameters["code"]
    assert LoginTransaction.objects.count() == before
    assert AuditEvent.objects.filter(type="ssa").count() == 1


def test_nobody_signed_in_means_login_required(browser: PageDriver, hoekstra: Company) -> None:
    back = browser.get("/authorize", **asking(hoekstra, prompt="none"))
    assert (back.parameters["error"], back.parameters["error_description"]) == ("login_required", "Login required")
    assert back.parameters["state"] == "a-state"


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}])
def test_a_new_login_can_be_demanded(
    browser: PageDriver, hoekstra: Company, jennifer: User, changes: dict[str, str]
) -> None:
    signed_in(browser, hoekstra)
    first = Session.objects.get(revoked_at=None)
    assert browser.open("/authorize", **asking(hoekstra, **changes)).path.startswith("/u/login")
    signed_in(browser, hoekstra, **changes)
    second = Session.objects.get(revoked_at=None)
    assert second.sid != first.sid
    assert second.auth_time > first.auth_time


def test_a_session_is_no_pass_into_another_organization(
    browser: PageDriver, hoekstra: Company, metahexa: Company, jennifer: User
) -> None:
    signed_in(browser, hoekstra)
    back = browser.get("/authorize", **asking(metahexa, prompt="none"))
    assert back.parameters["error"] == "login_required"


def test_a_removed_member_is_refused_although_the_session_lives(
    browser: PageDriver, hoekstra: Company, jennifer: User
) -> None:
    signed_in(browser, hoekstra)
    remove_members(actor=OPERATOR, organization=hoekstra.organization, users=[jennifer])
    back = browser.get("/authorize", **asking(hoekstra, prompt="none"))
    assert back.parameters["error"] == "access_denied"


def test_blocking_ends_the_session(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    signed_in(browser, hoekstra)
    set_blocked(actor=OPERATOR, user=jennifer, blocked=True)
    assert browser.get("/authorize", **asking(hoekstra, prompt="none")).parameters["error"] == "login_required"


def test_a_frozen_organization_lets_nobody_in(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    signed_in(browser, hoekstra)
    freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    back = browser.get("/authorize", **asking(hoekstra))
    assert back.parameters["error"] == "invalid_request"


def test_unknown_and_frozen_organizations_read_alike(browser: PageDriver, hoekstra: Company) -> None:
    unknown = browser.get("/authorize", **asking(hoekstra, organization="org_doesnotexist1234"))
    freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    frozen = browser.get("/authorize", **asking(hoekstra))
    words = {page.parameters["error_description"].rpartition(":")[0] for page in (unknown, frozen)}
    assert words == {"parameter organization is invalid"}


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    browser: PageDriver, hoekstra: Company, jennifer: User, settings: LazySettings
) -> None:
    signed_in(browser, hoekstra)
    cookie = browser.cookie(settings.TENANT0_SESSION_COOKIE)
    assert settings.TENANT0_SESSION_COOKIE.startswith("__Host-")
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_a_planted_session_cookie_is_not_taken_over(
    browser: PageDriver, hoekstra: Company, jennifer: User, settings: LazySettings
) -> None:
    browser.client.cookies[settings.TENANT0_SESSION_COOKIE] = "A" * 43
    signed_in(browser, hoekstra)
    assert browser.cookie(settings.TENANT0_SESSION_COOKIE).value != "A" * 43


def test_a_page_of_another_browser_is_not_shown(browser: PageDriver, hoekstra: Company) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    stranger = PageDriver().get(page.path)
    assert stranger.status == 400
    assert "login-form" not in stranger.text


def test_a_login_cannot_be_forged_from_another_site(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    response = browser.client.post(
        page.path,
        {"username": JENNIFER, "password": PASSWORD},
        headers={**browser.headers, "origin": "https://evil.example"},
        secure=True,
    )
    assert response.status_code == 403
    assert not Session.objects.exists()


def test_a_finished_login_cannot_be_used_again(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    browser.follow(browser.submit(page, username=JENNIFER, password=PASSWORD))
    state = LoginTransaction.objects.get().state
    assert browser.get("/authorize/resume", state=state).status == 400
    assert browser.get(page.path).status == 400


def test_what_is_added_to_the_resume_url_has_no_effect(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    done = browser.submit(page, username=JENNIFER, password=PASSWORD)
    back = browser.get(f"{done.location}&redirect_uri=https://evil.example/&prompt=none&state=other")
    assert back.status in {302, 400}
    assert "evil.example" not in back.location


def test_two_tabs_are_two_logins(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    first = browser.open("/authorize", **asking(hoekstra, state="tab-one"))
    second = browser.open("/authorize", **asking(hoekstra, state="tab-two"))
    assert browser.follow(browser.submit(second, username=JENNIFER, password=PASSWORD)).parameters["state"] == "tab-two"
    assert browser.follow(browser.submit(first, username=JENNIFER, password=PASSWORD)).parameters["state"] == "tab-one"


@pytest.mark.parametrize(("language", "words"), [("en", "Continue"), ("de", "Weiter"), ("fr", "Continuer")])
def test_the_page_speaks_the_browsers_language(hoekstra: Company, language: str, words: str) -> None:
    page = PageDriver(language=language).open("/authorize", **asking(hoekstra))
    assert f'<html lang="{language}"' in page.text
    assert words in page.text


def test_the_application_may_ask_for_a_language(browser: PageDriver, hoekstra: Company) -> None:
    page = browser.open("/authorize", **asking(hoekstra, ui_locales="xx nl en"))
    assert '<html lang="nl"' in page.text


def test_pages_are_framed_by_nobody_and_load_nothing_foreign(browser: PageDriver, hoekstra: Company) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    policy = page.response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.response["X-Frame-Options"] == "DENY"
    assert page.response["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.response["Cache-Control"]
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_a_member_of_two_organizations_enters_each_by_its_own_name(hoekstra: Company, metahexa: Company) -> None:
    make_member(hoekstra, JENNIFER)
    make_member(metahexa, JENNIFER)
    for customer in (hoekstra, metahexa):
        assert signed_in(PageDriver(), customer).parameters["code"]
