"""The forms of users. They shape input; the services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldBooleanSwitchWidget,
)

from core.dashboard.autocomplete import autocomplete, autocomplete_many
from core.dashboard.fields import JSONTextField
from identity.models import Connection, Identity, Role, User, UserRole


class UserForm(forms.ModelForm[User]):
    """Profile and metadata of a user."""

    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=UnfoldAdminEmailInputWidget)
    user_metadata = JSONTextField(
        label=_("User metadata"), help_text=_("What the person may see and change, such as preferences.")
    )
    app_metadata = JSONTextField(
        label=_("Application metadata"), help_text=_("What only you may change, such as plans and external ids.")
    )

    class Meta:
        model = User
        fields = (
            "email",
            "email_verified",
            "name",
            "nickname",
            "given_name",
            "family_name",
            "locale",
            "user_metadata",
            "app_metadata",
        )


class NewUserForm(forms.ModelForm[User]):
    """A new user of a database connection."""

    connection = forms.ModelChoiceField(
        label=_("Connection"),
        queryset=Connection.objects.all(),
        help_text=_("A database connection that is enabled for at least one application."),
    )
    email = forms.CharField(label=_("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=128,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Left empty, the person sets one by “forgot password”."),
    )
    email_verified = forms.BooleanField(label=_("E-mail verified"), required=False, widget=UnfoldBooleanSwitchWidget)

    class Meta:
        model = User
        fields = ("email", "username", "name")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["connection"].widget = autocomplete(Identity, "connection", self.fields["connection"])

    def _post_clean(self) -> None:
        """Nothing: this user does not exist yet, the service judges every field."""


class PasswordForm(forms.Form):
    """A new password for a user."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("It must fit the connection's policy."),
    )


class RolesForm(forms.Form):
    """Exactly the roles that a user holds tenant-wide."""

    roles = forms.ModelMultipleChoiceField(label=_("Roles"), queryset=Role.objects.all(), required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["roles"].widget = autocomplete_many(UserRole, "role", self.fields["roles"])
