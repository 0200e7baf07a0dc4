"""OpenID Connect Discovery 1.0 and RFC 8414: the metadata and the key set."""

import pytest
from django.test import Client
from django.urls import resolve

from tests.oidc.clients import Response

pytestmark = pytest.mark.django_db
ISSUER = "https://auth.travel0.test/"
ENDPOINTS = ("authorization", "token", "userinfo", "revocation", "end_session")


def get(path: str, **headers: str) -> Response:
    return Client().get(path, secure=True, headers=headers)


def test_the_issuer_ends_in_a_slash_and_every_endpoint_exists() -> None:
    """Section 3: what is named is there."""
    metadata = get("/.well-known/openid-configuration").json()
    assert metadata["issuer"] == ISSUER
    for name in (*(f"{endpoint}_endpoint" for endpoint in ENDPOINTS), "jwks_uri"):
        assert metadata[name].startswith(ISSUER)
        assert resolve("/" + metadata[name].removeprefix(ISSUER))


def test_nothing_is_promised_that_is_refused() -> None:
    metadata = get("/.well-known/openid-configuration").json()
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["id_token_signing_alg_values_supported"] == ["RS256"]
    assert metadata["request_uri_parameter_supported"] is False
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert "registration_endpoint" not in metadata
    assert "device_authorization_endpoint" not in metadata


def test_the_same_is_found_where_rfc_8414_looks() -> None:
    other = get("/.well-known/oauth-authorization-server")
    assert other.json() == get("/.well-known/openid-configuration").json()


@pytest.mark.parametrize(
    "headers", [{"host": "localhost"}, {"x-forwarded-host": "evil.example"}, {"forwarded": "host=evil.example"}]
)
def test_the_issuer_is_never_the_caller_s(headers: dict[str, str]) -> None:
    assert get("/.well-known/openid-configuration", **headers).json()["issuer"] == ISSUER


def test_the_key_set_is_rsa_with_two_keys_to_begin_with() -> None:
    """RFC 7517: the current and the next key, public halves alone."""
    published = get("/.well-known/jwks.json").json()["keys"]
    assert len(published) == len({key["kid"] for key in published}) == 2
    for key in published:
        assert set(key) == {"kty", "use", "alg", "kid", "n", "e", "x5c", "x5t"}
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/jwks.json"])
def test_documents_can_be_kept_and_asked_for_again(path: str) -> None:
    first = get(path, origin="https://app.example")
    assert "max-age=" in first["Cache-Control"]
    assert first["Access-Control-Allow-Origin"] == "*"
    again = get(path, **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
