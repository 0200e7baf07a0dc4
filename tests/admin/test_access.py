"""Roles, APIs, grants and signing keys at the dashboard."""

from django.test import Client

from core.models import AuditEvent, OutboxMessage
from identity.models import ClientGrant, ResourceServer, Role
from identity.system import ensure_system_api
from oidc.keys import current_key
from oidc.models import SigningKey
from tests.admin.conftest import at
from tests.cast import Company

_API = {
    "name": "Bookings",
    "identifier": "https://bookings.travel0.test/",
    "token_lifetime_seconds": 3600,
    "token_lifetime_for_web_seconds": 3600,
    "token_dialect": "access_token",
    "scopes_key": ["read:bookings", "write:bookings", ""],
    "scopes_value": ["See bookings", "", ""],
}


def _api(browser: Client) -> ResourceServer:
    browser.post(at("identity_resourceserver_add"), _API)
    return ResourceServer.objects.get(identifier=_API["identifier"])


def test_an_api_is_made_with_its_permissions(browser: Client, db: None) -> None:
    permissions = dict(_api(browser).permissions.values_list("value", "description"))
    assert permissions == {"read:bookings": "See bookings", "write:bookings": ""}


def test_a_role_holds_exactly_the_permissions_chosen(browser: Client, db: None) -> None:
    first, second = _api(browser).permissions.all()
    browser.post(at("identity_role_add"), {"name": "Clerk", "holds": [first.pk]})
    role = Role.objects.get()
    assert list(role.permissions.all()) == [first]
    browser.post(at("identity_role_change", role.pk), {"name": "Clerk", "holds": [second.pk]})
    assert list(role.permissions.all()) == [second]


def test_a_grant_of_an_unknown_permission_is_told_at_its_field(browser: Client, hoekstra: Company) -> None:
    form = {"application": hoekstra.application.pk, "resource_server": _api(browser).pk, "scope": "read:everything"}
    response = browser.post(at("identity_clientgrant_add"), form)
    assert "scope" in response.context["adminform"].form.errors
    assert not ClientGrant.objects.exists()
    browser.post(at("identity_clientgrant_add"), {**form, "scope": "read:bookings"})
    assert ClientGrant.objects.get().scope == ["read:bookings"]


def test_the_system_api_cannot_be_changed_or_deleted(browser: Client, db: None) -> None:
    system = ensure_system_api()
    assert browser.post(at("identity_resourceserver_change", system.pk), _API).status_code == 403
    assert browser.post(at("identity_resourceserver_delete", system.pk), {"post": "yes"}).status_code == 403
    assert browser.get(at("identity_resourceserver_change", system.pk)).status_code == 200


def test_keys_are_rotated_and_only_a_previous_one_revoked(browser: Client, db: None) -> None:
    first = current_key()
    browser.post(at("oidc_signingkey_revoke", first.pk))
    first.refresh_from_db()
    assert first.revoked_at is None
    browser.get(at("oidc_signingkey_rotate"))
    assert current_key() == first
    browser.post(at("oidc_signingkey_rotate"))
    assert current_key() != first
    browser.post(at("oidc_signingkey_revoke", first.pk))
    first.refresh_from_db()
    assert first.revoked_at is not None


def test_no_page_of_a_key_shows_its_private_part(browser: Client, db: None) -> None:
    key = current_key()
    page = browser.get(at("oidc_signingkey_change", key.pk)).content.decode()
    assert key.kid in page
    assert "PRIVATE KEY" not in page
    assert SigningKey.objects.get(pk=key.pk).private_pem not in page


def test_a_message_that_was_given_up_is_tried_again(browser: Client, db: None) -> None:
    message = OutboxMessage.objects.create(key="k", kind="invitation_email", state=OutboxMessage.State.DEAD)
    assert "could not be delivered" in browser.get(at("index")).content.decode()
    browser.post(at("core_outboxmessage_retry", message.pk))
    message.refresh_from_db()
    assert message.state == OutboxMessage.State.PENDING
    assert AuditEvent.objects.filter(description="Tried a delivery again").exists()
