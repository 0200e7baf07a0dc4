"""Twenty at once: a code and a refresh token have one winner, and nothing is left over of the losers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Final

import pytest
from django.db import connection, connections

from identity.models import Application, User
from oidc.models import AccessToken, RefreshToken
from oidc.services import revoke_user_tokens
from tests.cast import Company
from tests.oidc.clients import Party, Response

RUNNERS: Final = 20
ROUNDS: Final = 10
SCOPE: Final = "openid offline_access"
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one process write at a time"),
]


def at_once(act: Callable[[], Response]) -> list[Response]:
    barrier = Barrier(RUNNERS)

    def run() -> Response:
        try:
            barrier.wait()
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(RUNNERS) as pool:
        return [future.result() for future in [pool.submit(run) for _runner in range(RUNNERS)]]


def redeem(party: Party, code: str) -> Response:
    # A client of its own for each thread: a test client is not made for them.
    return Party(party.application, party.client_secret).exchange(code)


def refresh(party: Party, token: str) -> Response:
    return Party(party.application, party.client_secret).refresh(token)


def test_a_code_has_one_winner_and_the_losers_leave_nothing(party: Party) -> None:
    for number in range(1, ROUNDS + 1):
        code = party.code(scope=SCOPE)
        statuses = [answer.status_code for answer in at_once(partial(redeem, party, code))]
        assert sorted(statuses) == [200] + [403] * (RUNNERS - 1)
        # Nineteen replays: what the winner was given has ended as well (RFC 6749 section 4.1.2).
        assert AccessToken.objects.count() == 0
        assert RefreshToken.objects.count() == number
        assert not RefreshToken.objects.filter(revoked=None).exists()


def test_a_refresh_token_has_one_winner_and_its_family_ends(party: Party) -> None:
    for number in range(1, ROUNDS + 1):
        token = party.tokens(scope=SCOPE)["refresh_token"]
        statuses = [answer.status_code for answer in at_once(partial(refresh, party, token))]
        assert sorted(statuses) == [200] + [403] * (RUNNERS - 1)
        assert RefreshToken.objects.count() == 2 * number
        assert not RefreshToken.objects.filter(revoked=None).exists()
        assert AccessToken.objects.count() == 0


def test_within_the_leeway_everybody_is_served_and_accounted_for(party: Party) -> None:
    Application.objects.update(refresh_token_leeway_seconds=60)
    tokens = party.tokens(scope=SCOPE)
    answers = at_once(partial(refresh, party, tokens["refresh_token"]))
    given = {answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}
    assert len(given) == RUNNERS
    assert RefreshToken.objects.filter(revoked=None, rotated_at=None).count() == RUNNERS


def test_revoking_wins_against_rotations_under_way(party: Party, hoekstra: Company, jennifer: User) -> None:
    tokens = [party.tokens(scope=SCOPE)["refresh_token"] for _number in range(RUNNERS)]

    def act() -> Response:
        response = refresh(party, tokens.pop())
        revoke_user_tokens(jennifer.pk)
        return response

    at_once(act)
    assert RefreshToken.objects.filter(revoked=None).count() == 0
