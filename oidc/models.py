"""Authorization codes and tokens (swapping the toolkit's five models) and our signing keys.

Nothing here holds a usable code or token: `code` and `token_checksum` are SHA-256 digests.
Short-lived rows carry no database constraint towards users and applications, which would cost a check an insert, and only
the indexes that something looks up by: each costs every login. Unique text is a constraint of its own because a unique
field brings a second index for prefix searches, which nobody makes here.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from core.fields import EncryptedTextField
from identity.models import Application


class LoginContext(models.Model):
    """What a login fixed, carried from the code to every token made of it.

    `family` ties a code to all that was issued from it, so that a replay can end them together (RFC 6749 section 4.1.2).
    `custom_claims` is what the pipeline added: {"id_token": {…}, "access_token": {…}}.
    """

    family = models.UUIDField(_("family"), default=uuid.uuid4, editable=False)
    organization_id = models.CharField(_("organization"), max_length=32, blank=True)
    connection_id = models.CharField(_("connection"), max_length=32, blank=True)
    sid = models.CharField(_("session"), max_length=64, blank=True)
    auth_time = models.DateTimeField(_("authenticated at"), null=True)
    amr = models.JSONField(_("authentication methods"), default=list)
    audience = models.CharField(_("audience"), max_length=600, blank=True)
    custom_claims = models.JSONField(_("claims of the pipeline"), default=dict)

    class Meta:
        abstract = True


class Grant(LoginContext, AbstractGrant):
    """An authorization code: single use, kept until it expires so that a second use is noticed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants", db_constraint=False
    )
    application = models.ForeignKey(Application, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    code = models.CharField(_("code"), max_length=64)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta(AbstractGrant.Meta):
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["code"], name="oidc_grant_code_unique")]
        indexes: ClassVar = [
            models.Index(fields=["sid"], name="oidc_grant_sid"),
            models.Index(fields=["expires"], name="oidc_grant_expires"),
        ]


class AccessToken(LoginContext, AbstractAccessToken):
    """An access token given to a person's application, opaque or JWT; kept so that it can be revoked."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens", db_constraint=False
    )
    application = models.ForeignKey(Application, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    token = models.CharField(max_length=1, blank=True, default="", editable=False)
    token_checksum = models.CharField(_("token checksum"), max_length=64)
    source_refresh_token = None
    id_token = None

    class Meta(AbstractAccessToken.Meta):
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        constraints: ClassVar = [models.UniqueConstraint(fields=["token_checksum"], name="oidc_accesstoken_unique")]
        indexes: ClassVar = [
            models.Index(fields=["family"], name="oidc_accesstoken_family"),
            models.Index(fields=["sid"], name="oidc_accesstoken_sid"),
            models.Index(fields=["expires"], name="oidc_accesstoken_expires"),
        ]


class RefreshToken(LoginContext, AbstractRefreshToken):
    """A refresh token, bound to user, application, audience and organization.

    `expires_at` is the absolute end, `idle_expires_at` the end without use; null means never. A rotated token is kept
    with `rotated_at` set, so that a second use is noticed and ends the family (RFC 9700 section 4.14.2).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refresh_tokens", db_constraint=False
    )
    application = models.ForeignKey(Application, on_delete=models.CASCADE, db_constraint=False)
    token = models.CharField(max_length=1, blank=True, default="", editable=False)
    token_checksum = models.CharField(_("token checksum"), max_length=64)
    scope = models.TextField(_("scope"), blank=True)
    rotated_at = models.DateTimeField(_("rotated at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    idle_expires_at = models.DateTimeField(_("expires when idle at"), null=True, blank=True)
    access_token = None
    token_family = None

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        constraints: ClassVar = [models.UniqueConstraint(fields=["token_checksum"], name="oidc_refreshtoken_unique")]
        indexes: ClassVar = [
            models.Index(fields=["family"], name="oidc_refreshtoken_family"),
            models.Index(fields=["expires_at"], name="oidc_refreshtoken_expires"),
        ]


class IDToken(AbstractIDToken):
    """ID tokens are signed and forgotten; the toolkit wants the table, no row is ever written."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_constraint=False)

    class Meta(AbstractIDToken.Meta):
        verbose_name = _("ID token")
        verbose_name_plural = _("ID tokens")


class SigningKey(models.Model):
    """A key pair that signs tokens: one is current, one is next, earlier ones stay published until revoked.

    `private_pem` is encrypted at rest. `certificate_pem` is the self-signed certificate of `x5c`.
    """

    kid = models.CharField(_("key ID"), max_length=64, unique=True)
    alg = models.CharField(_("algorithm"), max_length=8, default="RS256")
    private_pem = EncryptedTextField(editable=False)
    certificate_pem = models.TextField(editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    current_since = models.DateTimeField(_("current since"), null=True, blank=True)
    current_until = models.DateTimeField(_("current until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.Value(1),
                name="oidc_signingkey_one_current",
                condition=models.Q(current_since__isnull=False, current_until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.kid
