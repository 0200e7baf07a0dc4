"""Jennifer of Hoekstra & Associates, from the operator's invitation to her second day at work.

The first story of the seed, told in Chromium against the running demo. The stories share one demo and stand in order; each makes
what it needs beyond that itself.
"""

import os
import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import IMAGES
from tests.running_demo import RunningDemo

# One demo for all: run side by side, each worker would start its own.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

JENNIFER = "jennifer@hoekstra.example"
PASSWORD = "Correct-Horse-Battery-1"
# A run that keeps its pictures for the README says so; any other leaves the tree as it is.
KEEP_PICTURES = os.environ.get("TENANT0_KEEP_PICTURES") == "1"


def picture(page: Page, name: str) -> None:
    if KEEP_PICTURES:
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{name}.png")


def operator_signs_in(page: Page, demo: RunningDemo) -> None:
    page.goto(f"{demo.issuer}admin/")
    page.fill("#id_username", demo.operator_email)
    page.fill("#id_password", demo.operator_password)
    page.locator("button[type=submit]").first.click()
    expect(page).to_have_url(f"{demo.issuer}admin/")


def organization_page(page: Page, demo: RunningDemo, name: str) -> None:
    page.goto(f"{demo.issuer}admin/orgs/organization/")
    page.get_by_role("link", name=name, exact=True).first.click()


def invite(page: Page, demo: RunningDemo, email: str) -> None:
    """The operator's clicks: organization, its invitations, Invite, the form."""
    organization_page(page, demo, "Hoekstra & Associates")
    page.locator("a[href*='/invitations/invitation/of/']").first.click()
    page.locator("a[href$='/invite/']").first.click()
    page.fill("#id_emails", email)
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").last.fill("Hoekstra")
    page.locator(".select2-results__option", has_text="Hoekstra").first.click()
    page.fill("#id_inviter_name", "Olivia of Travel0")
    picture(page, "dashboard-invite")
    page.locator("#submit").click()
    expect(page.get_by_text(email).first).to_be_visible()


def mailed_link(page: Page, demo: RunningDemo, email: str, *, subject: str) -> str:
    """Wait for a mail to arrive and return the link that is read in it."""
    row = page.locator("li a").filter(has_text=email).filter(has_text=subject)
    for _attempt in range(40):
        page.goto(demo.mail)
        if row.count():
            break
        page.wait_for_timeout(500)
    row.first.click()
    found = re.search(r"https?://\S+", page.locator("pre").inner_text())
    assert found is not None
    return found.group(0)


@pytest.fixture(scope="module")
def invitation_link(demo: RunningDemo, chromium: Browser) -> str:
    """The operator invites Jennifer in the dashboard; her mail arrives."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    page = context.new_page()
    operator_signs_in(page, demo)
    picture(page, "dashboard")
    invite(page, demo, JENNIFER)
    picture(page, "dashboard-invitations")
    link = mailed_link(page, demo, JENNIFER, subject="has invited you")
    picture(page, "mail")
    context.close()
    return link


@pytest.fixture(scope="module")
def jennifer_joined(demo: RunningDemo, chromium: Browser, invitation_link: str) -> str:
    """Jennifer follows the link and sets a password; returns what Travel0 greets her with."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    page = context.new_page()
    page.goto(invitation_link)
    expect(page).to_have_url(re.compile(re.escape(f"{demo.issuer}signup/invitation?state=")))
    expect(page.locator("#email")).to_have_value(JENNIFER)
    expect(page.locator("#email")).to_have_attribute("readonly", "")
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Hoekstra & Associates")
    picture(page, "hoekstra-signup")
    page.fill("#password", "short")
    page.click("#submit")
    expect(page.locator("#password_error")).to_contain_text("at least 8 characters")
    page.fill("#password", PASSWORD)
    page.click("#submit")
    expect(page).to_have_url(demo.hoekstra)
    picture(page, "travel0")
    greeting = page.locator("body").inner_text()
    context.close()
    return greeting


