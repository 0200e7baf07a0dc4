"""Travel0 signs people in, forwards invitations, and lets go of them again."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from examples.travel0.config import Config
from tests.examples.conftest import ORGANIZATION, new_browser
from tests.examples.issuer import Issuer
from tests.relying_party import s256

BASE = "https://hoekstra.corp.travel0.test"


def get(browser: FlaskClient, path: str, **query: str) -> TestResponse:
    return browser.get(path, query_string=query, base_url=BASE)


def sent(response: TestResponse) -> dict[str, str]:
    assert response.status_code == 303, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}


def sign_in(browser: FlaskClient, issuer: Issuer, **claims: object) -> TestResponse:
    answer = issuer.authorize(get(browser, "/login").location, **claims)
    return get(browser, "/login/callback", **answer)


def test_it_greets_the_person_and_names_the_organization(browser: FlaskClient, issuer: Issuer) -> None:
    response = sign_in(browser, issuer, org_name="thehoekstra")

    assert (response.status_code, response.location) == (303, f"{BASE}/")
    page = get(browser, "/").text
    for shown in ("Jennifer Hoekstra", "jennifer@hoekstra.example", ORGANIZATION, "thehoekstra", "auth0|jennifer"):
        assert shown in page


def test_it_asks_with_code_flow_pkce_and_its_own_organization(browser: FlaskClient, issuer: Issuer) -> None:
    response = get(browser, "/login")

    request = sent(response)
    assert response.location.startswith(f"{issuer.url}authorize?")
    assert len(request.pop("state")) >= 20
    assert len(request.pop("nonce")) >= 20
    assert len(request.pop("code_challenge")) == 43
    assert request == {
        "response_type": "code",
        "client_id": "client",
        "redirect_uri": f"{BASE}/login/callback",
        "scope": "openid profile email",
        "code_challenge_method": "S256",
        "organization": ORGANIZATION,
    }


def test_it_forwards_the_invitation_and_not_the_organizations_name(browser: FlaskClient) -> None:
    link = {"invitation": "tick&t=1 2", "organization": ORGANIZATION, "organization_name": "thehoekstra"}

    request = sent(get(browser, "/login", **link))

    assert request["invitation"] == "tick&t=1 2"
    assert request["organization"] == ORGANIZATION
    assert "organization_name" not in request


def test_an_instance_without_its_own_organization_forwards_the_links(config: Config) -> None:
    browser = new_browser(replace(config, organization=None))

    assert sent(get(browser, "/login", organization="org_any"))["organization"] == "org_any"
    assert "organization" not in sent(get(browser, "/login"))


def test_it_refuses_links_that_no_invitation_looks_like(browser: FlaskClient) -> None:
    for query in ("organization=org_other", "invitation=a&invitation=b", "invitation=" + "a" * 513):
        assert browser.get(f"/login?{query}", base_url=BASE).status_code == 400, query


def test_it_redeems_the_code_with_its_secret_and_verifier(browser: FlaskClient, issuer: Issuer) -> None:
    challenge = sent(started := get(browser, "/login"))["code_challenge"]
    get(browser, "/login/callback", **issuer.authorize(started.location))

    form = issuer.token_requests[-1]
    assert s256(form.pop("code_verifier")) == challenge
    assert form == {
        "grant_type": "authorization_code",
        "code": "code",
        "redirect_uri": f"{BASE}/login/callback",
        "client_id": "client",
        "client_secret": "secret",
    }


def test_it_trusts_the_certificate_authority_it_is_told_of(
    config: Config, https_issuer: Issuer, certificate: Path
) -> None:
    distrustful = replace(config, issuer=https_issuer.url)
    trusting = replace(distrustful, ca_bundle=str(certificate))

    assert get(new_browser(distrustful), "/login").status_code == 502
    assert sign_in(new_browser(trusting), https_issuer).status_code == 303


def test_a_state_serves_once(browser: FlaskClient, issuer: Issuer) -> None:
    answer = issuer.authorize(get(browser, "/login").location)
    cookie = browser.get_cookie("__Host-travel0", domain="hoekstra.corp.travel0.test")
    assert cookie is not None
    get(browser, "/login/callback", **answer)

    # Even with the cookie of before: what it names is gone.
    browser.set_cookie(cookie.key, cookie.value, domain=cookie.domain, secure=True)
    assert get(browser, "/login/callback", **answer).status_code == 400
    assert len(issuer.token_requests) == 1


def test_a_login_of_another_browser_is_refused(config: Config, issuer: Issuer) -> None:
    browser = new_browser(config)
    answer = issuer.authorize(get(browser, "/login").location)

    victim = browser.application.test_client()
    response = get(victim, "/login/callback", **answer)

    assert response.status_code == 400
    assert issuer.token_requests == []
    assert 'id="sign-in"' in get(victim, "/").text


def test_the_cookie_is_new_after_signing_in_and_dead_after_signing_out(browser: FlaskClient, issuer: Issuer) -> None:
    sign_in(browser, issuer)
    first = browser.get_cookie("__Host-travel0", domain="hoekstra.corp.travel0.test")
    sign_in(browser, issuer)
    assert first is not None

    browser.set_cookie(first.key, first.value, domain=first.domain, secure=True)
    assert 'id="sign-in"' in get(browser, "/").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: FlaskClient, issuer: Issuer) -> None:
    cookie = sign_in(browser, issuer).headers["Set-Cookie"]

    assert cookie.startswith("__Host-travel0=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "jennifer" not in cookie
    assert len(cookie) < 512


def test_many_logins_begun_do_not_outgrow_the_cookie(browser: FlaskClient, issuer: Issuer) -> None:
    for _ in range(40):
        response = get(browser, "/login")
    assert len(response.headers["Set-Cookie"]) < 2048

    assert get(browser, "/login/callback", **issuer.authorize(response.location)).status_code == 303


def test_signing_out_ends_both_sessions(browser: FlaskClient, issuer: Issuer) -> None:
    sign_in(browser, issuer)
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, "/").text)
    assert token

    response = browser.post("/logout", data={"form_token": token[1]}, base_url=BASE)

    request = sent(response)
    assert response.location.startswith(f"{issuer.url}oidc/logout?")
    assert request.pop("id_token_hint").count(".") == 2
    assert request == {"client_id": "client", "post_logout_redirect_uri": f"{BASE}/"}
    assert 'id="sign-in"' in get(browser, "/").text


def test_nobody_is_signed_out_by_another_sites_form(browser: FlaskClient, issuer: Issuer) -> None:
    sign_in(browser, issuer)

    for token in ("", "guessed", "é"):
        assert browser.post("/logout", data={"form_token": token}, base_url=BASE).status_code == 400
    assert get(browser, "/logout").status_code == 405
    assert 'id="sign-out"' in get(browser, "/").text


def test_signing_out_works_here_while_the_issuer_offers_no_logout(browser: FlaskClient, issuer: Issuer) -> None:
    issuer.metadata = {"end_session_endpoint": None}
    sign_in(browser, issuer)
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, "/").text)
    assert token

    assert browser.post("/logout", data={"form_token": token[1]}, base_url=BASE).location == f"{BASE}/"
    assert 'id="sign-in"' in get(browser, "/").text


def test_nothing_in_a_request_chooses_where_it_redirects(browser: FlaskClient, issuer: Issuer) -> None:
    evil = {"next": "https://evil.example/", "returnTo": "//evil.example", "redirect_uri": "https://evil.example/"}
    location = browser.get("/login", query_string=evil, base_url="https://evil.example").location
    assert "evil.example" not in location

    answer = issuer.authorize(get(browser, "/login").location) | evil
    assert get(browser, "/login/callback", **answer).location == f"{BASE}/"
