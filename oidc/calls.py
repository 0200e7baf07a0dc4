"""What travels through the toolkit's grants beside the parameters of a request: plain values that the validator reads and adds to."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from identity.models import Application, User
from oidc.events import Caller
from oidc.models import Grant, RefreshToken
from oidc.storage.records import MachineFacts, Standing
from oidc.wire import ClientCredentials


@dataclass(frozen=True)
class Login:
    """What a completed login fixed, as it is written to the code."""

    user: User
    organization_id: str
    connection_id: str
    sid: str
    auth_time: datetime
    amr: tuple[str, ...]
    audience: str
    custom_claims: dict[str, Any]
    family: UUID = field(default_factory=uuid4)


@dataclass
class TokenCall:
    """A request at the token endpoint: who calls, and then what the validator found. `is_recorded`: its end is audited."""

    credentials: ClientCredentials
    caller: Caller
    application: Application | None = None
    context: Grant | RefreshToken | None = None
    standing: Standing | None = None
    machine: MachineFacts | None = None
    superseded: bool = False
    is_recorded: bool = False
