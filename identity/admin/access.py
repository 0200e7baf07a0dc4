"""Roles, APIs with their permissions, and what applications may ask for on their own behalf."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from core.actors import Actor
from core.dashboard.autocomplete import autocomplete_many
from core.dashboard.base import ReadOnlyAdmin, ServiceModelAdmin
from core.dashboard.fields import KeyValueField, LinesField
from identity.models import ClientGrant, Permission, ResourceServer, Role, RolePermission
from identity.services import access as services


class RoleForm(forms.ModelForm[Role]):
    """A role and exactly the permissions it holds."""

    holds = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Permissions"),
        queryset=Permission.objects.all(),
        required=False,
        help_text=gettext_lazy("Permissions of your APIs. Type a part of one."),
    )

    class Meta:
        model = Role
        fields = ("name", "description")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields.get("holds")
        if field is not None:
            field.widget = autocomplete_many(RolePermission, "permission", field)
            if self.instance.pk and not self.instance._state.adding:
                self.initial["holds"] = list(self.instance.permissions.values_list("pk", flat=True))


@admin.register(Role)
class RoleAdmin(ServiceModelAdmin):
    """Named sets of permissions."""

    form = RoleForm
    list_display = ("name", "description", "id")
    search_parts = ("name", "description")
    search_keys = ("id",)
    ordering = ("name",)
    fieldsets = ((None, {"fields": ("name", "description", "holds")}),)
    audit_type = "role"
    empty_text = gettext_lazy(
        "A role is a set of permissions that members hold in an organization, such as “Travel manager”."
    )
    empty_icon = "badge"

    @display(description=gettext_lazy("Permissions"))
    def holds(self, role: Role) -> str:
        return ", ".join(role.permissions.values_list("value", flat=True)[:300])

    def create(self, actor: Actor, values: dict[str, Any]) -> Role:
        role = services.create_role(actor=actor, name=values["name"], description=values["description"])
        if values["holds"]:
            services.set_role_permissions(actor=actor, role=role, permissions=values["holds"])
        return role

    def update(self, actor: Actor, obj: Role, changes: dict[str, Any]) -> None:
        permissions = changes.pop("holds", None)
        if changes:
            services.update_role(actor=actor, role=obj, **changes)
        if permissions is not None:
            services.set_role_permissions(actor=actor, role=obj, permissions=permissions)

    def remove(self, actor: Actor, obj: Role) -> None:
        services.delete_role(actor=actor, role=obj)

    def consequences(self, obj: Role) -> list[str]:
        return [_("Everybody who holds it loses it, tenant-wide and in every organization.")]


@admin.register(Permission)
class PermissionAdmin(ReadOnlyAdmin):
    """Searched by the form of roles; permissions are edited at their API."""

    list_display = ("value", "resource_server", "description")
    list_select_related = ("resource_server",)
    search_parts = ("value",)
    search_keys = ()
    ordering = ("value", "id")
    change_form_outer_before_template = None


class ResourceServerForm(forms.ModelForm[ResourceServer]):
    """An API; its permissions are pairs of value and description."""

    scopes = KeyValueField(
        label=gettext_lazy("Permissions"),
        required=False,
        help_text=gettext_lazy("A permission on the left, such as read:bookings, and what it means on the right."),
    )

    class Meta:
        model = ResourceServer
        fields = (
            "name",
            "identifier",
            "token_lifetime_seconds",
            "token_lifetime_for_web_seconds",
            "token_dialect",
            "enforce_policies",
            "allow_offline_access",
            "skip_consent_for_verifiable_first_party_clients",
        )
        help_texts: ClassVar = {
            "identifier": gettext_lazy("The audience of its access tokens, usually a URL. It cannot be changed later.")
        }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if not self.instance._state.adding:
            self.initial["scopes"] = dict(self.instance.permissions.values_list("value", "description"))


@admin.register(ResourceServer)
class ResourceServerAdmin(ServiceModelAdmin):
    """APIs that access tokens are made for."""

    form = ResourceServerForm
    list_display = ("heading", "identifier", "token_lifetime_seconds", "is_system")
    search_parts = ("name", "identifier")
    search_keys = ("id",)
    ordering = ("name", "id")
    fieldsets = (
        (None, {"fields": ("name", "identifier")}),
        (gettext_lazy("Permissions"), {"fields": ("enforce_policies", "scopes")}),
        (
            gettext_lazy("Tokens"),
            {
                "fields": (
                    "token_dialect",
                    "token_lifetime_seconds",
                    "token_lifetime_for_web_seconds",
                    "allow_offline_access",
                    "skip_consent_for_verifiable_first_party_clients",
                )
            },
        ),
    )
    audit_type = "resource_server"
    empty_text = gettext_lazy(
        "An API is what access tokens open. Register yours to give its permissions to roles and applications."
    )
    empty_icon = "api"

    @display(description=gettext_lazy("API"))
    def heading(self, server: ResourceServer) -> str:
        return str(server)

    @display(description=gettext_lazy("Permissions"))
    def scopes(self, server: ResourceServer) -> str:
        return ", ".join(server.permissions.values_list("value", flat=True)[:300])

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and not (obj is not None and obj.is_system)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_delete_permission(request, obj)) and not (obj is not None and obj.is_system)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("identifier",) if obj else ()

    def create(self, actor: Actor, values: dict[str, Any]) -> ResourceServer:
        return services.create_resource_server(actor=actor, **values)

    def update(self, actor: Actor, obj: ResourceServer, changes: dict[str, Any]) -> None:
        scopes = changes.pop("scopes", None)
        if changes:
            services.update_resource_server(actor=actor, resource_server=obj, **changes)
        if scopes is not None:
            services.set_scopes(actor=actor, resource_server=obj, scopes=scopes)

    def remove(self, actor: Actor, obj: ResourceServer) -> None:
        services.delete_resource_server(actor=actor, resource_server=obj)

    def consequences(self, obj: ResourceServer) -> list[str]:
        return [
            _("Its permissions leave every role."),
            _("Applications can no longer get tokens for it."),
        ]


class ClientGrantForm(forms.ModelForm[ClientGrant]):
    """What an application may ask of an API."""

    scope = LinesField(
        label=gettext_lazy("Permissions"),
        required=False,
        separators=r"[\s,]+",
        rows=6,
        help_text=gettext_lazy("One a line; each must be a permission of the API."),
    )

    class Meta:
        model = ClientGrant
        fields = ("application", "resource_server", "scope")


@admin.register(ClientGrant)
class ClientGrantAdmin(ServiceModelAdmin):
    """Access of applications to APIs on their own behalf."""

    form = ClientGrantForm
    list_display = ("application", "resource_server", "how_many", "created_at")
    list_select_related = ("application", "resource_server")
    autocomplete_fields = ("application", "resource_server")
    search_parts = ("application__name", "resource_server__name")
    search_keys = ("id",)
    ordering = ("-created_at", "id")
    sortable_by = ()
    fieldsets = ((None, {"fields": ("application", "resource_server", "scope")}),)
    audit_type = "client_grant"
    empty_text = gettext_lazy("A grant lets a machine-to-machine application get tokens for an API without a person.")
    empty_icon = "key"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ClientGrant]":
        found: QuerySet[ClientGrant] = super().get_queryset(request).select_related("application", "resource_server")
        return found

    @display(description=gettext_lazy("Permissions"))
    def how_many(self, grant: ClientGrant) -> int:
        return len(grant.scope)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("application", "resource_server") if obj else ()

    def create(self, actor: Actor, values: dict[str, Any]) -> ClientGrant:
        return services.grant_client(actor=actor, **values)

    def update(self, actor: Actor, obj: ClientGrant, changes: dict[str, Any]) -> None:
        services.grant_client(
            actor=actor, application=obj.application, resource_server=obj.resource_server, scope=changes["scope"]
        )

    def remove(self, actor: Actor, obj: ClientGrant) -> None:
        services.delete_client_grant(actor=actor, grant=obj)

    def consequences(self, obj: ClientGrant) -> list[str]:
        return [_("The application can no longer get tokens for this API on its own behalf.")]
