"""An OpenID Provider with test keys, small enough to lie on demand: the edge double of the relying parties' tests."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from joserfc.jwk import RSAKey

ACCESS_TOKEN = "access-token"
KID = "key-1"

_SCHEMES = {
    "RS256": (padding.PKCS1v15(), SHA256()),
    "RS512": (padding.PKCS1v15(), SHA512()),
    "PS256": (padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH), SHA256()),
}


@dataclass
class Issuer:
    """Answers at a port of this machine. Tests change what the next ID token says and how it is signed."""

    server: ThreadingHTTPServer
    key: RSAKey
    scheme: str = "http"
    client_id: str = "client"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signing_key: RSAKey | None = None
    shared_secret: bytes = b""
    metadata: dict[str, Any] = field(default_factory=dict)
    token_error: dict[str, str] | None = None
    is_down: bool = False
    token_requests: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def start(cls, key: RSAKey, *, tls: ssl.SSLContext | None = None) -> Self:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        issuer = cls(server, key, scheme="https" if tls else "http")
        server.issuer = issuer  # type: ignore[attr-defined]  # How its handlers find the double.
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return issuer

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}/"

    def authorize(self, location: str, **claims: Any) -> dict[str, str]:
        """Let the person of an authorization request in; its nonce and organization go into the next ID token."""
        request = dict(parse_qsl(urlsplit(location).query))
        self.claims = {"nonce": request["nonce"], **claims}
        if "organization" in request:
            self.claims.setdefault("org_id", request["organization"])
        return {"code": "code", "state": request["state"], "iss": self.url}

    def documents(self) -> dict[str, dict[str, Any]]:
        return {
            "/.well-known/openid-configuration": self._discovery(),
            "/jwks": {"keys": [{**self.key.as_dict(private=False), "kid": KID, "use": "sig", "alg": "RS256"}]},
            "/userinfo": {"sub": "auth0|jennifer"},
        }

    def token_response(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.token_requests.append(form)
        if self.token_error is not None:
            return 400, self.token_error
        token = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60, "refresh_token": "again"}
        return 200, {**token, "id_token": self.id_token()}

    def id_token(self) -> str:
        now = int(time.time())
        half = hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16]
        claims = {
            "iss": self.url,
            "aud": self.client_id,
            "sub": "auth0|jennifer",
            "name": "Jennifer Hoekstra",
            "email": "jennifer@hoekstra.example",
            "iat": now,
            "exp": now + 60,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **self.claims,
        }
        header = {name: value for name, value in {"alg": "RS256", "kid": KID, **self.header}.items() if value}
        payload = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
        signed = f"{_segment(json.dumps(header).encode())}.{_segment(payload)}"
        return f"{signed}.{_segment(self._signature(str(header['alg']), signed.encode()))}"

    def _signature(self, algorithm: str, signed: bytes) -> bytes:
        """Sign by hand: a library would refuse half of the lies that the tests tell."""
        if algorithm == "none":
            return b""
        if algorithm == "HS256":
            return hmac.digest(self.shared_secret, signed, "sha256")
        scheme, digest = _SCHEMES[algorithm]
        private_key = (self.signing_key or self.key).private_key
        assert private_key is not None
        return private_key.sign(signed, scheme, digest)

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}authorize",
            "token_endpoint": f"{self.url}oauth/token",
            "userinfo_endpoint": f"{self.url}userinfo",
            "jwks_uri": f"{self.url}jwks",
            "end_session_endpoint": f"{self.url}oidc/logout",
            "id_token_signing_alg_values_supported": ["HS256", "RS256"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_GET(self) -> None:
        document = self.server.issuer.documents().get(urlsplit(self.path).path)
        self._answer(200 if document else 404, document or {})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(*self.server.issuer.token_response({name: values[0] for name, values in form.items()}))

    def log_message(self, *arguments: object) -> None:
        """Keep the tests' output to the tests."""

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(503 if self.server.issuer.is_down else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _segment(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
