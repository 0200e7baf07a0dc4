"""From a connection profile to a user: by subject, never by address."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pytest_django import Settings

from core.models import AuditEvent
from identity.models import Connection, Identity, User
from identity.services.provisioning import provision
from identity.strategies import strategy_class
from identity.strategies.base import ConnectionProfile, Redirection, RedirectStrategy, UpstreamFailure
from tests.cast import JENNIFER, OUTSIDER, VISITOR, Company, database_connection

pytestmark = pytest.mark.django_db


class Upstream(RedirectStrategy):
    """An identity provider that answers nothing: only its name matters here."""

    name = "oidc"
    label = "Upstream"
    provider = "oidc"

    @classmethod
    def clean_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        return dict(options)

    def start(self, request: Mapping[str, str]) -> Redirection:
        raise UpstreamFailure

    def finish(self, response: Mapping[str, str], kept: Mapping[str, Any]) -> ConnectionProfile:
        raise UpstreamFailure


@pytest.fixture
def enterprise() -> Connection:
    """A connection whose profiles come from elsewhere; the code behind it plays no part here."""
    connection = database_connection("enterprise")
    connection.strategy = "oidc"
    return connection


@pytest.fixture(autouse=True)
def _provider(settings: Settings) -> Iterator[None]:
    settings.CONNECTION_STRATEGIES = {
        **settings.CONNECTION_STRATEGIES,
        "oidc": "tests.identity.test_provisioning.Upstream",
    }
    yield
    # What the settings name is looked up once a process.
    strategy_class.cache_clear()


def come(connection: Connection, subject: str, email: str = JENNIFER, *, verified: bool = True, **rest: str) -> User:
    profile = ConnectionProfile(subject, email, email_verified=verified, name=rest.pop("name", ""), attributes=rest)
    return provision(actor=VISITOR, connection=connection, profile=profile)


def test_the_same_subject_is_the_same_user(enterprise: Connection) -> None:
    assert come(enterprise, "42") == come(enterprise, "42")
    assert AuditEvent.objects.filter(type="ss").count() == 1


def test_another_address_of_a_known_subject_is_taken_over(enterprise: Connection) -> None:
    user = come(enterprise, "42")
    renamed = come(enterprise, "42", OUTSIDER, name="Jennifer H.")
    assert renamed == user
    assert (renamed.email, renamed.name) == (OUTSIDER, "Jennifer H.")


def test_the_address_of_somebody_else_does_not_lead_to_them(hoekstra: Company, enterprise: Connection) -> None:
    first = come(hoekstra.connection, "1" * 24)
    second = come(enterprise, "42")
    third = come(enterprise, "43")
    assert len({first.pk, second.pk, third.pk}) == 3
    assert Identity.objects.count() == 3


def test_the_same_subject_of_two_connections_is_two_users(enterprise: Connection) -> None:
    other = database_connection("enterprise-two")
    other.strategy = "oidc"
    assert come(enterprise, "42").user_id == "oidc|enterprise|42"
    assert come(other, "42").user_id == "oidc|enterprise-two|42"


def test_a_new_address_is_as_verified_as_the_upstream_says(enterprise: Connection) -> None:
    assert come(enterprise, "42").email_verified
    assert not come(enterprise, "42", OUTSIDER, verified=False).email_verified


def test_an_address_that_we_verified_stays_so(enterprise: Connection) -> None:
    come(enterprise, "42", verified=True)
    assert come(enterprise, "42", verified=False).email_verified


@pytest.mark.parametrize("asserted", ["true", 1, "yes", None])
def test_only_a_true_boolean_verifies(enterprise: Connection, asserted: object) -> None:
    profile = ConnectionProfile("42", JENNIFER, email_verified=asserted)  # type: ignore[arg-type]  # an upstream's
    assert not provision(actor=VISITOR, connection=enterprise, profile=profile).email_verified


def test_what_is_no_address_counts_as_missing(enterprise: Connection) -> None:
    user = come(enterprise, "42", "jenn\u0131fer@hoekstra.example", verified=True)
    assert (user.email, user.email_verified, user.picture) == ("", False, "")


def test_an_address_is_stored_in_its_canonical_form(enterprise: Connection) -> None:
    assert come(enterprise, "42", "Jennifer@Hoekstra.EXAMPLE").email == JENNIFER


def test_names_lose_what_could_break_a_mail_and_are_cut(enterprise: Connection) -> None:
    user = come(enterprise, "42", name="Jen\r\nnifer\u202e" + "x" * 400, given_name="J" * 200)
    user.refresh_from_db()
    assert user.name.startswith("Jennifer")
    assert (len(user.name), len(user.given_name)) == (300, 150)
