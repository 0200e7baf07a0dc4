"""Operators: the people of the dashboard. Owners alone see and change them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminRadioSelectWidget

from core.actors import Actor
from core.dashboard.base import ServiceModelAdmin
from core.dashboard.pages import Question, Shown, confirm, show_once
from identity.models import Operator, OperatorRole
from identity.services import operators as services

_ROLES = [
    (OperatorRole.OWNER, gettext_lazy("Owner – everything, with operators, signing keys and client secrets")),
    (OperatorRole.EDITOR, gettext_lazy("Editor – sets up and changes everything else")),
    (OperatorRole.SUPPORT, gettext_lazy("Support – reads everything; invites, blocks and sends mails")),
    (OperatorRole.AUDITOR, gettext_lazy("Auditor – reads everything")),
]


class OperatorForm(forms.ModelForm[Operator]):
    """Who it is and what they may do."""

    email = forms.CharField(label=gettext_lazy("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    operator_role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=_ROLES, initial=OperatorRole.EDITOR, widget=UnfoldAdminRadioSelectWidget
    )

    class Meta:
        model = Operator
        fields = ("email", "operator_role")

    def _post_clean(self) -> None:
        """Nothing: the service judges the address, and the last owner."""


class RoleForm(OperatorForm):
    """What an operator may do."""

    email = None  # type: ignore[assignment]  # the form's way of leaving out an inherited field

    class Meta:
        model = Operator
        fields = ("operator_role",)


@admin.register(Operator)
class OperatorAdmin(ServiceModelAdmin):
    """The people who may sign in here."""

    list_display = ("email", "role_badge", "last_login", "created_at")
    search_parts = ("email", "name")
    search_keys = ()
    ordering = ("email",)
    sortable_by = ()
    fieldsets = ((None, {"fields": ("email", "operator_role", "last_login", "last_password_reset")}),)
    add_fieldsets = ((None, {"fields": ("email", "operator_role")}),)
    audit_type = "operator"
    audit_key = "user_id"
    error_fields: ClassVar = {"role": "operator_role"}
    actions_detail = ("reset_password",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Operator]":
        found: QuerySet[Operator] = super().get_queryset(request).exclude(operator_role="")
        return found

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = RoleForm if obj else OperatorForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("email", "last_login", "last_password_reset") if obj else ()

    @display(description=gettext_lazy("Role"), label={OperatorRole.OWNER: "primary"})
    def role_badge(self, operator: Operator) -> tuple[str, Any]:
        return operator.operator_role, operator.get_operator_role_display()

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        created = services.create_operator(actor=actor, email=values["email"], role=values["operator_role"])
        operator: Any = Operator.objects.filter(pk=created.user.pk).get()
        # `response_add` shows it once; it lives on this object, in this request.
        operator.password_to_show = created.password
        return operator

    def update(self, actor: Actor, obj: Operator, changes: dict[str, Any]) -> None:
        services.change_role(actor=actor, user=obj, role=changes["operator_role"])

    def remove(self, actor: Actor, obj: Operator) -> None:
        services.remove_operator(actor=actor, user=obj)

    def consequences(self, obj: Operator) -> list[str]:
        return [_("The person can no longer sign in to the dashboard."), _("What they did stays in the audit log.")]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_password(request, obj, obj.password_to_show)

    def has_reset_password_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    @action(description=gettext_lazy("Reset password"), permissions=["reset_password"], icon="lock_reset")
    def reset_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        operator = self.fetch(request, object_id)
        question = Question(
            title=_("Reset the password of %(operator)s?") % {"operator": operator},
            text=_("A new password is made and shown once."),
            button=_("Reset password"),
            back=self.url("change", operator.pk),
            consequences=[_("The old password stops working, and every session of theirs at the dashboard ends.")],
        )

        def act(actor: Actor) -> HttpResponse:
            return self._show_password(request, operator, services.reset_password(actor=actor, user=operator))

        return confirm(self, request, question, act, obj=operator)

    def _show_password(self, request: HttpRequest, operator: Operator, password: str) -> HttpResponse:
        shown = Shown(
            title=_("The password of %(operator)s") % {"operator": operator},
            text=_("Copy it now and hand it over safely: it is not shown again. They can change it after signing in."),
            values=[(_("E-mail"), operator.email), (_("Password"), password)],
            onward=self.url("changelist"),
            button=_("I have copied it"),
        )
        return show_once(self, request, shown, obj=operator)
