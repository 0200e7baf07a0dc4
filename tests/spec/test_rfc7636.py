"""RFC 7636 and RFC 9700 section 2.1.1: PKCE, with S256 only."""

import pytest

from tests.oidc.clients import CHALLENGE, NO_PKCE, VERIFIER, Party, callback

pytestmark = pytest.mark.django_db


def test_the_right_verifier_redeems(party: Party) -> None:
    assert party.exchange(party.code()).status_code == 200


@pytest.mark.parametrize("verifier", ["w" * 43, "v" * 42, "v" * 129, CHALLENGE])
def test_another_verifier_is_refused(party: Party, verifier: str) -> None:
    """Section 4.6."""
    response = party.exchange(party.code(), code_verifier=verifier)
    assert response.status_code == 403
    assert response.json() == {"error": "invalid_grant", "error_description": "Failed to verify code verifier"}


def test_a_missing_verifier_is_refused(party: Party) -> None:
    response = party.exchange(party.code(), code_verifier="")
    assert (response.status_code, response.json()["error"]) == (403, "invalid_grant")


def test_a_wrong_verifier_does_not_spend_the_code(party: Party) -> None:
    code = party.code()
    party.exchange(code, code_verifier="w" * 43)
    assert party.exchange(code).status_code == 200


def test_a_verifier_without_a_challenge_is_refused(party: Party) -> None:
    """RFC 9700 section 4.8.2: somebody may have taken the challenge away."""
    assert party.exchange(party.code(**NO_PKCE)).status_code == 403


def test_a_confidential_application_may_do_without(party: Party) -> None:
    assert party.exchange(party.code(**NO_PKCE), code_verifier="").status_code == 200


@pytest.mark.parametrize("method", ["plain", "", "s256", "S512"])
def test_only_s256_is_a_method(party: Party, method: str) -> None:
    """Section 4.3: an omitted method means plain, which shows the secret to whoever sees the request."""
    answer = callback(party.authorize(code_challenge=VERIFIER, code_challenge_method=method))
    assert answer["error"] == "invalid_request"


def test_a_public_application_must_send_a_challenge(public_party: Party) -> None:
    assert callback(public_party.authorize(**NO_PKCE))["error"] == "invalid_request"


def test_a_public_application_redeems_by_its_verifier_alone(public_party: Party) -> None:
    assert public_party.exchange(public_party.code()).status_code == 200
