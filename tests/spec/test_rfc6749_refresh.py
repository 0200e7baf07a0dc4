"""RFC 6749 section 6 and RFC 9700 section 4.14: refresh tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEvent
from identity.models import Application, User
from identity.services.connections import disable_for_application
from identity.services.users import set_blocked
from oidc.models import RefreshToken
from orgs.services.memberships import remove_members
from orgs.services.organizations import freeze_organization
from tests.cast import OPERATOR, Company
from tests.oidc.clients import Party, claims_of

pytestmark = pytest.mark.django_db
SCOPE = "openid profile email offline_access"
REFUSED = (403, {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."})


def test_a_rotated_token_is_dead_and_its_reuse_ends_the_family(party: Party) -> None:
    first = party.tokens(scope=SCOPE)
    second = party.refresh(first["refresh_token"]).json()
    reuse = party.refresh(first["refresh_token"])
    assert (reuse.status_code, reuse.json()) == REFUSED
    assert party.refresh(second["refresh_token"]).status_code == 403
    assert party.userinfo(second["access_token"]).status_code == 401
    assert AuditEvent.objects.filter(type="ferrt").exists()


def test_the_leeway_lets_the_last_token_work_again(party: Party) -> None:
    Application.objects.update(refresh_token_leeway_seconds=30)
    first = party.tokens(scope=SCOPE)
    second = party.refresh(first["refresh_token"]).json()
    assert party.refresh(first["refresh_token"]).status_code == 200
    third = party.refresh(second["refresh_token"]).json()
    assert "refresh_token" in third
    # By now the first one is not the last any more.
    assert party.refresh(first["refresh_token"]).status_code == 403


def test_the_leeway_ends(party: Party) -> None:
    Application.objects.update(refresh_token_leeway_seconds=30)
    first = party.tokens(scope=SCOPE)
    party.refresh(first["refresh_token"])
    RefreshToken.objects.exclude(rotated_at=None).update(rotated_at=timezone.now() - timedelta(seconds=31))
    assert party.refresh(first["refresh_token"]).status_code == 403


def test_a_token_that_does_not_rotate_comes_back(party: Party) -> None:
    Application.objects.update(refresh_token_rotation=Application.RotationType.NON_ROTATING)
    first = party.tokens(scope=SCOPE)
    again = party.refresh(first["refresh_token"]).json()
    assert again["refresh_token"] == first["refresh_token"]
    assert party.refresh(first["refresh_token"]).status_code == 200


def test_the_absolute_end_is_handed_down(party: Party) -> None:
    tokens = party.tokens(scope=SCOPE)
    end = RefreshToken.objects.get().expires_at
    party.refresh(tokens["refresh_token"])
    assert list(RefreshToken.objects.values_list("expires_at", flat=True)) == [end, end]


@pytest.mark.parametrize("field", ["expires_at", "idle_expires_at"])
def test_a_token_past_its_end_is_dead(party: Party, field: str) -> None:
    tokens = party.tokens(scope=SCOPE)
    RefreshToken.objects.update(**{field: timezone.now()})
    response = party.refresh(tokens["refresh_token"])
    assert (response.status_code, response.json()) == REFUSED


def test_a_token_is_bound_to_its_application(party: Party, metahexa: Company) -> None:
    tokens = party.tokens(scope=SCOPE)
    assert Party(metahexa.application, metahexa.client_secret).refresh(tokens["refresh_token"]).status_code == 403
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_scopes_can_be_narrowed_and_come_back(party: Party) -> None:
    tokens = party.tokens(scope=SCOPE)
    narrowed = party.refresh(tokens["refresh_token"], scope="openid").json()
    assert narrowed["scope"] == "openid"
    assert "email" not in claims_of(narrowed["id_token"])
    assert party.refresh(narrowed["refresh_token"]).json()["scope"] == SCOPE


def test_scopes_cannot_be_widened(party: Party) -> None:
    tokens = party.tokens(scope="openid offline_access")
    response = party.refresh(tokens["refresh_token"], scope="openid email")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")


def test_the_organization_cannot_be_changed(party: Party, hoekstra: Company, metahexa: Company) -> None:
    tokens = party.tokens(scope=SCOPE, organization=hoekstra.organization.pk)
    assert party.refresh(tokens["refresh_token"], organization=metahexa.organization.pk).status_code == 403
    assert party.refresh(tokens["refresh_token"], organization=hoekstra.organization.pk).status_code == 200


def test_a_refreshed_id_token_keeps_the_login_and_has_no_nonce(party: Party) -> None:
    """OIDC Core 1.0 section 12.2."""
    tokens = party.tokens(scope=SCOPE, nonce="n")
    before, after = claims_of(tokens["id_token"]), claims_of(party.refresh(tokens["refresh_token"]).json()["id_token"])
    assert {name: after[name] for name in ("iss", "sub", "aud", "auth_time", "sid")} == {
        name: before[name] for name in ("iss", "sub", "aud", "auth_time", "sid")
    }
    assert "nonce" not in after


def test_a_blocked_user_is_refused(party: Party, jennifer: User) -> None:
    tokens = party.tokens(scope=SCOPE)
    set_blocked(actor=OPERATOR, user=jennifer, blocked=True)
    assert party.refresh(tokens["refresh_token"]).status_code == 403
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_a_lost_membership_ends_the_organization_s_tokens(party: Party, hoekstra: Company, jennifer: User) -> None:
    tokens = party.tokens(scope=SCOPE, organization=hoekstra.organization.pk)
    remove_members(actor=OPERATOR, organization=hoekstra.organization, users=[jennifer])
    assert party.refresh(tokens["refresh_token"]).status_code == 403
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_a_frozen_organization_refreshes_nothing(party: Party, hoekstra: Company) -> None:
    tokens = party.tokens(scope=SCOPE, organization=hoekstra.organization.pk)
    freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    assert party.refresh(tokens["refresh_token"]).status_code == 403
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_a_deleted_organization_leaves_no_tokens(party: Party, hoekstra: Company) -> None:
    tokens = party.tokens(scope=SCOPE, organization=hoekstra.organization.pk)
    hoekstra.organization.delete()
    assert party.refresh(tokens["refresh_token"]).status_code == 403
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_a_connection_that_is_disabled_refreshes_nothing(party: Party, hoekstra: Company) -> None:
    tokens = party.tokens(scope=SCOPE)
    disable_for_application(actor=OPERATOR, connection=hoekstra.connection, application=hoekstra.application)
    assert party.refresh(tokens["refresh_token"]).status_code == 403


def test_an_application_without_the_grant_gets_no_refresh_token(party: Party) -> None:
    Application.objects.update(grant_types=["authorization_code"])
    tokens = party.tokens(scope=SCOPE)
    assert "refresh_token" not in tokens
    assert tokens["scope"] == "openid profile email"
