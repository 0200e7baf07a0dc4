"""Which pages of other origins may read the token endpoint's answers."""

import pytest
from django.test import Client

from tests.oidc.clients import Party, Response

pytestmark = pytest.mark.django_db
ORIGIN = "https://thehoekstra.corp.travel0.test"


def ask(party: Party, origin: str) -> Response:
    body = {"grant_type": "authorization_code", "code": "x", "client_id": party.application.client_id}
    return party.send({**body, "client_secret": party.client_secret}, origin=origin)


def test_a_registered_origin_may_ask_and_read(party: Party) -> None:
    headers = {"origin": ORIGIN, "access-control-request-method": "POST"}
    response = Client().options("/oauth/token", secure=True, headers=headers)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert "Auth0-Client" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response
    answer = ask(party, ORIGIN)
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer["Vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ORIGIN + ".evil.example", ORIGIN + "/"])
def test_another_origin_may_not(party: Party, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in Client().options(
        "/oauth/token", secure=True, headers={"origin": origin}
    )
    answer = ask(party, origin)
    assert "Access-Control-Allow-Origin" not in answer


def test_the_origin_of_another_application_may_not_read(party: Party) -> None:
    response = ask(party, "https://metahexa.corp.travel0.test")
    assert "Access-Control-Allow-Origin" not in response


def test_userinfo_is_open_to_whoever_holds_a_token() -> None:
    response = Client().options("/userinfo", secure=True, headers={"origin": "https://any.example"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response["Access-Control-Allow-Headers"]
