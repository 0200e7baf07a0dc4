"""Invitations to join an organization, and the timeline of each."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import JSONObjectField
from core.identifiers import new_invitation_id
from core.text import validate_plain_text
from identity.models import Application, Connection, Role, User
from orgs.models import Organization


class InvitationState(models.TextChoices):
    PENDING = "pending", _("pending")
    ACCEPTED = "accepted", _("accepted")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("revoked")


class Invitation(models.Model):
    """An invitation of one address to one organization through one application.

    Its state is read from its timestamps. `ticket_digest` is the digest of the `invitation` parameter; the ticket
    itself is derived again from `id` and `generation` (`invitations.tickets`), and a resend raises `generation`, which
    voids the link sent before.
    """

    id = models.CharField(_("ID"), max_length=32, primary_key=True, default=new_invitation_id, editable=False)
    # No index of its own: the one of the list begins with it.
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="invitations",
        db_index=False,
        verbose_name=_("organization"),
    )
    application = models.ForeignKey(Application, on_delete=models.CASCADE, verbose_name=_("application"))
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("connection")
    )
    inviter_name = models.CharField(_("inviter"), max_length=300, validators=[validate_plain_text])
    invitee_email = models.EmailField(_("invited e-mail"), max_length=254)
    roles = models.ManyToManyField(Role, through="InvitationRole", verbose_name=_("roles"))
    app_metadata = JSONObjectField(_("application metadata"), default=dict, blank=True)
    user_metadata = JSONObjectField(_("user metadata"), default=dict, blank=True)
    lifetime_seconds = models.PositiveIntegerField(_("lifetime (seconds)"), default=604800, editable=False)
    send_email = models.BooleanField(_("send an e-mail"), default=True)
    generation = models.PositiveIntegerField(default=1, editable=False)
    ticket_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, verbose_name=_("accepted by")
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitations_invitation_one_end",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at", "-id"], name="invitations_organization"),
            models.Index(fields=["invitee_email"], name="invitations_invitee"),
            models.Index(fields=["expires_at"], name="invitations_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.invitee_email} – {self.organization}"

    @property
    def state(self) -> InvitationState:
        """Read the state from the timestamps and the clock."""
        if self.accepted_at:
            return InvitationState.ACCEPTED
        if self.revoked_at:
            return InvitationState.REVOKED
        if self.expires_at <= timezone.now():
            return InvitationState.EXPIRED
        return InvitationState.PENDING


class InvitationRole(models.Model):
    """A role that the invited person receives in the organization on acceptance."""

    # No index of its own: the unique constraint begins with it.
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, db_index=False)
    role = models.ForeignKey(Role, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invitation", "role"], name="invitations_invitationrole_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id}: {self.role}"


class InvitationEvent(models.Model):
    """One step on an invitation's timeline, for the operator to see."""

    class Kind(models.TextChoices):
        CREATED = "created", _("created")
        QUEUED = "queued", _("e-mail queued")
        SENT = "sent", _("e-mail sent")
        DELIVERY_FAILED = "delivery_failed", _("e-mail could not be sent")
        OPENED = "opened", _("link opened")
        REFUSED = "refused", _("attempt refused")
        RESENT = "resent", _("sent again")
        REVOKED = "revoked", _("revoked")
        ACCEPTED = "accepted", _("accepted")

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("event"), max_length=20, choices=Kind.choices)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    detail = models.CharField(_("detail"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("invitation event")
        verbose_name_plural = _("timeline")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
