"""The forms of the login pages. Their ids are the field names and stay stable."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.passwords import MAXIMUM_LENGTH

# Longer input is refused before anything looks at it.
LONGEST_IDENTIFIER = 320


class PageForm(forms.Form):
    """A form whose inputs bear their names as ids and say where their errors are."""

    use_required_attribute = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "%s")
        super().__init__(*args, **kwargs)

    def refuse(self, message: str, field: str | None = None) -> None:
        """Add an error from a service to the field at fault, or to the whole form."""
        self.add_error(field if field in self.fields else None, message)


def password_field(*, new: bool, label: Any = None) -> forms.CharField:
    """A password input; what is typed is never trimmed nor shown again."""
    return forms.CharField(
        label=label or _("Password"),
        max_length=MAXIMUM_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"}),
    )


class LoginForm(PageForm):
    username = forms.CharField(
        label=_("Email address or username"),
        max_length=LONGEST_IDENTIFIER,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "inputmode": "email"}
        ),
    )
    password = password_field(new=False)

    def __init__(self, *args: Any, with_username: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_username:
            self.fields["username"].label = _("Email address")


class SignupForm(PageForm):
    email = forms.CharField(
        label=_("Email address"),
        max_length=LONGEST_IDENTIFIER,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=128,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = password_field(new=True)

    def __init__(self, *args: Any, with_username: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_username:
            del self.fields["username"]


class InvitationSignupForm(SignupForm):
    """Sign-up from an invitation: the address is the invited one and no input at all."""

    def __init__(self, *args: Any, with_username: bool, **kwargs: Any) -> None:
        super().__init__(*args, with_username=with_username, **kwargs)
        del self.fields["email"]


class InvitationLoginForm(PageForm):
    """Sign-in from an invitation: the address is the invited one."""

    password = password_field(new=False)


class ResetRequestForm(PageForm):
    email = forms.CharField(
        label=_("Email address"),
        max_length=LONGEST_IDENTIFIER,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class NewPasswordForm(PageForm):
    password = password_field(new=True, label=_("New password"))
    repeated = password_field(new=True, label=_("Repeat the new password"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") != cleaned.get("repeated") and "repeated" in cleaned:
            self.add_error("repeated", _("The two passwords differ."))
        return cleaned


class OrganizationNameForm(PageForm):
    organization = forms.CharField(
        label=_("Name of your organization"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autocapitalize": "none", "spellcheck": "false"}),
    )
