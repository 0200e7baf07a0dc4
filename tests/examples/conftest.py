"""The issuer double, and Travel0 as Hoekstra's instance of it."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from examples.travel0.app import create_app
from examples.travel0.config import Config
from tests.examples.issuer import Issuer

ORGANIZATION = "org_hoekstra00000001"


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture
def issuer(rsa_key: RSAKey) -> Iterator[Issuer]:
    double = Issuer.start(rsa_key)
    yield double
    double.stop()


@pytest.fixture(scope="session")
def certificate(rsa_key: RSAKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate of 127.0.0.1 and its key, which is its own authority."""
    private_key = rsa_key.private_key
    assert private_key is not None
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer double")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, private_key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = built.add_extension(address, critical=False).sign(private_key, SHA256())
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(rsa_key.as_pem(private=True) + signed.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def https_issuer(rsa_key: RSAKey, certificate: Path) -> Iterator[Issuer]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    double = Issuer.start(rsa_key, tls=tls)
    yield double
    double.stop()


@pytest.fixture
def config(issuer: Issuer) -> Config:
    return Config.from_environment(
        {
            "TRAVEL0_ISSUER": issuer.url,
            "TRAVEL0_CLIENT_ID": "client",
            "TRAVEL0_CLIENT_SECRET": "secret",
            "TRAVEL0_BASE_URL": "https://hoekstra.corp.travel0.test",
            "TRAVEL0_CUSTOMER": "Hoekstra & Associates",
            "TRAVEL0_ORGANIZATION": ORGANIZATION,
            "TRAVEL0_SECRET_KEY": "0123456789abcdef" * 4,
        }
    )


@pytest.fixture
def browser(config: Config) -> FlaskClient:
    return new_browser(config)


def new_browser(config: Config) -> FlaskClient:
    """Return a browser at an instance of its own."""
    app = create_app(config)
    app.config["PREFERRED_URL_SCHEME"] = "https"
    client = app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "hoekstra.corp.travel0.test"}
    return client
