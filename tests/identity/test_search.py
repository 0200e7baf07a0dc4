"""Searches stay quick with a million rows: each has an index that PostgreSQL can use for it."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection as database
from django.db.models import QuerySet

from identity.models import Application, Credential, User
from invitations.models import Invitation
from orgs.models import Organization

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not settings.TENANT0_IS_POSTGRESQL, reason="the indexes are PostgreSQL's"),
    pytest.mark.django_db,
]


def plan(rows: QuerySet[Any]) -> str:
    """Return the plan of a query on a table too small for PostgreSQL to bother with an index of its own accord."""
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.order_by().explain()


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: User.objects.filter(email__icontains="hoek"), "identity_user_email_trgm"),
        (lambda: User.objects.filter(name__icontains="hoek"), "identity_user_name_trgm"),
        (lambda: Application.objects.filter(name__icontains="travel"), "identity_application_name_trgm"),
        (lambda: Organization.objects.filter(name__icontains="hoek"), "orgs_organization_name_trgm"),
        (lambda: Organization.objects.filter(display_name__icontains="hoek"), "orgs_organization_display_name_trgm"),
        (
            lambda: Invitation.objects.filter(invitee_email__icontains="hoek"),
            "invitations_invitation_invitee_email_trgm",
        ),
        (lambda: User.objects.filter(email="a@b.example"), "identity_user_email"),
        (
            lambda: Credential.objects.filter(connection_id="con_1", email="a@b.example"),
            "identity_credential_email_unique",
        ),
        (
            lambda: Credential.objects.exclude(username="").filter(connection_id="con_1", username="jenny"),
            "identity_credential_username_unique",
        ),
    ],
)
def test_a_search_uses_its_index(rows: Any, index: str) -> None:
    assert index in plan(rows())
