"""APIs (resource servers), their permissions, roles, and what an application may ask for on its own behalf."""

from typing import ClassVar, Final

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.identifiers import new_client_grant_id, new_object_id, new_role_id
from core.text import validate_plain_text
from identity.models.application import Application
from identity.models.user import User

# Access tokens live from a second to thirty days.
LIFETIME: Final = [MinValueValidator(1), MaxValueValidator(2592000)]


class ResourceServer(models.Model):
    """An API that access tokens are made for; `identifier` is their audience."""

    class Dialect(models.TextChoices):
        ACCESS_TOKEN = "access_token", _("Auth0 profile")
        ACCESS_TOKEN_AUTHZ = "access_token_authz", _("Auth0 profile with permissions")
        RFC9068 = "rfc9068_profile", _("RFC 9068 profile")
        RFC9068_AUTHZ = "rfc9068_profile_authz", _("RFC 9068 profile with permissions")

    id = models.CharField(_("ID"), max_length=32, primary_key=True, default=new_object_id, editable=False)
    identifier = models.CharField(
        _("identifier"),
        max_length=600,
        unique=True,
        validators=[RegexValidator(r"\A[!-~]+\Z", _("Write it without spaces, in ASCII."))],
    )
    name = models.CharField(_("name"), max_length=200, blank=True, validators=[validate_plain_text])
    signing_alg = models.CharField(_("signing algorithm"), max_length=8, default="RS256", choices=[("RS256", "RS256")])
    allow_offline_access = models.BooleanField(_("allow offline access"), default=False)
    token_lifetime_seconds = models.PositiveIntegerField(
        _("token lifetime (seconds)"), default=86400, validators=LIFETIME
    )
    token_lifetime_for_web_seconds = models.PositiveIntegerField(
        _("token lifetime for browser flows (seconds)"), default=7200, validators=LIFETIME
    )
    token_dialect = models.CharField(
        _("token profile"), max_length=32, choices=Dialect.choices, default=Dialect.ACCESS_TOKEN
    )
    enforce_policies = models.BooleanField(_("enforce permissions (RBAC)"), default=False)
    skip_consent_for_verifiable_first_party_clients = models.BooleanField(
        _("skip consent for first-party applications"), default=True
    )
    is_system = models.BooleanField(_("system API"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("API")
        verbose_name_plural = _("APIs")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name or self.identifier


class Permission(models.Model):
    """A scope of an API."""

    resource_server = models.ForeignKey(
        ResourceServer, on_delete=models.CASCADE, related_name="permissions", verbose_name=_("API")
    )
    value = models.CharField(_("permission"), max_length=280)
    description = models.CharField(_("description"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("permission")
        verbose_name_plural = _("permissions")
        ordering: ClassVar = ["value"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource_server", "value"], name="identity_permission_value_unique"),
        ]

    def __str__(self) -> str:
        return self.value


class Role(models.Model):
    """A named set of permissions, held tenant-wide by a user or within one organization by a member."""

    id = models.CharField(_("ID"), max_length=32, primary_key=True, default=new_role_id, editable=False)
    name = models.CharField(_("name"), max_length=50, unique=True, validators=[validate_plain_text])
    description = models.CharField(_("description"), max_length=255, blank=True, validators=[validate_plain_text])
    permissions = models.ManyToManyField(
        Permission, through="RolePermission", related_name="roles", verbose_name=_("permissions")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class RolePermission(models.Model):
    """A permission within a role."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE)
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE, verbose_name=_("permission"))

    class Meta:
        verbose_name = _("permission of the role")
        verbose_name_plural = _("permissions of the role")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["role", "permission"], name="identity_rolepermission_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.permission}"


class UserRole(models.Model):
    """A role that a user holds tenant-wide; it never counts within an organization."""

    # No index of its own: the unique constraint begins with it.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="user_roles", db_index=False)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, verbose_name=_("role"))

    class Meta:
        verbose_name = _("role of the user")
        verbose_name_plural = _("roles of the user")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role"], name="identity_userrole_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class UserPermission(models.Model):
    """A permission that a user holds directly, tenant-wide."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="user_permissions_direct")
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE, verbose_name=_("permission"))

    class Meta:
        verbose_name = _("permission of the user")
        verbose_name_plural = _("permissions of the user")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "permission"], name="identity_userpermission_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.permission}"


class ClientGrant(models.Model):
    """What an application may ask of an API on its own behalf (RFC 6749 section 4.4).

    `scope` is the list of permission values it may be given.
    """

    class OrganizationUsage(models.TextChoices):
        DENY = "deny", _("not for organizations")
        ALLOW = "allow", _("with or without an organization")
        REQUIRE = "require", _("for an organization only")

    id = models.CharField(_("ID"), max_length=32, primary_key=True, default=new_client_grant_id, editable=False)
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="client_grants", verbose_name=_("application")
    )
    resource_server = models.ForeignKey(
        ResourceServer, on_delete=models.CASCADE, related_name="client_grants", verbose_name=_("API")
    )
    scope = models.JSONField(_("scopes"), default=list, blank=True)
    organization_usage = models.CharField(
        _("organizations"),
        max_length=8,
        choices=OrganizationUsage.choices,
        blank=True,
        default="",
    )
    allow_any_organization = models.BooleanField(_("any organization"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("application grant")
        verbose_name_plural = _("application grants")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "resource_server"], name="identity_clientgrant_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.application} → {self.resource_server}"
