"""Users and connections at the dashboard."""

from typing import Any

import pytest
from django.test import Client

from core.models import AuditEvent, OutboxMessage
from identity.models import Connection, Credential, User, UserRole
from tests.admin.conftest import at
from tests.cast import PASSWORD, Company, database_connection, make_role, make_user

_OPTIONS: dict[str, Any] = {
    "policy": "fair",
    "min_length": "12",
    "history": "on",
    "history_size": "3",
    "dictionary": "on",
    "dictionary_words": "hoekstra\ntravel0",
    "requires_username": "on",
    "username_min": "2",
    "username_max": "20",
    "brute_force_protection": "on",
}


def test_a_connection_is_created_with_its_options(browser: Client, db: None) -> None:
    browser.post(at("identity_connection_add"), {"name": "hoekstra-db", "display_name": "", **_OPTIONS})
    options = Connection.objects.get().options
    assert (options["passwordPolicy"], options["disable_signup"]) == ("fair", True)
    assert options["password_complexity_options"] == {"min_length": 12}
    assert options["password_history"] == {"enable": True, "size": 3}
    assert options["password_dictionary"] == {"enable": True, "dictionary": ["hoekstra", "travel0"]}
    assert options["validation"] == {"username": {"min": 2, "max": 20}}


def test_the_settings_show_what_is_stored_and_change_it(browser: Client, hoekstra: Company) -> None:
    address = at("identity_connection_settings", hoekstra.connection.pk)
    assert browser.get(address).context["form"]["policy"].value() == "good"
    assert browser.post(address, {**_OPTIONS, "policy": "excellent"}).status_code == 302
    hoekstra.connection.refresh_from_db()
    assert hoekstra.connection.options["passwordPolicy"] == "excellent"
    assert AuditEvent.objects.filter(description="Updated a connection").count() == 1


def test_options_out_of_range_are_told_at_their_field(browser: Client, hoekstra: Company) -> None:
    address = at("identity_connection_settings", hoekstra.connection.pk)
    response = browser.post(address, {**_OPTIONS, "history_size": "99", "username_min": "30"})
    assert {"history_size", "username_max"} <= set(response.context["form"].errors)
    hoekstra.connection.refresh_from_db()
    assert hoekstra.connection.options["passwordPolicy"] == "good"


def test_a_name_in_use_is_told_at_its_field(browser: Client, hoekstra: Company) -> None:
    response = browser.post(at("identity_connection_add"), {"name": "hoekstra-db", **_OPTIONS})
    assert "name" in response.context["adminform"].form.errors
    assert Connection.objects.count() == 1


def _new_user(connection: Connection, **changes: Any) -> dict[str, Any]:
    return {"connection": connection.pk, "email": "Amanda@Hoekstra.example", "password": PASSWORD, **changes}


def test_a_user_is_created_in_a_connection(browser: Client, hoekstra: Company) -> None:
    response = browser.post(at("identity_user_add"), _new_user(hoekstra.connection, name="Amanda"))
    user = User.objects.get(operator_role="")
    assert response.headers["Location"] == at("identity_user_change", user.pk)
    assert (user.email, user.name) == ("amanda@hoekstra.example", "Amanda")
    assert PASSWORD not in browser.get(at("identity_user_change", user.pk)).content.decode()


def test_a_connection_that_only_an_organization_has_takes_no_new_users(browser: Client, hoekstra: Company) -> None:
    hoekstra.connection.applications.clear()
    events = AuditEvent.objects.count()
    response = browser.post(at("identity_user_add"), _new_user(hoekstra.connection))
    problem = response.context["adminform"].form.errors["connection"][0]
    assert "not enabled for any application" in problem
    assert not User.objects.filter(operator_role="").exists()
    assert not Credential.objects.exists()
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize(("changes", "field"), [({"password": "short"}, "password"), ({"email": "nobody"}, "email")])
def test_what_the_service_refuses_is_told_at_its_field(
    browser: Client, hoekstra: Company, changes: dict[str, str], field: str
) -> None:
    response = browser.post(at("identity_user_add"), _new_user(hoekstra.connection, **changes))
    assert field in response.context["adminform"].form.errors
    assert "short" not in response.content.decode().replace("shortest", "")
    assert not Credential.objects.exists()


