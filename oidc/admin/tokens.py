"""Authorization codes and tokens: what was issued to whom. Not even their digests are shown."""

from typing import Any

from django.utils.translation import gettext_lazy
from unfold.decorators import display

from core.dashboard.base import ReadOnlyAdmin

_CONTEXT = ("organization_id", "connection_id", "sid", "audience", "auth_time")


class _IssuedAdmin(ReadOnlyAdmin):
    list_display: tuple[str, ...] = ("user", "application", "organization_id", "created", "expires")
    list_select_related = ("user", "application")
    search_keys = ("user__user_id", "sid", "application__client_id")
    search_help_text = gettext_lazy("A user ID, a session ID or a client ID")
    ordering = ("-id",)
    sortable_by = ()
    change_form_outer_before_template = None
    empty_text = gettext_lazy("What applications are given when people sign in is listed here.")
    empty_icon = "token"

    def has_module_permission(self, request: Any) -> bool:
        return self.may(request, "view")


class GrantAdmin(_IssuedAdmin):
    """Authorization codes."""

    fields = ("user", "application", "redirect_uri", "scope", *_CONTEXT, "created", "expires", "used_at")


class AccessTokenAdmin(_IssuedAdmin):
    """Access tokens."""

    fields = ("user", "application", "scope", *_CONTEXT, "created", "expires")


class RefreshTokenAdmin(_IssuedAdmin):
    """Refresh tokens."""

    list_display = ("user", "application", "organization_id", "state_badge", "created", "expires_at")
    fields = (
        "user",
        "application",
        "scope",
        *_CONTEXT,
        "created",
        "expires_at",
        "idle_expires_at",
        "rotated_at",
        "revoked",
    )

    @display(description=gettext_lazy("State"), label={"live": "success", "rotated": "info", "revoked": "warning"})
    def state_badge(self, token: Any) -> tuple[str, Any]:
        if token.revoked:
            return "revoked", gettext_lazy("revoked")
        return ("rotated", gettext_lazy("rotated")) if token.rotated_at else ("live", gettext_lazy("live"))


class IDTokenAdmin(ReadOnlyAdmin):
    """ID tokens are signed and forgotten; there is nothing to see."""

    list_display = ("id",)

    def has_module_permission(self, request: Any) -> bool:
        return False

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return False
