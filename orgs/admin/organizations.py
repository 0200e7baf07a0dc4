"""Organizations: the list, the overview, freezing, branding. Members and connections have modules of their own."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from core.actors import Actor
from core.dashboard.base import ServiceModelAdmin
from core.dashboard.pages import Question, confirm, page, submit
from orgs.admin import connections, members
from orgs.admin.forms import BrandingForm, OrganizationForm
from orgs.models import Organization
from orgs.services import organizations as services

_BADGES = {Organization.Status.ACTIVE: "success", Organization.Status.FROZEN: "warning"}


@admin.register(Organization)
class OrganizationAdmin(ServiceModelAdmin):
    """A customer and everything that is its own."""

    form = OrganizationForm
    list_display = ("heading", "name", "id", "status_badge", "created_at")
    list_filter = (("status", ChoicesDropdownFilter),)
    list_filter_submit = True
    search_parts = ("name", "display_name")
    search_keys = ("id",)
    search_help_text = gettext_lazy("A part of the name or display name, or an ID")
    ordering = ("name",)
    sortable_by = ("name", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "display_name")}),
        (None, {"fields": ("metadata",)}),
        (None, {"fields": ("id", "created_at")}),
    )
    add_fieldsets = fieldsets[:2]
    readonly_fields = ("id", "created_at")
    audit_type = "organization"
    actions_detail = ("freeze", "unfreeze")
    object_pages: ClassVar = {
        "members": "members_page",
        "members/<int:membership_id>/roles": "member_roles_page",
        "members/<int:membership_id>/remove": "member_remove_page",
        "connections": "connections_page",
        "connections/<int:link_id>/edit": "connection_edit_page",
        "connections/<int:link_id>/disable": "connection_disable_page",
        "branding": "branding_page",
    }
    empty_text = gettext_lazy(
        "An organization is one of your customers: its own members, connections and look. Create the first one to begin."
    )
    empty_icon = "apartment"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("of-user/<int:user_pk>/", view(self.of_user_page), name="orgs_of_user"),
            path("of-connection/<str:connection_id>/", view(self.of_connection_page), name="orgs_of_connection"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("Organization"), ordering="display_name")
    def heading(self, organization: Organization) -> str:
        return str(organization)

    @display(description=gettext_lazy("Status"), label=_BADGES)
    def status_badge(self, organization: Organization) -> tuple[str, Any]:
        return organization.status, organization.get_status_display()

    # -- changing ---------------------------------------------------------------------------------------------

    def create(self, actor: Actor, values: dict[str, Any]) -> Organization:
        return services.create_organization(actor=actor, **values)

    def update(self, actor: Actor, obj: Organization, changes: dict[str, Any]) -> None:
        services.update_organization(actor=actor, organization=obj, **changes)

    def remove(self, actor: Actor, obj: Organization) -> None:
        services.delete_organization(actor=actor, organization=obj)

    def consequences(self, obj: Organization) -> list[str]:
        return [
            _("Its memberships and the roles held in it are gone."),
            _("Its invitations are void."),
            _("Its users and its connections stay."),
        ]

    def has_freeze_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change") and self._status(object_id) == Organization.Status.ACTIVE

    def has_unfreeze_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change") and self._status(object_id) == Organization.Status.FROZEN

    @action(description=gettext_lazy("Freeze"), permissions=["freeze"], icon="ac_unit")
    def freeze(self, request: HttpRequest, object_id: str) -> HttpResponse:
        organization = self.fetch(request, object_id)
        question = Question(
            title=_("Freeze %(name)s?") % {"name": organization},
            text=_("Nobody can sign in to the organization until you unfreeze it."),
            button=_("Freeze"),
            back=self.url("change", organization.pk),
            consequences=[
                _("Logins stop at once, and tokens are not refreshed."),
                _("Invitations cannot be sent or accepted."),
                _("All data stays as it is."),
            ],
        )

        def act(actor: Actor) -> str:
            services.freeze_organization(actor=actor, organization=organization)
            return _("The organization is frozen.")

        return confirm(self, request, question, act, obj=organization)

    @action(description=gettext_lazy("Unfreeze"), permissions=["unfreeze"], icon="sunny")
    def unfreeze(self, request: HttpRequest, object_id: str) -> HttpResponse:
        organization = self.fetch(request, object_id)
        question = Question(
            title=_("Unfreeze %(name)s?") % {"name": organization},
            text=_("Its members can sign in again."),
            button=_("Unfreeze"),
            back=self.url("change", organization.pk),
            is_dangerous=False,
        )

        def act(actor: Actor) -> str:
            services.unfreeze_organization(actor=actor, organization=organization)
            return _("The organization is active again.")

        return confirm(self, request, question, act, obj=organization)

    @staticmethod
    def _status(object_id: Any) -> str | None:
        return Organization.objects.filter(pk=unquote(str(object_id))).values_list("status", flat=True).first()

    # -- pages ------------------------------------------------------------------------------------------------

    def branding_page(self, request: HttpRequest, organization: Organization) -> HttpResponse:
        self.require(request, "change" if request.method == "POST" else "view")
        form = BrandingForm(request.POST or None, instance=organization)

        def act(actor: Actor) -> Organization:
            # The form's instance already bears the new values; the service compares with what is stored.
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            return services.update_organization(actor=actor, organization=organization, **changes)

        if request.method == "POST" and submit(request, form, act) is not None:
            messages.success(request, _("The branding was saved."))
            return HttpResponseRedirect(self.url("branding", organization.pk))
        context = {"form": form, "can_change": self.may(request, "change"), "initials": _initials(str(organization))}
        return page(self, request, "dashboard/branding.html", context, obj=organization, tab="branding")

    def members_page(self, request: HttpRequest, organization: Organization) -> HttpResponse:
        return members.members_page(self, request, organization)

    def member_roles_page(self, request: HttpRequest, organization: Organization, membership_id: int) -> HttpResponse:
        return members.roles_page(self, request, organization, membership_id=membership_id)

    def member_remove_page(self, request: HttpRequest, organization: Organization, membership_id: int) -> HttpResponse:
        return members.remove_page(self, request, organization, membership_id=membership_id)

    def of_user_page(self, request: HttpRequest, user_pk: int) -> HttpResponse:
        return members.organizations_of_user_page(self, request, user_pk)

    def connections_page(self, request: HttpRequest, organization: Organization) -> HttpResponse:
        return connections.connections_page(self, request, organization)

    def connection_edit_page(self, request: HttpRequest, organization: Organization, link_id: int) -> HttpResponse:
        return connections.edit_page(self, request, organization, link_id=link_id)

    def connection_disable_page(self, request: HttpRequest, organization: Organization, link_id: int) -> HttpResponse:
        return connections.disable_page(self, request, organization, link_id=link_id)

    def of_connection_page(self, request: HttpRequest, connection_id: str) -> HttpResponse:
        return connections.organizations_of_connection_page(self, request, connection_id)


def _initials(name: str) -> str:
    """Return up to two letters that stand where there is no logo."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "•"
