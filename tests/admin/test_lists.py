"""Lists cost the same number of statements whatever they hold, and their count has a ceiling."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.dashboard.paging import CEILING
from core.models import AuditEvent
from orgs.models import Organization
from tests.admin.conftest import at
from tests.cast import Company, make_invitation, make_member, make_role

_PAGES: dict[str, Callable[[Company], str]] = {
    "organizations": lambda _company: at("orgs_organization_changelist"),
    "applications": lambda _company: at("identity_application_changelist"),
    "connections": lambda _company: at("identity_connection_changelist"),
    "users": lambda _company: at("identity_user_changelist"),
    "roles": lambda _company: at("identity_role_changelist"),
    "invitations": lambda _company: at("invitations_invitation_changelist"),
    "audit log": lambda _company: at("core_auditevent_changelist"),
    "deliveries": lambda _company: at("core_outboxmessage_changelist"),
    "members": lambda company: at("orgs_organization_members", company.organization.pk),
    "connections of": lambda company: at("orgs_organization_connections", company.organization.pk),
    "invitations of": lambda company: at("invitations_of_organization", company.organization.pk),
    "history": lambda company: at("orgs_organization_history", company.organization.pk),
}


def _statements(browser: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def _populate(company: Company, first: int, last: int) -> None:
    for number in range(first, last):
        make_member(company, f"m{number}@hoekstra.example", password=None, roles=(make_role(), make_role()))
        make_invitation(company, f"i{number}@hoekstra.example", roles=[make_role()])


@pytest.mark.parametrize("what", _PAGES)
def test_more_rows_cost_no_more_statements(browser: Client, hoekstra: Company, what: str) -> None:
    _populate(hoekstra, 0, 1)
    address = _PAGES[what](hoekstra)
    _statements(browser, address)
    few = _statements(browser, address)
    _populate(hoekstra, 1, 8)
    many = _statements(browser, address)
    assert many == few
    assert many <= 9


def test_the_count_stops_at_its_ceiling(browser: Client, db: None) -> None:
    Organization.objects.bulk_create(Organization(name=f"customer-{number}") for number in range(CEILING + 40))
    found = browser.get(at("orgs_organization_changelist")).context["cl"]
    assert found.result_count == CEILING
    assert len(found.result_list) == 50


@pytest.mark.parametrize(
    "query", ["?p=abc", "?p=99999", "?o=99", "?q=" + "x" * 5000, "?status__exact=nothing", "?zzz=1"]
)
def test_a_strange_address_is_no_error(browser: Client, hoekstra: Company, query: str) -> None:
    assert browser.get(at("orgs_organization_changelist") + query).status_code in {200, 302}


@pytest.mark.parametrize("after", ["abc", "-1", "9" * 40, "٣", ""])
def test_a_strange_key_begins_the_list_anew_or_ends_it(browser: Client, hoekstra: Company, after: str) -> None:
    address = at("orgs_organization_members", hoekstra.organization.pk)
    assert browser.get(address, {"after": after}).status_code == 200
    assert browser.get(at("invitations_of_organization", hoekstra.organization.pk), {"page": after}).status_code == 200


def test_the_audit_log_is_filtered_by_who_what_whom_and_from_where(browser: Client, hoekstra: Company) -> None:
    for query in (
        {"event": "sapi"},
        {"organization": hoekstra.organization.pk},
        {"target": hoekstra.organization.pk},
        {"actor": "operator|olivia"},
        {"ip": "192.0.2.10"},
    ):
        found = browser.get(at("core_auditevent_changelist"), query).context["cl"].result_list
        assert found
        assert len(found) <= AuditEvent.objects.count()
    assert not browser.get(at("core_auditevent_changelist"), {"ip": "203.0.113.99"}).context["cl"].result_list
