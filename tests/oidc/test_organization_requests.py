"""Authorization requests for an organization: who may, and what callbacks with a placeholder mean."""

import pytest
from django.test import override_settings

from identity.models import Application, User
from orgs.services.memberships import remove_members
from tests.cast import OPERATOR, Company, make_member
from tests.oidc.clients import Party, callback, claims_of

pytestmark = pytest.mark.django_db
PLACEHOLDER = "https://{organization_name}.corp.travel0.test/cb"


def refusal(party: Party, **parameters: str) -> tuple[str, str]:
    answer = callback(party.authorize(**parameters))
    return answer["error"], answer["error_description"]


def test_a_placeholder_is_filled_by_the_organization_alone(party: Party, hoekstra: Company, metahexa: Company) -> None:
    Application.objects.filter(pk=hoekstra.application.pk).update(callbacks=[PLACEHOLDER])
    good, other = "https://thehoekstra.corp.travel0.test/cb", "https://metahexa.corp.travel0.test/cb"
    organization = hoekstra.organization.pk
    assert "code" in callback(party.authorize(redirect_uri=good, organization=organization))
    for wrong in (other, PLACEHOLDER, "https://evil.example/cb"):
        assert party.authorize(redirect_uri=wrong, organization=organization).status_code == 400
    assert party.authorize(redirect_uri=good).status_code == 400


def test_somebody_who_is_no_member_is_refused(party: Party, hoekstra: Company, jennifer: User) -> None:
    remove_members(actor=OPERATOR, organization=hoekstra.organization, users=[jennifer])
    error, description = refusal(party, organization=hoekstra.organization.pk)
    assert error == "access_denied"
    assert description == f"user {jennifer.user_id} is not part of the {hoekstra.organization.pk} organization"


def test_a_session_of_one_organization_does_not_open_another(party: Party, metahexa: Company, jennifer: User) -> None:
    assert refusal(party, organization=metahexa.organization.pk, prompt="none")[0] == "login_required"


def test_an_unknown_and_a_frozen_organization_read_alike(party: Party, hoekstra: Company) -> None:
    unknown = refusal(party, organization="org_0000000000000000")
    type(hoekstra.organization).objects.update(status="frozen")
    frozen = refusal(party, organization=hoekstra.organization.pk)
    assert unknown == ("invalid_request", "parameter organization is invalid: org_0000000000000000")
    assert frozen == ("invalid_request", f"parameter organization is invalid: {hoekstra.organization.pk}")


def test_an_application_for_individuals_refuses_organizations(party: Party, hoekstra: Company) -> None:
    Application.objects.update(organization_usage="deny")
    expected = ("invalid_request", "parameter organization is not allowed for this client")
    assert refusal(party, organization=hoekstra.organization.pk) == expected


def test_an_application_for_businesses_wants_one(party: Party) -> None:
    Application.objects.update(organization_usage="require")
    assert refusal(party) == ("invalid_request", "parameter organization is required for this client")


def test_names_count_only_where_they_are_on(party: Party, hoekstra: Company) -> None:
    assert refusal(party, organization="thehoekstra") == (
        "invalid_request",
        "authorization request parameter organization must be an organization id",
    )
    with override_settings(TENANT0_ORGANIZATION_NAMES=True):
        claims = claims_of(party.tokens(organization="TheHoekstra")["id_token"])
    assert (claims["org_id"], claims["org_name"]) == (hoekstra.organization.pk, "thehoekstra")


def test_a_colleague_s_session_is_their_own(party: Party, hoekstra: Company) -> None:
    colleague = make_member(hoekstra, "pieter@hoekstra.example")
    party.sign_in(colleague, hoekstra.connection)
    assert claims_of(party.tokens(organization=hoekstra.organization.pk)["id_token"])["sub"] == colleague.user_id
