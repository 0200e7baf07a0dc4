"""The lines that the protocol endpoints write to the audit log: who asked, from where, what came of it."""

from dataclasses import dataclass
from typing import Final

from core.actors import ActorKind
from identity.models import Application
from oidc.storage.records import Event, Standing

_DESCRIPTIONS: Final = {
    "seacft": "Exchanged a code for tokens",
    "sertft": "Exchanged a refresh token",
    "seccft": "Got a token on its own behalf",
    "ssa": "Signed in silently",
    "code_issued": "Got an authorization code",
}


@dataclass(frozen=True)
class Caller:
    """Where a request comes from."""

    ip: str
    user_agent: str


def success(
    event: str, application: Application | str, caller: Caller, *, standing: Standing | None, description: str = ""
) -> Event:
    """Return the event of something that went well, for the person of `standing` or for the application itself."""
    return _event(event, application, caller, standing=standing, description=description or _DESCRIPTIONS[event])


def failure(
    event: str, application: Application | str | None, caller: Caller, *, standing: Standing | None, why: str
) -> Event:
    return _event(event, application or "", caller, standing=standing, description=why)


def _event(
    event: str, application: Application | str, caller: Caller, *, standing: Standing | None, description: str
) -> Event:
    client_id = application if isinstance(application, str) else application.client_id
    name = "" if isinstance(application, str) else application.name
    user = standing.user if standing else None
    organization = standing.organization if standing else None
    return Event(
        type=event,
        description=description,
        actor_kind=ActorKind.END_USER if user else ActorKind.MANAGEMENT_CLIENT,
        actor_id=user.user_id if user else client_id,
        actor_name=(user.email or user.name) if user else name,
        user_id=user.user_id if user else "",
        client_id=client_id,
        organization_id=organization.pk if organization else "",
        organization_name=organization.name if organization else "",
        ip=caller.ip,
        user_agent=caller.user_agent,
    )
