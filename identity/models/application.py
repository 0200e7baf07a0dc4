"""Applications: the registered relying parties. It swaps the toolkit's application model."""

from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from core import secrets
from core.fields import EncryptedTextField, JSONObjectField
from core.identifiers import new_client_id
from core.text import validate_plain_text
from identity import uris

# The toolkit's single grant type a row, in terms of the grant types that an application lists.
_TOOLKIT_GRANT_TYPES = {
    AbstractApplication.GRANT_AUTHORIZATION_CODE: "authorization_code",
    AbstractApplication.GRANT_CLIENT_CREDENTIALS: "client_credentials",
    AbstractApplication.GRANT_IMPLICIT: "implicit",
    AbstractApplication.GRANT_PASSWORD: "password",
    AbstractApplication.GRANT_OPENID_HYBRID: "implicit",
}
KNOWN_GRANT_TYPES = (
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
    "password",
    "http://auth0.com/oauth/grant-type/password-realm",
)


# Five years; what Auth0's tools may write.
_REFRESH_TOKEN_LIFETIME: Final = [MinValueValidator(1), MaxValueValidator(157788000)]
_MAXIMUM_METADATA_KEYS: Final = 10
_MAXIMUM_METADATA_LENGTH: Final = 255


def validate_client_metadata(value: object) -> None:
    """Check metadata: at most 10 keys; keys and values are text of at most 255 characters."""
    assert isinstance(value, dict)
    texts = [text for pair in value.items() for text in pair]
    if len(value) > _MAXIMUM_METADATA_KEYS:
        raise ValidationError(_("Metadata may have at most 10 keys."))
    if not all(isinstance(text, str) and len(text) <= _MAXIMUM_METADATA_LENGTH for text in texts):
        raise ValidationError(_("Metadata keys and values must be text of at most 255 characters."))


def default_grant_types() -> list[str]:
    return ["authorization_code", "implicit", "refresh_token", "client_credentials"]


