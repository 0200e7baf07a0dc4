"""Who does something: an operator at the dashboard, a management client, an end-user or the system itself."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    OPERATOR = "operator"
    MANAGEMENT_CLIENT = "management_client"
    END_USER = "end_user"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """The author of a change, as the audit log names it.

    `identifier` is a public id (`user_id`, `client_id`), `name` what a person recognises, `ip` and
    `user_agent` where the change came from (empty for the system).
    """

    kind: ActorKind
    identifier: str
    name: str = ""
    ip: str = ""
    user_agent: str = ""


SYSTEM = Actor(ActorKind.SYSTEM, "system", "tenant0")
