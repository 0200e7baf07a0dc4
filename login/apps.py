"""The application configuration of login."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoginConfig(AppConfig):
    name = "login"
    verbose_name = _("Login")
    default_auto_field = "django.db.models.BigAutoField"
