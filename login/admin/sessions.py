"""Sessions, to be read and ended: all of them in one list, those of a user at a tab."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from core.actors import Actor
from core.audit import Subject, record
from core.dashboard.base import ReadOnlyAdmin
from core.dashboard.pages import Question, confirm, page, require
from core.dashboard.paging import keyset_page
from identity.models import User
from identity.services.users import end_logins
from login.models import Session
from login.session import is_live


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """SSO sessions of browsers, newest first."""

    list_display = ("user", "live_badge", "connection", "created_at", "last_seen_at", "ip")
    list_select_related = ("user", "connection")
    search_keys = ("sid", "user__user_id", "ip")
    search_help_text = gettext_lazy("A session ID, a user ID or an IP address")
    ordering = ("-id",)
    sortable_by = ()
    change_form_outer_before_template = None
    fields = (
        "sid",
        "user",
        "connection",
        "auth_time",
        "amr",
        "created_at",
        "last_seen_at",
        "idle_expires_at",
        "expires_at",
        "revoked_at",
        "ip",
        "user_agent",
    )
    empty_text = gettext_lazy("Whoever signs in has a session here, until it ends.")
    empty_icon = "devices"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("of-user/<int:user_pk>/", view(self.of_user_page), name="login_of_user"),
            path("of-user/<int:user_pk>/end/", view(self.end_page), name="login_of_user_end"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("State"), label={True: "success", False: "warning"})
    def live_badge(self, session: Session) -> tuple[bool, Any]:
        live = is_live(session)
        return live, _("live") if live else _("ended")

    def of_user_page(self, request: HttpRequest, user_pk: int) -> HttpResponse:
        """List the sessions of a user."""
        self.require(request, "view")
        user = get_object_or_404(User, pk=user_pk, operator_role="")
        rows = Session.objects.filter(user=user).select_related("connection", "user")
        shown = keyset_page(request, rows, descending=True)
        context = {
            "page": shown,
            "sessions": [(session, is_live(session)) for session in shown.rows],
            "now": timezone.now(),
            "can_end": self.may(request, "support"),
            "end_url": reverse("admin:login_of_user_end", args=[user.pk]),
            "opts": User._meta,
        }
        return page(self, request, "dashboard/user_sessions.html", context, obj=user, tab="sessions")

    def end_page(self, request: HttpRequest, user_pk: int) -> HttpResponse:
        """End every session and refresh token of a user."""
        require(request, "login.support_session")
        user = get_object_or_404(User, pk=user_pk, operator_role="")
        question = Question(
            title=_("Sign %(user)s out everywhere?") % {"user": user},
            text=_("Every session and refresh token ends at once. The person can sign in again."),
            button=_("Sign out everywhere"),
            back=reverse("admin:login_of_user", args=[user.pk]),
        )

        def act(actor: Actor) -> str:
            end_logins(user)
            subject = Subject(target_type="user", target_id=user.user_id, user_id=user.user_id)
            record("sapi", actor, subject, description="Ended every session")
            return _("%(user)s is signed out everywhere.") % {"user": user}

        return confirm(self, request, question, act, obj=user)