def test_metadata_is_edited_as_json(browser: Client, hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, "amanda@hoekstra.example")
    address = at("identity_user_change", user.pk)
    form = {"email": user.email, "email_verified": "on", "name": user.name, "nickname": user.nickname}
    bad = browser.post(address, {**form, "user_metadata": "[1]", "app_metadata": "{"})
    assert {"user_metadata", "app_metadata"} <= set(bad.context["adminform"].form.errors)
    browser.post(address, {**form, "user_metadata": '{"seat": "window"}', "app_metadata": "{}"})
    user.refresh_from_db()
    assert user.user_metadata == {"seat": "window"}


def test_blocking_is_asked_first_and_undone(browser: Client, hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, "amanda@hoekstra.example")

    def is_blocked() -> bool:
        return User.objects.get(pk=user.pk).blocked

    browser.get(at("identity_user_block", user.pk))
    assert not is_blocked()
    browser.post(at("identity_user_block", user.pk))
    assert is_blocked()
    browser.post(at("identity_user_unblock", user.pk))
    assert not is_blocked()


@pytest.mark.parametrize(
    ("page", "kind"), [("send_reset", "reset_password_email"), ("send_verification", "verify_email")]
)
def test_a_mail_about_the_account_is_queued(browser: Client, hoekstra: Company, page: str, kind: str) -> None:
    user = make_user(hoekstra.connection, "amanda@hoekstra.example")
    browser.post(at(f"identity_user_{page}", user.pk))
    assert [message.kind for message in OutboxMessage.objects.all()] == [kind]


def test_a_weak_new_password_is_told_and_a_good_one_set(browser: Client, hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, "amanda@hoekstra.example")
    before = Credential.objects.get().password
    address = at("identity_user_set_password", user.pk)
    assert "password" in browser.post(address, {"password": "weak"}).context["form"].errors
    assert Credential.objects.get().password == before
    assert browser.post(address, {"password": "Another-Booking-8"}).status_code == 302
    assert Credential.objects.get().password != before
    assert "Another-Booking-8" not in str(list(AuditEvent.objects.values()))


def test_tenant_wide_roles_become_exactly_those_chosen(browser: Client, hoekstra: Company) -> None:
    user, role = make_user(hoekstra.connection, "amanda@hoekstra.example"), make_role()
    browser.post(at("identity_user_roles", user.pk), {"roles": [role.pk]})
    assert UserRole.objects.get().role == role
    browser.post(at("identity_user_roles", user.pk), {})
    assert not UserRole.objects.exists()


def test_users_are_found_by_parts_and_by_id_and_operators_never(
    browser: Client, hoekstra: Company, owner: User
) -> None:
    user = make_user(hoekstra.connection, "amanda@hoekstra.example")
    make_user(hoekstra.connection, "bert@hoekstra.example")
    assert not browser.get(at("identity_user_changelist"), {"q": "am"}).context["cl"].result_list
    for query in ("ama", user.user_id):
        assert list(browser.get(at("identity_user_changelist"), {"q": query}).context["cl"].result_list) == [user]
    assert not browser.get(at("identity_user_changelist"), {"q": owner.email}).context["cl"].result_list


def test_the_list_of_users_is_narrowed_to_a_connection(browser: Client, hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, "amanda@hoekstra.example")
    make_user(database_connection("other", application=hoekstra.application), "bert@hoekstra.example")
    found = browser.get(at("identity_user_changelist"), {"connection": hoekstra.connection.pk}).context["cl"]
    assert list(found.result_list) == [user]


def test_deleting_a_connection_takes_its_users_along(browser: Client, hoekstra: Company) -> None:
    make_user(hoekstra.connection, "amanda@hoekstra.example")
    address = at("identity_connection_delete", hoekstra.connection.pk)
    assert "All users of this connection are deleted" in browser.get(address).content.decode()
    browser.post(address, {"post": "yes"})
    assert not User.objects.filter(operator_role="").exists()
