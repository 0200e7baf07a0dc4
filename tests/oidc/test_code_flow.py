"""The code flow from a session to tokens and back to the person's claims."""

import pytest

from identity.models import ResourceServer, User
from tests.cast import Company
from tests.oidc.clients import Party, callback, claims_of, header_of

pytestmark = pytest.mark.django_db


def test_a_session_answers_with_a_code_state_and_issuer(party: Party) -> None:
    answer = callback(party.authorize())
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == "some-state"
    assert answer["iss"] == "https://auth.travel0.test/"


def test_a_code_gives_an_id_token_with_the_claims_of_the_scopes(party: Party, jennifer: User) -> None:
    tokens = party.tokens(nonce="n-1")
    claims = claims_of(tokens["id_token"])
    assert claims["sub"] == jennifer.user_id
    assert claims["aud"] == party.application.client_id
    assert claims["iss"] == "https://auth.travel0.test/"
    assert claims["nonce"] == "n-1"
    assert claims["email"] == jennifer.email
    assert claims["exp"] - claims["iat"] == party.application.id_token_lifetime_seconds
    assert header_of(tokens["id_token"])["alg"] == "RS256"


def test_a_nonce_that_was_not_sent_does_not_appear(party: Party) -> None:
    assert "nonce" not in claims_of(party.tokens()["id_token"])


def test_a_login_to_an_organization_says_so(party: Party, hoekstra: Company) -> None:
    claims = claims_of(party.tokens(organization=hoekstra.organization.pk)["id_token"])
    assert claims["org_id"] == hoekstra.organization.pk
    assert "org_name" not in claims


def test_userinfo_knows_the_person_of_the_token(party: Party, jennifer: User) -> None:
    tokens = party.tokens()
    response = party.userinfo(tokens["access_token"])
    assert response.status_code == 200
    assert response.json()["sub"] == jennifer.user_id


def test_without_offline_access_there_is_no_refresh_token(party: Party) -> None:
    assert "refresh_token" not in party.tokens()


def test_a_refresh_token_is_rotated_and_keeps_the_organization(party: Party, hoekstra: Company) -> None:
    tokens = party.tokens(scope="openid offline_access", organization=hoekstra.organization.pk)
    response = party.refresh(tokens["refresh_token"])
    assert response.status_code == 200, response.content
    fresh = response.json()
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert claims_of(fresh["id_token"])["org_id"] == hoekstra.organization.pk


def test_an_audience_gives_a_token_for_that_api(party: Party, api: ResourceServer) -> None:
    tokens = party.tokens(audience=api.identifier, scope="openid read:bookings unknown:scope")
    claims = claims_of(tokens["access_token"])
    assert claims["aud"] == [api.identifier, "https://auth.travel0.test/userinfo"]
    assert claims["scope"] == "openid read:bookings"
    assert tokens["scope"] == "openid read:bookings"
    assert claims["azp"] == party.application.client_id
    assert party.userinfo(tokens["access_token"]).status_code == 200
