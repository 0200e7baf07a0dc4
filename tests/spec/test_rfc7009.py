"""RFC 7009: an application gives a token back."""

import json

import pytest
from django.test import Client

from tests.cast import Company
from tests.oidc.clients import Party, Response

pytestmark = pytest.mark.django_db


def revoke(party: Party, token: str, **body: str) -> Response:
    form = {"client_id": party.application.client_id, "client_secret": party.client_secret, "token": token, **body}
    return Client().post("/oauth/revoke", json.dumps(form), content_type="application/json", secure=True)


def test_a_refresh_token_goes_with_all_that_was_made_of_it(party: Party) -> None:
    """Section 2.1."""
    tokens = party.tokens(scope="openid offline_access")
    fresh = party.refresh(tokens["refresh_token"]).json()
    response = revoke(party, fresh["refresh_token"])
    assert (response.status_code, response.content) == (200, b"")
    assert party.refresh(fresh["refresh_token"]).status_code == 403
    assert party.userinfo(fresh["access_token"]).status_code == 401


def test_an_access_token_goes_alone(party: Party) -> None:
    tokens = party.tokens(scope="openid offline_access")
    revoke(party, tokens["access_token"], token_type_hint="access_token")
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_an_unknown_token_is_no_error(party: Party) -> None:
    """Section 2.2."""
    response = revoke(party, "nonsense", token_type_hint="nonsense")
    assert (response.status_code, response.content) == (200, b"")


def test_another_application_s_token_stays(party: Party, metahexa: Company) -> None:
    tokens = party.tokens(scope="openid offline_access")
    revoke(Party(metahexa.application, metahexa.client_secret), tokens["refresh_token"])
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_a_wrong_secret_is_refused(party: Party) -> None:
    tokens = party.tokens(scope="openid offline_access")
    assert revoke(party, tokens["refresh_token"], client_secret="wrong").status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_a_missing_token_is_an_error(party: Party) -> None:
    response = revoke(party, "")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
