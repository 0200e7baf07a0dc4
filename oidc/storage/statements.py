"""The SQL of the hot operations on PostgreSQL, built once from the models' columns. Values are always parameters."""

# ruff: noqa: S608  # What is put together here is column and table names of our own models, never a value.

from typing import Final

from core.models import AuditEvent
from identity.models import (
    Application,
    ApplicationConnection,
    ClientGrant,
    Connection,
    Permission,
    ResourceServer,
    RolePermission,
    User,
    UserPermission,
    UserRole,
)
from login.models import Session
from oidc.models import AccessToken, Grant, RefreshToken
from oidc.storage.rows import Columns, Layout
from orgs.models import MemberRole, Membership, Organization, OrganizationConnection

_APPLICATION: Final = Columns(
    Application,
    "a",
    [
        "id",
        "client_id",
        "name",
        "app_type",
        "token_endpoint_auth_method",
        "client_secret_digest",
        "is_first_party",
        "callbacks",
        "web_origins",
        "allowed_origins",
        "grant_types",
        "organization_usage",
        "organization_require_behavior",
        "id_token_lifetime_seconds",
        "refresh_token_rotation",
        "refresh_token_expiration",
        "refresh_token_leeway_seconds",
        "refresh_token_lifetime_seconds",
        "refresh_token_idle_lifetime_seconds",
        "client_metadata",
    ],
)
_PROFILE: Final = [
    "id",
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "nickname",
    "given_name",
    "family_name",
    "picture",
    "locale",
    "blocked",
    "updated_at",
]
_USER: Final = Columns(User, "u", _PROFILE)
_USER_WITH_METADATA: Final = Columns(User, "u", [*_PROFILE, "user_metadata", "app_metadata"])
_SESSION: Final = Columns(
    Session,
    "s",
    [
        "id",
        "sid",
        "user_id",
        "connection_id",
        "auth_time",
        "amr",
        "last_seen_at",
        "idle_expires_at",
        "expires_at",
        "revoked_at",
    ],
)
_CONNECTION: Final = Columns(Connection, "c", ["id", "name", "strategy"])
_ORGANIZATION: Final = Columns(Organization, "o", ["id", "name", "display_name", "metadata", "status"])
_API: Final = Columns(
    ResourceServer,
    "r",
    [
        "id",
        "identifier",
        "allow_offline_access",
        "token_lifetime_seconds",
        "token_lifetime_for_web_seconds",
        "token_dialect",
        "enforce_policies",
        "is_system",
    ],
)
_CLIENT_GRANT: Final = Columns(ClientGrant, "g", ["id", "scope", "organization_usage", "allow_any_organization"])
_LOGIN_CONTEXT: Final = [
    "family",
    "organization_id",
    "connection_id",
    "sid",
    "auth_time",
    "amr",
    "audience",
    "custom_claims",
]
_CODE: Final = Columns(
    Grant,
    "t",
    [
        "id",
        "user_id",
        "application_id",
        "expires",
        "redirect_uri",
        "scope",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "claims",
        "used_at",
        *_LOGIN_CONTEXT,
    ],
)
_REFRESH: Final = Columns(
    RefreshToken,
    "t",
    [
        "id",
        "user_id",
        "application_id",
        "scope",
        "rotated_at",
        "revoked",
        "expires_at",
        "idle_expires_at",
        *_LOGIN_CONTEXT,
    ],
)
_ACCESS: Final = Columns(AccessToken, "t", ["id", "user_id", "application_id", "scope", *_LOGIN_CONTEXT])

_T: Final = {
    model.__name__: f'"{model._meta.db_table}"'
    for model in (
        AccessToken,
        Application,
        ApplicationConnection,
        AuditEvent,
        ClientGrant,
        Connection,
        Grant,
        MemberRole,
        Membership,
        Organization,
        OrganizationConnection,
        Permission,
        RefreshToken,
        ResourceServer,
        RolePermission,
        Session,
        User,
        UserPermission,
        UserRole,
    )
}