class Application(AbstractApplication):
    """A registered relying party.

    List fields (`callbacks`, `allowed_logout_urls`, `web_origins`, `allowed_origins`, `grant_types`) are JSON arrays of
    strings. The secret is random and checked against `client_secret_digest`; `client_secret_sealed` keeps it
    encrypted because Auth0's tools read it back and HS256 needs it.
    """

    class AppType(models.TextChoices):
        REGULAR_WEB = "regular_web", _("Regular web application")
        SPA = "spa", _("Single-page application")
        NATIVE = "native", _("Native application")
        NON_INTERACTIVE = "non_interactive", _("Machine to machine")

    class AuthMethod(models.TextChoices):
        UNSET = "", _("not set (secret in the body or by Basic)")
        POST = "client_secret_post", _("secret in the body")
        BASIC = "client_secret_basic", _("secret by HTTP Basic")
        NONE = "none", _("none (public)")

    class OrganizationUsage(models.TextChoices):
        UNSET = "", _("not set (individuals)")
        DENY = "deny", _("Individuals")
        ALLOW = "allow", _("Both")
        REQUIRE = "require", _("Business users")

    class OrganizationRequireBehavior(models.TextChoices):
        UNSET = "", _("not set (no prompt)")
        NO_PROMPT = "no_prompt", _("No prompt")
        PRE_LOGIN_PROMPT = "pre_login_prompt", _("Prompt for organization")
        POST_LOGIN_PROMPT = "post_login_prompt", _("Prompt for credentials")

    class RotationType(models.TextChoices):
        ROTATING = "rotating", _("rotating")
        NON_ROTATING = "non-rotating", _("non-rotating")

    class ExpirationType(models.TextChoices):
        EXPIRING = "expiring", _("expiring")
        NON_EXPIRING = "non-expiring", _("non-expiring")

    client_id = models.CharField(_("client ID"), max_length=255, unique=True, default=new_client_id, editable=False)
    name = models.CharField(_("name"), max_length=255, validators=[validate_plain_text])
    description = models.CharField(_("description"), max_length=140, blank=True, validators=[validate_plain_text])
    app_type = models.CharField(
        _("type"), max_length=20, choices=AppType.choices, default=AppType.REGULAR_WEB, blank=True
    )
    token_endpoint_auth_method = models.CharField(
        _("token endpoint authentication"), max_length=24, choices=AuthMethod.choices, blank=True, default=""
    )
    client_secret_digest = models.CharField(max_length=64, blank=True, editable=False)
    client_secret_sealed = EncryptedTextField(blank=True, default="", editable=False)
    is_first_party = models.BooleanField(_("first-party"), default=True)
    is_global = models.BooleanField(_("global client"), default=False, editable=False)
    initiate_login_uri = models.CharField(
        _("application login URI"),
        max_length=2048,
        blank=True,
        help_text=_("Where an invitation link leads, and where a login that lost its way starts again."),
    )
    callbacks = models.JSONField(_("callback URLs"), default=list, blank=True)
    allowed_logout_urls = models.JSONField(_("logout URLs"), default=list, blank=True)
    web_origins = models.JSONField(_("web origins"), default=list, blank=True)
    allowed_origins = models.JSONField(_("allowed origins (CORS)"), default=list, blank=True)
    grant_types = models.JSONField(_("grant types"), default=default_grant_types, blank=True)
    organization_usage = models.CharField(
        _("types of users"), max_length=8, choices=OrganizationUsage.choices, blank=True, default=""
    )
    organization_require_behavior = models.CharField(
        _("login flow"), max_length=20, choices=OrganizationRequireBehavior.choices, blank=True, default=""
    )
    id_token_lifetime_seconds = models.PositiveIntegerField(
        _("ID token lifetime (seconds)"), default=36000, validators=[MinValueValidator(1), MaxValueValidator(2592000)]
    )
    refresh_token_rotation = models.CharField(
        _("refresh token rotation"),
        max_length=12,
        choices=RotationType.choices,
        default=RotationType.ROTATING,
    )
    refresh_token_expiration = models.CharField(
        _("refresh token expiration"),
        max_length=12,
        choices=ExpirationType.choices,
        default=ExpirationType.EXPIRING,
    )
    refresh_token_leeway_seconds = models.PositiveIntegerField(
        _("reuse leeway (seconds)"), default=0, validators=[MaxValueValidator(3600)]
    )
    refresh_token_lifetime_seconds = models.PositiveIntegerField(
        _("refresh token lifetime (seconds)"), default=2592000, validators=_REFRESH_TOKEN_LIFETIME
    )
    refresh_token_idle_lifetime_seconds = models.PositiveIntegerField(
        _("refresh token idle lifetime (seconds)"), default=1296000, validators=_REFRESH_TOKEN_LIFETIME
    )
    logo_uri = models.CharField(_("logo URL"), max_length=2048, blank=True)
    client_metadata = JSONObjectField(_("metadata"), default=dict, blank=True, validators=[validate_client_metadata])
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    # Columns of the toolkit that the fields above replace.
    user = None
    redirect_uris = None
    post_logout_redirect_uris = None
    client_type = None
    authorization_grant_type = None
    client_secret = None
    hash_client_secret = None
    skip_authorization = None
    created = None
    updated = None
    algorithm = None
    registration_source = None
    cimd_expires_at = None

    class Meta(AbstractApplication.Meta):
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_global"],
                name="identity_application_one_global",
                condition=models.Q(is_global=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Whether the application cannot keep a secret (RFC 6749 section 2.1)."""
        if self.token_endpoint_auth_method:
            return self.token_endpoint_auth_method == self.AuthMethod.NONE
        return self.app_type in {self.AppType.SPA, self.AppType.NATIVE}

    def secret_matches(self, offered: str) -> bool:
        """Compare an offered secret with the stored digest in constant time."""
        return bool(self.client_secret_digest) and secrets.matches(offered, self.client_secret_digest)

    # What the toolkit asks of an application.

    def allows_grant_type(self, *grant_types: str) -> bool:
        return any(_TOOLKIT_GRANT_TYPES.get(grant_type, grant_type) in self.grant_types for grant_type in grant_types)

    @property
    def default_redirect_uri(self) -> str:
        return str(self.callbacks[0]) if self.callbacks else ""

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Tell whether a redirect URI is registered, byte for byte (RFC 9700 section 2.1).

        A callback with the `{organization_name}` placeholder never matches here: it needs an organization, see
        `identity.uris.callback_allowed`.
        """
        return uris.callback_allowed(uri, self.callbacks, organization_name=None)

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        """OIDC RP-Initiated Logout 1.0 section 3: exact comparison."""
        return uri in self.allowed_logout_urls

    def origin_allowed(self, origin: str) -> bool:
        return origin in self.web_origins or origin in self.allowed_origins

    def clean(self) -> None:
        """Check every URL list and grant type; errors are keyed by field."""
        errors: dict[str, list[ValidationError]] = {}
        checks: dict[str, uris.Check] = {
            "callbacks": uris.check_callback,
            "allowed_logout_urls": uris.check_logout_url,
            "web_origins": uris.check_origin,
            "allowed_origins": uris.check_origin,
        }
        for field, check in checks.items():
            if problems := uris.problems(getattr(self, field), check):
                errors[field] = problems
        if not isinstance(self.grant_types, list):
            errors["grant_types"] = [ValidationError(_("This must be a list of grant types."))]
        elif unknown := [name for name in self.grant_types if name not in KNOWN_GRANT_TYPES]:
            errors["grant_types"] = [
                ValidationError(_("Unknown grant type: %(name)s"), params={"name": ", ".join(map(str, unknown))})
            ]
        if self.initiate_login_uri and (problem := uris.problems([self.initiate_login_uri], uris.check_login_uri)):
            errors["initiate_login_uri"] = problem
        if self.logo_uri and (problem := uris.problems([self.logo_uri], uris.check_logo_url)):
            errors["logo_uri"] = problem
        if "<" in self.name or ">" in self.name:
            errors["name"] = [ValidationError(_("The name may not contain < or >."))]
        if errors:
            raise ValidationError(errors)
