"""The members tab of an organization, and the organizations tab of a user."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actors import Actor
from core.dashboard.pages import Question, confirm, page, require, submit
from core.dashboard.paging import keyset_page
from identity.models import User
from orgs.admin.forms import AddMembersForm, MemberRolesForm
from orgs.models import Membership, Organization
from orgs.services import memberships as services


def members_page(admin: Any, request: HttpRequest, organization: Organization) -> HttpResponse:
    """List the members, by search and by page, and add existing users."""
    require(request, "orgs.change_membership" if request.method == "POST" else "orgs.view_membership")
    form = AddMembersForm(request.POST or None)

    def act(actor: Actor) -> list[Membership]:
        return services.add_members(
            actor=actor,
            organization=organization,
            users=form.cleaned_data["users"],
            roles=form.cleaned_data["roles"],
        )

    if request.method == "POST" and (added := submit(request, form, act)) is not None:
        messages.success(
            request, ngettext("%(n)d member was added.", "%(n)d members were added.", len(added)) % {"n": len(added)}
        )
        return HttpResponseRedirect(admin.url("members", organization.pk))
    query = request.GET.get("q", "").strip()[:200]
    context = {
        "form": form,
        "media": admin.media + form.media,
        "query": query,
        "page": keyset_page(request, _found(organization, query)),
        "can_change": request.user.has_perm("orgs.change_membership"),
        "can_invite": request.user.has_perm("invitations.support_invitation"),
    }
    return page(admin, request, "dashboard/members.html", context, obj=organization, tab="members")


def roles_page(admin: Any, request: HttpRequest, organization: Organization, *, membership_id: int) -> HttpResponse:
    """Choose exactly the roles that a member holds in the organization."""
    require(request, "orgs.change_membership")
    membership = _membership(organization, membership_id)
    held = list(membership.roles.all())
    form = MemberRolesForm(request.POST or None, initial={"roles": [role.pk for role in held]})

    def act(actor: Actor) -> bool:
        wanted = set(form.cleaned_data["roles"])
        if gone := [role for role in held if role not in wanted]:
            services.remove_member_roles(actor=actor, membership=membership, roles=gone)
        if new := sorted(wanted - set(held), key=str):
            services.assign_member_roles(actor=actor, membership=membership, roles=new)
        return True

    if request.method == "POST" and submit(request, form, act):
        messages.success(request, _("The roles of %(user)s were saved.") % {"user": membership.user})
        return HttpResponseRedirect(admin.url("members", organization.pk))
    context = {
        "form": form,
        "media": admin.media + form.media,
        "heading": _("Roles of %(user)s in %(organization)s") % {"user": membership.user, "organization": organization},
        "lead": _("They count in this organization only."),
        "button": _("Save"),
        "back": admin.url("members", organization.pk),
    }
    return page(admin, request, "dashboard/form.html", context, obj=organization, tab="members")


def remove_page(admin: Any, request: HttpRequest, organization: Organization, *, membership_id: int) -> HttpResponse:
    require(request, "orgs.change_membership")
    membership = _membership(organization, membership_id)
    question = Question(
        title=_("Remove %(user)s from %(organization)s?") % {"user": membership.user, "organization": organization},
        text=_("The person keeps the account but can no longer sign in to this organization."),
        button=_("Remove"),
        back=admin.url("members", organization.pk),
        consequences=[
            _("The roles held in this organization are gone."),
            _("Tokens of this organization are not refreshed."),
        ],
    )

    def act(actor: Actor) -> str:
        services.remove_members(actor=actor, organization=organization, users=[membership.user])
        return _("%(user)s is no longer a member.") % {"user": membership.user}

    return confirm(admin, request, question, act, obj=organization)


def organizations_of_user_page(admin: Any, request: HttpRequest, user_pk: int) -> HttpResponse:
    """List the organizations that a user is a member of."""
    require(request, "orgs.view_membership")
    user = get_object_or_404(User, pk=user_pk, operator_role="")
    rows = Membership.objects.filter(user=user).select_related("organization").prefetch_related("roles")
    context = {"page": keyset_page(request, rows), "opts": User._meta}
    return page(admin, request, "dashboard/user_organizations.html", context, obj=user, tab="organizations")


def _membership(organization: Organization, membership_id: int) -> Membership:
    return get_object_or_404(
        Membership.objects.select_related("user", "organization"), pk=membership_id, organization=organization
    )


def _found(organization: Organization, query: str) -> Any:
    rows = Membership.objects.filter(organization=organization).select_related("user").prefetch_related("roles")
    if not query:
        return rows
    return rows.filter(Q(user__email__icontains=query) | Q(user__name__icontains=query) | Q(user__user_id=query))
