"""Which role may open which page, and press which button: the whole matrix."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEvent, OutboxMessage
from identity.models import ApplicationConnection, OperatorRole
from login.models import Session
from oidc.keys import current_key
from orgs.models import Membership
from tests.admin.conftest import at
from tests.cast import Company, make_invitation, make_member, make_operator, make_role

EVERYBODY = set(OperatorRole.values)
HELPERS = {"owner", "editor", "support"}
EDITORS = {"owner", "editor"}
OWNERS = {"owner"}

_LISTS = {
    "index": EVERYBODY,
    "password_change": EVERYBODY,
    "orgs_organization_changelist": EVERYBODY,
    "identity_application_changelist": EVERYBODY,
    "identity_connection_changelist": EVERYBODY,
    "identity_user_changelist": EVERYBODY,
    "identity_role_changelist": EVERYBODY,
    "identity_resourceserver_changelist": EVERYBODY,
    "identity_clientgrant_changelist": EVERYBODY,
    "invitations_invitation_changelist": EVERYBODY,
    "login_session_changelist": EVERYBODY,
    "oidc_refreshtoken_changelist": EVERYBODY,
    "core_auditevent_changelist": EVERYBODY,
    "core_outboxmessage_changelist": EVERYBODY,
    "orgs_organization_add": EDITORS,
    "identity_application_add": EDITORS,
    "identity_connection_add": EDITORS,
    "identity_user_add": EDITORS,
    "identity_role_add": EDITORS,
    "identity_resourceserver_add": EDITORS,
    "identity_clientgrant_add": EDITORS,
    "oidc_signingkey_changelist": OWNERS,
    "oidc_signingkey_rotate": OWNERS,
    "identity_operator_changelist": OWNERS,
    "identity_operator_add": OWNERS,
}


@pytest.mark.parametrize("name", _LISTS)
def test_a_page_opens_for_the_roles_that_may_see_it(browser_of: Callable[[str], Client], name: str, role: str) -> None:
    response = browser_of(role).get(at(name))
    assert response.status_code == (200 if role in _LISTS[name] else 403)


_ACTIONS: dict[str, tuple[str, str, set[str]]] = {
    # what: (URL name, whose page, roles). All are asked by GET before they are done by POST.
    "overview": ("orgs_organization_change", "organization", EVERYBODY),
    "members": ("orgs_organization_members", "organization", EVERYBODY),
    "connections": ("orgs_organization_connections", "organization", EVERYBODY),
    "branding": ("orgs_organization_branding", "organization", EVERYBODY),
    "history": ("orgs_organization_history", "organization", EVERYBODY),
    "invitations": ("invitations_of_organization", "organization", EVERYBODY),
    "invite": ("invitations_invite", "organization", HELPERS),
    "freeze": ("orgs_organization_freeze", "organization", EDITORS),
    "delete organization": ("orgs_organization_delete", "organization", EDITORS),
    "application": ("identity_application_change", "application", EVERYBODY),
    "rotate": ("identity_application_rotate_secret", "application", EDITORS),
    "reveal": ("identity_application_reveal_secret", "application", OWNERS),
    "delete application": ("identity_application_delete", "application", EDITORS),
    "connection": ("identity_connection_change", "connection", EVERYBODY),
    "settings": ("identity_connection_settings", "connection", EVERYBODY),
    "delete connection": ("identity_connection_delete", "connection", EDITORS),
    "user": ("identity_user_change", "user", EVERYBODY),
    "user's roles": ("identity_user_roles", "user", EVERYBODY),
    "user's organizations": ("orgs_of_user", "user", EVERYBODY),
    "user's sessions": ("login_of_user", "user", EVERYBODY),
    "end sessions": ("login_of_user_end", "user", HELPERS),
    "block": ("identity_user_block", "user", HELPERS),
    "send reset": ("identity_user_send_reset", "user", HELPERS),
    "send verification": ("identity_user_send_verification", "user", HELPERS),
    "mark verified": ("identity_user_mark_verified", "user", EDITORS),
    "set password": ("identity_user_set_password", "user", EDITORS),
    "delete user": ("identity_user_delete", "user", EDITORS),
    "invitation": ("invitations_invitation_change", "invitation", EVERYBODY),
    "resend": ("invitations_invitation_resend", "invitation", HELPERS),
    "revoke": ("invitations_invitation_revoke", "invitation", HELPERS),
    "operator": ("identity_operator_change", "operator", OWNERS),
    "reset operator": ("identity_operator_reset_password", "operator", OWNERS),
    "delete operator": ("identity_operator_delete", "operator", OWNERS),
    "key": ("oidc_signingkey_change", "key", OWNERS),
    "revoke key": ("oidc_signingkey_revoke", "key", OWNERS),
}


@pytest.fixture
def things(hoekstra: Company) -> dict[str, Any]:
    return {
        "organization": hoekstra.organization.pk,
        "application": hoekstra.application.pk,
        "connection": hoekstra.connection.pk,
        "user": make_member(hoekstra, "amanda@hoekstra.example").pk,
        "invitation": make_invitation(hoekstra).pk,
        "operator": make_operator("support").pk,
        "key": current_key().pk,
    }


@pytest.mark.parametrize("what", _ACTIONS)
def test_a_page_of_one_thing_opens_for_the_roles_that_may(
    browser_of: Callable[[str], Client], things: dict[str, Any], what: str, role: str
) -> None:
    name, whose, roles = _ACTIONS[what]
    assert browser_of(role).get(at(name, things[whose])).status_code == (200 if role in roles else 403)


# Pages that everybody may read; only these roles may post to them.
_POSTS = {
    "overview": EDITORS,
    "members": EDITORS,
    "connections": EDITORS,
    "branding": EDITORS,
    "application": EDITORS,
    "connection": EDITORS,
    "settings": EDITORS,
    "user": EDITORS,
    "user's roles": EDITORS,
}


_REFUSED = [
    (what, role)
    for what, (_name, _whose, roles) in _ACTIONS.items()
    for role in OperatorRole.values
    if role not in _POSTS.get(what, roles)
]


@pytest.mark.parametrize(("what", "role"), _REFUSED)
def test_a_role_that_may_not_change_a_thing_changes_nothing_by_post(
    browser_of: Callable[[str], Client], things: dict[str, Any], what: str, role: str
) -> None:
    name, whose, _roles = _ACTIONS[what]
    client = browser_of(role)
    events, messages = AuditEvent.objects.count(), OutboxMessage.objects.count()
    response = client.post(at(name, things[whose]), {"post": "yes", "name": "changed", "email": "changed@x.example"})
    assert response.status_code == 403
    assert (AuditEvent.objects.count(), OutboxMessage.objects.count()) == (events, messages)


def test_rows_within_a_tab_are_closed_to_those_who_only_read(
    browser_of: Callable[[str], Client], hoekstra: Company, things: dict[str, Any]
) -> None:
    client = browser_of("auditor")
    membership = Membership.objects.get()
    enabled = ApplicationConnection.objects.get()
    for address in (
        at("orgs_organization_members_roles", hoekstra.organization.pk, membership.pk),
        at("orgs_organization_members_remove", hoekstra.organization.pk, membership.pk),
        at("orgs_organization_connections_edit", hoekstra.organization.pk, hoekstra.link.pk),
        at("orgs_organization_connections_disable", hoekstra.organization.pk, hoekstra.link.pk),
        at("identity_application_connections_disable", hoekstra.application.pk, enabled.pk),
        at("identity_connection_applications_disable", hoekstra.connection.pk, enabled.pk),
    ):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


def test_what_is_read_only_has_no_form_to_change_or_delete_it(browser: Client, things: dict[str, Any]) -> None:
    event = AuditEvent.objects.latest("pk")
    for address in (at("core_auditevent_change", event.pk), at("core_auditevent_delete", event.pk)):
        assert browser.post(address, {"post": "yes", "description": "nothing happened"}).status_code == 403
    event.refresh_from_db()
    assert event.description != "nothing happened"


def test_strangers_and_end_users_are_sent_to_the_sign_in(hoekstra: Company) -> None:
    client = Client()
    assert client.get(at("index")).headers["Location"].startswith(at("login"))
    client.force_login(make_member(hoekstra, "amanda@hoekstra.example"))
    assert client.get(at("index")).status_code == 302


def test_a_blocked_operator_is_out_at_once(browser: Client, owner: Any) -> None:
    assert browser.get(at("index")).status_code == 200
    owner.blocked = True
    owner.save(update_fields=["blocked"])
    assert browser.get(at("index")).status_code == 302


def test_a_member_of_another_organization_is_not_reached_through_this_one(
    browser: Client, hoekstra: Company, metahexa: Company
) -> None:
    make_member(metahexa, "amintha@metahexa.example", roles=(make_role(),))
    membership = Membership.objects.get()
    address = at("orgs_organization_members_remove", hoekstra.organization.pk, membership.pk)
    assert browser.post(address).status_code == 404
    assert Membership.objects.filter(pk=membership.pk).exists()
    assert not Session.objects.exists()
