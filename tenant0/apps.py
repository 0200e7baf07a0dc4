"""The application configuration of the project and of Django's admin, whose site is the dashboard."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class ProjectConfig(AppConfig):
    name = "tenant0"
    verbose_name = _("Platform")


class DashboardConfig(admin_apps.AdminConfig):
    default = False
    default_site = "tenant0.dashboard.Dashboard"
