"""RFC 9207 and the response modes: who answers, and by which way."""

from urllib.parse import urlsplit

import pytest

from tests.oidc.clients import Party, callback

pytestmark = pytest.mark.django_db
ISSUER = "https://auth.travel0.test/"


@pytest.mark.parametrize("parameters", [{}, {"prompt": "login consent none"}, {"response_type": "token"}])
def test_every_response_names_the_issuer(party: Party, parameters: dict[str, str]) -> None:
    """RFC 9207 section 2: errors too."""
    assert callback(party.authorize(**parameters))["iss"] == ISSUER


def test_fragment_puts_it_behind_the_number_sign(party: Party) -> None:
    parts = urlsplit(party.authorize(response_mode="fragment")["Location"])
    assert parts.query == ""
    assert parts.fragment.startswith("code=")


def test_form_post_is_a_page_that_works_without_scripts(party: Party) -> None:
    """OAuth 2.0 Form Post Response Mode section 2, under a policy without inline scripts."""
    response = party.authorize(response_mode="form_post")
    page = response.content.decode()
    assert response.status_code == 200
    assert f'action="{party.redirect_uri}"' in page
    assert 'name="code"' in page
    assert 'name="state" value="some-state"' in page
    assert "<script>" not in page
    assert "form-action https://thehoekstra.corp.travel0.test" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


def test_form_post_escapes_what_it_echoes(party: Party) -> None:
    response = party.authorize(response_mode="form_post", state='"><script>alert(1)</script>')
    assert b"<script>alert" not in response.content


def test_errors_take_the_same_way(party: Party) -> None:
    response = party.authorize(response_mode="form_post", max_age="x")
    assert b'name="error" value="invalid_request"' in response.content


def test_an_unknown_mode_is_an_error(party: Party) -> None:
    assert callback(party.authorize(response_mode="carrier_pigeon"))["error"] == "invalid_request"


def test_a_callback_keeps_its_own_query(party: Party) -> None:
    party.application.callbacks = ["https://thehoekstra.corp.travel0.test/cb?tenant=1"]
    party.application.save()
    location = party.authorize()["Location"]
    assert location.startswith("https://thehoekstra.corp.travel0.test/cb?tenant=1&code=")
