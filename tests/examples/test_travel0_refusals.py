"""Travel0 signs nobody in on a proof that is not one, and says so in a page that can be read."""

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from examples.travel0.config import Config
from examples.travel0.id_token import Expectation, IdTokenRefused, verify_id_token
from tests.examples.conftest import ORGANIZATION
from tests.examples.issuer import ACCESS_TOKEN, Issuer
from tests.examples.test_travel0_signing_in import get, sign_in

DAY = 86400

FALSE_CLAIMS: dict[str, dict[str, object]] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another organization": {"org_id": "org_other"},
    "no organization": {"org_id": None},
    "another issuer": {"iss": "https://evil.example/"},
    "another audience": {"aud": "other"},
    "a further audience": {"aud": ["client", "other"], "azp": "client"},
    "another authorized party": {"azp": "other"},
    "expired": {"iat": 1_700_000_000, "exp": 1_700_000_060},
    "from the future": {"iat": 4_000_000_000, "exp": 4_000_000_060},
    "no expiry": {"exp": None},
    "no time of issue": {"iat": None},
    "times as text": {"iat": "1700000000", "exp": "4000000000"},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}
FALSE_HEADERS: dict[str, dict[str, object]] = {
    "unsigned": {"alg": "none"},
    "an unknown key": {"kid": "another"},
    "no key named": {"kid": None},
    "a critical extension": {"crit": ["exp"], "exp": 1},
    "an unknown critical extension": {"crit": ["urn:travel0:strange"], "urn:travel0:strange": True},
    "another algorithm": {"alg": "PS256"},
    "another size of hash": {"alg": "RS512"},
}


def assert_nobody_signed_in(browser: FlaskClient) -> None:
    assert 'id="sign-in"' in get(browser, "/").text


@pytest.mark.parametrize("case", FALSE_CLAIMS)
def test_it_refuses_claims_that_do_not_fit_the_login(browser: FlaskClient, issuer: Issuer, case: str) -> None:
    response = sign_in(browser, issuer, **FALSE_CLAIMS[case])

    assert response.status_code == 400
    assert "Nobody was signed in" in response.text
    assert_nobody_signed_in(browser)


@pytest.mark.parametrize("case", FALSE_HEADERS)
def test_it_refuses_headers_that_mislead_a_verifier(browser: FlaskClient, issuer: Issuer, case: str) -> None:
    issuer.header = FALSE_HEADERS[case]

    assert sign_in(browser, issuer).status_code == 400
    assert_nobody_signed_in(browser)


@pytest.mark.parametrize("encoding", ["PEM", "DER"])
def test_it_refuses_a_public_key_used_as_a_shared_secret(browser: FlaskClient, issuer: Issuer, encoding: str) -> None:
    public_key = issuer.key.as_der(private=False) if encoding == "DER" else issuer.key.as_pem(private=False)
    issuer.header, issuer.shared_secret = {"alg": "HS256"}, public_key

    assert sign_in(browser, issuer).status_code == 400
    assert_nobody_signed_in(browser)


def test_the_second_reading_refuses_a_public_key_used_as_a_shared_secret(issuer: Issuer) -> None:
    issuer.claims = {"nonce": "nonce"}
    issuer.header, issuer.shared_secret = {"alg": "HS256"}, issuer.key.as_der(private=False)
    expected = Expectation(issuer=issuer.url, client_id="client", nonce="nonce", organization=None)

    with pytest.raises(IdTokenRefused):
        verify_id_token(issuer.id_token(), expected, access_token=ACCESS_TOKEN, key_set=issuer.documents()["/jwks"])


def test_it_refuses_a_signature_of_another_key(browser: FlaskClient, issuer: Issuer) -> None:
    issuer.signing_key = RSAKey.generate_key(2048)

    assert sign_in(browser, issuer).status_code == 400
    assert_nobody_signed_in(browser)


@pytest.mark.parametrize("case", [*FALSE_CLAIMS, *FALSE_HEADERS])
def test_the_second_reading_refuses_by_itself(issuer: Issuer, case: str) -> None:
    issuer.claims = {"nonce": "nonce", "org_id": ORGANIZATION, **FALSE_CLAIMS.get(case, {})}
    issuer.header = FALSE_HEADERS.get(case, {})
    expected = Expectation(issuer=issuer.url, client_id="client", nonce="nonce", organization=ORGANIZATION)

    with pytest.raises(IdTokenRefused):
        verify_id_token(issuer.id_token(), expected, access_token=ACCESS_TOKEN, key_set=issuer.documents()["/jwks"])