# The audit row; its columns are filled by `postgresql._event` in this order.
_AUDIT_COLUMNS: Final = (
    "date, type, description, actor_kind, actor_id, actor_name, target_type, target_id, user_id, client_id, connection, "
    "organization_id, organization_name, ip, user_agent, request_id, details"
)
_AUDIT_VALUES: Final = (
    "%s::timestamptz, %s::varchar, %s::text, %s::varchar, %s::varchar, %s::varchar, %s::varchar, %s::varchar, %s::varchar, "
    "%s::varchar, %s::varchar, %s::varchar, %s::varchar, %s::varchar, %s::text, %s::varchar, '{}'::jsonb"
)
_CONTEXT: Final = ", ".join(_LOGIN_CONTEXT)
# A code or an audit row may be lost in a crash of the database, a used token may not; see `synchronous_commit` in its manual.
_NEED_NOT_WAIT: Final = "set_config('synchronous_commit', 'off', true)"


def _enabled(connection: str) -> str:
    """Whether a connection is enabled for the organization, or without one for the application."""
    return f"""CASE WHEN o.id IS NULL
        THEN EXISTS (SELECT 1 FROM {_T["ApplicationConnection"]} x
                     WHERE x.application_id = a.id AND x.connection_id = {connection})
        ELSE EXISTS (SELECT 1 FROM {_T["OrganizationConnection"]} x
                     WHERE x.organization_id = o.id AND x.connection_id = {connection} AND x.is_enabled) END"""


def _member(user: str) -> str:
    return f"""EXISTS (SELECT 1 FROM {_T["Membership"]} m WHERE m.organization_id = o.id AND m.user_id = {user})"""


# What the person may do at the API: by roles in the organization, or tenant-wide by roles and directly. Asked only where enforced.
_PERMISSIONS: Final = f"""CASE
    WHEN r.enforce_policies IS NOT TRUE THEN NULL
    WHEN t.organization_id <> '' THEN ARRAY(
        SELECT DISTINCT p.value FROM {_T["Membership"]} m
        JOIN {_T["MemberRole"]} mr ON mr.membership_id = m.id
        JOIN {_T["RolePermission"]} rp ON rp.role_id = mr.role_id
        JOIN {_T["Permission"]} p ON p.id = rp.permission_id AND p.resource_server_id = r.id
        WHERE m.organization_id = t.organization_id AND m.user_id = t.user_id ORDER BY 1)
    ELSE ARRAY(
        SELECT p.value FROM {_T["UserRole"]} ur
        JOIN {_T["RolePermission"]} rp ON rp.role_id = ur.role_id
        JOIN {_T["Permission"]} p ON p.id = rp.permission_id AND p.resource_server_id = r.id
        WHERE ur.user_id = t.user_id
        UNION
        SELECT p.value FROM {_T["UserPermission"]} up
        JOIN {_T["Permission"]} p ON p.id = up.permission_id AND p.resource_server_id = r.id
        WHERE up.user_id = t.user_id ORDER BY 1) END"""

AUTHORIZATION_LAYOUT: Final = Layout(_APPLICATION, _SESSION, _USER_WITH_METADATA, _CONNECTION, _ORGANIZATION, _API)
_AUTHORIZATION: Final = f"""SELECT {AUTHORIZATION_LAYOUT.sql}, {_enabled("s.connection_id")}, {_member("s.user_id")},
    CASE WHEN r.id IS NOT NULL THEN ARRAY(SELECT p.value FROM {_T["Permission"]} p
        WHERE p.resource_server_id = r.id AND p.value = ANY(%s)) END
    FROM {_T["Application"]} a
    LEFT JOIN {_T["Session"]} s ON s.token_digest = %s
    LEFT JOIN {_T["User"]} u ON u.id = s.user_id
    LEFT JOIN {_T["Connection"]} c ON c.id = s.connection_id
    LEFT JOIN {_T["Organization"]} o ON o.{{key}} = %s
    LEFT JOIN {_T["ResourceServer"]} r ON r.identifier = %s
    WHERE a.client_id = %s AND NOT a.is_global"""
