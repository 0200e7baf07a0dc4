"""The audit log, to be read: who did what, when and from where."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from core.dashboard.base import ReadOnlyAdmin
from core.dashboard.filters import ExactFilter
from core.models import AuditEvent

# The index is by type and ID; naming every type lets an ID alone use it.
_TARGET_TYPES = (
    "application",
    "client_grant",
    "connection",
    "invitation",
    "operator",
    "organization",
    "outbox_message",
    "resource_server",
    "role",
    "signing_key",
    "user",
)


class EventFilter(ExactFilter):
    title = _("event code")
    parameter_name = "event"
    column = "type"


class UserFilter(ExactFilter):
    title = _("user ID")
    parameter_name = "user"
    column = "user_id"


class OrganizationFilter(ExactFilter):
    title = _("organization ID")
    parameter_name = "organization"
    column = "organization_id"


class TargetFilter(ExactFilter):
    title = _("target ID")
    parameter_name = "target"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        value = (self.value() or "").strip()
        return queryset.filter(target_type__in=_TARGET_TYPES, target_id=value) if value else queryset


class ActorFilter(ExactFilter):
    title = _("who (ID)")
    parameter_name = "actor"
    column = "actor_id"


class AddressFilter(ExactFilter):
    title = _("IP address")
    parameter_name = "ip"
    column = "ip"


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """One append-only list, newest first."""

    list_display = ("when", "what", "who", "target", "organization", "ip")
    list_display_links = ("when",)
    list_filter = (
        EventFilter,
        OrganizationFilter,
        UserFilter,
        TargetFilter,
        ActorFilter,
        AddressFilter,
        ("date", RangeDateTimeFilter),
    )
    list_filter_submit = True
    # A search compares whole ids: they are what the indexes hold.
    search_keys = ("type", "organization_id", "user_id", "actor_id")
    search_help_text = _("An event code, or the ID of an organization, a user or whoever acted")
    ordering = ("-id",)
    sortable_by = ()
    change_form_outer_before_template = None
    fields = (
        "date",
        "type",
        "description",
        "actor_name",
        "actor_id",
        "actor_kind",
        "target_type",
        "target_id",
        "organization_name",
        "organization_id",
        "user_id",
        "client_id",
        "connection",
        "ip",
        "request_id",
        "user_agent",
        "pretty_details",
    )
    readonly_fields = ("pretty_details",)
    empty_text = _("Every change and every login is written here.")
    empty_icon = "history"

    @display(description=_("When"))
    def when(self, event: AuditEvent) -> Any:
        return event.date

    @display(description=_("What"), header=True)
    def what(self, event: AuditEvent) -> list[str]:
        return [event.description or event.type, event.type]

    @display(description=_("Who"))
    def who(self, event: AuditEvent) -> str:
        return event.actor_name or event.actor_id

    @display(description=_("Target"))
    def target(self, event: AuditEvent) -> str:
        return event.target_id

    @display(description=_("Organization"))
    def organization(self, event: AuditEvent) -> str:
        return event.organization_name

    @admin.display(description=_("details"))
    def pretty_details(self, event: AuditEvent) -> str:
        return format_html(
            '<pre class="t0-code">{}</pre>', json.dumps(event.details, indent=2, ensure_ascii=False, sort_keys=True)
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "view")