@pytest.mark.parametrize(
    "key", [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA", "use": "enc"}, {"kty": "RSA", "alg": "PS256"}]
)
def test_the_second_reading_takes_only_a_key_that_is_meant_for_it(issuer: Issuer, key: dict[str, str]) -> None:
    issuer.claims = {"nonce": "nonce"}
    [published] = issuer.documents()["/jwks"]["keys"]
    expected = Expectation(issuer=issuer.url, client_id="client", nonce="nonce", organization=None)

    for keys in ([{**published, **key}], [published, published], []):
        with pytest.raises(IdTokenRefused):
            verify_id_token(issuer.id_token(), expected, access_token=ACCESS_TOKEN, key_set={"keys": keys})


def test_an_organization_may_be_asked_for_by_its_name(issuer: Issuer) -> None:
    issuer.claims = {"nonce": "nonce", "org_id": ORGANIZATION, "org_name": "thehoekstra"}
    keys = issuer.documents()["/jwks"]

    def read(organization: str) -> str:
        expected = Expectation(issuer=issuer.url, client_id="client", nonce="nonce", organization=organization)
        claims = verify_id_token(issuer.id_token(), expected, access_token=ACCESS_TOKEN, key_set=keys)
        return str(claims["org_name"])

    assert read("TheHoekstra") == "thehoekstra"
    with pytest.raises(IdTokenRefused):
        read("metahexa")


def test_it_refuses_a_state_it_did_not_send(browser: FlaskClient, issuer: Issuer) -> None:
    answer = issuer.authorize(get(browser, "/login").location)

    for state in ("another", "", "é"):
        assert get(browser, "/login/callback", **{**answer, "state": state}).status_code == 400
    assert issuer.token_requests == []


def test_it_refuses_an_answer_of_another_issuer(browser: FlaskClient, issuer: Issuer) -> None:
    for iss in ("https://evil.example/", ""):
        answer = issuer.authorize(get(browser, "/login").location) | {"iss": iss}
        assert get(browser, "/login/callback", **answer).status_code == 502
    assert issuer.token_requests == []


def test_it_shows_the_issuers_refusal_without_running_it(browser: FlaskClient, issuer: Issuer) -> None:
    answer = issuer.authorize(get(browser, "/login").location)
    answer |= {"error": "access_denied", "error_description": "<script>alert(1)</script> is not a member"}

    response = get(browser, "/login/callback", **answer)

    assert response.status_code == 403
    assert "&lt;script&gt;alert(1)&lt;/script&gt; is not a member" in response.text
    assert "<script" not in response.text
    assert 'id="try-again" href="https://hoekstra.corp.travel0.test/login"' in response.text
    assert issuer.token_requests == []


def test_a_refusal_uses_the_state_up(browser: FlaskClient, issuer: Issuer) -> None:
    answer = issuer.authorize(get(browser, "/login").location)
    get(browser, "/login/callback", **answer, error="access_denied")

    assert get(browser, "/login/callback", **answer).status_code == 400
    assert issuer.token_requests == []


def test_it_does_not_repeat_a_strangers_words(browser: FlaskClient) -> None:
    response = get(browser, "/login/callback", error="x", error_description="Call +1 555 0100 now", state="x")

    assert response.status_code == 400
    assert "555 0100" not in response.text.split("<footer")[0]


def test_it_shows_a_refused_code(browser: FlaskClient, issuer: Issuer) -> None:
    issuer.token_error = {"error": "invalid_grant", "error_description": "The code is spent."}

    response = sign_in(browser, issuer)

    assert response.status_code == 400
    assert "The code is spent." in response.text
    assert_nobody_signed_in(browser)


def test_it_stays_polite_while_the_issuer_is_down(browser: FlaskClient, issuer: Issuer) -> None:
    issuer.is_down = True
    assert get(browser, "/login").status_code == 502
    assert get(browser, "/").status_code == 200
    assert get(browser, "/healthz").json == {"status": "ok"}

    issuer.is_down = False
    assert sign_in(browser, issuer).status_code == 303


def test_it_begins_nothing_with_an_issuer_of_another_name(browser: FlaskClient, issuer: Issuer) -> None:
    issuer.metadata = {"issuer": "https://evil.example/"}

    assert get(browser, "/login").status_code == 502


def test_every_page_forbids_scripts_and_frames(browser: FlaskClient, config: Config) -> None:
    for path in ("/", "/login/callback", "/nothing-here", "/healthz"):
        response = get(browser, path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert f"form-action 'self' {config.issuer_origin}" in policy
        assert "unsafe" not in policy
        assert response.headers["Cache-Control"] == "no-store"
        assert "<script" not in response.text
        assert "style=" not in response.text
