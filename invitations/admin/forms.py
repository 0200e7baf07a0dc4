"""The form of an invitation. It shapes input; the service decides."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from core.dashboard.autocomplete import autocomplete, autocomplete_many
from core.dashboard.fields import LinesField
from identity.models import Application, Connection, Role
from invitations.models import Invitation, InvitationRole
from orgs import policy
from orgs.models import Organization

_UNITS: Final = {"minutes": 60, "hours": 3600, "days": 86400}
# One page of addresses at a time: they are written in one transaction.
_MOST_ADDRESSES: Final = 200


class InviteForm(forms.Form):
    """One or many addresses, and what the link leads to."""

    emails = LinesField(
        label=_("E-mail addresses"),
        separators=r"[\s,;]+",
        rows=3,
        help_text=_("One or many, on lines of their own or with commas between."),
    )
    application = forms.ModelChoiceField(
        label=_("Application"),
        queryset=Application.objects.filter(is_global=False),
        help_text=_("Where the link leads. It must allow organizations and have a login URI."),
    )
    connection = forms.ModelChoiceField(
        label=_("Connection"),
        queryset=Connection.objects.none(),
        required=False,
        empty_label=_("Any connection of the organization"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("Name one to let the invited person use no other."),
    )
    roles = forms.ModelMultipleChoiceField(
        label=_("Roles"),
        queryset=Role.objects.all(),
        required=False,
        help_text=_("The new member holds them in this organization."),
    )
    lifetime = forms.IntegerField(
        label=_("Valid for"), initial=7, min_value=1, max_value=43200, widget=UnfoldAdminIntegerFieldWidget
    )
    unit = forms.ChoiceField(
        label=_("Unit"),
        initial="days",
        choices=[("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days"))],
        widget=UnfoldAdminSelectWidget,
        help_text=_("From one minute to thirty days."),
    )
    inviter_name = forms.CharField(
        label=_("Invited by"),
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The name that the invited person reads."),
    )
    delivery = forms.ChoiceField(
        label=_("Delivery"),
        initial="email",
        choices=[("email", _("Send an e-mail")), ("link", _("Show me the link, send nothing"))],
        widget=UnfoldAdminRadioSelectWidget,
    )

    def __init__(self, organization: Organization, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        enabled = [link.connection_id for link in policy.connections_for(organization)]
        connection: Any = self.fields["connection"]
        connection.queryset = Connection.objects.filter(pk__in=enabled)
        self.fields["application"].widget = autocomplete(Invitation, "application", self.fields["application"])
        self.fields["roles"].widget = autocomplete_many(InvitationRole, "role", self.fields["roles"])

    def clean_emails(self) -> list[str]:
        addresses: list[str] = self.cleaned_data["emails"]
        if len(addresses) > _MOST_ADDRESSES:
            raise forms.ValidationError(
                _("At most %(most)d addresses at a time."), code="too_many", params={"most": _MOST_ADDRESSES}
            )
        return addresses

    def arguments(self) -> dict[str, Any]:
        """Return what the service is told, from a valid form."""
        data = self.cleaned_data
        lifetime = timedelta(seconds=data["lifetime"] * _UNITS[data["unit"]])
        return {
            "emails": data["emails"],
            "application": data["application"],
            "connection": data["connection"],
            "roles": list(data["roles"]),
            "inviter_name": data["inviter_name"],
            "ttl_seconds": int(lifetime.total_seconds()),
            "send_email": data["delivery"] == "email",
        }
