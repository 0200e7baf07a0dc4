"""The dashboard in Chromium: no complaint of the content security policy, menus by keyboard, fits a phone."""

import os
from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.admin.conftest import at
from tests.cast import PASSWORD, make_hoekstra, make_member, make_operator
from tools.services import find

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: LiveServer, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A signed-in owner. Any message of the console's and any refused resource fails the test."""
    # Playwright runs a loop of its own in this thread; the tests' database is used beside it.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    # The server's threads leave no connection behind that would keep the test database from being dropped.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    # Over plain http a browser takes no `__Host-` cookie.
    for name, value in {"SESSION_COOKIE_NAME": "dashboard", "CSRF_COOKIE_NAME": "csrf"}.items():
        setattr(settings, name, value)
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        setattr(settings, name, False)
    owner = make_operator("owner", password=PASSWORD)
    client = Client()
    client.force_login(owner)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find("chromium"), args=["--no-sandbox", "--disable-quic", "--disable-background-networking"]
        )
        context = browser.new_context(base_url=live_server.url)
        cookie = {"name": "dashboard", "value": client.cookies["dashboard"].value, "url": live_server.url}
        context.add_cookies([cookie])  # type: ignore[list-item]  # the three names that are needed
        opened = context.new_page()
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
        yield opened
        browser.close()
        # While Playwright's loop runs, this thread has database connections of its own; they end with it.
        connections.close_all()
    assert not complaints


def test_no_page_breaks_the_policy_or_overflows_a_phone(page: Page) -> None:
    hoekstra = make_hoekstra()
    member = make_member(hoekstra, "amanda@hoekstra.example")
    organization = hoekstra.organization.pk
    page.set_viewport_size({"width": 390, "height": 844})
    for address in (
        at("index"),
        at("orgs_organization_changelist"),
        *(at(f"orgs_organization_{tab}", organization) for tab in ("change", "members", "connections", "branding")),
        at("invitations_invite", organization),
        at("identity_application_change", hoekstra.application.pk),
        at("identity_connection_add"),
        at("identity_connection_settings", hoekstra.connection.pk),
        at("identity_user_change", member.pk),
        at("core_auditevent_changelist"),
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


def test_members_are_found_while_one_types_by_keyboard_alone(page: Page) -> None:
    hoekstra = make_hoekstra()
    make_member(hoekstra, "amanda@hoekstra.example")
    page.goto(at("orgs_organization_members", hoekstra.organization.pk))
    page.locator("#id_users + .select2-container .select2-search__field").focus()
    page.keyboard.type("aman")
    expect(page.locator(".select2-results__option--highlighted")).to_have_text("amanda@hoekstra.example")
    page.keyboard.press("Enter")
    expect(page.locator("#id_users + .select2-container")).to_contain_text("amanda@hoekstra.example")


def test_the_menu_of_the_operator_opens_by_keyboard(page: Page) -> None:
    page.goto(at("index"))
    expect(page.get_by_role("link", name="Change password")).to_be_hidden()
    page.locator("[role=button]", has_text="@travel0.example").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Change password")).to_be_visible()


def test_the_preview_follows_what_is_typed(page: Page) -> None:
    hoekstra = make_hoekstra()
    page.goto(at("orgs_organization_branding", hoekstra.organization.pk))
    page.fill("#id_primary_color", "#ffe600")
    button = page.locator(".t0-preview-button")
    expect(button).to_have_css("background-color", "rgb(255, 230, 0)")
    expect(button).to_have_css("color", "rgb(0, 0, 0)")
