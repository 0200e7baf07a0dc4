"""An application on its own behalf: grants for APIs, scopes, organizations, and the two token profiles."""

import pytest

from core.models import AuditEvent
from identity.models import Application, ClientGrant, ResourceServer
from identity.services.access import grant_client
from tests.cast import OPERATOR, Company, travel0_application
from tests.oidc.clients import Party, claims_of, header_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(api: ResourceServer) -> Party:
    made = travel0_application("m2m.travel0.test", app_type=Application.AppType.NON_INTERACTIVE)
    grant_client(actor=OPERATOR, application=made.application, resource_server=api, scope=["read:bookings"])
    return Party(made.application, made.client_secret)


def ask(machine: Party, api: ResourceServer, **body: str) -> "tuple[int, dict[str, object]]":
    response = machine.token(**{"grant_type": "client_credentials", "audience": api.identifier, **body})
    return response.status_code, response.json()


def test_a_grant_gives_its_scopes(machine: Party, api: ResourceServer) -> None:
    status, body = ask(machine, api)
    assert status == 200
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    claims = claims_of(str(body["access_token"]))
    client_id = machine.application.client_id
    assert claims.pop("exp") - claims.pop("iat") == body["expires_in"] == 86400
    assert claims == {
        "iss": "https://auth.travel0.test/",
        "sub": f"{client_id}@clients",
        "aud": api.identifier,
        "azp": client_id,
        "scope": "read:bookings",
        "gty": "client-credentials",
    }


def test_the_success_is_audited_once(machine: Party, api: ResourceServer) -> None:
    ask(machine, api, scope="read:bookings")
    event = AuditEvent.objects.get(type="seccft")
    assert event.client_id == machine.application.client_id


def test_rfc_9068_tokens_look_as_it_says(machine: Party, api: ResourceServer) -> None:
    ResourceServer.objects.update(token_dialect="rfc9068_profile_authz", enforce_policies=True)
    token = str(ask(machine, api)[1]["access_token"])
    claims = claims_of(token)
    assert header_of(token)["typ"] == "at+jwt"
    assert {"client_id", "jti", "permissions"} <= set(claims)
    assert not {"azp", "gty"} & set(claims)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"audience": ""}, 403, "access_denied"),
        ({"audience": "https://unknown.example/"}, 403, "access_denied"),
        ({"scope": "write:bookings"}, 403, "access_denied"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"organization": "org_0000000000000000"}, 403, "access_denied"),
        ({"organization": "thehoekstra"}, 400, "invalid_request"),
    ],
)
def test_what_is_not_granted_is_refused(
    machine: Party, api: ResourceServer, body: dict[str, str], status: int, error: str
) -> None:
    answer = ask(machine, api, **body)
    assert (answer[0], answer[1]["error"]) == (status, error)
    assert not AuditEvent.objects.filter(type="seccft").exists()
    assert AuditEvent.objects.filter(type="feccft").count() == 1


def test_an_unknown_audience_is_named(machine: Party, api: ResourceServer) -> None:
    assert "https://unknown.example/" in str(ask(machine, api, audience="https://unknown.example/")[1])


def test_without_a_grant_there_is_nothing(machine: Party, api: ResourceServer) -> None:
    ClientGrant.objects.all().delete()
    assert ask(machine, api)[0] == 403


def test_a_public_application_has_no_behalf_of_its_own(public_party: Party, api: ResourceServer) -> None:
    grant_client(actor=OPERATOR, application=public_party.application, resource_server=api, scope=["read:bookings"])
    status, body = ask(public_party, api)
    assert (status, body["error"]) == (403, "unauthorized_client")
    assert not AuditEvent.objects.filter(type="seccft").exists()


def test_an_application_without_the_grant_type_is_refused(machine: Party, api: ResourceServer) -> None:
    Application.objects.update(grant_types=["authorization_code"])
    assert ask(machine, api)[1]["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    ("usage", "named", "status"),
    [("", True, 403), ("deny", True, 403), ("allow", True, 200), ("require", True, 200), ("require", False, 400)],
)
def test_organizations_by_the_grant_s_rule(
    machine: Party, api: ResourceServer, hoekstra: Company, usage: str, named: bool, status: int
) -> None:
    ClientGrant.objects.update(organization_usage=usage, allow_any_organization=True)
    got, body = ask(machine, api, organization=hoekstra.organization.pk if named else "")
    assert got == status
    if status == 200:
        assert claims_of(str(body["access_token"]))["org_id"] == hoekstra.organization.pk


def test_not_every_organization_unless_the_grant_says_so(
    machine: Party, api: ResourceServer, hoekstra: Company
) -> None:
    ClientGrant.objects.update(organization_usage="allow", allow_any_organization=False)
    assert ask(machine, api, organization=hoekstra.organization.pk)[0] == 403


def test_a_frozen_organization_gets_nothing(machine: Party, api: ResourceServer, hoekstra: Company) -> None:
    ClientGrant.objects.update(organization_usage="allow", allow_any_organization=True)
    type(hoekstra.organization).objects.update(status="frozen")
    assert ask(machine, api, organization=hoekstra.organization.pk)[0] == 403
    assert not AuditEvent.objects.filter(type="seccft").exists()
