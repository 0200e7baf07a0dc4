"""Writing the audit log: one function, called inside the transaction of the change it records."""

from dataclasses import dataclass, field
from typing import Any

from core.actors import Actor
from core.logs import current_request_id
from core.models import AuditEvent


@dataclass(frozen=True)
class Subject:
    """What an event is about: public ids only, empty where not concerned."""

    target_type: str = ""
    target_id: str = ""
    user_id: str = ""
    client_id: str = ""
    connection: str = ""
    organization_id: str = ""
    organization_name: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def event_row(event: str, actor: Actor, subject: Subject, *, description: str = "") -> AuditEvent:
    """Return an event that is not stored yet, for callers that write several rows in one statement."""
    return AuditEvent(
        type=event,
        description=description,
        actor_kind=actor.kind,
        actor_id=actor.identifier,
        actor_name=actor.name[:300],
        ip=actor.ip,
        user_agent=actor.user_agent[:1000],
        request_id=current_request_id(),
        target_type=subject.target_type,
        target_id=subject.target_id,
        user_id=subject.user_id,
        client_id=subject.client_id,
        connection=subject.connection,
        organization_id=subject.organization_id,
        organization_name=subject.organization_name,
        details=subject.details,
    )


def record(event: str, actor: Actor, subject: Subject, *, description: str = "") -> AuditEvent:
    """Append one event and return it.

    `event` is a log type code; `subject.details` must be JSON-serializable and free of secrets.
    """
    row = event_row(event, actor, subject, description=description)
    row.save(force_insert=True)
    return row
