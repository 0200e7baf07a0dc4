"""A small relying party for the tests: requests, callbacks, code exchange, refresh and userinfo.

It knows an issuer only from the outside. Its ID tokens are verified with python-jose in the one form of it that is safe,
apart from everything the issuer itself verifies with. Pages are for a browser: this client speaks the back channel.
"""

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType, TracebackType
from typing import Any, Final, Protocol, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from django.test import Client
from jose import JWTError, jwt

_RS256: Final = "RS256"
_CLOCK_SKEW_SECONDS: Final = 10
_FORM: Final = "application/x-www-form-urlencoded"


class RelyingPartyError(AssertionError):
    """The issuer did something that a relying party must not accept."""


class Refused(Exception):
    """The issuer said no in the registered form (RFC 6749 sections 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, description: str, status: int) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise RelyingPartyError(f"expected JSON, got {self.status} {self.headers.get('content-type')}")
        document = json.loads(self.body)
        if not isinstance(document, dict):
            raise RelyingPartyError("expected a JSON object")
        return document


class Transport(Protocol):
    """Sends one request to an absolute URL and follows no redirect. A `form` makes it a POST."""

    def send(self, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None) -> Answer: ...


class DjangoTransport:
    """Speaks to the issuer inside this process. Its client is its own: a back channel carries no browser's cookies."""

    def __init__(self) -> None:
        self._client = Client()

    def send(self, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None) -> Answer:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        secure, sent = parts.scheme == "https", {"host": parts.netloc, **headers}
        if form is None:
            response = self._client.get(path, secure=secure, headers=sent)
        else:
            response = self._client.post(path, urlencode(form), content_type=_FORM, secure=secure, headers=sent)
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, names, response.content)


