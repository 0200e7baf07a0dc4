"""RFC 6749 sections 2.3, 3.2, 4.1.3, 5 and 6: the token endpoint."""

import base64
import json

import pytest
from django.test import Client
from django.utils import timezone

from oidc.models import AccessToken, Grant, RefreshToken
from tests.cast import Company
from tests.oidc.clients import VERIFIER, Party

pytestmark = pytest.mark.django_db


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_a_token_response_is_never_stored(party: Party) -> None:
    """Section 5.1."""
    response = party.exchange(party.code())
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.json()["token_type"] == "Bearer"


def test_a_code_works_once_and_its_replay_ends_what_it_gave(party: Party) -> None:
    """Section 4.1.2."""
    code = party.code(scope="openid offline_access")
    first = party.exchange(code).json()
    again = party.exchange(code)
    assert (again.status_code, again.json()) == (
        403,
        {"error": "invalid_grant", "error_description": "Invalid authorization code"},
    )
    assert party.userinfo(first["access_token"]).status_code == 401
    assert party.refresh(first["refresh_token"]).status_code == 403


def test_a_code_dies_after_a_minute(party: Party) -> None:
    code = party.code()
    Grant.objects.update(expires=timezone.now())
    assert party.exchange(code).json()["error_description"] == "Invalid authorization code"


def test_a_code_lives_for_sixty_seconds(party: Party) -> None:
    party.code()
    lifetime = Grant.objects.get().expires - timezone.now()
    assert 55 < lifetime.total_seconds() <= 60


def test_an_unknown_code_reads_like_a_spent_one(party: Party) -> None:
    response = party.exchange("nonsense")
    assert (response.status_code, response.json()["error_description"]) == (403, "Invalid authorization code")


def test_a_code_is_bound_to_its_application(party: Party, metahexa: Company) -> None:
    """Section 4.1.3. The attempt does not spend the code."""
    code = party.code()
    thief = Party(metahexa.application, metahexa.client_secret)
    assert thief.exchange(code, redirect_uri=party.redirect_uri).status_code == 403
    assert party.exchange(code).status_code == 200


@pytest.mark.parametrize("uri", ["https://evil.example/cb", ""])
def test_a_code_is_bound_to_its_redirect_uri(party: Party, uri: str) -> None:
    response = party.exchange(party.code(), redirect_uri=uri)
    assert (response.status_code, response.json()["error"]) == (403, "invalid_grant")


def test_a_redirect_uri_that_was_left_out_may_be_left_out_again(party: Party) -> None:
    assert party.exchange(party.code(redirect_uri=""), redirect_uri="").status_code == 200


def test_a_code_is_kept_as_a_digest(party: Party) -> None:
    code = party.code()
    assert not Grant.objects.filter(code=code).exists()


def test_tokens_are_kept_as_digests(party: Party) -> None:
    tokens = party.tokens(scope="openid offline_access")
    assert not AccessToken.objects.filter(token_checksum=tokens["access_token"]).exists()
    assert not RefreshToken.objects.filter(token_checksum=tokens["refresh_token"]).exists()
    assert AccessToken.objects.get().token == ""


@pytest.mark.parametrize("wrong", ["", "wrong", "x" * 64])
def test_a_wrong_secret_is_refused(party: Party, wrong: str) -> None:
    """Section 5.2."""
    response = party.exchange(party.code(), client_secret=wrong)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_a_wrong_secret_by_basic_is_told_the_scheme(party: Party) -> None:
    response = party.send(
        {"grant_type": "client_credentials"}, authorization=basic(party.application.client_id, "wrong")
    )
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Basic ")


def test_an_unknown_application_reads_like_a_wrong_secret(party: Party) -> None:
    wrong = party.exchange("x", client_secret="wrong")
    unknown = party.exchange("x", client_id="nobody")
    assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)


def test_the_secret_may_come_by_basic(party: Party) -> None:
    body = {
        "grant_type": "authorization_code",
        "code": party.code(),
        "redirect_uri": party.redirect_uri,
        "code_verifier": VERIFIER,
    }
    secret = basic(party.application.client_id, party.client_secret)
    assert party.send(body, authorization=secret).status_code == 200


def test_two_ways_of_authentication_at_once_are_refused(party: Party) -> None:
    """Section 2.3."""
    body = {"grant_type": "client_credentials", "client_secret": party.client_secret}
    response = party.send(body, authorization=basic(party.application.client_id, party.client_secret))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_a_secret_in_the_query_is_refused(party: Party) -> None:
    """Section 2.3.1."""
    url = f"/oauth/token?client_secret={party.client_secret}"
    response = party.back_channel.post(url, {"grant_type": "client_credentials"}, secure=True)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_a_public_application_with_a_secret_is_refused(public_party: Party) -> None:
    response = public_party.exchange(public_party.code(), client_secret="anything")
    assert response.status_code == 401


def test_get_is_not_a_token_request(party: Party) -> None:
    """Section 3.2."""
    assert Client().get("/oauth/token", secure=True).status_code == 405


def test_a_parameter_that_comes_twice_is_refused(party: Party) -> None:
    body = "grant_type=authorization_code&grant_type=authorization_code&client_id=x"
    response = Client().post("/oauth/token", body, content_type="application/x-www-form-urlencoded", secure=True)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_json_may_be_sent_and_null_counts_as_absent(party: Party) -> None:
    body = {
        "grant_type": "authorization_code",
        "client_id": party.application.client_id,
        "client_secret": party.client_secret,
        "code": party.code(),
        "redirect_uri": party.redirect_uri,
        "code_verifier": VERIFIER,
        "organization": None,
        "scope": "",
    }
    response = Client().post("/oauth/token", json.dumps(body), content_type="application/json", secure=True)
    assert response.status_code == 200, response.content


@pytest.mark.parametrize(
    "body", ["", "[]", '"x"', "{", '{"grant_type": 1}', '{"grant_type": "a", "grant_type": "b"}', '{"code": "\\ud800"}']
)
def test_json_that_is_no_request_is_refused(party: Party, body: str) -> None:
    response = Client().post("/oauth/token", body, content_type="application/json", secure=True)
    assert response.status_code in {400, 401}
    assert "error" in response.json()


@pytest.mark.parametrize("grant_type", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "x"])
def test_an_unknown_grant_type_is_refused(party: Party, grant_type: str) -> None:
    response = party.token(grant_type=grant_type)
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


def test_a_grant_type_that_the_application_lacks_is_refused(party: Party) -> None:
    code = party.code()
    party.application.grant_types = ["client_credentials"]
    party.application.save()
    response = party.exchange(code)
    assert (response.status_code, response.json()["error"]) == (403, "unauthorized_client")


def test_a_parameter_cannot_stand_in_for_what_the_server_knows(party: Party) -> None:
    """The toolkit's request turns parameters into attributes; none of these may reach it."""
    response = party.exchange("x", user="1", scopes="openid", client="1", call="1", offline="1")
    assert response.json()["error"] == "invalid_grant"