AUTHORIZATION_BY_ID: Final = _AUTHORIZATION.replace("{key}", "id")
AUTHORIZATION_BY_NAME: Final = _AUTHORIZATION.replace("{key}", "name")

ADD_CODE: Final = f"""WITH code AS (
    INSERT INTO {_T["Grant"]} (code, application_id, user_id, expires, redirect_uri, scope, nonce, code_challenge,
        code_challenge_method, claims, {_CONTEXT}, resource, created, updated)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, '[]', now(), now())
), event AS (INSERT INTO {_T["AuditEvent"]} ({_AUDIT_COLUMNS}) VALUES ({_AUDIT_VALUES}))
SELECT {_NEED_NOT_WAIT}"""


def _token_facts(layout: Layout, table: str, key: str, extra: str = "") -> str:
    return f"""SELECT {layout.sql}, {_enabled("t.connection_id")}, {_member("t.user_id")}, {_PERMISSIONS}{extra}
    FROM {_T["Application"]} a
    LEFT JOIN {table} t ON t.{key} = %s AND t.application_id = a.id
    LEFT JOIN {_T["User"]} u ON u.id = t.user_id
    LEFT JOIN {_T["Organization"]} o ON o.id = t.organization_id
    LEFT JOIN {_T["ResourceServer"]} r ON r.identifier = t.audience
    WHERE a.client_id = %s AND NOT a.is_global"""


CODE_LAYOUT: Final = Layout(_APPLICATION, _CODE, _USER, _ORGANIZATION, _API)
CODE: Final = _token_facts(CODE_LAYOUT, _T["Grant"], "code")
REFRESH_LAYOUT: Final = Layout(_APPLICATION, _REFRESH, _USER, _ORGANIZATION, _API)
REFRESH: Final = _token_facts(
    REFRESH_LAYOUT,
    _T["RefreshToken"],
    "token_checksum",
    f""", t.rotated_at IS NOT NULL AND EXISTS (SELECT 1 FROM {_T["RefreshToken"]} n
        WHERE n.family = t.family AND n.rotated_at > t.rotated_at)""",
)

# The same claims in the same second make the same token; the row then belongs to the family that was given it last.
_ADD_ACCESS_TOKEN: Final = f"""INSERT INTO {_T["AccessToken"]}
    (token_checksum, expires, scope, token, resource, created, updated, user_id, application_id, {_CONTEXT})
    SELECT %s, %s::timestamptz, %s, '', '[]', now(), now(), user_id, application_id, {_CONTEXT} FROM taken
    ON CONFLICT (token_checksum) DO UPDATE SET family = excluded.family, sid = excluded.sid, expires = excluded.expires"""
_ADD_EVENT: Final = f"""INSERT INTO {_T["AuditEvent"]} ({_AUDIT_COLUMNS}) SELECT {_AUDIT_VALUES} FROM taken"""


def _add_refresh_token(expires_at: str) -> str:
    return f"""INSERT INTO {_T["RefreshToken"]}
    (token_checksum, scope, expires_at, idle_expires_at, token, resource, created, updated, user_id, application_id,
     {_CONTEXT})
    SELECT %s, %s, {expires_at}, %s::timestamptz, '', '[]', now(), now(), user_id, application_id, {_CONTEXT} FROM taken"""


_TAKE_CODE: Final = f"""taken AS (UPDATE {_T["Grant"]} SET used_at = now(), updated = now()
    WHERE id = %s AND used_at IS NULL AND expires > now() RETURNING *)"""
REDEEM_CODE: Final = f"""WITH {_TAKE_CODE}, access AS ({_ADD_ACCESS_TOKEN}), event AS ({_ADD_EVENT})
    SELECT 1 FROM taken"""