class HttpTransport:
    """Speaks to a live server, and trusts `ca_file` alone if it is given. To be closed, or used in a `with`."""

    def __init__(self, *, ca_file: str | None = None) -> None:
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
        # A proxy or netrc of the machine must not come between a test and its server.
        self._client = httpx.Client(verify=verify, trust_env=False, timeout=30)

    def send(self, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None) -> Answer:
        if form is None:
            response = self._client.get(url, headers=dict(headers))
        else:
            response = self._client.post(url, data=dict(form), headers=dict(headers))
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class SentRequest:
    """An authorization request and what has to be remembered of it until the callback."""

    url: str
    state: str
    nonce: str
    redirect_uri: str
    code_verifier: str | None
    organization: str | None


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave, with the verified claims of the ID token (empty without one)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str | None
    id_token: str | None
    refresh_token: str | None
    claims: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class RelyingParty:
    """One application. `client_secret` None makes it public; `auth_method` is how a secret is sent."""

    issuer: str
    client_id: str
    redirect_uri: str
    transport: Transport
    client_secret: str | None = None
    auth_method: str = "client_secret_post"

    def metadata(self) -> dict[str, Any]:
        """Discovery (OpenID Connect Discovery 1.0 section 4); the issuer must be named to the letter."""
        answer = self.transport.send(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration", headers={})
        document = answer.json()
        if document.get("issuer") != self.issuer:
            raise RelyingPartyError(f"discovery names the issuer {document.get('issuer')!r}")
        return document

    def request(
        self, *, scope: str = "openid profile email", pkce: bool = True, organization: str | None = None, **more: str
    ) -> SentRequest:
        """Build an authorization request; `more` are further parameters, sent as they are."""
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
        }
        verifier = secrets.token_urlsafe(48) if pkce else None
        if verifier is not None:
            parameters |= {"code_challenge": s256(verifier), "code_challenge_method": "S256"}
        if organization is not None:
            parameters["organization"] = organization
        parameters |= more
        return SentRequest(
            url=f"{self.metadata()['authorization_endpoint']}?{urlencode(parameters)}",
            state=parameters["state"],
            nonce=parameters["nonce"],
            redirect_uri=parameters["redirect_uri"],
            code_verifier=verifier,
            organization=organization,
        )

    def code_from(self, callback: str, sent: SentRequest) -> str:
        """Read the code out of the URL that the browser was sent back to; raises Refused for an error response.

        RFC 6749 sections 4.1.2 and 4.1.2.1 (each parameter at most once, `state` as sent), RFC 9207 (`iss`).
        """
        address, _, query = callback.partition("?")
        if address != sent.redirect_uri.partition("?")[0] or "#" in callback:
            raise RelyingPartyError(f"the answer went to {address}")
        pairs = parse_qsl(query, keep_blank_values=True)
        answer = dict(pairs)
        if len(pairs) != len(answer):
            raise RelyingPartyError("the answer repeats a parameter")
        if not hmac.compare_digest(answer.get("state", "").encode(), sent.state.encode()):
            raise RelyingPartyError("the answer has another state")
        promised = self.metadata().get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", None if promised else self.issuer) != self.issuer:
            raise RelyingPartyError(f"the answer comes from {answer.get('iss')!r}")
        if "error" in answer:
            raise Refused(answer["error"], answer.get("error_description", ""), 302)
        if not answer.get("code"):
            raise RelyingPartyError("the answer holds neither code nor error")
        return answer["code"]

    def exchange(self, code: str, sent: SentRequest) -> Tokens:
        """Redeem a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5); raises Refused."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": sent.redirect_uri}
        if sent.code_verifier is not None:
            form["code_verifier"] = sent.code_verifier
        tokens = self.token_request(form)
        if tokens.id_token is None:
            return tokens
        claims = self.verify_id_token(tokens.id_token, access_token=tokens.access_token)
        if not hmac.compare_digest(str(claims.get("nonce")).encode(), sent.nonce.encode()):
            raise RelyingPartyError("the ID token has another nonce")
        if sent.organization is not None and sent.organization not in (claims.get("org_id"), claims.get("org_name")):
            raise RelyingPartyError(f"the ID token is for the organization {claims.get('org_id')!r}")
        return replace(tokens, claims=MappingProxyType(claims))

    def refresh(self, tokens: Tokens, **more: str) -> Tokens:
        """Use a refresh token (RFC 6749 section 6); a new ID token is held against the old (OIDC Core 1.0 section 12.2)."""
        if tokens.refresh_token is None:
            raise RelyingPartyError("there is no refresh token; was offline_access asked for?")
        fresh = self.token_request({"grant_type": "refresh_token", "refresh_token": tokens.refresh_token, **more})
        if fresh.id_token is None:
            return fresh
        claims = self.verify_id_token(fresh.id_token, access_token=fresh.access_token)
        for name in ("iss", "sub", "aud", "auth_time", "org_id"):
            if claims.get(name) != tokens.claims.get(name):
                raise RelyingPartyError(f"the refreshed ID token has another {name}")
        if claims.get("nonce", tokens.claims.get("nonce")) != tokens.claims.get("nonce"):
            raise RelyingPartyError("the refreshed ID token has another nonce")
        return replace(fresh, claims=MappingProxyType(claims))

    def userinfo(self, tokens: Tokens) -> dict[str, Any]:
        """Ask for the person's claims (OIDC Core 1.0 section 5.3); `sub` must be that of the ID token."""
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = self.transport.send(self.metadata()["userinfo_endpoint"], headers=headers)
        if answer.status != 200:
            raise Refused("invalid_token", answer.headers.get("www-authenticate", ""), answer.status)
        claims = answer.json()
        if tokens.claims and claims.get("sub") != tokens.claims["sub"]:
            raise RelyingPartyError("userinfo speaks of another person")
        return claims

    def token_request(self, form: Mapping[str, str]) -> Tokens:
        """Send any grant with this application's authentication; nothing in the ID token is verified yet."""
        sent, headers = self._authenticated(form)
        answer = self.transport.send(self.metadata()["token_endpoint"], headers=headers, form=sent)
        body = answer.json()
        if "no-store" not in answer.headers.get("cache-control", ""):
            raise RelyingPartyError("the token response may be stored (RFC 6749 section 5.1)")
        if answer.status != 200:
            raise Refused(body["error"], body.get("error_description", ""), answer.status)
        if str(body.get("token_type")).lower() != "bearer":
            raise RelyingPartyError(f"the token type is {body.get('token_type')!r}")
        return Tokens(
            access_token=body["access_token"],
            token_type=body["token_type"],
            expires_in=body["expires_in"],
            scope=body.get("scope"),
            id_token=body.get("id_token"),
            refresh_token=body.get("refresh_token"),
        )

    def verify_id_token(self, id_token: str, *, access_token: str | None) -> dict[str, Any]:
        """OpenID Connect Core 1.0 section 3.1.3.7, except the nonce and the organization, which a login alone knows.

        python-jose is safe in this form only: one RS256 key chosen here by `kid` and given as a JWK, one algorithm,
        no `crit` that it would overlook, and every claim required by name.
        """
        try:
            header = jwt.get_unverified_header(id_token)
            claims = jwt.decode(
                id_token,
                self._published_key(header),
                algorithms=[_RS256],
                audience=self.client_id,
                issuer=self.issuer,
                access_token=access_token,
                options={f"require_{name}": True for name in ("iat", "exp", "sub", "aud", "iss")}
                | {"verify_at_hash": access_token is not None},
            )
        except JWTError as error:
            raise RelyingPartyError(f"the ID token does not verify: {error}") from error
        problem = self._problem(claims)
        if problem is not None:
            raise RelyingPartyError(f"the ID token does not verify: {problem}")
        return dict(claims)

    def logout_url(self, tokens: Tokens, *, post_logout_redirect_uri: str, state: str | None = None) -> str:
        """Build the address that ends the session (OpenID Connect RP-Initiated Logout 1.0 section 2)."""
        parameters = {
            "id_token_hint": tokens.id_token or "",
            "client_id": self.client_id,
            "post_logout_redirect_uri": post_logout_redirect_uri,
        }
        if state is not None:
            parameters["state"] = state
        return f"{self.metadata()['end_session_endpoint']}?{urlencode(parameters)}"

    def _problem(self, claims: Mapping[str, Any]) -> str | None:
        """Say what the library lets pass."""
        if claims["aud"] not in (self.client_id, [self.client_id]):
            return "it has other audiences"
        if claims.get("azp", self.client_id) != self.client_id:
            return "it names another authorized party"
        if not claims["sub"].isascii() or not 1 <= len(claims["sub"]) <= 255:
            return "its subject is not 1 to 255 ASCII characters"
        if type(claims["iat"]) is not int or type(claims["exp"]) is not int:
            return "its times are not whole numbers"
        if claims["iat"] > time.time() + _CLOCK_SKEW_SECONDS:
            return "it was issued in the future"
        return None

    def _published_key(self, header: Mapping[str, Any]) -> dict[str, str]:
        if header.get("alg") != _RS256 or "crit" in header:
            raise RelyingPartyError(f"the ID token has the header {dict(header)!r}")
        published = self.transport.send(self.metadata()["jwks_uri"], headers={}).json()["keys"]
        kids = [key.get("kid") for key in published]
        if len(set(kids)) != len(kids):
            raise RelyingPartyError("two published keys share a kid")
        kid = header.get("kid")
        if not kid or kid not in kids:
            raise RelyingPartyError(f"no published key is called {kid!r}")
        key = published[kids.index(kid)]
        if key["kty"] != "RSA" or key.get("use", "sig") != "sig" or "d" in key:
            raise RelyingPartyError("the published key is not the public half of an RSA signing key")
        return {"kty": "RSA", "alg": _RS256, "n": key["n"], "e": key["e"]}

    def _authenticated(self, form: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """RFC 6749 section 2.3.1."""
        if self.client_secret is not None and self.auth_method == "client_secret_basic":
            pair = urlencode({self.client_id: self.client_secret}).replace("=", ":", 1)
            return dict(form), {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        sent = {**form, "client_id": self.client_id}
        if self.client_secret is not None:
            sent["client_secret"] = self.client_secret
        return sent, {}


def s256(verifier: str) -> str:
    """The challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
