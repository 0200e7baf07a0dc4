"""OpenID Connect Core 1.0: authentication requests, ID tokens and userinfo."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from identity.models import Connection, User
from identity.services.users import update_user
from login.models import Session
from oidc import keys
from tests.cast import OPERATOR, Company, make_member
from tests.oidc.clients import Party, callback, claims_of, header_of

pytestmark = pytest.mark.django_db


def test_an_id_token_verifies_by_the_published_keys(party: Party) -> None:
    """Section 2 and RFC 7515 section 4.1.4."""
    token = party.tokens()["id_token"]
    kids = [key["kid"] for key in Client().get("/.well-known/jwks.json", secure=True).json()["keys"]]
    assert header_of(token)["kid"] in kids
    assert keys.read(token) == claims_of(token)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("openid", set()),
        ("openid email", {"email", "email_verified"}),
        ("openid profile", {"name", "given_name", "updated_at"}),
        ("openid phone", {"phone_number", "phone_number_verified"}),
        ("openid address", set()),
    ],
)
def test_scopes_ask_for_claims(party: Party, jennifer: User, scope: str, expected: set[str]) -> None:
    """Section 5.4."""
    User.objects.update(name="Jennifer", given_name="Jennifer", phone_number="+31201234567", nickname="", picture="")
    always = {"iss", "sub", "aud", "iat", "exp", "sid", "auth_time"}
    tokens = party.tokens(scope=scope)
    assert set(claims_of(tokens["id_token"])) == always | expected
    assert set(party.userinfo(tokens["access_token"]).json()) == {"sub"} | expected


def test_updated_at_is_a_string_as_auth0_writes_it(party: Party) -> None:
    updated_at = claims_of(party.tokens()["id_token"])["updated_at"]
    assert isinstance(updated_at, str)
    assert updated_at.endswith("Z")


def test_without_openid_there_is_no_id_token(party: Party) -> None:
    """Section 3.1.2.1."""
    tokens = party.tokens(scope="email")
    assert "id_token" not in tokens
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_prompt_none_without_a_session_says_login_required(party: Party) -> None:
    """Section 3.1.2.6."""
    party.browser = Client()
    answer = callback(party.authorize(prompt="none"))
    assert (answer["error"], answer["error_description"]) == ("login_required", "Login required")


def test_prompt_none_with_a_session_answers_silently(party: Party) -> None:
    assert "code" in callback(party.authorize(prompt="none"))


def test_prompt_none_stands_alone(party: Party) -> None:
    assert callback(party.authorize(prompt="none login"))["error"] == "invalid_request"


def test_prompt_login_asks_although_there_is_a_session(party: Party) -> None:
    response = party.authorize(prompt="login")
    assert response.status_code == 303
    assert response["Location"].startswith("/u/login?state=")


def test_max_age_asks_when_the_login_is_older(party: Party) -> None:
    Session.objects.update(auth_time=timezone.now() - timedelta(hours=5))
    assert party.authorize(max_age="1")["Location"].startswith("/u/login")
    assert "code" in callback(party.authorize(max_age="36000"))


def test_auth_time_is_that_of_the_session(party: Party) -> None:
    session = Session.objects.get()
    claims = claims_of(party.tokens(max_age="10000")["id_token"])
    assert claims["auth_time"] == int(session.auth_time.timestamp())
    assert claims["sid"] == session.sid


@pytest.mark.parametrize("state", ["revoked_at", "expires_at", "idle_expires_at"])
def test_a_session_that_has_ended_is_none(party: Party, state: str) -> None:
    Session.objects.update(**{state: timezone.now()})
    assert callback(party.authorize(prompt="none"))["error"] == "login_required"


def test_an_id_token_hint_of_the_person_answers_silently(party: Party) -> None:
    """Section 3.1.2.1; an expired one too."""
    hint = party.tokens()["id_token"]
    assert "code" in callback(party.authorize(prompt="none", id_token_hint=hint))


def test_an_id_token_hint_of_somebody_else_needs_a_login(party: Party, hoekstra: Company) -> None:
    colleague = make_member(hoekstra, "pieter@hoekstra.example")
    theirs = Party(hoekstra.application, hoekstra.client_secret)
    theirs.sign_in(colleague, hoekstra.connection)
    answer = callback(party.authorize(prompt="none", id_token_hint=theirs.tokens()["id_token"]))
    assert answer["error"] == "login_required"


@pytest.mark.parametrize("hint", ["nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_an_id_token_hint_that_we_did_not_sign_is_refused(party: Party, hint: str) -> None:
    assert callback(party.authorize(id_token_hint=hint))["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["request", "request_uri"])
def test_request_objects_are_refused_by_name(party: Party, name: str) -> None:
    """Sections 3.1.2.6 and 6."""
    assert callback(party.authorize(**{name: "https://evil.example/x"}))["error"] == f"{name}_not_supported"


@pytest.mark.parametrize(
    "more", [{"display": "popup"}, {"acr_values": "x y"}, {"ui_locales": "nl xx"}, {"login_hint": "a@b.example"}]
)
def test_hints_do_no_harm(party: Party, more: dict[str, str]) -> None:
    assert "code" in callback(party.authorize(**more))


def test_userinfo_takes_post_with_the_header(party: Party, jennifer: User) -> None:
    """Section 5.3.1."""
    token = party.tokens()["access_token"]
    response = Client().post("/userinfo", secure=True, headers={"authorization": f"Bearer {token}"})
    assert response.json()["sub"] == jennifer.user_id


def test_userinfo_takes_no_token_from_a_query_or_body(party: Party) -> None:
    """RFC 9700 section 4.3.2."""
    token = party.tokens()["access_token"]
    assert Client().get(f"/userinfo?access_token={token}", secure=True).status_code == 401
    assert Client().post("/userinfo", {"access_token": token}, secure=True).status_code == 401


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic eDp5", "Bearer " + "x" * 20000])
def test_userinfo_refuses_what_is_no_access_token(party: Party, header: str) -> None:
    response = Client().get("/userinfo", secure=True, headers={"authorization": header})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_userinfo_refuses_an_id_token(party: Party) -> None:
    assert party.userinfo(party.tokens()["id_token"]).status_code == 401


def test_userinfo_follows_the_profile(party: Party, jennifer: User) -> None:
    token = party.tokens()["access_token"]
    update_user(actor=OPERATOR, user=jennifer, name="Jennifer de Vries")
    assert party.userinfo(token).json()["name"] == "Jennifer de Vries"


def test_tokens_of_a_deleted_user_or_application_are_dead(party: Party, jennifer: User) -> None:
    token = party.tokens()["access_token"]
    jennifer.delete()
    assert party.userinfo(token).status_code == 401


def test_a_blocked_person_gets_no_code(party: Party, jennifer: User) -> None:
    User.objects.update(blocked=True)
    assert callback(party.authorize(prompt="none"))["error"] == "login_required"


def test_the_session_cookie_of_another_person_cannot_be_guessed(party: Party) -> None:
    party.browser.cookies[settings.TENANT0_SESSION_COOKIE] = "x" * 43
    assert callback(party.authorize(prompt="none"))["error"] == "login_required"


def test_a_session_of_a_connection_that_is_gone_signs_nobody_in(party: Party) -> None:
    Connection.objects.all().delete()
    assert callback(party.authorize(prompt="none"))["error"] == "login_required"
