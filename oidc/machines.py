"""An application on its own behalf (RFC 6749 section 4.4): what is asked of the database, and what may be granted."""

from django.conf import settings
from oauthlib.common import Request

from core import secrets
from identity.models import ClientGrant
from oidc.calls import TokenCall
from oidc.errors import access_denied, invalid_request
from oidc.events import success
from oidc.storage.records import Event, MachineFacts, MachineQuestion
from orgs import policy


def machine_question(request: Request, call: TokenCall) -> MachineQuestion:
    value = getattr(request, "organization", None) or ""
    by_name = bool(value) and not policy.is_organization_id(value)
    return MachineQuestion(
        client_id=call.credentials.client_id,
        secret_digest=secrets.digest(call.credentials.secret),
        audience=getattr(request, "audience", None) or "",
        scopes=tuple((request.scope or "").split()),
        organization_id="" if by_name else value,
        # A name that is not to be used finds nothing: names begin with a letter or digit.
        organization_name=(value.lower() if settings.TENANT0_ORGANIZATION_NAMES else "-") if by_name else "",
        event=machine_event(call),
    )


def machine_event(call: TokenCall) -> Event:
    return success("seccft", call.credentials.client_id, call.caller, standing=None)


def check_machine(facts: MachineFacts, request: Request) -> None:
    """What an application may ask for on its own behalf (RFC 6749 section 4.4)."""
    audience = getattr(request, "audience", None)
    if not audience:
        raise access_denied("No audience parameter was provided, and no default audience has been configured")
    if facts.api is None:
        raise access_denied(f"Service not found: {audience}")
    grant = facts.grant
    if grant is None:
        raise access_denied(
            f'Client is not authorized to access "{audience}". Create a client grant for this API first.'
        )
    missing = [scope for scope in request.scopes if scope not in grant.scope]
    if missing:
        raise access_denied(f"Client has not been granted scopes: {', '.join(missing)}")
    _check_organization(facts, grant, getattr(request, "organization", None) or "")


def _check_organization(facts: MachineFacts, grant: ClientGrant, asked: str) -> None:
    usage = ClientGrant.OrganizationUsage
    if not asked:
        if grant.organization_usage == usage.REQUIRE:
            raise invalid_request("parameter organization is required for this client")
        return
    if not policy.is_organization_id(asked) and not settings.TENANT0_ORGANIZATION_NAMES:
        raise invalid_request("parameter organization must be an organization id")
    if grant.organization_usage not in {usage.ALLOW, usage.REQUIRE}:
        raise access_denied("parameter organization is not allowed for this client")
    organization = facts.organization
    if organization is None or not organization.is_active or not grant.allow_any_organization:
        raise access_denied(f"parameter organization is invalid: {asked}")
