"""Connections: create a database, its password policy and sign-up, the applications it is enabled for."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from core.actors import Actor
from core.dashboard.autocomplete import autocomplete
from core.dashboard.base import ServiceModelAdmin
from core.dashboard.pages import Question, confirm, page, submit
from core.dashboard.paging import keyset_page
from identity.admin.connection_forms import ConnectionForm, NewConnectionForm, OptionsForm
from identity.models import Application, ApplicationConnection, Connection
from identity.services import connections as services
from identity.strategies import strategy_class
from identity.strategies.database import DatabaseStrategy

_OPTIONS_FIELDSETS = (
    (
        gettext_lazy("Passwords"),
        {
            "fields": (
                "policy",
                "min_length",
                "history",
                "history_size",
                "dictionary",
                "dictionary_words",
                "no_personal_info",
            )
        },
    ),
    (
        gettext_lazy("Sign-up and usernames"),
        {"fields": ("signup", "requires_username", "username_min", "username_max", "brute_force_protection")},
    ),
)


class EnableForm(forms.Form):
    """An application to enable a connection for."""

    application = forms.ModelChoiceField(
        label=gettext_lazy("Application"), queryset=Application.objects.filter(is_global=False)
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["application"].widget = autocomplete(
            ApplicationConnection, "application", self.fields["application"]
        )


@admin.register(Connection)
class ConnectionAdmin(ServiceModelAdmin):
    """A configured source of users."""

    list_display = ("heading", "name", "strategy_label", "id", "created_at")
    search_parts = ("name", "display_name")
    search_keys = ("id",)
    search_help_text = gettext_lazy("A part of the name or display name, or an ID")
    ordering = ("name",)
    sortable_by = ("name", "created_at")
    fieldsets = ((None, {"fields": ("name", "strategy_label", "display_name")}), (None, {"fields": ("metadata",)}))
    add_fieldsets = ((None, {"fields": ("name", "display_name")}), *_OPTIONS_FIELDSETS)
    audit_type = "connection"
    object_pages: ClassVar = {
        "settings": "settings_page",
        "applications": "applications_page",
        "applications/<int:link_id>/disable": "application_disable_page",
    }
    empty_text = gettext_lazy(
        "A connection is where accounts come from. Create a database, then enable it for an application and an organization."
    )
    empty_icon = "database"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = ConnectionForm if obj else NewConnectionForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "strategy_label") if obj else ()

    @display(description=gettext_lazy("Connection"))
    def heading(self, connection: Connection) -> str:
        return str(connection)

    @display(description=gettext_lazy("Strategy"))
    def strategy_label(self, connection: Connection) -> str:
        return str(strategy_class(connection.strategy).label)

    # -- changing ---------------------------------------------------------------------------------------------

    def values(self, form: Any) -> dict[str, Any]:
        data = form.cleaned_data
        return {"name": data["name"], "display_name": data["display_name"], "options": form.options({})}

    def create(self, actor: Actor, values: dict[str, Any]) -> Connection:
        return services.create_connection(actor=actor, strategy=DatabaseStrategy.name, **values)

    def update(self, actor: Actor, obj: Connection, changes: dict[str, Any]) -> None:
        services.update_connection(actor=actor, connection=obj, **changes)

    def remove(self, actor: Actor, obj: Connection) -> None:
        services.delete_connection(actor=actor, connection=obj)

    def consequences(self, obj: Connection) -> list[str]:
        return [
            _("All users of this connection are deleted, with their passwords, memberships and sessions."),
            _("It is disabled for every application and organization."),
        ]

    # -- tabs -------------------------------------------------------------------------------------------------

    def settings_page(self, request: HttpRequest, connection: Connection) -> HttpResponse:
        """Show and change the options of a database connection."""
        self.require(request, "change" if request.method == "POST" else "view")
        form = OptionsForm(request.POST or None, initial=OptionsForm.initial_of(connection.options))

        def act(actor: Actor) -> Connection:
            options = form.options(connection.options)
            return services.update_connection(actor=actor, connection=connection, options=options)

        if request.method == "POST" and submit(request, form, act) is not None:
            messages.success(request, _("The settings were saved."))
            return HttpResponseRedirect(self.url("settings", connection.pk))
        can_change = self.may(request, "change")
        for bound in form.fields.values():
            bound.disabled = not can_change
        context = {
            "form": form,
            "groups": [(title, [form[name] for name in options["fields"]]) for title, options in _OPTIONS_FIELDSETS],
            "button": _("Save") if can_change else "",
        }
        return page(self, request, "dashboard/form.html", context, obj=connection, tab="settings")

    def applications_page(self, request: HttpRequest, connection: Connection) -> HttpResponse:
        """List the applications that a connection is enabled for, and enable it for another."""
        self.require(request, "change" if request.method == "POST" else "view")
        form = EnableForm(request.POST or None)

        def act(actor: Actor) -> bool:
            chosen = form.cleaned_data["application"]
            services.enable_for_application(actor=actor, connection=connection, application=chosen)
            return True

        if request.method == "POST" and submit(request, form, act):
            messages.success(request, _("It is enabled for %(name)s.") % {"name": form.cleaned_data["application"]})
            return HttpResponseRedirect(self.url("applications", connection.pk))
        rows = ApplicationConnection.objects.filter(connection=connection).select_related("application")
        context = {
            "form": form,
            "media": self.media + form.media,
            "page": keyset_page(request, rows),
            "can_change": self.may(request, "change"),
        }
        return page(
            self, request, "dashboard/connection_applications.html", context, obj=connection, tab="applications"
        )

    def application_disable_page(self, request: HttpRequest, connection: Connection, link_id: int) -> HttpResponse:
        self.require(request, "change")
        link = get_object_or_404(
            ApplicationConnection.objects.select_related("application"), pk=link_id, connection=connection
        )
        question = Question(
            title=_("Disable %(connection)s for %(name)s?") % {"connection": connection, "name": link.application},
            text=_(
                "Its people can sign in to the application only for an organization that has the connection enabled."
            ),
            button=_("Disable"),
            back=self.url("applications", connection.pk),
            consequences=[
                _("When it is enabled for no application at all, users can no longer be created in it here.")
            ],
        )

        def act(actor: Actor) -> str:
            services.disable_for_application(actor=actor, connection=connection, application=link.application)
            return _("It is disabled for %(name)s.") % {"name": link.application}

        return confirm(self, request, question, act, obj=connection)
