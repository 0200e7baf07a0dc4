"""Operators: who may sign in to the dashboard, and what each may do there."""

import pytest
from django.contrib.auth import authenticate

from core.errors import Conflict, Forbidden, Invalid, NotFound
from identity.models import OperatorRole, User
from identity.services import operators
from tests.cast import JENNIFER, OPERATOR, PASSWORD, Company, make_operator, make_user

pytestmark = pytest.mark.django_db


def test_an_operator_without_a_given_password_gets_a_random_one() -> None:
    first = operators.create_operator(actor=OPERATOR, email="a@travel0.example", role="owner")
    second = operators.create_operator(actor=OPERATOR, email="b@travel0.example", role="owner")
    assert first.password != second.password
    assert authenticate(username=" A@Travel0.example", password=first.password) == first.user


@pytest.mark.parametrize("password", ["short", "password1234", "x" * 129, "x" * 1_000_000])
def test_a_weak_or_endless_password_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        make_operator(password=password)
    assert not User.objects.exists()


@pytest.mark.parametrize("role", ["", "admin", "OWNER"])
def test_an_unknown_role_is_refused(role: str) -> None:
    with pytest.raises(Invalid):
        make_operator(role)


def test_an_address_is_taken_once() -> None:
    make_operator(email="olivia@travel0.example")
    with pytest.raises(Conflict):
        make_operator(email="OLIVIA@travel0.example")


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("nobody@travel0.example", PASSWORD),
        ("olivia@travel0.example", "wrong"),
        ("olivia@travel0.example", "x" * 1_000_000),
        ("olivia@travel0.example\x00", PASSWORD),
        ("\ud800", PASSWORD),
        ("", ""),
    ],
)
def test_wrong_credentials_are_refused(username: str, password: str) -> None:
    make_operator(email="olivia@travel0.example")
    assert authenticate(username=username, password=password) is None


def test_an_end_user_never_signs_in_to_the_dashboard(hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER)
    assert authenticate(username=JENNIFER, password=PASSWORD) is None
    assert authenticate(username=user.user_id, password=PASSWORD) is None
    assert not user.has_perm("orgs.view_organization")
    assert not user.is_staff


def test_a_blocked_operator_is_out() -> None:
    make_operator()
    user = make_operator(OperatorRole.EDITOR, email="ed@travel0.example")
    blocked = operators.set_operator_blocked(actor=OPERATOR, user=user, blocked=True)
    assert authenticate(username="ed@travel0.example", password=PASSWORD) is None
    assert not blocked.has_perm("orgs.view_organization")
    operators.set_operator_blocked(actor=OPERATOR, user=user, blocked=False)
    assert authenticate(username="ed@travel0.example", password=PASSWORD) == user


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        ("auditor", ["orgs.view_organization"], ["orgs.change_organization", "invitations.support_invitation"]),
        (
            "support",
            ["orgs.view_organization", "invitations.support_invitation"],
            ["orgs.change_organization", "orgs.delete_organization", "identity.reveal_application"],
        ),
        (
            "editor",
            ["orgs.change_organization", "orgs.delete_organization", "identity.add_user"],
            ["identity.reveal_application", "identity.view_operator", "oidc.change_signingkey"],
        ),
        (
            "owner",
            ["identity.reveal_application", "identity.change_operator", "oidc.add_signingkey"],
            ["identity.fly_application"],
        ),
    ],
)
def test_each_role_may_do_its_part(role: str, allowed: list[str], refused: list[str]) -> None:
    user = make_operator(role)
    assert [permission for permission in allowed if not user.has_perm(permission)] == []
    assert [permission for permission in refused if user.has_perm(permission)] == []


def test_the_last_owner_stays_owner() -> None:
    owner = make_operator()
    for attempt in (
        lambda: operators.change_role(actor=OPERATOR, user=owner, role="editor"),
        lambda: operators.remove_operator(actor=OPERATOR, user=owner),
        lambda: operators.set_operator_blocked(actor=OPERATOR, user=owner, blocked=True),
    ):
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert refused.value.code == "last_owner"
    owner.refresh_from_db()
    assert (owner.operator_role, owner.blocked) == ("owner", False)


def test_one_of_two_owners_may_go() -> None:
    first, second = make_operator(), make_operator()
    operators.change_role(actor=OPERATOR, user=first, role="auditor")
    operators.remove_operator(actor=OPERATOR, user=first)
    with pytest.raises(Forbidden):
        operators.remove_operator(actor=OPERATOR, user=second)


def test_a_changed_password_ends_the_dashboard_sessions() -> None:
    user = make_operator()
    before = user.get_session_auth_hash()
    changed = operators.change_password(actor=OPERATOR, user=user, password="Another-Secret-8")
    assert changed.get_session_auth_hash() != before


def test_an_end_user_is_no_operator_to_change(hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER)
    make_operator()
    with pytest.raises(NotFound):
        operators.change_role(actor=OPERATOR, user=user, role="owner")
    with pytest.raises(NotFound):
        operators.remove_operator(actor=OPERATOR, user=user)
