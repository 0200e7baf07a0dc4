"""Invitations: send, see what became of them, send again, revoke."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from core.actors import Actor
from core.dashboard.base import ReadOnlyAdmin
from core.dashboard.pages import Question, Shown, confirm, page, show_once, submit
from core.dashboard.paging import CEILING
from identity.models import Application
from invitations import links, services
from invitations.admin.forms import InviteForm
from invitations.models import Invitation, InvitationState
from orgs import policy
from orgs.models import Organization

BADGES = {
    InvitationState.PENDING: "info",
    InvitationState.ACCEPTED: "success",
    InvitationState.EXPIRED: "warning",
    InvitationState.REVOKED: "danger",
}
_PAGE_SIZE = 50
# What the service calls its arguments, as the form names them.
_FIELDS = {"email": "emails", "ttl_sec": "lifetime", "inviter": "inviter_name"}


class StateFilter(DropdownFilter):
    """The state is read from the timestamps, so the filter is too."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return InvitationState.choices

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Invitation]") -> "QuerySet[Invitation]":
        return with_state(queryset, self.value() or "")


def with_state(rows: "QuerySet[Invitation]", state: str) -> "QuerySet[Invitation]":
    """Return the invitations in a state; all for a state that is none."""
    if state == InvitationState.ACCEPTED:
        return rows.filter(accepted_at__isnull=False)
    if state == InvitationState.REVOKED:
        return rows.filter(revoked_at__isnull=False)
    open_ones = Q(accepted_at=None, revoked_at=None)
    if state == InvitationState.EXPIRED:
        return rows.filter(open_ones, expires_at__lte=timezone.now())
    if state == InvitationState.PENDING:
        return rows.filter(open_ones, expires_at__gt=timezone.now())
    return rows


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """All invitations in one list; those of an organization at its own tab."""

    list_display = ("invitee_email", "organization", "application", "state_badge", "created_at", "expires_at")
    list_select_related = ("organization", "application")
    list_filter = (StateFilter,)
    list_filter_submit = True
    search_parts = ("invitee_email",)
    search_keys = ("id", "organization_id")
    shortest_part = 3
    search_help_text = gettext_lazy("A part of the invited address, or the ID of an invitation or an organization")
    ordering = ("-created_at", "-id")
    sortable_by = ()
    object_pages: ClassVar = {"resend": "resend_page", "revoke": "revoke_page"}
    audit_type = "invitation"
    empty_text = gettext_lazy(
        "An invitation brings a person into an organization. Open an organization to send the first one."
    )
    empty_icon = "mail"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("of/<str:organization_id>/", view(self.of_organization_page), name="invitations_of_organization"),
            path("of/<str:organization_id>/invite/", view(self.invite_page), name="invitations_invite"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("State"), label=BADGES)
    def state_badge(self, invitation: Invitation) -> tuple[str, Any]:
        return invitation.state, invitation.state.label

    # -- the tab of an organization ---------------------------------------------------------------------------

    def of_organization_page(self, request: HttpRequest, organization_id: str) -> HttpResponse:
        self.require(request, "view")
        organization = _organization(organization_id)
        state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()[:200]
        rows = Invitation.objects.filter(organization=organization).select_related("application", "connection")
        if query:
            rows = rows.filter(invitee_email__icontains=query)
        # The order is by date, which two rows may share; an offset with a ceiling is what keeps it simple and quick.
        number = request.GET.get("page", "1")
        number_of_page = min(int(number), CEILING // _PAGE_SIZE) if number.isascii() and number.isdigit() else 1
        start = max(number_of_page - 1, 0) * _PAGE_SIZE
        found = list(with_state(rows, state)[start : start + _PAGE_SIZE + 1])
        context = {
            "invitations": [(row, BADGES[row.state]) for row in found[:_PAGE_SIZE]],
            "next_page": number_of_page + 1 if len(found) > _PAGE_SIZE else None,
            "is_first": start == 0,
            "states": InvitationState.choices,
            "state": state,
            "query": query,
            "can_invite": self.may(request, "support"),
            "missing": _missing(organization),
            "invite_url": reverse("admin:invitations_invite", args=[organization_id]),
            "opts": Organization._meta,
        }
        return page(self, request, "dashboard/invitations.html", context, obj=organization, tab="invitations")

    def invite_page(self, request: HttpRequest, organization_id: str) -> HttpResponse:
        self.require(request, "support")
        organization = _organization(organization_id)
        user: Any = request.user
        form = InviteForm(organization, request.POST or None, initial={"inviter_name": user.name or user.email})

        def act(actor: Actor) -> list[Invitation]:
            return services.invite_members(actor=actor, organization=organization, **form.arguments())

        if request.method == "POST" and (made := submit(request, form, act, fields=_FIELDS)) is not None:
            return self._invited(request, organization, made)
        back = reverse("admin:invitations_of_organization", args=[organization_id])
        context = {
            "form": form,
            "media": self.media + form.media,
            "heading": _("Invite to %(organization)s") % {"organization": organization},
            "lead": _("Each person gets a link of their own. It is good once."),
            "button": _("Invite"),
            "back": back,
            "opts": Organization._meta,
            "missing": _missing(organization),
        }
        return page(self, request, "dashboard/form.html", context, obj=organization, tab="invitations")

    def _invited(self, request: HttpRequest, organization: Organization, made: list[Invitation]) -> HttpResponse:
        back = reverse("admin:invitations_of_organization", args=[organization.pk])
        if made[0].send_email:
            messages.success(
                request,
                ngettext("%(n)d invitation is on its way.", "%(n)d invitations are on their way.", len(made))
                % {"n": len(made)},
            )
            return HttpResponseRedirect(back)
        shown = Shown(
            title=_("Copy the links now"),
            text=_("They are not shown again. Give each person their own; whoever has a link can use it once."),
            values=[(invitation.invitee_email, links.invitation_url(invitation)) for invitation in made],
            onward=back,
            button=_("I have copied them"),
        )
        return show_once(self, request, shown, obj=organization)

    # -- one invitation ---------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an invitation and its timeline."""
        self.require(request, "view")
        invitation = get_object_or_404(
            Invitation.objects.select_related("organization", "application", "connection", "accepted_by"),
            pk=unquote(object_id),
        )
        state = invitation.state
        context = {
            "invitation": invitation,
            "badge": BADGES[state],
            "events": list(invitation.events.all()[:200]),
            "roles": list(invitation.roles.all()),
            "can_resend": self.may(request, "support") and state in {InvitationState.PENDING, InvitationState.EXPIRED},
            "can_revoke": self.may(request, "support") and state in {InvitationState.PENDING, InvitationState.EXPIRED},
        }
        return page(self, request, "dashboard/invitation.html", context, obj=invitation)

    def resend_page(self, request: HttpRequest, invitation: Invitation) -> HttpResponse:
        self.require(request, "support")
        question = Question(
            title=_("Send the invitation to %(email)s again?") % {"email": invitation.invitee_email},
            text=_("A new link is made, with its full lifetime. The link sent before no longer works."),
            button=_("Send again"),
            back=self.url("change", invitation.pk),
            is_dangerous=False,
        )

        def act(actor: Actor) -> str | HttpResponse:
            sent = services.resend_invitation(actor=actor, invitation=invitation)
            if sent.send_email:
                return _("The invitation is on its way again.")
            shown = Shown(
                title=_("Copy the link now"),
                text=_("It is not shown again. Whoever has it can use it once."),
                values=[(sent.invitee_email, links.invitation_url(sent))],
                onward=question.back,
                button=_("I have copied it"),
            )
            return show_once(self, request, shown, obj=sent)

        return confirm(self, request, question, act, obj=invitation)

    def revoke_page(self, request: HttpRequest, invitation: Invitation) -> HttpResponse:
        self.require(request, "support")
        question = Question(
            title=_("Revoke the invitation of %(email)s?") % {"email": invitation.invitee_email},
            text=_("The link stops working at once. You can invite the person again."),
            button=_("Revoke"),
            back=self.url("change", invitation.pk),
        )

        def act(actor: Actor) -> str:
            services.revoke_invitation(actor=actor, invitation=invitation)
            return _("The invitation was revoked.")

        return confirm(self, request, question, act, obj=invitation)


def _organization(organization_id: str) -> Organization:
    return get_object_or_404(Organization, pk=unquote(organization_id))


def _missing(organization: Organization) -> list[tuple[str, str]]:
    """Return what has to be set up before an invitation can be sent: a sentence, and where that is done."""
    found = []
    if not policy.connections_for(organization):
        address = reverse("admin:orgs_organization_connections", args=[organization.pk])
        found.append((_("Enable a connection for this organization: it is how its members sign in."), address))
    usages = (Application.OrganizationUsage.ALLOW, Application.OrganizationUsage.REQUIRE)
    if not Application.objects.filter(organization_usage__in=usages, is_global=False).exists():
        address = reverse("admin:identity_application_changelist")
        found.append((_("Let an application sign people in to organizations, and give it a login URI."), address))
    return found
