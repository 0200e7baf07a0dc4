"""The application configuration of oidc."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OIDCConfig(AppConfig):
    name = "oidc"
    verbose_name = _("OpenID Provider")
    default_auto_field = "django.db.models.BigAutoField"
