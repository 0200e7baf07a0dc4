"""Making what a new installation needs: keys, the system API, the global client, an operator, a management client."""

from typing import Any

from django.conf import settings
from django.db import transaction

from core.actors import SYSTEM
from identity.addresses import canonical_email
from identity.models import Application, OperatorRole, User
from identity.services.access import grant_client
from identity.services.applications import create_application
from identity.services.operators import create_operator
from identity.system import ensure_global_client, ensure_system_api, management_audience, management_scopes
from oidc.keys import ensure_keys


def bootstrap(
    *, operator_email: str, operator_password: str | None = None, management_client: str | None = None
) -> dict[str, Any]:
    """Make what is missing, all or nothing, and return it. Safe to call again.

    Shape: {"issuer", "operator": {"email", "password"}, "management_client": {"name", "client_id", "client_secret",
    "audience"}}. A secret is in it only when it was made by this call.
    """
    with transaction.atomic():
        ensure_keys()
        server = ensure_system_api()
        ensure_global_client()
        made: dict[str, Any] = {
            "issuer": settings.TENANT0_ISSUER,
            "operator": _operator(operator_email, operator_password),
        }
        if management_client:
            made["management_client"], application = _management_client(management_client)
            grant_client(actor=SYSTEM, application=application, resource_server=server, scope=management_scopes())
    return made


def _operator(email: str, password: str | None) -> dict[str, str]:
    address = canonical_email(email)
    if User.objects.filter(email=address).exclude(operator_role="").exists():
        return {"email": address}
    created = create_operator(actor=SYSTEM, email=address, role=OperatorRole.OWNER, password=password)
    return {"email": address, "password": created.password}


def _management_client(name: str) -> tuple[dict[str, str], Application]:
    existing = Application.objects.filter(name=name, app_type=Application.AppType.NON_INTERACTIVE).first()
    if existing is not None:
        return {"name": name, "client_id": existing.client_id, "audience": management_audience()}, existing
    created = create_application(
        actor=SYSTEM,
        name=name,
        app_type=Application.AppType.NON_INTERACTIVE,
        token_endpoint_auth_method=Application.AuthMethod.POST,
        grant_types=["client_credentials"],
    )
    described = {
        "name": name,
        "client_id": created.application.client_id,
        "client_secret": created.client_secret,
        "audience": management_audience(),
    }
    return described, created.application
