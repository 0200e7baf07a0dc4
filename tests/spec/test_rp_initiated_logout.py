"""OpenID Connect RP-Initiated Logout 1.0, and Auth0's older logout."""

import base64
import json
import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from identity.models import User
from login.models import Session
from tests.cast import Company, make_member
from tests.oidc.clients import Party, Response, callback

pytestmark = pytest.mark.django_db
RETURN_TO = "https://thehoekstra.corp.travel0.test/"


def logout(party: Party, path: str = "/oidc/logout", **parameters: str) -> Response:
    return party.browser.get(f"{path}?{urlencode(parameters)}", secure=True)


def signed_in(party: Party) -> bool:
    return "code" in callback(party.authorize(prompt="none"))


def test_a_good_hint_and_an_exact_uri_lead_back(party: Party) -> None:
    """Sections 2 and 3."""
    hint = party.tokens()["id_token"]
    response = logout(party, id_token_hint=hint, post_logout_redirect_uri=RETURN_TO, state="s 1")
    assert response.status_code == 302
    assert response["Location"] == f"{RETURN_TO}?state=s+1"
    assert Session.objects.get().revoked_at is not None
    assert not signed_in(party)


def test_without_a_state_none_is_added(party: Party) -> None:
    response = logout(party, id_token_hint=party.tokens()["id_token"], post_logout_redirect_uri=RETURN_TO)
    assert response["Location"] == RETURN_TO


@pytest.mark.parametrize("uri", ["", "https://evil.example/", RETURN_TO + "x", RETURN_TO + "?a=b", "https://app.test"])
def test_another_uri_is_not_followed_but_the_session_is_gone(party: Party, uri: str) -> None:
    response = logout(party, id_token_hint=party.tokens()["id_token"], post_logout_redirect_uri=uri)
    assert response.status_code == 200
    assert b'id="logged-out"' in response.content
    assert not signed_in(party)


@pytest.mark.parametrize("parameters", [{}, {"state": "s"}, {"post_logout_redirect_uri": RETURN_TO}])
def test_without_a_hint_the_person_is_asked(party: Party, parameters: dict[str, str]) -> None:
    """Section 2: otherwise any page could sign people out."""
    response = logout(party, **parameters)
    assert b'id="logout-form"' in response.content
    assert signed_in(party)


def test_the_person_s_yes_ends_the_session_and_leads_nowhere(party: Party) -> None:
    page = logout(party, post_logout_redirect_uri=RETURN_TO, client_id=party.application.client_id)
    token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', page.content)
    assert token is not None
    body = {"csrfmiddlewaretoken": token.group(1).decode()}
    response = party.browser.post("/oidc/logout/confirm", body, secure=True)
    assert b'id="logged-out"' in response.content
    assert not signed_in(party)


def test_the_yes_must_come_from_our_page(party: Party) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = party.browser.cookies
    assert strict.post("/oidc/logout/confirm", {}, secure=True).status_code == 403
    assert signed_in(party)


def test_the_hint_of_another_session_is_asked_about(party: Party, hoekstra: Company) -> None:
    colleague = make_member(hoekstra, "pieter@hoekstra.example")
    theirs = Party(hoekstra.application, hoekstra.client_secret)
    theirs.sign_in(colleague, hoekstra.connection)
    tokens = theirs.tokens(scope="openid offline_access")
    response = logout(party, id_token_hint=tokens["id_token"], post_logout_redirect_uri=RETURN_TO)
    assert b'id="logout-form"' in response.content
    assert signed_in(party)
    assert theirs.userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_hint_that_we_did_not_sign_is_none(party: Party, algorithm: str) -> None:
    _header, body, signature = party.tokens()["id_token"].split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
    response = logout(party, id_token_hint=f"{header}.{body}.{signature}", post_logout_redirect_uri=RETURN_TO)
    assert b'id="logout-form"' in response.content


def test_a_client_id_that_is_not_the_hint_s_makes_it_none(party: Party, metahexa: Company) -> None:
    hint = party.tokens()["id_token"]
    response = logout(
        party, id_token_hint=hint, client_id=metahexa.application.client_id, post_logout_redirect_uri=RETURN_TO
    )
    assert response.status_code == 200
    assert "Location" not in response


def test_the_session_id_is_a_hint_as_well(party: Party) -> None:
    logout(party, logout_hint=Session.objects.get().sid)
    assert not signed_in(party)


def test_a_post_of_another_site_gets_the_cookie_by_a_redirect(party: Party) -> None:
    hint = party.tokens()["id_token"]
    body = {"id_token_hint": hint, "post_logout_redirect_uri": RETURN_TO}
    form = "application/x-www-form-urlencoded"
    response = Client().post("/oidc/logout", urlencode(body), content_type=form, secure=True)
    assert response.status_code == 303
    assert party.browser.get(response["Location"], secure=True)["Location"] == RETURN_TO


def test_logging_out_ends_access_and_keeps_offline_access(party: Party) -> None:
    """OIDC Back-Channel Logout 1.0 section 2.7."""
    tokens = party.tokens(scope="openid offline_access")
    logout(party, id_token_hint=tokens["id_token"])
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_other_browsers_of_the_person_stay(party: Party, hoekstra: Company, jennifer: User) -> None:
    elsewhere = Party(hoekstra.application, hoekstra.client_secret)
    elsewhere.sign_in(jennifer, hoekstra.connection)
    logout(party, id_token_hint=party.tokens()["id_token"])
    assert signed_in(elsewhere)


def test_a_parameter_that_comes_twice_is_refused(party: Party) -> None:
    response = party.browser.get("/oidc/logout?state=a&state=b", secure=True)
    assert response.status_code == 400


def test_auth0_s_logout_leads_to_a_registered_address(party: Party) -> None:
    response = logout(
        party, "/v2/logout", client_id=party.application.client_id, returnTo=RETURN_TO, federated="", auth0Client="x"
    )
    assert response["Location"] == RETURN_TO
    assert not signed_in(party)


def test_auth0_s_logout_takes_the_first_address_when_none_is_named(party: Party) -> None:
    assert logout(party, "/v2/logout", client_id=party.application.client_id)["Location"] == RETURN_TO


@pytest.mark.parametrize(
    "return_to", ["https://evil.example/", "//evil.example", "javascript:alert(1)", RETURN_TO + "?"]
)
def test_auth0_s_logout_leads_nowhere_else(party: Party, return_to: str) -> None:
    response = logout(party, "/v2/logout", client_id=party.application.client_id, returnTo=return_to)
    assert response.status_code == 400
    assert "Location" not in response


def test_auth0_s_logout_without_an_application_leads_nowhere(party: Party) -> None:
    assert logout(party, "/v2/logout", returnTo=RETURN_TO).status_code == 400
    assert b'id="logged-out"' in logout(party, "/v2/logout").content
