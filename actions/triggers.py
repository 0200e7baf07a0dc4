"""The closed list of triggers, the event a script is given, and the outcome it may have.

Plain values only: a script never receives a model, a request or a database handle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Trigger(StrEnum):
    """When scripts run."""

    POST_LOGIN = "post-login"


@dataclass(frozen=True)
class Event:
    """What a script may know of a login. Each mapping is JSON-serializable and bears Auth0's names.

    `user`: user_id, email, name, user_metadata, app_metadata …; `organization`: id, name, display_name, metadata or None;
    `application`: client_id, name, metadata; `connection`: id, name, strategy; `request`: ip, user_agent, query, language.
    """

    user: Mapping[str, Any]
    application: Mapping[str, Any]
    connection: Mapping[str, Any]
    request: Mapping[str, Any]
    organization: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What the scripts decided, from a closed list of effects.

    `denied_because` ends the login with that text; the claims are added to the tokens, reserved names apart.
    """

    denied_because: str = ""
    id_token_claims: Mapping[str, Any] = field(default_factory=dict)
    access_token_claims: Mapping[str, Any] = field(default_factory=dict)
