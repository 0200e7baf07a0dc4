"""Who is a member of an organization, and with which roles."""

from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import SYSTEM, Actor
from core.audit import Subject, record
from core.errors import Conflict, Invalid
from identity.models import Connection, Role, User
from orgs import policy
from orgs.models import MemberRole, Membership, Organization

MAXIMUM_ROLES: Final = 50


def add_members(
    *,
    actor: Actor,
    organization: Organization,
    users: Iterable[User],
    source: str = Membership.Source.MANUAL,
    roles: Iterable[Role] = (),
) -> list[Membership]:
    """Make existing users members; those who are already stay as they are and receive the roles too.

    Audits `organization_member_added` for each new member.
    """
    members, given = [], list(roles)
    with transaction.atomic():
        for user in users:
            if user.operator_role:
                raise Invalid(_("An operator cannot be a member of an organization."), code="user_is_operator")
            membership, made = Membership.objects.get_or_create(
                organization=organization, user=user, defaults={"source": source}
            )
            if made:
                _record("organization_member_added", actor, membership, {"reason": source})
            _add_roles(membership, given)
            members.append(membership)
    return members


def remove_members(*, actor: Actor, organization: Organization, users: Iterable[User]) -> None:
    """End memberships with their roles. Tokens of the organization stop being refreshed at once."""
    with transaction.atomic():
        leaving = Membership.objects.filter(organization=organization, user__in=list(users))
        for membership in leaving.select_related("organization", "user"):
            _record("organization_member_removed", actor, membership, {})
            membership.delete()


def assign_member_roles(*, actor: Actor, membership: Membership, roles: Iterable[Role]) -> None:
    """Give a member roles within the organization; `Conflict` beyond fifty. Locks the membership."""
    with transaction.atomic():
        locked = Membership.objects.select_for_update().get(pk=membership.pk)
        wanted = list(roles)
        _add_roles(locked, wanted)
        _record("sapi", actor, locked, {"roles_added": [role.pk for role in wanted]})


def remove_member_roles(*, actor: Actor, membership: Membership, roles: Iterable[Role]) -> None:
    """Take roles within the organization from a member; those not held are no error."""
    gone = list(roles)
    with transaction.atomic():
        MemberRole.objects.filter(membership=membership, role__in=gone).delete()
        _record("sapi", actor, membership, {"roles_removed": [role.pk for role in gone]})


def join_on_login(*, organization: Organization, user: User, connection: Connection) -> Membership | None:
    """Return the membership of somebody who has just authenticated, made now if the connection gives it.

    None when the user is no member and the connection does not assign membership on login.
    """
    membership = policy.find_membership(organization, user)
    if membership is not None:
        return membership
    link = policy.find_enabled_connection(organization, connection)
    if link is None or not link.assign_membership_on_login:
        return None
    return add_members(actor=SYSTEM, organization=organization, users=[user], source=Membership.Source.AUTO)[0]


def _add_roles(membership: Membership, roles: list[Role]) -> None:
    if not roles:
        return
    MemberRole.objects.bulk_create(
        [MemberRole(membership=membership, role=role) for role in roles], ignore_conflicts=True
    )
    if MemberRole.objects.filter(membership=membership).count() > MAXIMUM_ROLES:
        raise Conflict(_("A member may have at most 50 roles."), code="too_many_roles", field="roles")


def _record(event: str, actor: Actor, membership: Membership, details: dict[str, object]) -> None:
    organization, user = membership.organization, membership.user
    subject = Subject(
        target_type="user",
        target_id=user.user_id,
        user_id=user.user_id,
        organization_id=organization.pk,
        organization_name=organization.name,
        details=details,
    )
    record(event, actor, subject)
