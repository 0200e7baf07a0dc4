"""The options of a database connection as a form; the strategy validates what comes of it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from core.dashboard.fields import KeyValueField, LinesField
from identity.models import Connection

_POLICIES: Final = [
    ("none", _("None – any password, even one character")),
    ("low", _("Low – 6 characters")),
    ("fair", _("Fair – 8 characters with lower-case and upper-case letters and digits")),
    ("good", _("Good – 8 characters of three kinds: lower case, upper case, digits, special characters")),
    ("excellent", _("Excellent – 10 characters of three kinds, no character more than twice in a row")),
]


def _switch(label: Any, help_text: Any = "", *, initial: bool = False) -> forms.BooleanField:
    return forms.BooleanField(
        label=label, help_text=help_text, required=False, initial=initial, widget=UnfoldBooleanSwitchWidget
    )


def _number(
    label: Any, lowest: int, highest: int, help_text: Any = "", initial: int | None = None
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=lowest,
        max_value=highest,
        required=False,
        initial=initial,
        help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class OptionsForm(forms.Form):
    """What a database connection asks of passwords and of people who sign up."""

    policy = forms.ChoiceField(
        label=_("Password policy"), choices=_POLICIES, initial="good", widget=UnfoldAdminRadioSelectWidget
    )
    min_length = _number(_("Minimum length"), 1, 128, _("Overrides the policy's own length."))
    history = _switch(_("Password history"), _("A new password may not be one of the last ones."))
    history_size = _number(_("Passwords remembered"), 1, 24, initial=5)
    dictionary = _switch(_("Password dictionary"), _("Refuses the 20,000 most common passwords and your own words."))
    dictionary_words = LinesField(
        label=_("Own words"), required=False, help_text=_("One a line, at most 200; for instance your product's name.")
    )
    no_personal_info = _switch(
        _("No personal information"), _("A password may not contain the person's name or address.")
    )
    signup = _switch(
        _("Allow sign-up"), _("People may create their own account where no organization is involved."), initial=True
    )
    requires_username = _switch(_("Usernames"), _("Every account has a username, which also signs in."))
    username_min = _number(_("Shortest username"), 1, 128, initial=1)
    username_max = _number(_("Longest username"), 1, 128, initial=15)
    brute_force_protection = _switch(
        _("Brute-force protection"), _("Waits after wrong passwords in a row for one account."), initial=True
    )

    OPTION_FIELDS = (
        "policy",
        "min_length",
        "history",
        "history_size",
        "dictionary",
        "dictionary_words",
        "no_personal_info",
        "signup",
        "requires_username",
        "username_min",
        "username_max",
        "brute_force_protection",
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        lowest, highest = cleaned.get("username_min"), cleaned.get("username_max")
        if lowest and highest and lowest > highest:
            self.add_error("username_max", _("The longest username is shorter than the shortest."))
        return cleaned

    def options(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the strategy's options: those stored, with what the form says in place of theirs."""
        data = self.cleaned_data
        found = {
            **stored,
            "passwordPolicy": data["policy"],
            "password_history": {"enable": data["history"], "size": data["history_size"] or 5},
            "password_dictionary": {"enable": data["dictionary"], "dictionary": data["dictionary_words"]},
            "password_no_personal_info": {"enable": data["no_personal_info"]},
            "disable_signup": not data["signup"],
            "requires_username": data["requires_username"],
            "brute_force_protection": data["brute_force_protection"],
            "validation": {"username": {"min": data["username_min"] or 1, "max": data["username_max"] or 15}},
        }
        found.pop("password_complexity_options", None)
        if data["min_length"]:
            found["password_complexity_options"] = {"min_length": data["min_length"]}
        return found

    @staticmethod
    def initial_of(options: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the form shows for stored options."""
        history, words = options.get("password_history", {}), options.get("password_dictionary", {})
        username = (options.get("validation") or {}).get("username") or {}
        return {
            "policy": options.get("passwordPolicy") or "none",
            "min_length": options.get("password_complexity_options", {}).get("min_length"),
            "history": history.get("enable", False),
            "history_size": history.get("size", 5),
            "dictionary": words.get("enable", False),
            "dictionary_words": words.get("dictionary", []),
            "no_personal_info": options.get("password_no_personal_info", {}).get("enable", False),
            "signup": not options.get("disable_signup", False),
            "requires_username": options.get("requires_username", False),
            "username_min": username.get("min", 1),
            "username_max": username.get("max", 15),
            "brute_force_protection": options.get("brute_force_protection", True),
        }


class ConnectionForm(forms.ModelForm[Connection]):
    """What may change of a connection beside its options."""

    metadata = KeyValueField(label=_("Metadata"), required=False)

    class Meta:
        model = Connection
        fields = ("display_name", "metadata")
        help_texts: ClassVar = {"display_name": _("What people see. Left empty, they see the name.")}


class NewConnectionForm(OptionsForm, forms.ModelForm[Connection]):
    """A new database connection with its options."""

    class Meta:
        model = Connection
        fields = ("name", "display_name")
        help_texts: ClassVar = {
            "name": _("Letters, digits and hyphens. It cannot be changed later."),
            "display_name": _("What people see. Left empty, they see the name."),
        }
