"""The forms of an organization's pages. They shape input; the services decide."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from core.dashboard.autocomplete import autocomplete, autocomplete_many
from core.dashboard.fields import KeyValueField
from identity.models import Connection, Role, User
from orgs.models import MemberRole, Membership, Organization, OrganizationConnection


class OrganizationForm(forms.ModelForm[Organization]):
    """Name, display name and metadata."""

    metadata = KeyValueField(
        label=_("Metadata"),
        required=False,
        help_text=_("Up to 25 pairs of your own, available to applications and scripts."),
    )

    class Meta:
        model = Organization
        fields = ("name", "display_name", "metadata")
        help_texts: ClassVar = {
            "name": _(
                "Used in addresses and tokens: 1 to 50 lower-case letters, digits, hyphens and underscores, not starting with org_."
            ),
            "display_name": _("What people see on the login page and in mails. Left empty, they see the name."),
        }


class BrandingForm(forms.ModelForm[Organization]):
    """Logo and colours of the login pages."""

    class Meta:
        model = Organization
        fields = ("logo_url", "primary_color", "page_background_color")
        widgets: ClassVar = {
            "logo_url": UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "placeholder": "https://"}),
            "primary_color": UnfoldAdminTextInputWidget(attrs={"placeholder": "#3b3fd8", "data-colour": "primary"}),
            "page_background_color": UnfoldAdminTextInputWidget(
                attrs={"placeholder": "#f2f3f8", "data-colour": "background"}
            ),
        }
        help_texts: ClassVar = {
            "logo_url": _("A square picture, at least 128 pixels wide. The address must start with https."),
            "primary_color": _("Buttons and links, as # and six hexadecimal digits."),
            "page_background_color": _("Behind the card, as # and six hexadecimal digits."),
        }


class AddMembersForm(forms.Form):
    """Existing users to be made members, with the roles they receive."""

    users = forms.ModelMultipleChoiceField(
        label=_("Users"),
        queryset=User.objects.filter(operator_role=""),
        help_text=_(
            "Type three letters or more of an e-mail address or a name. To bring in somebody new, invite them."
        ),
    )
    roles = forms.ModelMultipleChoiceField(
        label=_("Roles in this organization"), queryset=Role.objects.all(), required=False
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["users"].widget = autocomplete_many(Membership, "user", self.fields["users"])
        self.fields["roles"].widget = autocomplete_many(MemberRole, "role", self.fields["roles"])


class MemberRolesForm(forms.Form):
    """Exactly the roles that a member holds."""

    roles = forms.ModelMultipleChoiceField(
        label=_("Roles in this organization"), queryset=Role.objects.all(), required=False
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["roles"].widget = autocomplete_many(MemberRole, "role", self.fields["roles"])


class SwitchesForm(forms.Form):
    """How an enabled connection behaves for the organization."""

    assign_membership_on_login = forms.BooleanField(
        label=_("Membership on authentication"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_(
            "Whoever signs in through this connection becomes a member. Off: only invited or added people get in."
        ),
    )
    is_signup_enabled = forms.BooleanField(
        label=_("Organization sign-up"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_(
            "People may create an account on the login page. Needs a database connection and membership on authentication."
        ),
    )
    show_as_button = forms.BooleanField(
        label=_("Display as button"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_(
            "Show an enterprise connection on the login page. Hidden, it still works when an application names it."
        ),
    )


class EnableConnectionForm(SwitchesForm):
    """A connection to enable, with its switches."""

    connection = forms.ModelChoiceField(label=_("Connection"), queryset=Connection.objects.all())
    field_order = ("connection",)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["connection"].widget = autocomplete(OrganizationConnection, "connection", self.fields["connection"])


__all__ = [
    "AddMembersForm",
    "BrandingForm",
    "EnableConnectionForm",
    "MemberRolesForm",
    "OrganizationForm",
    "SwitchesForm",
]
