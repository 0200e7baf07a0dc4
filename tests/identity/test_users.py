"""Users: created, changed, blocked and deleted on somebody's behalf."""

from typing import Any

import pytest
from django.utils import timezone

from core.errors import Conflict, DomainError, Forbidden, Invalid
from core.models import AuditEvent
from identity.models import Connection, Credential, EmailTicket, Identity, User, UserRole
from identity.services.connections import disable_for_application
from identity.services.tickets import open_ticket, send_ticket, ticket_text
from identity.services.users import (
    assign_roles,
    create_user,
    delete_user,
    record_login,
    remove_roles,
    set_blocked,
    set_password,
    update_user,
)
from identity.strategies import strategy_for
from identity.strategies.base import InvalidCredentials, PasswordStrategy
from login.browser import Browser
from login.models import Session
from login.session import start_session
from orgs.models import Membership
from tests.cast import JENNIFER, OPERATOR, OUTSIDER, PASSWORD, Company, database_connection, make_role, make_user


def signs_in(connection: Connection, identifier: str, password: str) -> bool:
    strategy = strategy_for(connection)
    assert isinstance(strategy, PasswordStrategy)
    try:
        strategy.authenticate(identifier, password)
    except InvalidCredentials:
        return False
    return True


def sign_in(user: User, connection: Connection) -> Session:
    return start_session(user=user, connection=connection, amr=["pwd"], browser=Browser(), at=timezone.now())[0]


def has_ended(session: Session) -> bool:
    session.refresh_from_db()
    return session.revoked_at is not None


def test_a_new_user_looks_as_auth0_makes_them(hoekstra: Company) -> None:
    user = create_user(actor=OPERATOR, connection=hoekstra.connection, email="Jen@Hoekstra.example", password=PASSWORD)
    subject = Identity.objects.get(user=user).subject
    assert user.user_id == f"auth0|{subject}"
    assert (user.email, user.name, user.nickname) == ("jen@hoekstra.example", "jen@hoekstra.example", "jen")
    assert user.picture.startswith("https://s.gravatar.com/avatar/")
    assert not user.email_verified
    assert not user.password.startswith("argon2")


def test_profile_and_metadata_are_taken_over(hoekstra: Company) -> None:
    profile = {"given_name": "Jennifer", "user_metadata": {"seat": "aisle"}, "app_metadata": {"plan": 1}}
    user = make_user(hoekstra.connection, JENNIFER, profile=profile)
    user.refresh_from_db()
    assert (user.given_name, user.user_metadata, user.app_metadata) == ("Jennifer", {"seat": "aisle"}, {"plan": 1})
    assert Credential.objects.get().email_verified


def test_a_connection_of_an_organization_alone_takes_no_users(hoekstra: Company) -> None:
    disable_for_application(actor=OPERATOR, connection=hoekstra.connection, application=hoekstra.application)
    with pytest.raises(Invalid) as refused:
        make_user(hoekstra.connection, JENNIFER)
    assert (refused.value.code, refused.value.field) == ("connection_disabled", "connection")
    assert "not enabled for any application" in refused.value.message
    assert not User.objects.exists()
    assert not Credential.objects.exists()


