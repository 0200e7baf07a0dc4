"""Parties of the protocol's tests: Hoekstra's application with Jennifer's browser, a public one, a machine."""

from collections.abc import Iterator

import pytest

from identity.models import Application, ResourceServer, User
from identity.services.connections import enable_for_application
from oidc import keys
from tests.cast import OPERATOR, Company, travel0_application
from tests.oidc.clients import Party

API = "https://api.travel0.test/"


@pytest.fixture(autouse=True)
def _fresh_keys() -> Iterator[None]:
    """The keys of one test are gone with its database."""
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def party(hoekstra: Company, jennifer: User) -> Party:
    """Hoekstra's application, confidential, and Jennifer signed in at the issuer."""
    made = Party(hoekstra.application, hoekstra.client_secret)
    made.sign_in(jennifer, hoekstra.connection)
    return made


@pytest.fixture
def public_party(hoekstra: Company, jennifer: User) -> Party:
    """A single-page application, and Jennifer signed in at the issuer."""
    application = travel0_application("spa.travel0.test", app_type=Application.AppType.SPA).application
    enable_for_application(actor=OPERATOR, connection=hoekstra.connection, application=application)
    made = Party(application)
    made.sign_in(jennifer, hoekstra.connection)
    return made


@pytest.fixture
def api(db: None) -> ResourceServer:
    """An API with two permissions."""
    server = ResourceServer.objects.create(identifier=API, name="Bookings", allow_offline_access=True)
    server.permissions.create(value="read:bookings")
    server.permissions.create(value="write:bookings")
    return server
