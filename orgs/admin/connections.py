"""The connections tab of an organization, and the organizations tab of a connection."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from core.actors import Actor
from core.dashboard.pages import Question, confirm, page, require, submit
from core.dashboard.paging import keyset_page
from identity.models import Connection
from orgs.admin.forms import EnableConnectionForm, SwitchesForm
from orgs.models import Organization, OrganizationConnection
from orgs.services import connections as services

_SWITCHES = ("assign_membership_on_login", "is_signup_enabled", "show_as_button")
_CHANGE = "orgs.change_organizationconnection"


def connections_page(admin: Any, request: HttpRequest, organization: Organization) -> HttpResponse:
    """List the connections that are enabled, and enable another."""
    require(request, _CHANGE if request.method == "POST" else "orgs.view_organizationconnection")
    form = EnableConnectionForm(request.POST or None)

    def act(actor: Actor) -> OrganizationConnection:
        switches = {name: form.cleaned_data[name] for name in _SWITCHES}
        return services.enable_connection(
            actor=actor, organization=organization, connection=form.cleaned_data["connection"], **switches
        )

    if request.method == "POST" and (link := submit(request, form, act)) is not None:
        messages.success(request, _("%(connection)s is enabled.") % {"connection": link.connection})
        return HttpResponseRedirect(admin.url("connections", organization.pk))
    rows = OrganizationConnection.objects.filter(organization=organization).select_related("connection")
    context = {
        "form": form,
        "media": admin.media + form.media,
        "page": keyset_page(request, rows),
        "can_change": request.user.has_perm(_CHANGE),
        "any_connection": Connection.objects.exists(),
    }
    return page(admin, request, "dashboard/connections.html", context, obj=organization, tab="connections")


def edit_page(admin: Any, request: HttpRequest, organization: Organization, *, link_id: int) -> HttpResponse:
    """Change how an enabled connection behaves for the organization."""
    require(request, _CHANGE)
    link = _link(organization, link_id)
    initial: dict[str, Any] = {name: getattr(link, name) for name in _SWITCHES}
    form = SwitchesForm(request.POST or None, initial=initial)
    # A form whose switches are all off posts nothing of its own but the token.
    if request.method == "POST" and not form.is_bound:
        form = SwitchesForm({}, initial=initial)

    def act(actor: Actor) -> bool:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            services.update_enabled_connection(actor=actor, link=link, **changes)
        return True

    if request.method == "POST" and submit(request, form, act):
        messages.success(request, _("%(connection)s was changed.") % {"connection": link.connection})
        return HttpResponseRedirect(admin.url("connections", organization.pk))
    context = {
        "form": form,
        "heading": _("%(connection)s for %(organization)s")
        % {"connection": link.connection, "organization": organization},
        "button": _("Save"),
        "back": admin.url("connections", organization.pk),
    }
    return page(admin, request, "dashboard/form.html", context, obj=organization, tab="connections")


def disable_page(admin: Any, request: HttpRequest, organization: Organization, *, link_id: int) -> HttpResponse:
    require(request, _CHANGE)
    link = _link(organization, link_id)
    question = Question(
        title=_("Disable %(connection)s for %(organization)s?")
        % {"connection": link.connection, "organization": organization},
        text=_("Members whose account is in this connection can no longer sign in to the organization."),
        button=_("Disable"),
        back=admin.url("connections", organization.pk),
        consequences=[_("They stay members."), _("Pending invitations through this connection cannot be accepted.")],
    )

    def act(actor: Actor) -> str:
        services.disable_connection(actor=actor, link=link)
        return _("%(connection)s is disabled.") % {"connection": link.connection}

    return confirm(admin, request, question, act, obj=organization)


def organizations_of_connection_page(admin: Any, request: HttpRequest, connection_id: str) -> HttpResponse:
    """List the organizations that a connection is enabled for."""
    require(request, "orgs.view_organizationconnection")
    connection = get_object_or_404(Connection, pk=unquote(connection_id))
    rows = OrganizationConnection.objects.filter(connection=connection).select_related("organization")
    context = {"page": keyset_page(request, rows), "opts": Connection._meta}
    return page(admin, request, "dashboard/connection_organizations.html", context, obj=connection, tab="organizations")


def _link(organization: Organization, link_id: int) -> OrganizationConnection:
    return get_object_or_404(
        OrganizationConnection.objects.select_related("connection", "organization"),
        pk=link_id,
        organization=organization,
    )
