"""Users and the identities they sign in with. Operators of the dashboard are users without a connection."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import JSONObjectField
from core.identifiers import new_object_id
from core.text import validate_plain_text
from identity import uris
from identity.models.connection import Connection
from identity.models.operator import OperatorRole, role_allows


def new_operator_id() -> str:
    return "operator|" + new_object_id()


def validate_picture(value: str) -> None:
    """A picture's address is shown as an image to others: http(s) only, nothing a browser would run."""
    if found := uris.problems([value], uris.check_picture):
        raise found[0]


class UserManager(BaseUserManager["User"]):
    """Look-ups of users; creating one goes through the services."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(user_id=username)


class User(AbstractBaseUser):
    """A person: the profile that applications see, keyed by an Auth0-shaped `user_id` (the `sub` claim).

    `password` is used for operators only; an end-user's password lives in a `Credential`.
    `email` is kept in its canonical form (`identity.addresses`).
    """

    user_id = models.CharField(_("user ID"), max_length=255, unique=True, default=new_operator_id)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    email_verified = models.BooleanField(_("e-mail verified"), default=False)
    username = models.CharField(_("username"), max_length=128, blank=True)
    phone_number = models.CharField(_("phone number"), max_length=32, blank=True)
    phone_verified = models.BooleanField(_("phone verified"), default=False)
    name = models.CharField(_("name"), max_length=300, blank=True, validators=[validate_plain_text])
    nickname = models.CharField(_("nickname"), max_length=300, blank=True, validators=[validate_plain_text])
    given_name = models.CharField(_("given name"), max_length=150, blank=True, validators=[validate_plain_text])
    family_name = models.CharField(_("family name"), max_length=150, blank=True, validators=[validate_plain_text])
    picture = models.CharField(_("picture"), max_length=2048, blank=True, validators=[validate_picture])
    locale = models.CharField(_("language"), max_length=20, blank=True, validators=[validate_plain_text])
    user_metadata = JSONObjectField(_("user metadata"), default=dict, blank=True)
    app_metadata = JSONObjectField(_("application metadata"), default=dict, blank=True)
    blocked = models.BooleanField(_("blocked"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)
    last_ip = models.CharField(_("last IP address"), max_length=64, blank=True)
    logins_count = models.PositiveIntegerField(_("number of logins"), default=0)
    last_password_reset = models.DateTimeField(_("last password reset"), null=True, blank=True)
    operator_role = models.CharField(
        _("dashboard role"), max_length=10, choices=OperatorRole.choices, blank=True, default=""
    )

    USERNAME_FIELD = "user_id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["email"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="identity_user_operator_email_unique",
                condition=~models.Q(operator_role=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["email", "id"], name="identity_user_email"),
            models.Index(fields=["name", "id"], name="identity_user_name"),
            models.Index(fields=["created_at", "id"], name="identity_user_created"),
        ]

    def __str__(self) -> str:
        return self.email or self.name or self.user_id

    @property
    def is_operator(self) -> bool:
        """Whether this person may sign in to the dashboard."""
        return bool(self.operator_role) and not self.blocked

    # Django's admin asks these two names.
    @property
    def is_staff(self) -> bool:
        return self.is_operator

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # a plain attribute on the base class
        return not self.blocked

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether this operator may do something at the dashboard; `perm` reads `app.verb_model`."""
        return self.is_operator and role_allows(self.operator_role, perm)

    def has_module_perms(self, _app_label: str) -> bool:
        return self.is_operator

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.nickname or self.name


class Operator(User):
    """A user as the operators' page of the dashboard sees one: same table, permissions of its own."""

    class Meta:
        proxy = True
        verbose_name = _("operator")
        verbose_name_plural = _("operators")


class Identity(models.Model):
    """One way a user signs in: a subject within a connection (never an e-mail address).

    The first identity is the primary one and gives the user its `user_id`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities", verbose_name=_("user"))
    # No index of its own: the unique constraint begins with it.
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="identities", db_index=False, verbose_name=_("connection")
    )
    subject = models.CharField(_("subject"), max_length=255)
    is_primary = models.BooleanField(_("primary"), default=True)
    profile = models.JSONField(_("profile"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering: ClassVar = ["-is_primary", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "subject"], name="identity_identity_subject_unique"),
            models.UniqueConstraint(
                fields=["user"], name="identity_identity_primary_unique", condition=models.Q(is_primary=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}|{self.subject}"
