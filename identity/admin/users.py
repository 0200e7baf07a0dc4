"""Users: search, profile, blocking, passwords and mails, roles. Operators have a page of their own."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import action, display

from core.actors import Actor
from core.dashboard.base import ServiceModelAdmin
from core.dashboard.filters import ExactFilter
from core.dashboard.pages import Question, confirm, page, submit
from core.errors import Invalid
from identity.admin.user_forms import NewUserForm, PasswordForm, RolesForm, UserForm
from identity.models import EmailTicket, Identity, User
from identity.services import tickets
from identity.services import users as services


class ConnectionFilter(ExactFilter):
    """Users that sign in through one connection."""

    title = gettext_lazy("connection ID")
    parameter_name = "connection"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        value = (self.value() or "").strip()
        if not value:
            return queryset
        return queryset.filter(Exists(Identity.objects.filter(user=OuterRef("pk"), connection_id=value)))


@admin.register(User)
class UserAdmin(ServiceModelAdmin):
    """The people of all connections."""

    list_display = ("email_or_name", "name", "user_id", "blocked_badge", "last_login", "logins_count")
    list_filter = (ConnectionFilter, ("blocked", BooleanRadioFilter))
    list_filter_submit = True
    search_parts = ("email", "name")
    search_keys = ("user_id",)
    shortest_part = 3
    search_help_text = gettext_lazy("Three letters or more of the e-mail address or the name, or a user ID")
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "user_id",
                    "email",
                    "email_verified",
                    "name",
                    "nickname",
                    "given_name",
                    "family_name",
                    "locale",
                )
            },
        ),
        (gettext_lazy("Metadata"), {"fields": ("user_metadata", "app_metadata")}),
        (
            gettext_lazy("Logins"),
            {"fields": ("logins_count", "last_login", "last_ip", "created_at", "last_password_reset")},
        ),
    )
    add_fieldsets = ((None, {"fields": ("connection", "email", "username", "name", "password", "email_verified")}),)
    change_form_outer_after_template = "dashboard/user_identities.html"
    audit_type = "user"
    audit_key = "user_id"
    actions_detail = (
        "block",
        "unblock",
        {
            "title": gettext_lazy("More"),
            "items": ["send_reset", "send_verification", "mark_verified", "set_password"],
        },
    )
    object_pages: ClassVar = {"roles": "roles_page"}
    empty_text = gettext_lazy(
        "People appear here when they sign up, accept an invitation or first sign in. You can also create them in a database connection."
    )
    empty_icon = "group"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        found: QuerySet[User] = super().get_queryset(request).filter(operator_role="")
        return found

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = UserForm if obj else NewUserForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = ("user_id", "logins_count", "last_login", "last_ip", "created_at", "last_password_reset")
        return shown if obj else ()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            context["identities"] = list(obj.identities.select_related("connection"))
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=gettext_lazy("User"))
    def email_or_name(self, user: User) -> str:
        return str(user)

    @display(description=gettext_lazy("Status"), label={True: "danger", False: "success"})
    def blocked_badge(self, user: User) -> tuple[bool, Any]:
        return user.blocked, _("blocked") if user.blocked else _("active")

    # -- changing ---------------------------------------------------------------------------------------------

    def create(self, actor: Actor, values: dict[str, Any]) -> User:
        return services.create_user(
            actor=actor,
            connection=values["connection"],
            email=values["email"],
            password=values["password"] or None,
            username=values["username"],
            email_verified=values["email_verified"],
            profile={"name": values["name"]} if values["name"] else None,
        )

    def update(self, actor: Actor, obj: User, changes: dict[str, Any]) -> None:
        services.update_user(actor=actor, user=obj, **changes)

    def remove(self, actor: Actor, obj: User) -> None:
        services.delete_user(actor=actor, user=obj)

    def consequences(self, obj: User) -> list[str]:
        return [
            _("The password, every membership and every role are gone."),
            _("Every session and token ends at once."),
        ]

    # -- actions ----------------------------------------------------------------------------------------------

    def has_block_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "support") and not self._is_blocked(object_id)

    def has_unblock_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "support") and self._is_blocked(object_id)

    def has_support_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "support")

    def has_edit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    @action(description=gettext_lazy("Block"), permissions=["block"], icon="block")
    def block(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = Question(
            title=_("Block %(user)s?") % {"user": self.fetch(request, object_id)},
            text=_("The person can no longer sign in anywhere, until you unblock the account."),
            button=_("Block"),
            back=self.url("change", unquote(object_id)),
            consequences=[_("Every session and refresh token ends at once.")],
        )
        return self._set_blocked(request, object_id, question, blocked=True)

    @action(description=gettext_lazy("Unblock"), permissions=["unblock"], icon="lock_open")
    def unblock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = Question(
            title=_("Unblock %(user)s?") % {"user": self.fetch(request, object_id)},
            text=_("The person can sign in again."),
            button=_("Unblock"),
            back=self.url("change", unquote(object_id)),
            is_dangerous=False,
        )
        return self._set_blocked(request, object_id, question, blocked=False)

    @action(description=gettext_lazy("Send a password reset"), permissions=["support"])
    def send_reset(self, request: HttpRequest, object_id: str) -> HttpResponse:
        title = _("Send %(user)s a link to set a new password?")
        return self._send(request, object_id, EmailTicket.Purpose.RESET_PASSWORD, title)

    @action(description=gettext_lazy("Send a verification mail"), permissions=["support"])
    def send_verification(self, request: HttpRequest, object_id: str) -> HttpResponse:
        title = _("Send %(user)s a link to verify the address?")
        return self._send(request, object_id, EmailTicket.Purpose.VERIFY_EMAIL, title)

    @action(description=gettext_lazy("Mark the address as verified"), permissions=["edit"])
    def mark_verified(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        question = Question(
            title=_("Mark %(email)s as verified?") % {"email": user.email},
            text=_("Do this only when you know that the address belongs to the person."),
            button=_("Mark as verified"),
            back=self.url("change", user.pk),
            is_dangerous=False,
        )

        def act(actor: Actor) -> str:
            services.update_user(actor=actor, user=user, email_verified=True)
            return _("The address counts as verified.")

        return confirm(self, request, question, act, obj=user)

    @action(description=gettext_lazy("Set a password"), permissions=["edit"])
    def set_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        form = PasswordForm(request.POST or None)

        def act(actor: Actor) -> bool:
            services.set_password(actor=actor, user=user, password=form.cleaned_data["password"])
            return True

        if request.method == "POST" and submit(request, form, act):
            messages.success(request, _("The password was changed. Every session of the person has ended."))
            return HttpResponseRedirect(self.url("change", user.pk))
        context = {
            "form": form,
            "heading": _("Set a password for %(user)s") % {"user": user},
            "lead": _("Every session and refresh token of the person ends."),
            "button": _("Set password"),
            "back": self.url("change", user.pk),
        }
        return page(self, request, "dashboard/form.html", context, obj=user, tab="overview")

    def roles_page(self, request: HttpRequest, user: User) -> HttpResponse:
        """Choose exactly the roles that a user holds tenant-wide."""
        self.require(request, "change" if request.method == "POST" else "view")
        held = [link.role for link in user.user_roles.select_related("role")]
        form = RolesForm(request.POST or None, initial={"roles": [role.pk for role in held]})
        if request.method == "POST" and not form.is_bound:
            form = RolesForm({}, initial=form.initial)

        def act(actor: Actor) -> bool:
            wanted = set(form.cleaned_data["roles"])
            if new := sorted(wanted - set(held), key=str):
                services.assign_roles(actor=actor, user=user, roles=new)
            if gone := [role for role in held if role not in wanted]:
                services.remove_roles(actor=actor, user=user, roles=gone)
            return True

        if request.method == "POST" and submit(request, form, act):
            messages.success(request, _("The roles were saved."))
            return HttpResponseRedirect(self.url("roles", user.pk))
        can_change = self.may(request, "change")
        context = {
            "form": form if can_change else None,
            "media": self.media + form.media,
            "heading": _("Tenant-wide roles"),
            "lead": _(
                "They count where no organization is involved. Roles within an organization are set at its members."
            ),
            "items": held,
            "button": _("Save") if can_change else "",
        }
        return page(self, request, "dashboard/form.html", context, obj=user, tab="roles")

    def _set_blocked(self, request: HttpRequest, object_id: str, question: Question, *, blocked: bool) -> HttpResponse:
        user = self.fetch(request, object_id)

        def act(actor: Actor) -> str:
            services.set_blocked(actor=actor, user=user, blocked=blocked)
            return _("%(user)s is blocked.") % {"user": user} if blocked else _("%(user)s is active.") % {"user": user}

        return confirm(self, request, question, act, obj=user)

    def _send(self, request: HttpRequest, object_id: str, purpose: str, title: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        question = Question(
            title=title % {"user": user},
            text=_("The mail goes to %(email)s. The link is good once.") % {"email": user.email},
            button=_("Send"),
            back=self.url("change", user.pk),
            is_dangerous=False,
        )

        def act(actor: Actor) -> str:
            tickets.send_ticket(actor=actor, purpose=purpose, identity=_password_identity(user))
            return _("The mail is on its way.")

        return confirm(self, request, question, act, obj=user)

    @staticmethod
    def _is_blocked(object_id: Any) -> bool:
        key = unquote(str(object_id))
        return key.isdigit() and User.objects.filter(pk=key, blocked=True).exists()


def _password_identity(user: User) -> Identity:
    identity = user.identities.select_related("connection", "user").filter(is_primary=True).first()
    if identity is None or not user.email or identity.connection.strategy != "auth0":
        raise Invalid(_("This user has no password here."), code="connection_not_database")
    return identity
