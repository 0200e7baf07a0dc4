"""The application configuration of oidc."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OIDCConfig(AppConfig):
    name = "oidc"
    verbose_name = _("OpenID Provider")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of a deployment; they need the models."""
        import_module("oidc.checks")
