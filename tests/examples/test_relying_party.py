"""The relying party of the tests accepts what is right and complains of what is not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from django.http import HttpRequest, JsonResponse
from django.test import override_settings
from django.urls import path

from tests.examples.conftest import ORGANIZATION
from tests.examples.issuer import Issuer
from tests.examples.test_travel0_refusals import FALSE_CLAIMS, FALSE_HEADERS
from tests.relying_party import (
    Answer,
    DjangoTransport,
    HttpTransport,
    Refused,
    RelyingParty,
    RelyingPartyError,
    SentRequest,
    Tokens,
)

CALLBACK = "https://rp.test/callback"


@pytest.fixture
def rp(issuer: Issuer) -> Iterator[RelyingParty]:
    with HttpTransport() as transport:
        yield RelyingParty(issuer.url, "client", CALLBACK, transport, client_secret="secret")


def echo(request: HttpRequest) -> JsonResponse:
    seen = {"url": request.build_absolute_uri(), "form": request.POST.dict(), "sign": request.headers.get("X-Sign")}
    return JsonResponse({"method": request.method, **seen})


urlpatterns = [path("oauth/token", echo)]


def come_back(issuer: Issuer, sent: SentRequest, **claims: object) -> str:
    answer = issuer.authorize(sent.url, **claims)
    return f"{CALLBACK}?code={answer['code']}&state={answer['state']}&iss={answer['iss']}"


def login(rp: RelyingParty, issuer: Issuer, **claims: object) -> Tokens:
    sent = rp.request(organization=ORGANIZATION)
    return rp.exchange(rp.code_from(come_back(issuer, sent, **claims), sent), sent)


def test_it_takes_a_login_through_to_userinfo(rp: RelyingParty, issuer: Issuer) -> None:
    tokens = login(rp, issuer)

    assert tokens.claims["org_id"] == ORGANIZATION
    assert rp.userinfo(tokens)["sub"] == "auth0|jennifer"
    assert rp.refresh(tokens).claims["sub"] == "auth0|jennifer"
    assert issuer.token_requests[-1]["grant_type"] == "refresh_token"


@pytest.mark.parametrize("case", [*FALSE_CLAIMS, *FALSE_HEADERS])
def test_it_complains_of_a_false_id_token(rp: RelyingParty, issuer: Issuer, case: str) -> None:
    issuer.header = FALSE_HEADERS.get(case, {})

    with pytest.raises(RelyingPartyError):
        login(rp, issuer, **FALSE_CLAIMS.get(case, {}))


def test_it_complains_of_a_public_key_used_as_a_shared_secret(rp: RelyingParty, issuer: Issuer) -> None:
    issuer.header, issuer.shared_secret = {"alg": "HS256"}, issuer.key.as_der(private=False)

    with pytest.raises(RelyingPartyError):
        login(rp, issuer)


@pytest.mark.parametrize("spoil", ["&state=", "&state=other", "&code=again", "#fragment"])
def test_it_complains_of_a_spoilt_callback(rp: RelyingParty, issuer: Issuer, spoil: str) -> None:
    sent = rp.request()
    callback = come_back(issuer, sent)
    if "state=" in spoil:
        callback = callback.replace(f"&state={sent.state}", spoil)
    else:
        callback += spoil

    with pytest.raises(RelyingPartyError):
        rp.code_from(callback, sent)


def test_it_complains_of_an_answer_of_another_issuer(rp: RelyingParty) -> None:
    sent = rp.request()
    for iss in ("", "&iss=https://evil.example/"):
        with pytest.raises(RelyingPartyError):
            rp.code_from(f"{CALLBACK}?code=code&state={sent.state}{iss}", sent)


def test_it_complains_of_a_refresh_for_another_person(rp: RelyingParty, issuer: Issuer) -> None:
    tokens = login(rp, issuer)
    issuer.claims = {**issuer.claims, "sub": "auth0|other"}

    with pytest.raises(RelyingPartyError):
        rp.refresh(tokens)


def test_it_reports_refusals_in_their_registered_form(rp: RelyingParty, issuer: Issuer) -> None:
    sent = rp.request()
    with pytest.raises(Refused) as authorization:
        rp.code_from(f"{CALLBACK}?error=access_denied&state={sent.state}&iss={issuer.url}", sent)
    issuer.token_error = {"error": "invalid_grant", "error_description": "spent"}
    with pytest.raises(Refused) as exchange:
        rp.exchange("code", sent)

    assert authorization.value.error == "access_denied"
    assert (exchange.value.error, exchange.value.status) == ("invalid_grant", 400)


def test_it_speaks_to_a_server_of_its_own_authority(https_issuer: Issuer, certificate: Path) -> None:
    with HttpTransport(ca_file=str(certificate)) as transport:
        rp = RelyingParty(https_issuer.url, "client", CALLBACK, transport)
        assert login(rp, https_issuer).claims["sub"] == "auth0|jennifer"
    assert "client_secret" not in https_issuer.token_requests[0]

    with HttpTransport() as transport, pytest.raises(httpx.ConnectError):
        RelyingParty(https_issuer.url, "client", CALLBACK, transport).metadata()


@override_settings(ROOT_URLCONF=__name__)
def test_it_speaks_to_django_in_this_process() -> None:
    url = "https://auth.travel0.test/oauth/token?a=b"

    got = DjangoTransport().send(url, headers={"X-Sign": "1"}).json()
    posted = DjangoTransport().send(url, headers={}, form={"code": "a&b=c"}).json()

    assert got == {"method": "GET", "url": url, "form": {}, "sign": "1"}
    assert posted == {"method": "POST", "url": url, "form": {"code": "a&b=c"}, "sign": None}


def test_it_sends_a_secret_by_basic_where_it_is_told_to(rp: RelyingParty) -> None:
    class Recorder:
        def send(self, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None) -> Answer:
            sent.append((dict(headers), dict(form or {})))
            return rp.transport.send(url, headers=headers, form=form)

    sent: list[tuple[dict[str, str], dict[str, str]]] = []
    basic = replace(rp, transport=Recorder(), client_secret="a:b c", auth_method="client_secret_basic")
    basic.token_request({"grant_type": "client_credentials"})

    assert sent[-1] == ({"Authorization": "Basic Y2xpZW50OmElM0FiK2M="}, {"grant_type": "client_credentials"})
