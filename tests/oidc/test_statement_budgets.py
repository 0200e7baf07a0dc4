"""How many statements each hot operation sends to PostgreSQL: exact, and no more than the committed budget."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import Application, ResourceServer
from identity.services.access import grant_client
from oidc import keys
from tests.cast import OPERATOR, Company, travel0_application
from tests.oidc.clients import Party

BUDGETS: Final = json.loads((Path(__file__).parents[2] / "bench" / "budgets.json").read_text())
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the budgets are those of PostgreSQL"),
]


@pytest.fixture(autouse=True)
def _keys_at_hand(db: None) -> None:
    """A process reads its keys every few seconds; that is not what is counted."""
    keys.document()


def spend(operation: str, act: Callable[[], object]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    assert len(captured) <= BUDGETS[operation]["sql"], [query["sql"] for query in captured.captured_queries]


def test_discovery_and_key_set(party: Party) -> None:
    spend("discovery", lambda: party.back_channel.get("/.well-known/openid-configuration", secure=True))
    spend("jwks", lambda: party.back_channel.get("/.well-known/jwks.json", secure=True))


def test_authorize(party: Party) -> None:
    spend("authorize", party.code)


def test_authorize_with_an_organization_and_an_audience(party: Party, hoekstra: Company, api: ResourceServer) -> None:
    def act() -> str:
        return party.code(organization=hoekstra.organization.pk, audience=api.identifier, scope="openid read:bookings")

    spend("authorize_organization", act)


def test_code(party: Party, hoekstra: Company) -> None:
    code = party.code(scope="openid offline_access", organization=hoekstra.organization.pk)
    spend("code", lambda: party.exchange(code).json()["refresh_token"])


def test_refresh(party: Party) -> None:
    token = party.tokens(scope="openid offline_access")["refresh_token"]
    spend("refresh", lambda: party.refresh(token).json()["refresh_token"])


def test_userinfo(party: Party) -> None:
    token = party.tokens()["access_token"]
    spend("userinfo", lambda: party.userinfo(token).json()["sub"])


def test_client_credentials(api: ResourceServer) -> None:
    made = travel0_application("m2m.travel0.test", app_type=Application.AppType.NON_INTERACTIVE)
    grant_client(actor=OPERATOR, application=made.application, resource_server=api, scope=["read:bookings"])
    machine = Party(made.application, made.client_secret)

    def act() -> object:
        return machine.token(grant_type="client_credentials", audience=api.identifier).json()["access_token"]

    spend("client_credentials", act)
