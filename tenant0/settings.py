"""All settings, read top to bottom. Every value comes from the environment and says its unit, default and reason.

A secret may be given by value (`SECRET_KEY`) or by a file (`SECRET_KEY_FILE`). A missing or bad value stops
the start with its name.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

# Lets annotations name what a manager, a form or an admin class is for; the framework itself cannot do so when it runs.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent


def bad(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: {why}")


class Env(environ.FileAwareEnv):
    """Environment values, each of which may instead be read from the file that `<NAME>_FILE` names."""

    def get_value(self, var: str, cast: Any = None, **options: Any) -> Any:
        """Read and convert a value; one that cannot be converted is named."""
        try:
            return super().get_value(var, cast, **options)
        except ValueError as error:
            raise bad(var, str(error)) from error


env = Env()
if (dotenv := BASE_DIR / ".env").exists():
    Env.read_env(str(dotenv))


def switch(name: str, *, default: bool) -> bool:
    """Read true or false. A third word is a mistake, not a no."""
    value = env.str(name, default=str(default)).lower()
    if value not in {"true", "on", "yes", "1", "false", "off", "no", "0", ""}:
        raise bad(name, "must be true or false")
    return value in {"true", "on", "yes", "1"}


def positive(name: str, default: int) -> int:
    value = env.int(name, default=default)
    if value <= 0:
        raise bad(name, "must be a positive whole number")
    return int(value)


# --- Who we are ---------------------------------------------------------------------------------------------

# The issuer: the URL in `iss`, in discovery and in every link. It ends in a slash because Auth0's SDKs compare it
# as a string. It is never taken from a request's Host header, which a stranger writes.
TENANT0_ISSUER: str = env.str("TENANT0_ISSUER")
_issuer = urlsplit(TENANT0_ISSUER)
if _issuer.scheme not in {"http", "https"} or not _issuer.hostname or _issuer.query or _issuer.fragment:
    raise bad("TENANT0_ISSUER", "must be an http(s) URL such as https://auth.example.com/")
if _issuer.path != "/":
    raise bad("TENANT0_ISSUER", "must end in one slash and have no path, as in https://auth.example.com/")
TENANT0_ISSUER_IS_HTTPS = _issuer.scheme == "https"

# The product's name for people: page titles and mails. Default: the platform's own.
TENANT0_FRIENDLY_NAME: str = env.str("TENANT0_FRIENDLY_NAME", default="tenant0")
# Where people find help; an address or empty. Shown on error pages.
TENANT0_SUPPORT_URL: str = env.str("TENANT0_SUPPORT_URL", default="")
# Where a login page opened without a login in progress leads, and the base of invitation links of applications
# without a login URI of their own. A URL or empty.
TENANT0_DEFAULT_LOGIN_URI: str = env.str("TENANT0_DEFAULT_LOGIN_URI", default="")
# Whether `organization` may be a name as well as an id, and tokens carry `org_name`. Off as at Auth0: a name can change.
TENANT0_ORGANIZATION_NAMES: bool = switch("TENANT0_ORGANIZATION_NAMES", default=False)

# --- Secrets ------------------------------------------------------------------------------------------------

# Signs the dashboard's cookies. At least 50 random characters.
SECRET_KEY: str = env.str("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise bad("SECRET_KEY", "must be at least 32 characters, better 64 random ones")
# Earlier values of SECRET_KEY, comma separated, still accepted while a new one is being rolled out.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
# Encrypts keys, client secrets and connection options at rest, and derives tickets; comma separated, the first one
# encrypts, all decrypt. Default: SECRET_KEY and its fallbacks.
TENANT0_ENCRYPTION_KEYS: list[str] = env.list("TENANT0_ENCRYPTION_KEYS", default=[SECRET_KEY, *SECRET_KEY_FALLBACKS])

# --- Web ----------------------------------------------------------------------------------------------------

# Shows stack traces in the browser; for work on the product itself only.
DEBUG: bool = switch("DEBUG", default=False)
# Host names requests may be made to. The issuer's own by default; links are never built from it.
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[_issuer.hostname])
# How many proxies in front of us add to X-Forwarded-For; 0 means the header is a stranger's and ignored.
TENANT0_TRUSTED_PROXIES: int = env.int("TENANT0_TRUSTED_PROXIES", default=0)
if TENANT0_TRUSTED_PROXIES < 0:
    raise bad("TENANT0_TRUSTED_PROXIES", "must be zero or more")
ROOT_URLCONF = "tenant0.urls"
WSGI_APPLICATION = "tenant0.wsgi.application"
# A login form is small; 1 MiB leaves room for SAML responses and Management API bodies. Bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
APPEND_SLASH = False

INSTALLED_APPS = [
    # Without unfold's own site: ours is `tenant0.dashboard.Dashboard`.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "tenant0.apps.DashboardConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "oauth2_provider",
    "core",
    "identity",
    "orgs",
    "invitations",
    "login",
    "oidc",
    "tenant0",
]
MIDDLEWARE = [
    "core.middleware.RequestMiddleware",
    # Before anything that looks at the Host header: a balancer asks by the machine's address.
    "tenant0.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Database, cache, broker --------------------------------------------------------------------------------

# postgres://user:password@host:port/name in production; sqlite:///path for one process on one machine.
DATABASES: dict[str, dict[str, Any]] = {}
try:
    DATABASES["default"] = env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'tenant0.sqlite3'}")
except ValueError as error:
    # The address holds a password, so it is not repeated.
    raise bad("DATABASE_URL", "is not an address such as postgres://user:password@host:port/name") from error
TENANT0_IS_POSTGRESQL = DATABASES["default"].get("ENGINE") == "django.db.backends.postgresql"
if not TENANT0_IS_POSTGRESQL and DATABASES["default"].get("ENGINE") != "django.db.backends.sqlite3":
    raise bad("DATABASE_URL", "must begin with postgres:// or sqlite:///")
# Connections are kept for the life of a worker; a health check replaces a broken one.
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if TENANT0_IS_POSTGRESQL:
    # Prepared statements halve the server's cost of the hot ones; a pooler must support them. The first run of a statement is
    # not prepared: migrations send several commands in one, which cannot be.
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=1)
else:
    # IMMEDIATE takes the write lock when a transaction begins, so two writers wait instead of failing half-way.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# redis://host:port/db: shared counters and the broker. Empty: local memory, for one process only.
REDIS_URL: str = env.str("REDIS_URL", default="")
if REDIS_URL and urlsplit(REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
    raise bad("REDIS_URL", "must begin with redis:// or rediss://")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Seconds: a login never waits long for a counter.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tenant0"}
}
# The broker: Redis, or a folder of files where there is no Redis (one machine only).
CELERY_BROKER_URL: str = env.str("CELERY_BROKER_URL", default=REDIS_URL or "filesystem://")
# Where a broker of files keeps them. A folder.
CELERY_FILESYSTEM_FOLDER: str = env.str("CELERY_FILESYSTEM_FOLDER", default=str(BASE_DIR / "var" / "celery"))

# --- Mail ---------------------------------------------------------------------------------------------------

# smtp://user:password@host:port, smtp+tls://… or filemail:///folder. Default: no mail leaves, it is printed.
try:
    vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
except ImproperlyConfigured as error:
    raise bad("EMAIL_URL", "must begin with smtp://, smtp+tls://, smtp+ssl:// or filemail://") from error
# The sender of every mail.
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default=f"no-reply@{_issuer.hostname}")
# How long the mail server may take for one step, in seconds. A lease on a mail is longer than twice that.
EMAIL_TIMEOUT = positive("EMAIL_TIMEOUT", 10)

# --- Deliveries ---------------------------------------------------------------------------------------------

# Who delivers which kind of outbox message: kind -> dotted path of a function(payload) -> None.
OUTBOX_HANDLERS = {
    "invitation_email": "invitations.emails.deliver_invitation",
    "reset_password_request": "identity.services.tickets.deliver_reset_request",
    "reset_password_email": "login.emails.deliver_reset_password",
    "verify_email": "login.emails.deliver_verify_email",
}
# What wakes a relay when a message was written: dotted path of a function.
OUTBOX_WAKE = "core.tasks.wake_relay"
# How long a worker owns a message it has claimed, in seconds: longer than a delivery takes, and as long as the message of a
# worker that was killed has to wait.
OUTBOX_LEASE_SECONDS = positive("OUTBOX_LEASE_SECONDS", 2 * EMAIL_TIMEOUT + 5)
# After how many seconds of failing a message is given up. Default: two days.
OUTBOX_GIVE_UP_SECONDS = positive("OUTBOX_GIVE_UP_SECONDS", 2 * 24 * 3600)

# Who is told that a person's credentials changed or were blocked: dotted paths of functions(user primary key) -> None,
# run in the same transaction; they end sessions and tokens.
CREDENTIALS_CHANGED_HANDLERS = ["login.session.revoke_user_sessions", "oidc.services.revoke_user_tokens"]
# Who deletes what has passed: dotted paths of functions(now, limit) -> number deleted.
SWEEPERS = [
    "core.outbox.sweep",
    "identity.services.tickets.sweep",
    "login.session.sweep_sessions",
    "login.transaction.sweep_transactions",
    "oidc.services.sweep_tokens",
]
# How long a delivered or given-up message stays to be seen, in seconds. Default: thirty days.
OUTBOX_KEEP_SECONDS = positive("OUTBOX_KEEP_SECONDS", 30 * 24 * 3600)
# Who wants to know how a delivery ended: kind -> dotted path of a function(payload, state, error) -> None.
OUTBOX_RESULTS = {"invitation_email": "invitations.services.record_delivery"}
# Invitations an organization may send in an hour, and one address may receive in a day. A guard against mail bombs.
INVITATIONS_PER_HOUR = positive("INVITATIONS_PER_HOUR", 500)
INVITATIONS_PER_ADDRESS_PER_DAY = positive("INVITATIONS_PER_ADDRESS_PER_DAY", 20)

# --- Outbound HTTP ------------------------------------------------------------------------------------------

# A PEM file of authorities trusted for outbound calls in addition to the system's. A path or empty.
TENANT0_CA_BUNDLE: str = env.str("TENANT0_CA_BUNDLE", default="")
if TENANT0_CA_BUNDLE and not Path(TENANT0_CA_BUNDLE).is_file():
    raise bad("TENANT0_CA_BUNDLE", f"there is no file {TENANT0_CA_BUNDLE}")
# Hosts or networks that outbound calls may reach although their address is private, comma separated. None by default.
TENANT0_OUTBOUND_ALLOW: list[str] = env.list("TENANT0_OUTBOUND_ALLOW", default=[])

# --- People and passwords -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "identity.User"
# Operators only: an end-user's session is our own and never a dashboard session.
AUTHENTICATION_BACKENDS = ["identity.backends.OperatorBackend"]
PASSWORD_HASHERS = [
    # OWASP's parameters: 19 MiB, two passes, one lane.
    "identity.hashers.OwaspArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The code behind each connection strategy.
CONNECTION_STRATEGIES = {"auth0": "identity.strategies.database.DatabaseStrategy"}

# --- Logins, sessions, tokens -------------------------------------------------------------------------------

# How long one login may take from /authorize to the code. Seconds; default one hour.
LOGIN_TRANSACTION_SECONDS = positive("LOGIN_TRANSACTION_SECONDS", 3600)
# The SSO session: idle and absolute lifetime, in seconds. Auth0's defaults: three and seven days.
SESSION_IDLE_SECONDS = positive("SESSION_IDLE_SECONDS", 72 * 3600)
SESSION_ABSOLUTE_SECONDS = positive("SESSION_ABSOLUTE_SECONDS", 168 * 3600)
# How long a link to set a new password is good, in seconds. Default one hour.
RESET_TICKET_SECONDS = positive("RESET_TICKET_SECONDS", 3600)
# How long a link to verify an address is good, in seconds. Default five days.
VERIFY_TICKET_SECONDS = positive("VERIFY_TICKET_SECONDS", 432000)
# Wrong passwords in a row, per account and address, before logins to that account from there wait; and how long the memory of
# them lasts, in seconds.
LOGIN_ATTEMPTS = positive("LOGIN_ATTEMPTS", 10)
LOGIN_ATTEMPTS_SECONDS = positive("LOGIN_ATTEMPTS_SECONDS", 900)
# Wrong passwords for one account from anywhere in the same time; then it waits, unless its owner sets a new password by e-mail.
LOGIN_ATTEMPTS_PER_ACCOUNT = positive("LOGIN_ATTEMPTS_PER_ACCOUNT", 20)
# Failed logins from one address over all accounts in the same time. Higher, as an office shares one address.
LOGIN_ATTEMPTS_PER_ADDRESS = positive("LOGIN_ATTEMPTS_PER_ADDRESS", 100)
# How many password hashes one process computes at a time, so that logins never starve the rest.
PASSWORD_HASHES_AT_ONCE = positive("PASSWORD_HASHES_AT_ONCE", 2)

OAUTH2_PROVIDER_APPLICATION_MODEL = "identity.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "oidc.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oidc.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oidc.RefreshToken"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oidc.IDToken"
OAUTH2_PROVIDER: dict[str, Any] = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": TENANT0_ISSUER,
    "OAUTH2_VALIDATOR_CLASS": "oidc.validator.Validator",
    "APPLICATION_ADMIN_CLASS": "identity.admin.ApplicationAdmin",
    "GRANT_ADMIN_CLASS": "oidc.admin.GrantAdmin",
    "ACCESS_TOKEN_ADMIN_CLASS": "oidc.admin.AccessTokenAdmin",
    "REFRESH_TOKEN_ADMIN_CLASS": "oidc.admin.RefreshTokenAdmin",
    "ID_TOKEN_ADMIN_CLASS": "oidc.admin.IDTokenAdmin",
    # Seconds. RFC 6749 section 4.1.2 recommends ten minutes at most; a code travels in a redirect, one minute is plenty.
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    # Seconds; for tokens without an API audience. An API has its own.
    "ACCESS_TOKEN_EXPIRE_SECONDS": 86400,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],
    "PKCE_REQUIRED": False,  # Decided per application by the validator: required of public ones.
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
}

# --- Dashboard ----------------------------------------------------------------------------------------------

# What the badge at the top of the dashboard says, such as production or staging. Empty: told from the issuer.
TENANT0_ENVIRONMENT: str = env.str("TENANT0_ENVIRONMENT", default="")
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": TENANT0_FRIENDLY_NAME,
    "SITE_HEADER": TENANT0_FRIENDLY_NAME,
    "SITE_URL": None,
    "SITE_ICON": lambda _request: f"{STATIC_URL}dashboard/logo.svg",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: f"{STATIC_URL}dashboard/logo.svg"}
    ],
    "SHOW_BACK_BUTTON": False,
    "SHOW_HISTORY": False,  # A tab of each object shows it.
    "SHOW_VIEW_ON_SITE": False,
    "THEME": "light",
    "STYLES": [lambda _request: f"{STATIC_URL}dashboard/dashboard.css"],
    "SCRIPTS": [lambda _request: f"{STATIC_URL}dashboard/dashboard.js"],
    "ENVIRONMENT": "tenant0.dashboard.environment",
    "DASHBOARD_CALLBACK": "tenant0.dashboard.home",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "tenant0.dashboard.navigation"},
}
# The tabs of an object's page: model -> (key, title, URL name, permission). Named here, so that a page may link to
# one of an app above its own.
DASHBOARD_TABS: dict[str, list[tuple[str, Any, str, str]]] = {
    "orgs.organization": [
        ("overview", _("Overview"), "orgs_organization_change", "orgs.view_organization"),
        ("members", _("Members"), "orgs_organization_members", "orgs.view_membership"),
        ("connections", _("Connections"), "orgs_organization_connections", "orgs.view_organizationconnection"),
        ("invitations", _("Invitations"), "invitations_of_organization", "invitations.view_invitation"),
        ("branding", _("Branding"), "orgs_organization_branding", "orgs.view_organization"),
        ("history", _("History"), "orgs_organization_history", "core.view_auditevent"),
    ],
    "identity.application": [
        ("overview", _("Settings"), "identity_application_change", "identity.view_application"),
        ("connections", _("Connections"), "identity_application_connections", "identity.view_connection"),
        ("history", _("History"), "identity_application_history", "core.view_auditevent"),
    ],
    "identity.connection": [
        ("overview", _("Overview"), "identity_connection_change", "identity.view_connection"),
        ("settings", _("Passwords and sign-up"), "identity_connection_settings", "identity.view_connection"),
        ("applications", _("Applications"), "identity_connection_applications", "identity.view_application"),
        ("organizations", _("Organizations"), "orgs_of_connection", "orgs.view_organization"),
        ("history", _("History"), "identity_connection_history", "core.view_auditevent"),
    ],
    "identity.user": [
        ("overview", _("Profile"), "identity_user_change", "identity.view_user"),
        ("roles", _("Roles"), "identity_user_roles", "identity.view_role"),
        ("organizations", _("Organizations"), "orgs_of_user", "orgs.view_membership"),
        ("sessions", _("Sessions"), "login_of_user", "login.view_session"),
        ("history", _("History"), "identity_user_history", "core.view_auditevent"),
    ],
    "identity.operator": [
        ("overview", _("Overview"), "identity_operator_change", "identity.view_operator"),
        ("history", _("History"), "identity_operator_history", "core.view_auditevent"),
    ],
    "identity.clientgrant": [
        ("overview", _("Overview"), "identity_clientgrant_change", "identity.view_clientgrant"),
        ("history", _("History"), "identity_clientgrant_history", "core.view_auditevent"),
    ],
    "identity.resourceserver": [
        ("overview", _("Overview"), "identity_resourceserver_change", "identity.view_resourceserver"),
        ("history", _("History"), "identity_resourceserver_history", "core.view_auditevent"),
    ],
    "identity.role": [
        ("overview", _("Overview"), "identity_role_change", "identity.view_role"),
        ("history", _("History"), "identity_role_history", "core.view_auditevent"),
    ],
}
# Which entry of the side bar is marked below an address that another entry would claim: prefix -> URL name.
DASHBOARD_ACTIVE = {
    "/admin/invitations/invitation/of/": "admin:orgs_organization_changelist",
    "/admin/orgs/organization/of-user/": "admin:identity_user_changelist",
    "/admin/orgs/organization/of-connection/": "admin:identity_connection_changelist",
    "/admin/login/session/of-user/": "admin:identity_user_changelist",
}

# --- Cookies and headers ------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = False  # TLS ends at our server or at a proxy; a redirect here would need to trust its header.
SECURE_HSTS_SECONDS = 31536000 if TENANT0_ISSUER_IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_CONTENT_TYPE_NOSNIFF = True
# Nothing of our URLs reaches another site. Not `no-referrer`: with it browsers send `Origin: null` on our own forms, which are then
# refused as forged (Fetch section 3.1).
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# `__Host-` binds a cookie to this host, path / and TLS (RFC 6265bis section 4.1.3.2); browsers refuse it over plain http.
COOKIE_PREFIX = "__Host-" if TENANT0_ISSUER_IS_HTTPS else ""
TENANT0_SESSION_COOKIE = f"{COOKIE_PREFIX}tenant0"
TENANT0_BROWSER_COOKIE = f"{COOKIE_PREFIX}tenant0_login"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}dashboard"
SESSION_COOKIE_SECURE = TENANT0_ISSUER_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# The dashboard's own session: twelve hours, a working day.
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "tenant0.failures.csrf_failure"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = TENANT0_ISSUER_IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"{_issuer.scheme}://{_issuer.netloc}"]
LANGUAGE_COOKIE_SECURE = TENANT0_ISSUER_IS_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:", "https:"] + ([] if TENANT0_ISSUER_IS_HTTPS else ["http:"]),
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        # Browsers hold the redirects after a form to this: a login ends at an application, whose hosts are its own.
        "form-action": ["'self'", "https:"] + ([] if TENANT0_ISSUER_IS_HTTPS else ["http:"]),
        "frame-ancestors": ["'none'"],
    }
}

# What `check --deploy` would say of choices that are made: TLS ends at our server or at a proxy, other hosts of the domain are not ours
# to speak for, and the toolkit's grants and redirect URIs are narrowed by our own validator and models.
SILENCED_SYSTEM_CHECKS = [
    "security.W005",
    "security.W008",
    "security.W021",
    "oauth2_provider.W001",
    "oauth2_provider.W008",
    "oauth2_provider.W010",
]

# --- Languages ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("nl", _("Dutch")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files -------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are served from the apps' own folders, so no build step is needed. Browsers may keep them for ten minutes (seconds).
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Logs ---------------------------------------------------------------------------------------------------

# debug, info, warning or error.
LOG_LEVEL: str = env.str("LOG_LEVEL", default="info").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise bad("LOG_LEVEL", "must be debug, info, warning or error")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "core.logs.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # At debug level it writes whole token responses.
        "oauthlib": {"level": "WARNING"},
    },
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
