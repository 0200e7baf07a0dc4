"""RFC 6749 sections 3.1 and 4.1: the authorization endpoint and its errors."""

from typing import Final
from urllib.parse import urlencode

import pytest

from identity.models import User
from tests.cast import Company
from tests.oidc.clients import Party, callback

pytestmark = pytest.mark.django_db

# Section 3.1.2.3, RFC 9700 section 2.1: what is not registered to the letter is another URI.
UNREGISTERED: Final = [
    "https://thehoekstra.corp.travel0.test/login/callback/",
    "https://thehoekstra.corp.travel0.test/login/callback?x=1",
    "https://thehoekstra.corp.travel0.test/login/callback#x",
    "https://thehoekstra.corp.travel0.test/login/./callback",
    "https://thehoekstra.corp.travel0.test/login/../login/callback",
    "https://thehoekstra.corp.travel0.test/login/%63allback",
    "https://THEHOEKSTRA.corp.travel0.test/login/callback",
    "https://thehoekstra.corp.travel0.test:443/login/callback",
    "https://thehoekstra.corp.travel0.test:8443/login/callback",
    "http://thehoekstra.corp.travel0.test/login/callback",
    "HTTPS://thehoekstra.corp.travel0.test/login/callback",
    "https://thehoekstra.corp.travel0.test.evil.example/login/callback",
    "https://evil.example/https://thehoekstra.corp.travel0.test/login/callback",
    "https://evil.example\\@thehoekstra.corp.travel0.test/login/callback",
    "https://user@thehoekstra.corp.travel0.test/login/callback",
    "https://thehoekstra.corp.travel0.test@evil.example/login/callback",
    "//thehoekstra.corp.travel0.test/login/callback",
    "/login/callback",
    "javascript:alert(1)//thehoekstra.corp.travel0.test/login/callback",
    "https://thehoekstra.corp.travel0.test/login/callback ",
    " https://thehoekstra.corp.travel0.test/login/callback",
    "https://thehoekstra.corp.travel0.test/login/callback\t",
    "https://[::1]/login/callback",
    "https://localhost/login/callback",
]


@pytest.mark.parametrize("uri", UNREGISTERED)
def test_an_unregistered_redirect_uri_is_never_followed(party: Party, uri: str) -> None:
    """Section 4.1.2.1: the person is told, the browser is not sent anywhere."""
    response = party.authorize(redirect_uri=uri)
    assert response.status_code == 400
    assert "Location" not in response


def test_an_unknown_application_is_shown_an_error(party: Party) -> None:
    response = party.authorize(client_id="nobody")
    assert response.status_code == 400
    assert "Location" not in response


def test_a_missing_application_is_shown_an_error(party: Party) -> None:
    assert party.authorize(client_id="").status_code == 400


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt"])
def test_a_parameter_that_comes_twice_is_refused(party: Party, name: str) -> None:
    """Section 3.1: parameters must not be included more than once."""
    url = party.authorize(nonce="n", prompt="none").wsgi_request.get_full_path()
    response = party.browser.get(f"{url}&{name}=again", secure=True)
    assert response.status_code == 400 or callback(response)["error"] == "invalid_request"
    assert b"code=" not in response.content
    assert "code=" not in response.get("Location", "")


def test_an_absent_redirect_uri_means_the_first_callback(party: Party) -> None:
    response = party.authorize(redirect_uri="")
    assert response["Location"].startswith(party.redirect_uri + "?code=")


def test_a_missing_response_type_goes_back_as_an_error(party: Party) -> None:
    answer = callback(party.authorize(response_type=""))
    assert answer["error"] == "invalid_request"
    assert answer["state"] == "some-state"


@pytest.mark.parametrize("response_type", ["token", "id_token token", "code token", "none", "nonsense"])
def test_an_unsupported_response_type_goes_back_as_an_error(party: Party, response_type: str) -> None:
    answer = callback(party.authorize(response_type=response_type, nonce="n"))
    assert answer["error"] == "unsupported_response_type"
    assert "code" not in answer


def test_an_application_without_the_grant_is_refused(party: Party) -> None:
    party.application.grant_types = ["client_credentials"]
    party.application.save()
    assert callback(party.authorize())["error"] == "unauthorized_client"


def test_the_request_may_be_a_post_from_another_site(party: Party) -> None:
    """Section 3.1: POST is allowed; no token of ours can be in it."""
    body = urlencode(party.parameters())
    response = party.browser.post("/authorize", body, content_type="application/x-www-form-urlencoded", secure=True)
    assert response.status_code == 303
    assert "code" in callback(response)


def test_state_is_echoed_to_the_letter(party: Party) -> None:
    state = "a b+c&d=ü%20\"'<>" + "x" * 1000
    assert callback(party.authorize(state=state))["state"] == state


def test_unknown_parameters_and_scopes_are_ignored(party: Party) -> None:
    answer = callback(party.authorize(auth0Client="eyJ9", organization_name="x", scope="openid unknown"))
    assert "code" in answer


def test_a_nul_byte_is_refused(party: Party) -> None:
    assert party.authorize(state="a\x00b").status_code == 400


def test_bytes_that_are_no_utf8_are_refused(party: Party) -> None:
    response = party.browser.get("/authorize?client_id=%FF%FE", secure=True)
    assert response.status_code == 400


def test_a_disabled_connection_does_not_sign_in_silently(party: Party, metahexa: Company, jennifer: User) -> None:
    other = Party(metahexa.application, metahexa.client_secret, browser=party.browser)
    assert callback(other.authorize(prompt="none"))["error"] == "login_required"
