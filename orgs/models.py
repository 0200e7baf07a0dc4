"""Organizations, who is a member with which roles, and which connections their members use."""

from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import JSONObjectField
from core.identifiers import new_organization_id
from core.text import validate_plain_text
from identity import uris
from identity.models import Connection, Role, User

MAXIMUM_METADATA_KEYS: Final = 25
MAXIMUM_METADATA_LENGTH: Final = 255

organization_name_validator = RegexValidator(
    r"\A(?!org_)[a-z0-9][a-z0-9_-]{0,49}\Z",
    _(
        "Use 1 to 50 lower-case letters, digits, hyphens and underscores, starting with a letter or a digit and not with org_."
    ),
)
colour_validator = RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z", _("Write the colour as # and six hexadecimal digits."))


def validate_organization_metadata(value: object) -> None:
    """Check metadata: at most 25 keys; keys and values are text of at most 255 characters."""
    assert isinstance(value, dict)
    if len(value) > MAXIMUM_METADATA_KEYS:
        raise ValidationError(_("Metadata may have at most 25 keys."))
    for key, text in value.items():
        if (
            not isinstance(text, str)
            or len(text) > MAXIMUM_METADATA_LENGTH
            or not 0 < len(key) <= MAXIMUM_METADATA_LENGTH
        ):
            raise ValidationError(_("Metadata keys and values must be text of at most 255 characters."))


def validate_logo_url(value: str) -> None:
    if found := uris.problems([value], uris.check_logo_url):
        raise found[0]


class Organization(models.Model):
    """A customer: its own users, connections, look and rules.

    A frozen organization keeps all its data; nobody signs in to it and its tokens are not refreshed.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        FROZEN = "frozen", _("frozen")

    id = models.CharField(_("ID"), max_length=32, primary_key=True, default=new_organization_id, editable=False)
    name = models.CharField(_("name"), max_length=50, unique=True, validators=[organization_name_validator])
    display_name = models.CharField(_("display name"), max_length=255, blank=True, validators=[validate_plain_text])
    metadata = JSONObjectField(_("metadata"), default=dict, blank=True, validators=[validate_organization_metadata])
    logo_url = models.CharField(_("logo URL"), max_length=2048, blank=True, validators=[validate_logo_url])
    primary_color = models.CharField(_("primary colour"), max_length=7, blank=True, validators=[colour_validator])
    page_background_color = models.CharField(
        _("page background colour"), max_length=7, blank=True, validators=[colour_validator]
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    connections = models.ManyToManyField(
        Connection,
        through="OrganizationConnection",
        related_name="organizations",
        verbose_name=_("connections"),
    )

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering: ClassVar = ["name"]
        indexes: ClassVar = [
            models.Index(fields=["display_name", "id"], name="orgs_organization_display"),
            models.Index(fields=["created_at", "id"], name="orgs_organization_created"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class OrganizationConnection(models.Model):
    """A connection enabled for an organization: its users may sign in to it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, verbose_name=_("organization"))
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, verbose_name=_("connection"))
    assign_membership_on_login = models.BooleanField(_("membership on authentication"), default=False)
    show_as_button = models.BooleanField(_("display as button"), default=True)
    is_signup_enabled = models.BooleanField(_("organization sign-up"), default=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("enabled connection")
        verbose_name_plural = _("enabled connections")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "connection"], name="orgs_organizationconnection_unique"),
            models.CheckConstraint(
                condition=models.Q(is_signup_enabled=False) | models.Q(assign_membership_on_login=True),
                name="orgs_organizationconnection_signup_assigns",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} – {self.connection}"


class Membership(models.Model):
    """A user in an organization."""

    class Source(models.TextChoices):
        MANUAL = "manual", _("added by an operator")
        INVITATION = "invitation", _("invitation")
        AUTO = "auto_membership", _("membership on authentication")

    # No index of its own: the unique constraint begins with it.
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
        verbose_name=_("organization"),
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user"))
    source = models.CharField(_("joined by"), max_length=20, choices=Source.choices, default=Source.MANUAL)
    created_at = models.DateTimeField(_("member since"), default=timezone.now, editable=False)
    roles = models.ManyToManyField(Role, through="MemberRole", related_name="memberships", verbose_name=_("roles"))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user"], name="orgs_membership_unique"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "id"], name="orgs_membership_keyset"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.organization}"


class MemberRole(models.Model):
    """A role that a member holds within one organization."""

    # No index of its own: the unique constraint begins with it.
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="member_roles", db_index=False)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, verbose_name=_("role"))

    class Meta:
        verbose_name = _("role of the member")
        verbose_name_plural = _("roles of the member")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "role"], name="orgs_memberrole_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.role}"
