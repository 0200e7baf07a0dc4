"""What a door is compared by: the rows, the audit events and the outbox messages that an operation leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from core.actors import Actor, ActorKind
from core.models import AuditEvent, OutboxMessage
from identity.models import User
from invitations.models import Invitation, InvitationRole
from orgs.models import MemberRole, Membership, Organization, OrganizationConnection


@dataclass(frozen=True)
class Traces:
    """What an operation left behind, without the ids and times that differ from run to run."""

    rows: list[tuple[Any, ...]]
    audit: list[tuple[Any, ...]]
    outbox: list[tuple[Any, ...]]


class _Undo(Exception):
    pass


@pytest.fixture
def operator_actor(owner: User) -> Actor:
    """The author that the dashboard's browser below is."""
    return Actor(ActorKind.OPERATOR, owner.user_id, owner.email, ip="192.0.2.44", user_agent="Door test")


@pytest.fixture
def dashboard(owner: User) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.44", headers={"user-agent": "Door test"})
    client.force_login(owner)
    return client


def traces_of(operation: Callable[[], object]) -> Traces:
    """Run an operation, read what it left behind, and undo it."""
    events, messages = AuditEvent.objects.count(), OutboxMessage.objects.count()
    found: list[Traces] = []
    try:
        with transaction.atomic():
            operation()
            found.append(_read(events, messages))
            raise _Undo
    except _Undo:
        return found[0]


def _read(events: int, messages: int) -> Traces:
    audit = AuditEvent.objects.order_by("pk").values_list(
        "type", "description", "actor_kind", "actor_id", "actor_name", "ip", "user_agent", "target_type",
        "connection", "organization_name", "client_id",
    )  # fmt: skip
    return Traces(
        rows=[
            *Organization.objects.order_by("name").values_list("name", "display_name", "status", "metadata"),
            *OrganizationConnection.objects.order_by("pk").values_list(
                "organization__name",
                "connection__name",
                "assign_membership_on_login",
                "is_signup_enabled",
                "show_as_button",
            ),
            *Membership.objects.order_by("user_id").values_list("organization__name", "user__email", "source"),
            *MemberRole.objects.order_by("pk").values_list("membership__user__email", "role__name"),
            *(
                (
                    row.organization.name,
                    row.application.name,
                    row.invitee_email,
                    row.inviter_name,
                    row.state,
                    row.generation,
                )
                for row in Invitation.objects.order_by("invitee_email").select_related("organization", "application")
            ),
            *InvitationRole.objects.order_by("pk").values_list("invitation__invitee_email", "role__name"),
        ],
        audit=list(audit[events:]),
        outbox=list(OutboxMessage.objects.order_by("pk").values_list("kind", "state")[messages:]),
    )
