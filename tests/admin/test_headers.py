"""The dashboard's content security policy, and what its pages hold: nothing inline, nothing from elsewhere."""

import re

import pytest
from django.test import Client

from tests.admin.conftest import at
from tests.cast import Company, make_invitation, make_member

_NAMES = [
    "index",
    "orgs_organization_changelist",
    "orgs_organization_add",
    "identity_application_add",
    "identity_connection_add",
    "identity_user_changelist",
    "identity_user_add",
    "core_auditevent_changelist",
    "password_change",
]


def _pages(company: Company) -> list[str]:
    member = make_member(company, "amanda@hoekstra.example")
    invitation = make_invitation(company)
    organization = company.organization.pk
    tabs = ("change", "members", "connections", "branding", "history", "freeze", "delete")
    return [
        *(at(name) for name in _NAMES),
        *(at(f"orgs_organization_{tab}", organization) for tab in tabs),
        at("invitations_of_organization", organization),
        at("invitations_invite", organization),
        at("invitations_invitation_change", invitation.pk),
        at("identity_application_change", company.application.pk),
        at("identity_user_change", member.pk),
    ]


def test_no_page_holds_an_inline_script_or_style_or_a_foreign_resource(browser: Client, hoekstra: Company) -> None:
    for address in [*_pages(hoekstra), at("logout")]:
        text = browser.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text), address
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), address
        assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=\"(https?:)?//", text), address


@pytest.mark.parametrize("name", ["login", "index", "orgs_organization_changelist", "jsi18n"])
def test_only_evaluation_is_added_to_the_strict_policy(browser: Client, name: str) -> None:
    client = Client() if name == "login" else browser
    policy = client.get(at(name)).headers["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    assert directives["script-src"] == ["'self'", "'unsafe-eval'"]
    assert directives["style-src"] == directives["form-action"] == ["'self'"]
    assert directives["default-src"] == directives["frame-ancestors"] == directives["base-uri"] == ["'none'"]


def test_no_other_page_may_evaluate(client: Client, db: None) -> None:
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/admin/orgs/organization/?q=a%00b", "/admin/orgs/organization/a%00b/change/"])
def test_a_nul_is_a_bad_request(browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 400


def test_a_nul_in_a_form_is_a_bad_request(browser: Client, db: None) -> None:
    assert browser.post(at("orgs_organization_add"), {"name": "a\x00b"}).status_code == 400
    assert Client().post(at("login"), {"username": "a\x00b", "password": "x"}).status_code == 400


def test_what_people_typed_is_shown_as_text(browser: Client, hoekstra: Company) -> None:
    payload = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    hoekstra.organization.display_name = payload
    hoekstra.organization.save()
    for address in _pages(hoekstra):
        text = browser.get(address).content.decode()
        assert "<script>alert" not in text, address
        assert "<img src=x" not in text, address


def test_there_is_no_search_over_all_tables(browser: Client) -> None:
    assert browser.get("/admin/search/", {"s": "a", "page": "x"}).status_code == 404
