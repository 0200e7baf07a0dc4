"""The dashboard's frame: its site, navigation, home page and content security policy. The pages are in the apps' `admin`."""

from collections.abc import Callable
from typing import Any, Final

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib.auth.views import PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from core.dashboard.pages import actor_of
from core.errors import DomainError
from core.models import AuditEvent, OutboxMessage
from identity import uris
from identity.models import Application, ApplicationConnection, Connection
from identity.signin import OwnPasswordForm, SignInForm
from invitations.models import Invitation
from orgs.models import Organization, OrganizationConnection

View = Callable[..., HttpResponseBase]


# Alpine.js, which moves menus and switches here, evaluates the expressions in its attributes. No other page of the product
# permits that, and nothing here permits inline scripts or styles. Forms stay here: unlike a login, none leads elsewhere.
def _policy(view: View) -> View:
    guarded: View = csp_replace({"form-action": ["'self'"]})(csp_update({"script-src": ["'unsafe-eval'"]})(view))
    return guarded


_RECENT: Final = 8


class PasswordChange(PasswordChangeView):
    """An operator's own password, through the service that audits it. Every other session of theirs ends."""

    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form: Any) -> HttpResponse:
        form.actor = actor_of(self.request)
        try:
            return super().form_valid(form)
        except DomainError as refusal:
            form.refuse(refusal)
            return self.form_invalid(form)


class Dashboard(UnfoldAdminSite):
    """The site of the operators."""

    login_form = SignInForm
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.login_form = SignInForm

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        wrapped: View = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
            if _holds_nul(request):
                return HttpResponseBadRequest(_("A request may not hold the character U+0000."))
            return wrapped(request, *arguments, **named)

        return _policy(guarded)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if _holds_nul(request):
            return HttpResponseBadRequest(_("A request may not hold the character U+0000."))
        view: Any = _policy(super().login)
        response: HttpResponse = view(request, extra_context)
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        view: Any = _policy(super().logout)
        response: HttpResponse = view(request, extra_context)
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        request.current_app = self.name
        context = {**self.each_context(request), **(extra_context or {})}
        response: HttpResponse = PasswordChange.as_view(extra_context=context)(request)  # type: ignore[assignment]
        return response

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The lists have searches of their own; one over all tables would read all tables."""
        raise Http404

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out the colours that would become an inline style sheet: `static/dashboard/dashboard.css` has them."""
        return {**super().each_context(request), "colors": None, "border_radius": None}


def _holds_nul(request: HttpRequest) -> bool:
    """Whether a part of the request holds U+0000, which PostgreSQL cannot store or compare."""
    texts = [request.path, *request.GET, *(value for _key, values in request.GET.lists() for value in values)]
    if request.method == "POST":
        texts += [*request.POST, *(str(value) for _key, values in request.POST.lists() for value in values)]
    return any("\x00" in text for text in texts)


def environment(_request: HttpRequest) -> list[str]:
    """Return the badge that tells an operator which installation this is."""
    if settings.TENANT0_ENVIRONMENT:
        return [settings.TENANT0_ENVIRONMENT, "danger" if settings.TENANT0_ENVIRONMENT == "production" else "info"]
    if settings.DEBUG or uris.issuer_is_plain_loopback():
        return [_("On this machine"), "warning"]
    return [_("Live"), "success"]


