"""The database strategy's store of passwords, and the tickets in e-mails about an account."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.identifiers import new_object_id
from identity.models.application import Application
from identity.models.connection import Connection
from identity.models.user import User


class Credential(models.Model):
    """A password of one person in one database connection. It knows the subject, not the user.

    `email` and `username` are kept in their canonical form, unique within the connection, and are the identifiers one may
    type; `password` is a hash in Django's format; `history` is the list of earlier hashes, newest first.
    """

    # No index of its own: the unique constraints begin with it.
    connection = models.ForeignKey(
        Connection,
        on_delete=models.CASCADE,
        related_name="credentials",
        db_index=False,
        verbose_name=_("connection"),
    )
    subject = models.CharField(_("subject"), max_length=255, default=new_object_id)
    email = models.CharField(_("e-mail"), max_length=254)
    email_verified = models.BooleanField(_("e-mail verified"), default=False)
    username = models.CharField(_("username"), max_length=128, blank=True)
    password = models.CharField(_("password"), max_length=512)
    history = models.JSONField(_("earlier passwords"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    password_set_at = models.DateTimeField(_("password set at"), default=timezone.now)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "subject"], name="identity_credential_subject_unique"),
            models.UniqueConstraint(fields=["connection", "email"], name="identity_credential_email_unique"),
            models.UniqueConstraint(
                fields=["connection", "username"],
                name="identity_credential_username_unique",
                condition=~models.Q(username=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}|{self.subject}"


class EmailTicket(models.Model):
    """A single-use link in an e-mail: to set a new password, or to verify an address.

    `digest` is the digest of the ticket; the ticket itself is derived again from `id` and `purpose` when
    the mail is built (`core.secrets.derived_tickets`). `email` is the address it was sent to: a ticket is void once the
    user's address is another one.
    """

    class Purpose(models.TextChoices):
        RESET_PASSWORD = "reset_password", _("set a new password")
        VERIFY_EMAIL = "verify_email", _("verify the address")

    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tickets", verbose_name=_("user"))
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, verbose_name=_("connection"))
    application = models.ForeignKey(
        Application, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("application")
    )
    organization_id = models.CharField(_("organization"), max_length=32, blank=True)
    email = models.CharField(_("e-mail"), max_length=254)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    result_url = models.CharField(_("result URL"), max_length=2048, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("e-mail ticket")
        verbose_name_plural = _("e-mail tickets")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="identity_emailticket_expires")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.email}"
