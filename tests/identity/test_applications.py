"""Applications: what may be registered, and who learns the secret."""

from typing import Any

import pytest
from pytest_django import Settings

from core.errors import Conflict, Forbidden, Invalid
from core.models import AuditEvent
from identity.models import Application
from identity.services.applications import (
    create_application,
    delete_application,
    reveal_secret,
    rotate_secret,
    update_application,
)
from identity.system import ensure_global_client
from tests.cast import OPERATOR, travel0_application

pytestmark = pytest.mark.django_db


def test_a_secret_is_random_and_never_stored_in_clear() -> None:
    first, second = travel0_application("a.travel0.test"), travel0_application("b.travel0.test")
    assert len(first.client_secret) == 64
    assert first.client_secret != second.client_secret
    row = Application.objects.extra(select={"raw": "client_secret_sealed"}).values("raw", "client_secret_digest")
    assert first.client_secret not in str(list(row))
    assert first.application.secret_matches(first.client_secret)
    assert not first.application.secret_matches(second.client_secret)


@pytest.mark.parametrize("kind", ["spa", "native"])
def test_a_public_application_is_shown_no_secret_and_gets_no_tokens_of_its_own(kind: str) -> None:
    made = travel0_application("a.travel0.test", app_type=kind)
    assert made.client_secret == ""
    assert "client_credentials" not in made.application.grant_types


def test_a_rotated_secret_is_dead_at_once() -> None:
    made = travel0_application("a.travel0.test")
    new = rotate_secret(actor=OPERATOR, application=made.application)
    made.application.refresh_from_db()
    assert made.application.secret_matches(new)
    assert not made.application.secret_matches(made.client_secret)


def test_revealing_is_recorded() -> None:
    made = travel0_application("a.travel0.test")
    assert reveal_secret(actor=OPERATOR, application=made.application) == made.client_secret
    event = AuditEvent.objects.get(type="mgmt_api_read")
    assert (event.client_id, event.actor_id) == (made.application.client_id, OPERATOR.identifier)


def test_no_secret_is_in_the_log() -> None:
    made = travel0_application("a.travel0.test")
    new = rotate_secret(actor=OPERATOR, application=made.application)
    reveal_secret(actor=OPERATOR, application=made.application)
    log = str([(event.details, event.description) for event in AuditEvent.objects.all()])
    assert made.client_secret not in log
    assert new not in log


def test_a_change_is_recorded_with_old_and_new() -> None:
    application = travel0_application("a.travel0.test").application
    update_application(actor=OPERATOR, application=application, organization_usage="require", name=application.name)
    event = AuditEvent.objects.filter(target_id=application.client_id).first()
    assert event is not None
    assert event.details["changed"] == {"organization_usage": ["allow", "require"]}


def test_nothing_changed_is_nothing_recorded() -> None:
    application = travel0_application("a.travel0.test").application
    before = AuditEvent.objects.count()
    update_application(actor=OPERATOR, application=application, name=application.name)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "<script>"},
        {"name": "two\nlines"},
        {"name": "\u202eflipped"},
        {"name": "nul\x00"},
        {"callbacks": ["http://travel0.example/callback"]},
        {"callbacks": ["https://travel0.example/callback#part"]},
        {"callbacks": ["javascript:alert(1)"]},
        {"callbacks": ["intent://travel0.example/#Intent;end"]},
        {"callbacks": ["https://*.travel0.example/callback"]},
        {"callbacks": ["https://x{organization_name}.travel0.example/"]},
        {"callbacks": ["https://user@travel0.example/"]},
        {"callbacks": ["https://travel0.example\\@evil.example/"]},
        {"callbacks": ["https://travel0.example/\u202ecb"]},
        {"callbacks": ["https://travel0.example/\ud800"]},
        {"callbacks": ["//travel0.example/callback"]},
        {"callbacks": "https://travel0.example/callback"},
        {"callbacks": [5]},
        {"callbacks": None},
        {"callbacks": ["https://travel0.example/a", "https://travel0.example/a"]},
        {"allowed_logout_urls": ["https://{organization_name}.travel0.example/"]},
        {"web_origins": ["https://travel0.example/"]},
        {"initiate_login_uri": "http://travel0.example/login"},
        {"initiate_login_uri": "https://localhost/login"},
        {"initiate_login_uri": "https://{organization_name}.travel0.example/login"},
        {"logo_uri": "http://travel0.example/logo.png"},
        {"grant_types": ["device_code"]},
        {"grant_types": "authorization_code"},
        {"grant_types": [["authorization_code"]]},
        {"app_type": "desktop"},
        {"organization_usage": "sometimes"},
        {"client_metadata": []},
        {"client_metadata": {"a": 1}},
        {"client_metadata": {str(number): "x" for number in range(11)}},
        {"id_token_lifetime_seconds": 0},
        {"refresh_token_lifetime_seconds": 157788001},
        {"client_secret_digest": "0" * 64},
        {"client_secret_sealed": "mine"},
        {"created_at": "2020-01-01"},
        {"user": 1},
    ],
)
def test_it_refuses_what_must_not_be_registered(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        travel0_application("a.travel0.test", **fields)
    assert refused.value.field in fields
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "callback",
    [
        "https://travel0.example/callback",
        "https://{organization_name}.travel0.example/callback",
        "http://localhost:3000/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:8080/callback",
        "example.travel0.app:/callback",
        "https://travel0.example/callback?tenant=1",
    ],
)
def test_it_takes_what_applications_use(callback: str) -> None:
    assert travel0_application("a.travel0.test", callbacks=[callback]).application.callbacks == [callback]


def test_a_login_uri_on_this_machine_needs_an_issuer_there(settings: Settings) -> None:
    settings.TENANT0_ISSUER = "http://localhost:8000/"
    uri = "http://hoekstra.localhost:3000/login"
    assert travel0_application("a.travel0.test", initiate_login_uri=uri).application.initiate_login_uri == uri


@pytest.mark.parametrize("field", ["client_id", "is_global", "client_secret_digest", "id"])
def test_what_a_door_must_not_reach_is_refused(field: str) -> None:
    application = travel0_application("a.travel0.test").application
    with pytest.raises(Invalid) as refused:
        update_application(actor=OPERATOR, application=application, **{field: "1"})
    assert refused.value.code == "unknown_field"


def test_a_client_id_is_taken_once() -> None:
    travel0_application("a.travel0.test", client_id="travel0-a")
    with pytest.raises(Conflict):
        travel0_application("b.travel0.test", client_id="travel0-a")


def test_the_global_client_stays() -> None:
    application = ensure_global_client()
    assert ensure_global_client() == application
    with pytest.raises(Forbidden):
        delete_application(actor=OPERATOR, application=application)
    with pytest.raises(Invalid):
        create_application(actor=OPERATOR, name="Another", is_global=True)