# -- navigation ----------------------------------------------------------------------------------------------


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the side bar with what the operator may open."""
    groups: list[tuple[Any, list[tuple[Any, str, str, str]]]] = [
        (
            "",
            [
                (gettext_lazy("Home"), "home", "admin:index", ""),
                (
                    gettext_lazy("Organizations"),
                    "apartment",
                    "admin:orgs_organization_changelist",
                    "orgs.view_organization",
                ),
                (
                    gettext_lazy("Applications"),
                    "apps",
                    "admin:identity_application_changelist",
                    "identity.view_application",
                ),
                (
                    gettext_lazy("Connections"),
                    "database",
                    "admin:identity_connection_changelist",
                    "identity.view_connection",
                ),
            ],
        ),
        (
            gettext_lazy("Users and roles"),
            [
                (gettext_lazy("Users"), "group", "admin:identity_user_changelist", "identity.view_user"),
                (gettext_lazy("Roles"), "badge", "admin:identity_role_changelist", "identity.view_role"),
                (
                    gettext_lazy("APIs"),
                    "api",
                    "admin:identity_resourceserver_changelist",
                    "identity.view_resourceserver",
                ),
                (
                    gettext_lazy("Access of applications"),
                    "key",
                    "admin:identity_clientgrant_changelist",
                    "identity.view_clientgrant",
                ),
            ],
        ),
        (
            gettext_lazy("Activity"),
            [
                (
                    gettext_lazy("Invitations"),
                    "mail",
                    "admin:invitations_invitation_changelist",
                    "invitations.view_invitation",
                ),
                (gettext_lazy("Sessions"), "devices", "admin:login_session_changelist", "login.view_session"),
                (
                    gettext_lazy("Refresh tokens"),
                    "token",
                    "admin:oidc_refreshtoken_changelist",
                    "oidc.view_refreshtoken",
                ),
                (gettext_lazy("Audit log"), "history", "admin:core_auditevent_changelist", "core.view_auditevent"),
                (
                    gettext_lazy("Deliveries"),
                    "outbox",
                    "admin:core_outboxmessage_changelist",
                    "core.view_outboxmessage",
                ),
            ],
        ),
        (
            gettext_lazy("Settings"),
            [
                (gettext_lazy("Signing keys"), "vpn_key", "admin:oidc_signingkey_changelist", "oidc.view_signingkey"),
                (
                    gettext_lazy("Operators"),
                    "shield_person",
                    "admin:identity_operator_changelist",
                    "identity.view_operator",
                ),
            ],
        ),
    ]
    return [
        {"title": title, "separator": bool(title), "items": [_item(request, *entry) for entry in entries]}
        for title, entries in groups
    ]


def _item(request: HttpRequest, title: Any, icon: str, url_name: str, permission: str) -> dict[str, Any]:
    link = reverse(url_name)
    is_home = url_name == "admin:index"
    active = request.path == link if is_home else request.path.startswith(link)
    # The tabs of an object live below the addresses of several apps; the object's own entry stays marked.
    for prefix, owner in settings.DASHBOARD_ACTIVE.items():
        if request.path.startswith(prefix):
            active = url_name == owner
    user: Any = request.user
    allowed = not permission or user.has_perm(permission)
    return {"title": title, "icon": icon, "link": link, "active": active, "permission": lambda _request: allowed}


# -- the home page -------------------------------------------------------------------------------------------


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the home page shows: the first steps, what went wrong, what happened last."""
    user: Any = request.user
    steps = _steps()
    return {
        **context,
        "title": _("Home"),
        "steps": steps,
        "next_step": next((step for step in steps if not step["is_done"]), None),
        "undelivered": OutboxMessage.objects.filter(state=OutboxMessage.State.DEAD).exists(),
        "recent": list(AuditEvent.objects.order_by("-id")[:_RECENT]),
        "issuer": settings.TENANT0_ISSUER,
        "operator": user,
    }


def _steps() -> list[dict[str, Any]]:
    """Return the way from nothing to the first invitation."""
    organizations = Application.objects.filter(
        is_global=False,
        organization_usage__in=(Application.OrganizationUsage.ALLOW, Application.OrganizationUsage.REQUIRE),
    )
    first = Organization.objects.order_by("name").first()
    tab = "admin:orgs_organization_connections"
    return [
        _step(
            _("Create an organization"),
            _("One of your customers: its own members, connections and look."),
            reverse("admin:orgs_organization_add"),
            is_done=first is not None,
        ),
        _step(
            _("Create an application"),
            _("What people sign in to. Let it allow organizations and give it a login URI."),
            reverse("admin:identity_application_add"),
            is_done=organizations.exclude(initiate_login_uri="").exists(),
        ),
        _step(
            _("Create a connection"),
            _("Where accounts come from. Enable it for the application, so that users can be created in it."),
            reverse("admin:identity_connection_add")
            if not Connection.objects.exists()
            else reverse("admin:identity_connection_changelist"),
            is_done=ApplicationConnection.objects.exists(),
        ),
        _step(
            _("Enable the connection for the organization"),
            _("It decides how the members of the organization sign in."),
            reverse(tab, args=[first.pk]) if first else reverse("admin:orgs_organization_changelist"),
            is_done=OrganizationConnection.objects.filter(is_enabled=True).exists(),
        ),
        _step(
            _("Invite the first member"),
            _("They get a link, choose a password and are in."),
            reverse("admin:invitations_invite", args=[first.pk])
            if first
            else reverse("admin:orgs_organization_changelist"),
            is_done=Invitation.objects.exists(),
        ),
    ]


def _step(title: str, text: str, url: str, *, is_done: bool) -> dict[str, Any]:
    return {"title": title, "text": text, "url": url, "is_done": is_done}