def test_an_address_is_taken_once_in_a_connection_and_free_in_another(hoekstra: Company, metahexa: Company) -> None:
    first = make_user(hoekstra.connection, JENNIFER)
    with pytest.raises(Conflict) as refused:
        make_user(hoekstra.connection, JENNIFER.upper())
    second = make_user(metahexa.connection, JENNIFER)
    assert refused.value.code == "user_exists"
    assert first.user_id != second.user_id


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "no address"},
        {"password": "short"},
        {"profile": {"email": OUTSIDER}},
        {"profile": {"user_id": "auth0|1"}},
        {"profile": {"operator_role": "owner"}},
        {"profile": {"is_staff": True}},
        {"profile": {"name": "two\r\nlines"}},
        {"profile": {"name": "\u202enoitaziragro"}},
        {"profile": {"picture": "javascript:alert(1)"}},
        {"profile": {"user_metadata": []}},
        {"profile": {"app_metadata": "text"}},
        {"profile": {"app_metadata": {"a": "\x00"}}},
        {"profile": {"app_metadata": {"a": "\ud800"}}},
        {"profile": {"app_metadata": {"a": "x" * 70000}}},
        {"profile": {"blocked": "perhaps"}},
    ],
)
def test_a_refused_user_leaves_nothing_behind(hoekstra: Company, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        make_user(hoekstra.connection, **{"email": JENNIFER, **fields})
    assert not User.objects.exists()
    assert not Credential.objects.exists()


def test_a_required_username_is_asked_for_without_a_password_too(hoekstra: Company) -> None:
    connection = database_connection("named-db", application=hoekstra.application, requires_username=True)
    with pytest.raises(Invalid) as refused:
        make_user(connection, JENNIFER, password=None)
    assert refused.value.field == "username"
    assert make_user(connection, JENNIFER, password=None, username="Jenny").username == "jenny"


def test_names_are_kept_out_of_the_password_where_the_connection_says_so(hoekstra: Company) -> None:
    connection = database_connection(
        "careful-db", application=hoekstra.application, password_no_personal_info={"enable": True}
    )
    with pytest.raises(Invalid) as refused:
        make_user(connection, "j@a.example", password="Hoekstra-1234", profile={"family_name": "Hoekstra"})
    assert refused.value.code == "password_personal_info"
    user = make_user(connection, "j@a.example", profile={"user_metadata": {"last": "Hoekstra"}})
    with pytest.raises(Invalid):
        set_password(actor=OPERATOR, user=user, password="Hoekstra-1234")


def test_a_new_address_moves_the_credential_and_ends_the_logins(hoekstra: Company, jennifer: User) -> None:
    session = sign_in(jennifer, hoekstra.connection)
    user = update_user(actor=OPERATOR, user=jennifer, email="Jen@New.example")
    assert (user.email, user.email_verified) == ("jen@new.example", False)
    assert signs_in(hoekstra.connection, "jen@new.example", PASSWORD)
    assert not signs_in(hoekstra.connection, JENNIFER, PASSWORD)
    assert has_ended(session)


def test_the_same_address_in_another_case_changes_nothing(hoekstra: Company, jennifer: User) -> None:
    before = AuditEvent.objects.count()
    user = update_user(actor=OPERATOR, user=jennifer, email=JENNIFER.upper())
    assert user.email_verified
    assert AuditEvent.objects.count() == before


def test_an_address_that_is_taken_is_refused_whole(hoekstra: Company, jennifer: User, outsider: User) -> None:
    with pytest.raises(Conflict):
        update_user(actor=OPERATOR, user=jennifer, email=OUTSIDER, name="Changed")
    jennifer.refresh_from_db()
    assert (jennifer.email, jennifer.name) == (JENNIFER, JENNIFER)


def test_a_new_username_moves_the_credential(hoekstra: Company) -> None:
    connection = database_connection("named-db", application=hoekstra.application, requires_username=True)
    user = make_user(connection, JENNIFER, username="jenny")
    update_user(actor=OPERATOR, user=user, username="hoekstra")
    assert signs_in(connection, "Hoekstra", PASSWORD)
    assert not signs_in(connection, "jenny", PASSWORD)


@pytest.mark.parametrize("field", ["user_id", "operator_role", "password", "logins_count", "is_staff"])
def test_what_is_not_a_profile_field_cannot_be_written(jennifer: User, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        update_user(actor=OPERATOR, user=jennifer, **{field: "owner"})
    assert refused.value.code == "unknown_field"


def test_blocking_ends_every_login(hoekstra: Company, jennifer: User) -> None:
    session = sign_in(jennifer, hoekstra.connection)
    set_blocked(actor=OPERATOR, user=jennifer, blocked=True)
    assert has_ended(session)


def test_a_change_is_recorded_with_old_and_new_but_no_metadata(jennifer: User) -> None:
    update_user(actor=OPERATOR, user=jennifer, name="Jennifer H.", app_metadata={"secret": "hush"})
    event = AuditEvent.objects.filter(target_id=jennifer.user_id, type="sapi").first()
    assert event is not None
    assert event.details["changed"] == {"name": [JENNIFER, "Jennifer H."]}
    assert event.details["fields"] == ["app_metadata", "name"]
    assert (event.actor_id, event.ip) == (OPERATOR.identifier, OPERATOR.ip)


def test_a_new_password_ends_logins_and_voids_links(hoekstra: Company, jennifer: User) -> None:
    session, identity = sign_in(jennifer, hoekstra.connection), jennifer.identities.get()
    ticket = send_ticket(actor=OPERATOR, purpose=EmailTicket.Purpose.RESET_PASSWORD, identity=identity)
    set_password(actor=OPERATOR, user=jennifer, password="Another-Secret-8")
    jennifer.refresh_from_db()
    assert signs_in(hoekstra.connection, JENNIFER, "Another-Secret-8")
    assert has_ended(session)
    assert jennifer.last_password_reset is not None
    with pytest.raises(DomainError):
        open_ticket(purpose=ticket.purpose, ticket=ticket_text(ticket))


def test_no_password_is_in_the_log(hoekstra: Company, jennifer: User) -> None:
    set_password(actor=OPERATOR, user=jennifer, password="Another-Secret-8")
    for event in AuditEvent.objects.all():
        assert PASSWORD not in f"{event.details}{event.description}"
        assert "Another-Secret-8" not in f"{event.details}{event.description}"


def test_a_deleted_user_takes_everything_along(hoekstra: Company, jennifer: User) -> None:
    sign_in(jennifer, hoekstra.connection)
    delete_user(actor=OPERATOR, user=jennifer)
    assert not User.objects.filter(email=JENNIFER).exists()
    for left in (Identity, Credential, Membership, Session):
        assert not left.objects.exists()
    assert make_user(hoekstra.connection, JENNIFER).email == JENNIFER


def test_an_operator_is_no_end_user(owner: User) -> None:
    for refused in (
        lambda: delete_user(actor=OPERATOR, user=owner),
        lambda: set_blocked(actor=OPERATOR, user=owner, blocked=True),
        lambda: set_password(actor=OPERATOR, user=owner, password=PASSWORD),
    ):
        with pytest.raises((Forbidden, Invalid)):
            refused()


def test_roles_are_given_and_taken(jennifer: User) -> None:
    first, second = make_role(), make_role()
    assign_roles(actor=OPERATOR, user=jennifer, roles=[first, second])
    assign_roles(actor=OPERATOR, user=jennifer, roles=iter([first]))
    remove_roles(actor=OPERATOR, user=jennifer, roles=iter([first]))
    assert UserRole.objects.get(user=jennifer).role == second


def test_logins_are_counted_by_the_database(jennifer: User) -> None:
    stale = User.objects.get(pk=jennifer.pk)
    record_login(jennifer, ip="192.0.2.1")
    record_login(stale, ip="192.0.2.2")
    jennifer.refresh_from_db()
    assert (jennifer.logins_count, jennifer.last_ip) == (2, "192.0.2.2")
