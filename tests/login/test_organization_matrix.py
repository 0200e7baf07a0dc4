"""How an application treats organizations: types of users × login flow × whether the request names one."""

import pytest

from identity.models import Application
from orgs.services.connections import enable_connection
from orgs.services.memberships import add_members
from tests.cast import JENNIFER, OPERATOR, PASSWORD, Company, make_hoekstra, make_member, make_metahexa, make_user
from tests.login.conftest import asking
from tests.page_driver import Page, PageDriver

REQUIRED = "parameter organization is required for this client"
NOT_ALLOWED = "parameter organization is not allowed for this client"

# (types of users, login flow, request names the organization) -> the page, or the error's text.
MATRIX = [
    ("", "", False, "/u/login"),
    ("", "", True, NOT_ALLOWED),
    ("deny", "", False, "/u/login"),
    ("deny", "", True, NOT_ALLOWED),
    ("allow", "", False, "/u/login"),
    ("allow", "no_prompt", False, "/u/login"),
    ("allow", "no_prompt", True, "/u/login"),
    ("allow", "post_login_prompt", False, "/u/login"),
    ("require", "", False, REQUIRED),
    ("require", "no_prompt", False, REQUIRED),
    ("require", "no_prompt", True, "/u/login"),
    ("require", "pre_login_prompt", False, "/u/organizations"),
    ("require", "pre_login_prompt", True, "/u/login"),
    ("require", "post_login_prompt", False, "/u/login"),
    ("require", "post_login_prompt", True, "/u/login"),
]


def customer(usage: str, behavior: str) -> Company:
    fields = {"organization_usage": usage, "organization_require_behavior": behavior}
    return make_hoekstra(application_fields=fields)


@pytest.mark.django_db
@pytest.mark.parametrize(("usage", "behavior", "named", "expected"), MATRIX)
def test_where_a_request_leads(browser: PageDriver, usage: str, behavior: str, named: bool, expected: str) -> None:
    company = customer(usage, behavior)
    request = asking(company) if named else asking(company, organization="")
    page = browser.open("/authorize", **request)
    if expected.startswith("/"):
        assert page.path.startswith(expected)
    else:
        assert page.parameters["error"] == "invalid_request"
        assert page.parameters["error_description"] == expected


def after_password(browser: PageDriver, company: Company) -> Page:
    page = browser.open("/authorize", **asking(company, organization=""))
    return browser.follow(browser.submit(page, username=JENNIFER, password=PASSWORD))


@pytest.mark.django_db
def test_before_the_login_an_organization_is_asked_for_by_name(browser: PageDriver) -> None:
    company = customer("require", "pre_login_prompt")
    make_member(company, JENNIFER)
    page = browser.open("/authorize", **asking(company, organization=""))
    unknown = browser.submit(page, organization="nobody")
    assert unknown.status == 422
    login = browser.follow(browser.submit(page, organization="TheHoekstra"))
    assert login.path.startswith("/u/login")
    assert "Hoekstra &amp; Associates" in login.text
    back = browser.follow(browser.submit(login, username=JENNIFER, password=PASSWORD))
    assert back.parameters["code"]


@pytest.mark.django_db
def test_after_the_login_nobody_without_a_membership_passes(browser: PageDriver) -> None:
    company = customer("require", "post_login_prompt")
    make_user(company.connection, JENNIFER)
    back = after_password(browser, company)
    assert back.parameters["error"] == "access_denied"
    words = "client requires organization membership, but user does not belong to any organization"
    assert back.parameters["error_description"] == words


@pytest.mark.django_db
def test_after_the_login_the_only_organization_is_taken(browser: PageDriver) -> None:
    company = customer("require", "post_login_prompt")
    make_member(company, JENNIFER)
    assert after_password(browser, company).parameters["code"]


@pytest.mark.django_db
def test_after_the_login_one_of_several_is_chosen_and_no_other(browser: PageDriver) -> None:
    company, other = customer("require", "post_login_prompt"), make_metahexa()
    user = make_member(company, JENNIFER)
    enable_connection(actor=OPERATOR, organization=other.organization, connection=company.connection)
    add_members(actor=OPERATOR, organization=other.organization, users=[user])
    picker = after_password(browser, company)
    assert picker.path.startswith("/u/organizations")
    assert "MetaHexa Bank" in picker.text
    assert browser.submit(picker, organization="org_somebodyelses").status == 422
    assert browser.submit(picker, organization="personal").status == 422
    assert browser.follow(browser.submit(picker, organization=other.organization.pk)).parameters["code"]


@pytest.mark.django_db
def test_where_both_are_allowed_the_personal_account_is_offered(browser: PageDriver) -> None:
    company = customer("allow", "post_login_prompt")
    make_member(company, JENNIFER)
    picker = after_password(browser, company)
    assert "personal account" in picker.text
    assert browser.follow(browser.submit(picker, organization="personal")).parameters["code"]


@pytest.mark.django_db
def test_a_silent_request_that_needs_a_choice_says_so(browser: PageDriver) -> None:
    company = customer("require", "pre_login_prompt")
    back = browser.get("/authorize", **asking(company, organization="", prompt="none"))
    assert back.parameters["error"] == "interaction_required"


@pytest.mark.django_db
def test_a_name_is_refused_while_names_are_off(browser: PageDriver) -> None:
    company = customer("require", "")
    back = browser.get("/authorize", **asking(company, organization="thehoekstra"))
    expected = "authorization request parameter organization must be an organization id"
    assert back.parameters["error_description"] == expected


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["thehoekstra", "TheHoekstra"])
def test_a_name_is_good_once_names_are_on(browser: PageDriver, settings: object, name: str) -> None:
    settings.TENANT0_ORGANIZATION_NAMES = True  # type: ignore[attr-defined]
    company = customer("require", "")
    assert browser.open("/authorize", **asking(company, organization=name)).path.startswith("/u/login")


def test_the_unset_usage_means_individuals() -> None:
    assert Application().organization_usage == Application.OrganizationUsage.UNSET
