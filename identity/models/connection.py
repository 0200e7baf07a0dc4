"""Connections: configured sources of users. The code behind one is its strategy."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField, JSONObjectField
from core.identifiers import new_connection_id
from core.text import validate_plain_text
from identity.models.application import Application

connection_name_validator = RegexValidator(
    r"\A[A-Za-z0-9](?:[A-Za-z0-9-]{0,126}[A-Za-z0-9])?\Z",
    _("Use letters, digits and hyphens; the first and last character must be a letter or a digit."),
)


def strategy_choices() -> list[tuple[str, str]]:
    """Return the strategies that the settings name, as choices; kept out of the migrations."""
    return [(name, name) for name in settings.CONNECTION_STRATEGIES]


class Connection(models.Model):
    """A configured source of users.

    `options` is the strategy's own configuration, validated by its `options_form` alone, and encrypted
    at rest because it may hold secrets of an upstream IdP.
    """

    id = models.CharField(_("ID"), max_length=32, primary_key=True, default=new_connection_id, editable=False)
    name = models.CharField(_("name"), max_length=128, unique=True, validators=[connection_name_validator])
    display_name = models.CharField(_("display name"), max_length=128, blank=True, validators=[validate_plain_text])
    strategy = models.CharField(_("strategy"), max_length=32, choices=strategy_choices)
    options = EncryptedJSONField(_("options"), default=dict, blank=True)
    is_domain_connection = models.BooleanField(_("domain connection"), default=False)
    show_as_button = models.BooleanField(_("show as button"), default=True)
    metadata = JSONObjectField(_("metadata"), default=dict, blank=True)
    applications = models.ManyToManyField(
        Application,
        through="ApplicationConnection",
        related_name="connections",
        verbose_name=_("applications"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.display_name or self.name


class ApplicationConnection(models.Model):
    """A connection enabled for an application: its users may be created, and may sign in without an organization."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, verbose_name=_("application"))
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, verbose_name=_("connection"))

    class Meta:
        verbose_name = _("enabled application")
        verbose_name_plural = _("enabled applications")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "application"], name="identity_applicationconnection_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.application} – {self.connection}"