REDEEM_CODE_WITH_REFRESH: Final = f"""WITH {_TAKE_CODE}, access AS ({_ADD_ACCESS_TOKEN}),
    refresh AS ({_add_refresh_token("%s::timestamptz")}), event AS ({_ADD_EVENT})
    SELECT 1 FROM taken"""
# Without leeway nothing but null will do: a transaction that began before the winner's would see a rotation in its future.
ROTATE_REFRESH_TOKEN: Final = f"""WITH taken AS (
    UPDATE {_T["RefreshToken"]} SET rotated_at = coalesce(rotated_at, clock_timestamp()), updated = now()
    WHERE id = %s AND revoked IS NULL
        AND (rotated_at IS NULL OR (%s > 0 AND rotated_at > clock_timestamp() - %s * interval '1 second'))
    RETURNING *), access AS ({_ADD_ACCESS_TOKEN}),
    refresh AS ({_add_refresh_token("expires_at")}), event AS ({_ADD_EVENT})
    SELECT 1 FROM taken"""
EXTEND_REFRESH_TOKEN: Final = f"""WITH taken AS (
    UPDATE {_T["RefreshToken"]} SET idle_expires_at = %s, updated = now()
    WHERE id = %s AND revoked IS NULL RETURNING *), access AS ({_ADD_ACCESS_TOKEN}), event AS ({_ADD_EVENT})
    SELECT 1 FROM taken"""

# A permitted request is recorded in the statement that finds it permitted; the validator decides again, and says why not.
MACHINE_LAYOUT: Final = Layout(_APPLICATION, _API, _CLIENT_GRANT, _ORGANIZATION)
_MACHINE_PERMITTED: Final = """coalesce(a.client_secret_digest = %s AND a.grant_types @> '["client_credentials"]'
    AND CASE a.token_endpoint_auth_method WHEN '' THEN a.app_type NOT IN ('spa', 'native') WHEN 'none' THEN false ELSE true END
    AND g.scope @> %s::jsonb
    AND CASE WHEN %s::text = '' THEN g.organization_usage <> 'require'
        ELSE o.status = 'active' AND g.organization_usage IN ('allow', 'require') AND g.allow_any_organization END, false)"""
_MACHINE: Final = f"""WITH facts AS (
    SELECT {MACHINE_LAYOUT.sql}, {_MACHINE_PERMITTED} AS permitted
    FROM {_T["Application"]} a
    LEFT JOIN {_T["ResourceServer"]} r ON r.identifier = %s
    LEFT JOIN {_T["ClientGrant"]} g ON g.application_id = a.id AND g.resource_server_id = r.id
    LEFT JOIN {_T["Organization"]} o ON o.{{key}} = %s
    WHERE a.client_id = %s AND NOT a.is_global
), event AS (INSERT INTO {_T["AuditEvent"]} ({_AUDIT_COLUMNS}) SELECT {_AUDIT_VALUES} FROM facts WHERE permitted)
SELECT facts.*, {_NEED_NOT_WAIT} FROM facts"""
MACHINE_BY_ID: Final = _MACHINE.replace("{key}", "id")
MACHINE_BY_NAME: Final = _MACHINE.replace("{key}", "name")

USERINFO_LAYOUT: Final = Layout(_ACCESS, _USER, _ORGANIZATION)
USERINFO: Final = f"""SELECT {USERINFO_LAYOUT.sql}, {_member("t.user_id")}
    FROM {_T["AccessToken"]} t
    JOIN {_T["User"]} u ON u.id = t.user_id
    JOIN {_T["Application"]} a ON a.id = t.application_id
    LEFT JOIN {_T["Organization"]} o ON o.id = t.organization_id
    WHERE t.token_checksum = %s AND t.expires > now()"""

ORIGIN: Final = f"""SELECT 1 FROM {_T["Application"]}
    WHERE jsonb_exists(web_origins, %s) OR jsonb_exists(allowed_origins, %s) LIMIT 1"""