def test_travel0_greets_jennifer_of_hoekstra(jennifer_joined: str) -> None:
    assert JENNIFER in jennifer_joined
    assert "Hoekstra & Associates" in jennifer_joined
    assert re.search(r"org_[A-Za-z0-9]{16}", jennifer_joined)


def test_the_operator_sees_that_she_joined(demo: RunningDemo, context: BrowserContext, jennifer_joined: str) -> None:
    page = context.new_page()
    operator_signs_in(page, demo)
    organization_page(page, demo, "Hoekstra & Associates")
    page.locator("a[href$='/members/']").first.click()
    expect(page.get_by_text(JENNIFER).first).to_be_visible()
    picture(page, "dashboard-members")


def test_she_logs_out_and_in_again_with_her_password(
    demo: RunningDemo, context: BrowserContext, jennifer_joined: str
) -> None:
    page = context.new_page()
    sign_in(page, demo, PASSWORD)
    expect(page.locator("#person-email")).to_have_text(JENNIFER)
    page.click("#sign-out")
    expect(page.locator("#sign-in")).to_be_visible()
    page.click("#sign-in")
    # The session at the issuer has ended too: the password is asked for again.
    expect(page.locator("#login-form")).to_be_visible()


def test_a_wrong_password_asks_again(demo: RunningDemo, context: BrowserContext, jennifer_joined: str) -> None:
    page = context.new_page()
    sign_in(page, demo, "Not-Her-Password-1")
    expect(page.locator("#form-error")).to_contain_text("Wrong email or password.")
    expect(page.locator("#username")).to_have_value(JENNIFER)


def test_the_replayed_link_is_refused(
    demo: RunningDemo, context: BrowserContext, invitation_link: str, jennifer_joined: str
) -> None:
    page = context.new_page()
    page.goto(invitation_link)
    expect(page.locator("#error-description")).to_contain_text("invitation not found or already used")


def test_an_invitation_shows_its_page_although_somebody_else_is_signed_in(
    demo: RunningDemo, context: BrowserContext, jennifer_joined: str
) -> None:
    operator = context.new_page()
    operator_signs_in(operator, demo)
    invite(operator, demo, "sanne@hoekstra.example")
    link = mailed_link(operator, demo, "sanne@hoekstra.example", subject="has invited you")
    page = context.new_page()
    sign_in(page, demo, PASSWORD)
    expect(page.locator("#person-email")).to_have_text(JENNIFER)
    page.goto(link)
    expect(page).to_have_url(re.compile("/signup/invitation"))
    expect(page.locator("#email")).to_have_value("sanne@hoekstra.example")


def test_she_sets_a_new_password_by_mail(demo: RunningDemo, context: BrowserContext, jennifer_joined: str) -> None:
    page = context.new_page()
    page.goto(f"{demo.hoekstra}login")
    page.click("#forgot-password")
    page.fill("#email", JENNIFER)
    page.click("#submit")
    expect(page.locator("#reset-sent")).to_be_visible()
    link = mailed_link(page, demo, JENNIFER, subject="Choose a new password")
    page.goto(link)
    page.fill("#password", "A-Brand-New-Password-2")
    page.fill("#repeated", "A-Brand-New-Password-2")
    page.click("#submit")
    expect(page.locator("#reset-done")).to_be_visible()
    sign_in(page, demo, "A-Brand-New-Password-2")
    expect(page.locator("#person-email")).to_have_text(JENNIFER)
    page.goto(link)
    expect(page.locator("#error-description")).to_contain_text("no longer valid")


def test_it_all_works_on_a_phone_without_javascript(demo: RunningDemo, chromium: Browser) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="nl-NL", is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{demo.hoekstra}login")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welkom")
    page.fill("#username", "pieter@hoekstra.example")
    page.fill("#password", "Corporate-Travel-1")
    picture(page, "phone-login")
    page.click("#submit")
    expect(page).to_have_url(demo.hoekstra)
    expect(page.locator("#person-name")).to_have_text("Pieter Hoekstra")
    context.close()


def sign_in(page: Page, demo: RunningDemo, password: str) -> None:
    page.goto(f"{demo.hoekstra}login")
    page.fill("#username", JENNIFER)
    page.fill("#password", password)
    page.click("#submit")
