"""Applications at the dashboard: the secret is shown once, lists are validated line by line."""

from typing import Any

from django.test import Client

from core.models import AuditEvent
from identity.models import Application, ApplicationConnection
from tests.admin.conftest import at
from tests.cast import Company, database_connection

_NEW = {
    "name": "Travel0",
    "app_type": "regular_web",
    "is_first_party": "on",
    "organization_usage": "require",
    "organization_require_behavior": "",
    "initiate_login_uri": "https://travel0.test/login",
    "callbacks": "https://travel0.test/callback\n https://travel0.test/other \n\n",
    "allowed_logout_urls": "",
    "web_origins": "",
}


def _settings(application: Application, **changes: Any) -> dict[str, Any]:
    """Return what the form of an application holds, with changes."""
    lines = ("callbacks", "allowed_logout_urls", "web_origins", "allowed_origins")
    plain = [
        "name",
        "description",
        "app_type",
        "token_endpoint_auth_method",
        "initiate_login_uri",
        "organization_usage",
        "logo_uri",
        "grant_types",
        "organization_require_behavior",
        "id_token_lifetime_seconds",
        "refresh_token_rotation",
        "refresh_token_expiration",
        "refresh_token_leeway_seconds",
        "refresh_token_lifetime_seconds",
        "refresh_token_idle_lifetime_seconds",
    ]
    shown = {name: getattr(application, name) for name in plain}
    shown |= {name: "\n".join(getattr(application, name)) for name in lines}
    return {**shown, "is_first_party": "on", "client_metadata_key": [""], "client_metadata_value": [""], **changes}


def test_a_new_application_shows_its_secret_once(browser: Client, db: None) -> None:
    response = browser.post(at("identity_application_add"), _NEW)
    application = Application.objects.get()
    secret = application.client_secret_sealed
    assert application.callbacks == ["https://travel0.test/callback", "https://travel0.test/other"]
    assert secret in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    event = AuditEvent.objects.get(description="Created an application")
    assert secret not in str(event.details)
    for name in ("change", "history", "rotate_secret", "reveal_secret", "connections"):
        assert secret not in browser.get(at(f"identity_application_{name}", application.pk)).content.decode()
    assert secret not in browser.get(at("identity_application_changelist")).content.decode()


def test_a_public_application_has_no_secret_to_show(browser: Client, db: None) -> None:
    response = browser.post(at("identity_application_add"), {**_NEW, "app_type": "spa"})
    application = Application.objects.get()
    assert response.headers["Location"] == at("identity_application_change", application.pk)


def test_each_bad_line_is_told_at_its_field_and_nothing_is_written(browser: Client, hoekstra: Company) -> None:
    application = hoekstra.application
    events = AuditEvent.objects.count()
    form = _settings(application, callbacks="https://good.test/cb\njavascript:alert(1)\nhttps://*.evil.test/cb")
    response = browser.post(at("identity_application_change", application.pk), form)
    problems = response.context["adminform"].form.errors["callbacks"]
    assert [text for text in ("javascript:alert(1)", "https://*.evil.test/cb") if any(text in p for p in problems)] == [
        "javascript:alert(1)",
        "https://*.evil.test/cb",
    ]
    assert AuditEvent.objects.count() == events


def test_settings_are_saved_through_the_service(browser: Client, hoekstra: Company) -> None:
    application = hoekstra.application
    form = _settings(application, name="Travel0 at Hoekstra", client_metadata_key=["tier"], client_metadata_value=["1"])
    assert browser.post(at("identity_application_change", application.pk), form).status_code == 302
    application.refresh_from_db()
    assert (application.name, application.client_metadata) == ("Travel0 at Hoekstra", {"tier": "1"})
    changed = AuditEvent.objects.get(description="Updated an application").details["changed"]
    assert set(changed) == {"name", "client_metadata"}


def test_rotating_shows_the_new_secret_once_and_ends_the_old_one(browser: Client, hoekstra: Company) -> None:
    address = at("identity_application_rotate_secret", hoekstra.application.pk)
    browser.get(address)
    assert Application.objects.get().secret_matches(hoekstra.client_secret)
    response = browser.post(address)
    application = Application.objects.get()
    assert not application.secret_matches(hoekstra.client_secret)
    assert application.client_secret_sealed in response.content.decode()


def test_revealing_is_audited(browser: Client, hoekstra: Company) -> None:
    address = at("identity_application_reveal_secret", hoekstra.application.pk)
    assert hoekstra.client_secret not in browser.get(address).content.decode()
    assert hoekstra.client_secret in browser.post(address).content.decode()
    assert AuditEvent.objects.filter(description="Read the client secret", ip="192.0.2.44").count() == 1


def test_connections_are_enabled_and_disabled(browser: Client, hoekstra: Company) -> None:
    other = database_connection("contractors")
    browser.post(at("identity_application_connections", hoekstra.application.pk), {"connection": other.pk})
    link = ApplicationConnection.objects.get(connection=other)
    browser.post(at("identity_application_connections_disable", hoekstra.application.pk, link.pk))
    assert not ApplicationConnection.objects.filter(connection=other).exists()


def test_the_global_client_is_no_application_of_the_list(browser: Client, db: None) -> None:
    hidden = Application.objects.create(name="All applications", is_global=True)
    assert not browser.get(at("identity_application_changelist")).context["cl"].result_list
    assert browser.post(at("identity_application_delete", hidden.pk), {"post": "yes"}).status_code == 302
    assert Application.objects.filter(pk=hidden.pk).exists()
