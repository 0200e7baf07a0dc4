"""The audit log and the outbox: the two tables that every change may write to in its own transaction."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One thing that happened, in one append-only log.

    `type` is Auth0's log type code where one exists (`s`, `fp`, `sapi` …). Every reference is a public id
    in plain text without a foreign key: the log outlives what it speaks of. `details` never holds a secret.
    """

    id = models.BigAutoField(primary_key=True)
    date = models.DateTimeField(_("date"), default=timezone.now, editable=False)
    type = models.CharField(_("type"), max_length=64)
    description = models.TextField(_("description"), blank=True)
    actor_kind = models.CharField(_("actor kind"), max_length=20)
    actor_id = models.CharField(_("actor"), max_length=255, blank=True)
    actor_name = models.CharField(_("actor name"), max_length=300, blank=True)
    target_type = models.CharField(_("target type"), max_length=64, blank=True)
    target_id = models.CharField(_("target"), max_length=255, blank=True)
    user_id = models.CharField(_("user"), max_length=255, blank=True)
    client_id = models.CharField(_("application"), max_length=255, blank=True)
    connection = models.CharField(_("connection"), max_length=128, blank=True)
    organization_id = models.CharField(_("organization"), max_length=64, blank=True)
    organization_name = models.CharField(_("organization name"), max_length=64, blank=True)
    ip = models.CharField(_("IP address"), max_length=64, blank=True)
    user_agent = models.TextField(_("user agent"), blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization_id", "-id"], name="core_audit_organization"),
            models.Index(fields=["user_id", "-id"], name="core_audit_user"),
            models.Index(fields=["target_type", "target_id", "-id"], name="core_audit_target"),
            models.Index(fields=["type", "-id"], name="core_audit_type"),
            models.Index(fields=["actor_id", "-id"], name="core_audit_actor"),
            models.Index(fields=["ip", "-id"], name="core_audit_ip"),
            models.Index(fields=["date"], name="core_audit_date"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.description}".strip()


class OutboxMessage(models.Model):
    """Something to be delivered outside the database, written in the transaction that caused it.

    `key` makes it once-only; `kind` names the handler in `settings.OUTBOX_HANDLERS`; `payload` holds ids,
    never secrets. A worker claims a row by a lease, so a killed worker loses nothing.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")
        CANCELLED = "cancelled", _("no longer wanted")

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(_("key"), max_length=255, unique=True)
    kind = models.CharField(_("kind"), max_length=64)
    shard = models.CharField(_("shard"), max_length=64, blank=True)
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    available_at = models.DateTimeField(_("available at"), default=timezone.now)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_token = models.CharField(_("lease"), max_length=64, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox messages")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["available_at", "id"],
                name="core_outbox_pending",
                condition=models.Q(state="pending"),
            ),
            models.Index(fields=["finished_at"], name="core_outbox_finished"),
            models.Index(fields=["id"], name="core_outbox_dead", condition=models.Q(state="dead")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
