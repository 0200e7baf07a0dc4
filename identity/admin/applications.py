"""Applications: settings, the secret (shown once, revealed to owners), and the connections enabled for one."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from core.actors import Actor
from core.dashboard.autocomplete import autocomplete
from core.dashboard.base import ServiceModelAdmin
from core.dashboard.pages import Question, Shown, confirm, page, show_once, submit
from core.dashboard.paging import keyset_page
from identity.admin.application_forms import APPLICATION_FIELDSETS, NEW_APPLICATION_FIELDSETS, ApplicationForm
from identity.models import Application, ApplicationConnection, Connection
from identity.services import applications as services
from identity.services import connections as connection_services


class EnableForm(forms.Form):
    """A connection to enable for an application."""

    connection = forms.ModelChoiceField(label=gettext_lazy("Connection"), queryset=Connection.objects.all())

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["connection"].widget = autocomplete(ApplicationConnection, "connection", self.fields["connection"])


class ApplicationAdmin(ServiceModelAdmin):
    """A registered relying party. The toolkit registers this class under the name that the settings give."""

    form = ApplicationForm
    list_display = ("name", "client_id", "type_label", "usage_label", "created_at")
    list_filter = (("app_type", ChoicesDropdownFilter), ("organization_usage", ChoicesDropdownFilter))
    list_filter_submit = True
    search_parts = ("name",)
    search_keys = ("client_id",)
    search_help_text = gettext_lazy("A part of the name, or a client ID")
    ordering = ("name", "id")
    sortable_by = ("name", "created_at")
    fieldsets = APPLICATION_FIELDSETS
    add_fieldsets = NEW_APPLICATION_FIELDSETS
    change_form_outer_before_template = "dashboard/application_top.html"
    audit_type = "application"
    audit_key = "client_id"
    actions_detail = ("rotate_secret", "reveal_secret")
    object_pages: ClassVar = {
        "connections": "connections_page",
        "connections/<int:link_id>/disable": "connection_disable_page",
    }
    empty_text = gettext_lazy(
        "An application is what people sign in to. Create one, set its callback URLs and its login URI, and let it allow organizations."
    )
    empty_icon = "apps"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Application]":
        found: QuerySet[Application] = super().get_queryset(request).filter(is_global=False)
        return found

    @display(description=gettext_lazy("Type"))
    def type_label(self, application: Application) -> str:
        return str(application.get_app_type_display())

    @display(description=gettext_lazy("Types of users"))
    def usage_label(self, application: Application) -> str:
        return str(application.get_organization_usage_display())

    # -- changing ---------------------------------------------------------------------------------------------

    def values(self, form: Any) -> dict[str, Any]:
        shown = {name for _title, options in self.add_fieldsets for name in options["fields"]}
        return {name: value for name, value in form.cleaned_data.items() if name in shown}

    def create(self, actor: Actor, values: dict[str, Any]) -> Application:
        created = services.create_application(actor=actor, **values)
        # `response_add` shows it once; it lives on this object, in this request.
        created.application.secret_to_show = created.client_secret
        return created.application

    def update(self, actor: Actor, obj: Application, changes: dict[str, Any]) -> None:
        services.update_application(actor=actor, application=obj, **changes)

    def remove(self, actor: Actor, obj: Application) -> None:
        services.delete_application(actor=actor, application=obj)

    def consequences(self, obj: Application) -> list[str]:
        return [
            _("Nobody can sign in to it any more; its tokens are gone."),
            _("Its pending invitations are void."),
            _("Its grants on APIs are gone."),
        ]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        secret = getattr(obj, "secret_to_show", "")
        if not secret or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return self._show_secret(request, obj, secret, _("%(name)s was created") % {"name": obj.name})

    def _show_secret(self, request: HttpRequest, application: Application, secret: str, title: str) -> HttpResponse:
        shown = Shown(
            title=title,
            text=_("Copy the client secret now: it is not shown again. Keep it where nobody else can read it."),
            values=[(_("Client ID"), application.client_id), (_("Client secret"), secret)],
            onward=self.url("change", application.pk),
            button=_("I have copied it"),
        )
        return show_once(self, request, shown, obj=application)

    def has_rotate_secret_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def has_reveal_secret_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "reveal")

    @action(description=gettext_lazy("Rotate secret"), permissions=["rotate_secret"], icon="autorenew")
    def rotate_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.fetch(request, object_id)
        question = Question(
            title=_("Rotate the secret of %(name)s?") % {"name": application},
            text=_("A new secret is made and shown once."),
            button=_("Rotate secret"),
            back=self.url("change", application.pk),
            consequences=[
                _("The old secret stops working at once: change the application's configuration right after.")
            ],
        )

        def act(actor: Actor) -> HttpResponse:
            secret = services.rotate_secret(actor=actor, application=application)
            return self._show_secret(request, application, secret, _("The new client secret"))

        return confirm(self, request, question, act, obj=application)

    @action(description=gettext_lazy("Reveal secret"), permissions=["reveal_secret"], icon="visibility")
    def reveal_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.fetch(request, object_id)
        question = Question(
            title=_("Reveal the secret of %(name)s?") % {"name": application},
            text=_("It is shown once, and the audit log keeps that you saw it."),
            button=_("Reveal secret"),
            back=self.url("change", application.pk),
            is_dangerous=False,
        )

        def act(actor: Actor) -> HttpResponse:
            secret = services.reveal_secret(actor=actor, application=application)
            return self._show_secret(request, application, secret, _("The client secret"))

        return confirm(self, request, question, act, obj=application)

    # -- the connections tab ----------------------------------------------------------------------------------

    def connections_page(self, request: HttpRequest, application: Application) -> HttpResponse:
        """List the connections enabled for an application, and enable another."""
        self.require(request, "change" if request.method == "POST" else "view")
        form = EnableForm(request.POST or None)

        def act(actor: Actor) -> bool:
            chosen = form.cleaned_data["connection"]
            connection_services.enable_for_application(actor=actor, connection=chosen, application=application)
            return True

        if request.method == "POST" and submit(request, form, act):
            messages.success(request, _("%(name)s is enabled.") % {"name": form.cleaned_data["connection"]})
            return HttpResponseRedirect(self.url("connections", application.pk))
        rows = ApplicationConnection.objects.filter(application=application).select_related("connection")
        context = {
            "form": form,
            "media": self.media + form.media,
            "page": keyset_page(request, rows),
            "can_change": self.may(request, "change"),
        }
        return page(
            self, request, "dashboard/application_connections.html", context, obj=application, tab="connections"
        )

    def connection_disable_page(self, request: HttpRequest, application: Application, link_id: int) -> HttpResponse:
        self.require(request, "change")
        link = get_object_or_404(
            ApplicationConnection.objects.select_related("connection"), pk=link_id, application=application
        )
        question = Question(
            title=_("Disable %(connection)s for %(name)s?") % {"connection": link.connection, "name": application},
            text=_(
                "People of this connection can sign in to the application only for an organization that has it enabled."
            ),
            button=_("Disable"),
            back=self.url("connections", application.pk),
        )

        def act(actor: Actor) -> str:
            connection_services.disable_for_application(
                actor=actor, connection=link.connection, application=application
            )
            return _("%(name)s is disabled.") % {"name": link.connection}

        return confirm(self, request, question, act, obj=application)
