"""The form of an application. It shapes input; the model and the services decide."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from core.dashboard.fields import KeyValueField, LinesField
from identity.models import Application
from identity.models.application import default_grant_types

_GRANT_TYPES = [
    ("authorization_code", _("Authorization code")),
    ("refresh_token", _("Refresh token")),
    ("client_credentials", _("Client credentials")),
    ("implicit", _("Implicit (ID token by form post)")),
    ("http://auth0.com/oauth/grant-type/password-realm", _("Password with a realm (legacy)")),
    ("password", _("Password (legacy)")),
]


def _lines(label: Any, help_text: Any) -> LinesField:
    return LinesField(label=label, required=False, help_text=help_text)


class ApplicationForm(forms.ModelForm[Application]):
    """Everything that an operator sets about an application; lists are typed one a line."""

    callbacks = _lines(
        _("Callback URLs"),
        _(
            "One a line. A login returns to one of these, compared letter by letter. {organization_name} may stand for the first label of the host."
        ),
    )
    allowed_logout_urls = _lines(_("Logout URLs"), _("One a line. Where a logout may lead."))
    web_origins = _lines(
        _("Web origins"), _("One a line, without a final slash. Pages that may renew tokens silently.")
    )
    allowed_origins = _lines(_("Allowed origins (CORS)"), _("One a line, without a final slash."))
    grant_types = forms.MultipleChoiceField(
        label=_("Grant types"),
        choices=_GRANT_TYPES,
        required=False,
        initial=default_grant_types,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    client_metadata = KeyValueField(label=_("Metadata"), required=False)

    class Meta:
        model = Application
        fields = (
            "name",
            "description",
            "app_type",
            "token_endpoint_auth_method",
            "is_first_party",
            "initiate_login_uri",
            "callbacks",
            "allowed_logout_urls",
            "web_origins",
            "allowed_origins",
            "organization_usage",
            "organization_require_behavior",
            "id_token_lifetime_seconds",
            "refresh_token_rotation",
            "refresh_token_expiration",
            "refresh_token_leeway_seconds",
            "refresh_token_lifetime_seconds",
            "refresh_token_idle_lifetime_seconds",
            "grant_types",
            "logo_uri",
            "client_metadata",
        )
        help_texts: ClassVar = {
            "app_type": _("Single-page and native applications cannot keep a secret and use PKCE instead."),
            "is_first_party": _("Your own application: nobody is asked to consent."),
            "initiate_login_uri": _(
                "Where an invitation link leads: a page of the application that sends the browser on to /authorize with the parameters it was given."
            ),
            "organization_usage": _(
                "Individuals: people sign in for themselves. Business users: always for an organization. Both: either."
            ),
            "organization_require_behavior": _(
                "What happens when the application names no organization: people choose one before or after they sign in, or are refused."
            ),
        }


APPLICATION_FIELDSETS = (
    (
        _("Settings"),
        {"fields": ("name", "description", "app_type", "token_endpoint_auth_method", "is_first_party", "logo_uri")},
    ),
    (
        _("Organizations"),
        {"fields": ("organization_usage", "organization_require_behavior")},
    ),
    (
        _("URLs"),
        {"fields": ("initiate_login_uri", "callbacks", "allowed_logout_urls", "web_origins", "allowed_origins")},
    ),
    (_("Tokens"), {"fields": ("id_token_lifetime_seconds", "grant_types")}),
    (
        _("Refresh tokens"),
        {
            "fields": (
                "refresh_token_rotation",
                "refresh_token_leeway_seconds",
                "refresh_token_expiration",
                "refresh_token_lifetime_seconds",
                "refresh_token_idle_lifetime_seconds",
            )
        },
    ),
    (_("Metadata"), {"fields": ("client_metadata",)}),
)
NEW_APPLICATION_FIELDSETS = (
    (None, {"fields": ("name", "app_type", "is_first_party")}),
    (_("Organizations"), {"fields": ("organization_usage", "organization_require_behavior")}),
    (_("URLs"), {"fields": ("initiate_login_uri", "callbacks", "allowed_logout_urls", "web_origins")}),
)
