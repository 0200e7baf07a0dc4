"""Access tokens for an API: audience, permissions by roles, and what a person's token never carries."""

import pytest

from identity.models import ResourceServer, User
from identity.services.users import assign_roles
from identity.system import ensure_system_api
from orgs.models import Membership
from orgs.services.memberships import assign_member_roles
from tests.cast import OPERATOR, Company, make_role
from tests.oidc.clients import Party, callback, claims_of

pytestmark = pytest.mark.django_db
SCOPE = "openid read:bookings write:bookings"


@pytest.fixture
def enforced(api: ResourceServer, jennifer: User, hoekstra: Company) -> ResourceServer:
    """An API that enforces permissions: Jennifer may write tenant-wide, and read within Hoekstra."""
    ResourceServer.objects.update(enforce_policies=True, token_dialect="access_token_authz")
    reader, writer = make_role("reader"), make_role("writer")
    reader.permissions.add(api.permissions.get(value="read:bookings"))
    writer.permissions.add(api.permissions.get(value="write:bookings"))
    assign_roles(actor=OPERATOR, user=jennifer, roles=[writer])
    assign_member_roles(actor=OPERATOR, membership=Membership.objects.get(user=jennifer), roles=[reader])
    return api


def test_in_an_organization_only_its_roles_count(party: Party, enforced: ResourceServer, hoekstra: Company) -> None:
    tokens = party.tokens(audience=enforced.identifier, scope=SCOPE, organization=hoekstra.organization.pk)
    claims = claims_of(tokens["access_token"])
    assert claims["permissions"] == ["read:bookings"]
    assert claims["scope"] == "openid read:bookings"
    assert claims["org_id"] == hoekstra.organization.pk


def test_without_one_only_the_tenant_wide_roles_count(party: Party, enforced: ResourceServer) -> None:
    claims = claims_of(party.tokens(audience=enforced.identifier, scope=SCOPE)["access_token"])
    assert claims["permissions"] == ["write:bookings"]
    assert "org_id" not in claims


def test_a_role_taken_away_is_gone_at_the_next_refresh(
    party: Party, enforced: ResourceServer, hoekstra: Company
) -> None:
    scope = SCOPE + " offline_access"
    tokens = party.tokens(audience=enforced.identifier, scope=scope, organization=hoekstra.organization.pk)
    Membership.objects.get().roles.clear()
    fresh = party.refresh(tokens["refresh_token"]).json()
    assert claims_of(fresh["access_token"])["permissions"] == []


def test_a_refreshed_token_says_so(party: Party, api: ResourceServer) -> None:
    tokens = party.tokens(audience=api.identifier, scope="openid offline_access")
    assert "gty" not in claims_of(tokens["access_token"])
    fresh = party.refresh(tokens["refresh_token"]).json()
    assert claims_of(fresh["access_token"])["gty"] == "refresh_token"


def test_an_api_without_offline_access_gives_no_refresh_token(party: Party, api: ResourceServer) -> None:
    ResourceServer.objects.update(allow_offline_access=False)
    assert "refresh_token" not in party.tokens(audience=api.identifier, scope="openid offline_access")


def test_an_unknown_audience_is_refused(party: Party) -> None:
    answer = callback(party.authorize(audience="https://unknown.example/"))
    assert answer["error"] == "access_denied"
    assert answer["error_description"] == "Service not found: https://unknown.example/"


def test_a_person_s_token_never_manages_the_tenant(party: Party) -> None:
    """Without this, any application could ask for the scopes of the Management API in a person's name."""
    system = ensure_system_api()
    tokens = party.tokens(audience=system.identifier, scope="openid read:users delete:users read:current_user")
    assert claims_of(tokens["access_token"])["scope"] == "openid read:current_user"


def test_a_token_of_the_same_second_stays_good(party: Party, api: ResourceServer) -> None:
    """The same claims in the same second are the same token; both logins may use it."""
    one = party.tokens(audience=api.identifier, scope="openid")
    two = party.tokens(audience=api.identifier, scope="openid")
    assert party.userinfo(one["access_token"]).status_code == 200
    assert party.userinfo(two["access_token"]).status_code == 200
