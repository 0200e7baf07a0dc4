"""`manage.py bootstrap` makes what a new installation needs, says each secret once, and may be repeated."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from identity.models import Application, ClientGrant, OperatorRole, User
from identity.system import management_audience, management_scopes
from oidc.models import SigningKey
from tests.platform.processes import environment, manage

EMAIL = "olivia@travel0.example"


def bootstrap(**options: Any) -> dict[str, Any]:
    output = StringIO()
    call_command("bootstrap", operator_email=EMAIL, stdout=output, **options)
    made: dict[str, Any] = json.loads(output.getvalue())
    return made


@pytest.mark.django_db
def test_it_makes_keys_and_an_owner_who_can_sign_in() -> None:
    made = bootstrap()
    assert made["issuer"] == "https://auth.travel0.test/"
    assert SigningKey.objects.filter(revoked_at=None).exists()
    owner = User.objects.get(email=EMAIL)
    assert owner.operator_role == OperatorRole.OWNER
    assert owner.check_password(made["operator"]["password"])


@pytest.mark.django_db
def test_the_management_client_gets_a_token_with_every_scope(client: Client) -> None:
    made = bootstrap(management_client="Terraform")["management_client"]
    grant = ClientGrant.objects.get(application__client_id=made["client_id"])
    assert set(grant.scope) == set(management_scopes())
    asked = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
        "audience": made["audience"],
    }
    answer = client.post("/oauth/token", asked, content_type="application/json", headers={"host": "auth.travel0.test"})
    assert answer.status_code == 200, answer.content
    assert made["audience"] == management_audience()


@pytest.mark.django_db
def test_a_second_run_changes_nothing_and_says_no_secret() -> None:
    first = bootstrap(management_client="Terraform")
    second = bootstrap(management_client="Terraform")
    assert "password" not in second["operator"]
    assert "client_secret" not in second["management_client"]
    assert second["management_client"]["client_id"] == first["management_client"]["client_id"]
    assert User.objects.filter(email=EMAIL).count() == 1
    assert Application.objects.filter(name="Terraform").count() == 1


@pytest.mark.django_db
def test_it_takes_the_password_it_is_given() -> None:
    bootstrap(operator_password="An-own-choice-of-9-words")
    assert User.objects.get(email=EMAIL).check_password("An-own-choice-of-9-words")


@pytest.mark.django_db
@pytest.mark.parametrize(("email", "password"), [("nobody", None), (EMAIL, "short")])
def test_bad_input_is_refused_in_a_sentence_and_makes_nothing(email: str, password: str | None) -> None:
    with pytest.raises(CommandError):
        call_command("bootstrap", operator_email=email, operator_password=password, stdout=StringIO())
    assert not User.objects.exists()
    assert not SigningKey.objects.exists()


def test_without_tables_it_says_to_migrate_first(tmp_path: Path) -> None:
    ended = manage("bootstrap", "--operator-email", EMAIL, env=environment(tmp_path))
    assert ended.returncode == 1
    assert "run migrate first" in ended.stderr
    assert "Traceback" not in ended.stderr
