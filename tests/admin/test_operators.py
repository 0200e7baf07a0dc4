"""Operators: signing in, the throttle, one's own password, and the page of the owners."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from core.models import AuditEvent
from identity.models import OperatorRole, User
from tests.admin.conftest import at
from tests.cast import PASSWORD, Company, make_operator, make_user


def _sign_in(client: Client, email: str, password: str = PASSWORD, *, ip: str = "192.0.2.1") -> bool:
    response = client.post(at("login"), {"username": email, "password": password}, REMOTE_ADDR=ip)
    return response.status_code == 302


def test_an_operator_signs_in_whatever_the_letter_case(owner: User) -> None:
    client = Client()
    assert _sign_in(client, owner.email.upper())
    assert client.get(at("index")).status_code == 200
    event = AuditEvent.objects.get(type="s")
    assert (event.actor_id, event.ip) == (owner.user_id, "192.0.2.1")


def test_unknown_wrong_blocked_and_end_users_read_the_same(owner: User, hoekstra: Company) -> None:
    make_user(hoekstra.connection, "amanda@hoekstra.example")
    blocked = make_operator("editor")
    User.objects.filter(pk=blocked.pk).update(blocked=True)
    attempts = [
        (owner.email, "wrong password"),
        ("nobody@travel0.example", PASSWORD),
        (blocked.email, PASSWORD),
        ("amanda@hoekstra.example", PASSWORD),
    ]
    problems = [
        Client().post(at("login"), {"username": email, "password": password}).context["form"].non_field_errors()
        for email, password in attempts
    ]
    assert problems == [["The e-mail address or the password is wrong."]] * 4
    assert AuditEvent.objects.filter(type="fp").count() == 4


def test_after_many_wrong_passwords_even_the_right_one_waits(owner: User) -> None:
    for _attempt in range(settings.LOGIN_ATTEMPTS):
        assert not _sign_in(Client(), owner.email, "wrong password")
    assert not _sign_in(Client(), owner.email)
    assert _sign_in(Client(), owner.email, ip="192.0.2.2")


def test_one_address_cannot_try_many_accounts(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LOGIN_ATTEMPTS_PER_ADDRESS", 3)
    for number in range(3):
        _sign_in(Client(), f"guess{number}@travel0.example", "wrong password")
    assert not _sign_in(Client(), owner.email)


def test_a_typed_password_never_reaches_the_log(owner: User) -> None:
    Client().post(at("login"), {"username": "my-secret-typed-in-the-wrong-box", "password": "also secret"})
    assert "secret" not in str(list(AuditEvent.objects.values()))


def test_changing_ones_own_password_ends_every_other_session(owner: User) -> None:
    here, elsewhere = Client(), Client()
    assert _sign_in(here, owner.email)
    assert _sign_in(elsewhere, owner.email)
    new = {"old_password": PASSWORD, "new_password1": "Another-Booking-8", "new_password2": "Another-Booking-8"}
    assert here.post(at("password_change"), new).status_code == 302
    assert here.get(at("index")).status_code == 200
    assert elsewhere.get(at("index")).status_code == 302
    assert AuditEvent.objects.filter(description="Changed an operator's password").exists()


def test_a_weak_own_password_is_refused(browser: Client) -> None:
    weak = {"old_password": PASSWORD, "new_password1": "password", "new_password2": "password"}
    response = browser.post(at("password_change"), weak)
    assert response.status_code == 200
    assert response.context["form"].errors


def test_a_new_operator_gets_a_password_that_is_shown_once(browser: Client) -> None:
    response = browser.post(at("identity_operator_add"), {"email": "eva@travel0.example", "operator_role": "support"})
    password = dict(response.context["shown"].values)["Password"]
    assert _sign_in(Client(), "eva@travel0.example", password)
    made = User.objects.get(email="eva@travel0.example")
    assert password not in browser.get(at("identity_operator_change", made.pk)).content.decode()
    assert password not in str(list(AuditEvent.objects.values()))


def test_an_address_in_use_is_told_at_its_field(browser: Client, owner: User) -> None:
    response = browser.post(at("identity_operator_add"), {"email": owner.email, "operator_role": "support"})
    assert "email" in response.context["adminform"].form.errors


def test_the_last_owner_cannot_step_down_or_be_removed(browser: Client, owner: User) -> None:
    response = browser.post(at("identity_operator_change", owner.pk), {"operator_role": "auditor"})
    assert response.context["adminform"].form.non_field_errors()
    browser.post(at("identity_operator_delete", owner.pk), {"post": "yes"})
    owner.refresh_from_db()
    assert owner.operator_role == OperatorRole.OWNER


def test_a_role_is_changed_and_counts_at_once(browser: Client, browser_of: Callable[[str], Client]) -> None:
    other = browser_of("auditor")
    changed = User.objects.get(operator_role="auditor")
    assert other.get(at("orgs_organization_add")).status_code == 403
    browser.post(at("identity_operator_change", changed.pk), {"operator_role": "editor"})
    assert other.get(at("orgs_organization_add")).status_code == 200


def test_resetting_a_password_ends_the_sessions_of_that_operator(
    browser: Client, browser_of: Callable[[str], Client]
) -> None:
    other = browser_of("editor")
    changed = User.objects.get(operator_role="editor")
    response = browser.post(at("identity_operator_reset_password", changed.pk))
    assert _sign_in(Client(), changed.email, dict(response.context["shown"].values)["Password"])
    assert other.get(at("index")).status_code == 302
