"""Ending and sweeping codes and tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from identity.models import User
from oidc.models import AccessToken, Grant, RefreshToken
from oidc.services import revoke_session_tokens, revoke_user_tokens, sweep_tokens
from tests.oidc.clients import Party, claims_of

pytestmark = pytest.mark.django_db
SCOPE = "openid offline_access"


def test_everything_of_a_user_ends_codes_too(party: Party, jennifer: User) -> None:
    tokens = party.tokens(scope=SCOPE)
    code = party.code()
    revoke_user_tokens(jennifer.pk)
    assert party.exchange(code).status_code == 403
    assert party.refresh(tokens["refresh_token"]).status_code == 403
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_a_session_ends_with_its_codes(party: Party) -> None:
    code = party.code()
    revoke_session_tokens(claims_of(party.tokens()["id_token"])["sid"])
    assert party.exchange(code).status_code == 403


def test_no_session_is_nobody_s(party: Party) -> None:
    tokens = party.tokens()
    AccessToken.objects.update(sid="")
    revoke_session_tokens("")
    assert party.userinfo(tokens["access_token"]).status_code == 200


def test_the_sweeper_takes_what_has_passed_in_batches(party: Party) -> None:
    for _number in range(3):
        party.tokens(scope=SCOPE)
    past = timezone.now() - timedelta(seconds=1)
    for model, field in ((Grant, "expires"), (AccessToken, "expires"), (RefreshToken, "expires_at")):
        model._default_manager.update(**{field: past})
    assert sweep_tokens(timezone.now(), 2) == 6
    assert sweep_tokens(timezone.now(), 2) == 3
    assert sweep_tokens(timezone.now(), 2) == 0


def test_the_sweeper_leaves_what_lives(party: Party) -> None:
    tokens = party.tokens(scope=SCOPE)
    sweep_tokens(timezone.now(), 100)
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_expiry_does_not_wait_for_the_sweeper(party: Party) -> None:
    tokens = party.tokens()
    AccessToken.objects.update(expires=timezone.now() - timedelta(minutes=1))
    assert party.userinfo(tokens["access_token"]).status_code == 401
