"""The Management API as a resource server of its own, with every scope its endpoints ask for, and the global client."""

from typing import Final

from django.conf import settings

from core.actors import SYSTEM
from identity.models import Application, Permission, ResourceServer
from identity.services.applications import create_application

_VERBS: Final = {"c": "create", "r": "read", "u": "update", "d": "delete"}

# What the Management API knows, and which verbs: create, read, update, delete.
_SCOPES: Final = {
    "actions": "crud",
    "anomaly_blocks": "rd",
    "attack_protection": "ru",
    "authentication_methods": "crud",
    "branding": "rud",
    "client_credentials": "crud",
    "client_grants": "crud",
    "client_keys": "ru",
    "client_summary": "r",
    "client_token_vault_privileged_access": "u",
    "clients": "crud",
    "connection_profiles": "crud",
    "connections": "crud",
    "connections_keys": "cru",
    "current_user": "rd",
    "current_user_device_credentials": "cd",
    "current_user_identities": "u",
    "current_user_metadata": "u",
    "custom_domains": "crud",
    "custom_signing_keys": "crud",
    "device_credentials": "rd",
    "directory_provisionings": "crud",
    "email_provider": "crud",
    "email_templates": "cru",
    "encryption_keys": "crud",
    "event_deliveries": "ru",
    "event_streams": "crud",
    "events": "r",
    "experimentation": "crud",
    "federated_connections_tokens": "rd",
    "flows": "crud",
    "flows_executions": "rd",
    "flows_vault_connections": "crud",
    "forms": "crud",
    "grants": "rd",
    "group_members": "r",
    "group_roles": "crd",
    "groups": "rd",
    "guardian_enrollment_tickets": "c",
    "guardian_enrollments": "rd",
    "guardian_factors": "ru",
    "hooks": "crud",
    "log_streams": "crud",
    "logs": "r",
    "logs_users": "r",
    "mfa_policies": "ru",
    "network_acls": "crud",
    "organization_client_grants": "crd",
    "organization_connections": "crud",
    "organization_discovery_domains": "crud",
    "organization_group_roles": "crd",
    "organization_groups": "r",
    "organization_invitations": "crd",
    "organization_member_effective_roles": "r",
    "organization_member_role_source_groups": "r",
    "organization_member_roles": "crd",
    "organization_members": "crd",
    "organizations": "crud",
    "organizations_summary": "r",
    "phone_providers": "crud",
    "phone_templates": "crud",
    "prompts": "ru",
    "rate_limit_policies": "crud",
    "refresh_tokens": "rud",
    "resource_servers": "crud",
    "role_members": "crd",
    "roles": "crud",
    "rules": "crud",
    "rules_configs": "rud",
    "scim_config": "crud",
    "scim_token": "crd",
    "self_service_profile_custom_texts": "ru",
    "self_service_profiles": "crud",
    "sessions": "rud",
    "signing_keys": "cru",
    "sso_access_tickets": "cd",
    "stats": "r",
    "tenant_settings": "ru",
    "token_exchange_profiles": "crud",
    "user_attribute_profiles": "crud",
    "user_effective_permissions": "r",
    "user_effective_roles": "r",
    "user_idp_tokens": "r",
    "user_permission_source_roles": "r",
    "user_role_source_groups": "r",
    "user_tickets": "c",
    "users": "crud",
    "users_app_metadata": "u",
    "vdcs_templates": "crud",
}


def management_audience() -> str:
    """Return the identifier of the Management API: the audience of its tokens."""
    return f"{settings.TENANT0_ISSUER}api/v2/"


def management_scopes() -> list[str]:
    """Return every scope of the Management API, as `verb:resource`."""
    return [f"{_VERBS[verb]}:{resource}" for resource, verbs in _SCOPES.items() for verb in verbs]


def ensure_system_api() -> ResourceServer:
    """Create the Management API's resource server, or add the scopes it lacks; safe to call again."""
    server, _made = ResourceServer.objects.get_or_create(
        identifier=management_audience(), defaults={"name": "Management API", "is_system": True}
    )
    existing = set(server.permissions.values_list("value", flat=True))
    Permission.objects.bulk_create(
        [
            Permission(resource_server=server, value=scope, description=scope.replace(":", " ").replace("_", " "))
            for scope in management_scopes()
            if scope not in existing
        ],
        ignore_conflicts=True,
    )
    return server


def ensure_global_client() -> Application:
    """Create the global client that Auth0's tools look for; safe to call again."""
    found: Application | None = Application.objects.filter(is_global=True).first()
    if found is not None:
        return found
    made = create_application(actor=SYSTEM, name="All Applications", is_global=True, app_type="", grant_types=[])
    application: Application = made.application
    return application
