"""Organizations at the dashboard: services are called, errors shown where they belong, and nothing written then."""

from django.test import Client

from core.models import AuditEvent
from identity.models import User
from orgs.models import Organization
from tests.admin.conftest import at
from tests.cast import Company

_NO_METADATA = {"metadata_key": ["", ""], "metadata_value": ["", ""]}


def test_creating_one_goes_through_the_service_and_says_who_and_from_where(browser: Client, owner: User) -> None:
    form = {
        "name": "thehoekstra",
        "display_name": "Hoekstra & Associates",
        "metadata_key": ["plan", ""],
        "metadata_value": ["gold", ""],
    }
    response = browser.post(at("orgs_organization_add"), form)
    organization = Organization.objects.get()
    assert response.headers["Location"] == at("orgs_organization_change", organization.pk)
    assert (organization.name, organization.metadata) == ("thehoekstra", {"plan": "gold"})
    event = AuditEvent.objects.get(target_type="organization", target_id=organization.pk)
    assert (event.actor_id, event.actor_name) == (owner.user_id, owner.email)
    assert (event.ip, event.user_agent) == ("192.0.2.44", "Dashboard test")


def test_a_bad_name_is_told_at_its_field_and_nothing_is_written(browser: Client, db: None) -> None:
    events = AuditEvent.objects.count()
    response = browser.post(at("orgs_organization_add"), {"name": "org_hoekstra", **_NO_METADATA})
    assert "name" in response.context["adminform"].form.errors
    assert not Organization.objects.exists()
    assert AuditEvent.objects.count() == events


def test_a_name_in_use_is_told_at_its_field(browser: Client, hoekstra: Company) -> None:
    response = browser.post(at("orgs_organization_add"), {"name": "thehoekstra", **_NO_METADATA})
    assert "name" in response.context["adminform"].form.errors
    assert Organization.objects.count() == 1


def test_a_refusal_that_only_the_service_knows_rolls_back_and_shows_the_form_again(
    browser: Client, hoekstra: Company
) -> None:
    """Two thousand characters of metadata pass the form's own checks; the domain refuses them."""
    events = AuditEvent.objects.count()
    form = {"name": "thehoekstra", "display_name": "Changed", "metadata_key": ["k"], "metadata_value": ["x" * 300]}
    response = browser.post(at("orgs_organization_change", hoekstra.organization.pk), form)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    hoekstra.organization.refresh_from_db()
    assert hoekstra.organization.display_name == "Hoekstra & Associates"
    assert AuditEvent.objects.count() == events


def test_saving_without_a_change_writes_no_audit_event(browser: Client, hoekstra: Company) -> None:
    events = AuditEvent.objects.count()
    form = {"name": "thehoekstra", "display_name": "Hoekstra & Associates", **_NO_METADATA}
    assert browser.post(at("orgs_organization_change", hoekstra.organization.pk), form).status_code == 302
    assert AuditEvent.objects.count() == events


def test_freezing_is_asked_first_and_done_by_post(browser: Client, hoekstra: Company) -> None:
    address = at("orgs_organization_freeze", hoekstra.organization.pk)
    assert "Freeze Hoekstra" in browser.get(address).content.decode()
    hoekstra.organization.refresh_from_db()
    assert hoekstra.organization.is_active
    browser.post(address)
    hoekstra.organization.refresh_from_db()
    assert hoekstra.organization.status == Organization.Status.FROZEN
    browser.post(at("orgs_organization_unfreeze", hoekstra.organization.pk))
    hoekstra.organization.refresh_from_db()
    assert hoekstra.organization.is_active


def test_branding_is_saved_and_a_bad_colour_refused(browser: Client, hoekstra: Company) -> None:
    address = at("orgs_organization_branding", hoekstra.organization.pk)
    good = {"logo_url": "https://cdn.travel0.test/h.png", "primary_color": "#0b6e4f", "page_background_color": ""}
    assert browser.post(address, good).status_code == 302
    response = browser.post(address, {**good, "primary_color": "red;}body{display:none"})
    assert "primary_color" in response.context["form"].errors
    assert "logo_url" in browser.post(address, {**good, "logo_url": "javascript:alert(1)"}).context["form"].errors
    hoekstra.organization.refresh_from_db()
    assert hoekstra.organization.primary_color == "#0b6e4f"


def test_deleting_says_what_goes_along_and_needs_a_post(browser: Client, hoekstra: Company) -> None:
    address = at("orgs_organization_delete", hoekstra.organization.pk)
    assert "Its invitations are void." in browser.get(address).content.decode()
    assert Organization.objects.exists()
    browser.post(address, {"post": "yes"})
    assert not Organization.objects.exists()
    assert AuditEvent.objects.filter(description="Deleted an organization").exists()


def test_the_history_shows_who_what_when_and_from_where(browser: Client, hoekstra: Company, owner: User) -> None:
    form = {"name": "thehoekstra", "display_name": "Hoekstra", **_NO_METADATA}
    browser.post(at("orgs_organization_change", hoekstra.organization.pk), form)
    page = browser.get(at("orgs_organization_history", hoekstra.organization.pk)).content.decode()
    assert all(text in page for text in ("Updated an organization", "display_name", owner.email, "192.0.2.44"))


def test_the_home_page_leads_a_newcomer_from_step_to_step(browser: Client, db: None) -> None:
    first = browser.get(at("index"))
    assert first.context["next_step"]["url"] == at("orgs_organization_add")
    browser.post(at("orgs_organization_add"), {"name": "thehoekstra", **_NO_METADATA})
    assert browser.get(at("index")).context["next_step"]["url"] == at("identity_application_add")


def test_an_empty_list_says_what_to_do_next(browser: Client, db: None) -> None:
    page = browser.get(at("orgs_organization_changelist")).content.decode()
    assert "An organization is one of your customers" in page
    assert at("orgs_organization_add") in page
