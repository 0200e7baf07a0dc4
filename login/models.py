"""The login transaction (one authorization request in progress), the SSO session, and consents given."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.identifiers import new_session_id
from identity.models import Application, Connection, User
from invitations.models import Invitation
from login.known import Known
from orgs.models import Organization


class Session(models.Model):
    """The SSO session of one browser with the issuer. It belongs to no organization.

    The cookie carries a random token of which `token_digest` is kept; `sid` is the public session id (OIDC
    Back-Channel Logout 1.0 section 2.1). A session ends at `expires_at` (absolute) or `idle_expires_at`, or when revoked.
    """

    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    sid = models.CharField(_("session ID"), max_length=64, unique=True, default=new_session_id, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", db_constraint=False, verbose_name=_("user")
    )
    connection = models.ForeignKey(
        Connection,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("connection"),
    )
    auth_time = models.DateTimeField(_("authenticated at"))
    amr = models.JSONField(_("authentication methods"), default=list)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(_("last seen at"), default=timezone.now)
    idle_expires_at = models.DateTimeField(_("expires when idle at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    ip = models.CharField(_("IP address"), max_length=64, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="login_session_expires")]

    def __str__(self) -> str:
        return self.sid


class LoginTransaction(models.Model):
    """One authorization request in progress; two tabs are two rows.

    Named in URLs by `state` (random), bound to one browser by `browser_digest`, the digest of a cookie's value; both must
    agree. `query` is the original query string, from which the request is rebuilt on resume. Progress is the
    set of nullable timestamps, each written by one function. `upstream` keeps what a redirect to an IdP must remember.
    """

    state = models.CharField(max_length=64, unique=True, editable=False)
    browser_digest = models.CharField(max_length=64, editable=False)
    query = models.TextField(editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, db_constraint=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False)
    amr = models.JSONField(default=list)
    auth_time = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    upstream = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    authenticated_at = models.DateTimeField(null=True, blank=True)
    membership_checked_at = models.DateTimeField(null=True, blank=True)
    authorized_at = models.DateTimeField(null=True, blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    # Not stored: what is known in the request that began the transaction.
    known: Known | None = None

    class Meta:
        verbose_name = _("login transaction")
        verbose_name_plural = _("login transactions")
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="login_transaction_expires")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class Consent(models.Model):
    """Scopes that a user has granted to a third-party application for one audience."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents", verbose_name=_("user"))
    application = models.ForeignKey(Application, on_delete=models.CASCADE, verbose_name=_("application"))
    audience = models.CharField(_("API"), max_length=600, blank=True)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "application", "audience"], name="login_consent_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.application}"
