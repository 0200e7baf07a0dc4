"""What the hot storage operations take and return, and the interface that both implementations keep."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from identity.models import Application, ClientGrant, ResourceServer, User
from login.models import Session
from oidc.models import AccessToken, Grant, RefreshToken
from orgs.models import Organization


@dataclass(frozen=True)
class Event:
    """A line of the audit log that is written in the same statement as what it records."""

    type: str
    description: str
    actor_kind: str
    actor_id: str
    actor_name: str = ""
    user_id: str = ""
    client_id: str = ""
    connection: str = ""
    organization_id: str = ""
    organization_name: str = ""
    ip: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class AuthorizationQuestion:
    """What the authorization endpoint needs to know: raw parameters, empty when absent.

    `organization_name` is set instead of `organization_id` when the parameter is a name and names are on.
    """

    client_id: str
    session_digest: str = ""
    organization_id: str = ""
    organization_name: str = ""
    audience: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthorizationFacts:
    """The answer. `session` has its user and connection joined and may be dead; `api_scopes` are the requested scopes that
    the API knows.

    `connection_enabled`: the session's connection is enabled for the organization, or without one for the application.
    """

    application: Application
    session: Session | None = None
    organization: Organization | None = None
    api: ResourceServer | None = None
    api_scopes: tuple[str, ...] = ()
    connection_enabled: bool = False
    is_member: bool = False


@dataclass(frozen=True)
class Standing:
    """What is true at this moment of the person behind a code or token.

    `permissions` are those the person holds at the API: in the organization when there is one, else tenant-wide.
    `organization` is None for a token without one, and for one whose organization was deleted.
    """

    user: User
    organization: Organization | None = None
    is_member: bool = False
    connection_enabled: bool = False
    api: ResourceServer | None = None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeFacts:
    """An application, and the code of its own that was offered."""

    application: Application
    grant: Grant | None = None
    standing: Standing | None = None


@dataclass(frozen=True)
class RefreshFacts:
    """An application, and the refresh token of its own that was offered. `superseded`: a later one was rotated already."""

    application: Application
    token: RefreshToken | None = None
    superseded: bool = False
    standing: Standing | None = None


@dataclass(frozen=True)
class MachineQuestion:
    """A client_credentials request. With `event` and a fitting `secret_digest` a permitted request is audited at once."""

    client_id: str
    secret_digest: str
    audience: str
    scopes: tuple[str, ...]
    organization_id: str
    organization_name: str
    event: Event


@dataclass(frozen=True)
class MachineFacts:
    """An application with its grant for an API; `audited` tells whether the request was recorded as a success."""

    application: Application
    api: ResourceServer | None = None
    grant: ClientGrant | None = None
    organization: Organization | None = None
    audited: bool = False


@dataclass(frozen=True)
class UserinfoFacts:
    """A living access token with what is true now of its person."""

    token: AccessToken
    user: User
    organization: Organization | None = None
    is_member: bool = False


@dataclass(frozen=True)
class NewCode:
    """A code to be stored by its digest."""

    digest: str
    application_id: int
    user_id: int
    expires: datetime
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    claims: str
    family: UUID
    organization_id: str
    connection_id: str
    sid: str
    auth_time: datetime
    amr: list[str]
    audience: str
    custom_claims: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewTokens:
    """Tokens to be stored by their digests; `refresh_digest` is empty when none was made.

    `refresh_expires_at` counts for the first refresh token of a family only: the absolute end is handed down.
    """

    access_digest: str
    access_expires: datetime
    scope: str
    refresh_digest: str = ""
    refresh_scope: str = ""
    refresh_expires_at: datetime | None = None
    refresh_idle_expires_at: datetime | None = None


class Store(Protocol):
    """The hot operations. Each is atomic by itself."""

    def authorization_facts(self, question: AuthorizationQuestion) -> AuthorizationFacts | None:
        """Return what is known of an authorization request, or None for an unknown application."""

    def add_code(self, code: NewCode, event: Event) -> None:
        """Store a code and record `event`."""

    def code_facts(self, client_id: str, code_digest: str) -> CodeFacts | None:
        """Return the application and its code, used and expired ones too, or None for an unknown application."""

    def redeem_code(self, grant: Grant, tokens: NewTokens, event: Event) -> bool:
        """Mark a code used and store what it was redeemed for; False, and nothing written, if it was used or expired."""

    def refresh_facts(self, client_id: str, token_digest: str) -> RefreshFacts | None:
        """Return the application and its refresh token, dead ones too, or None for an unknown application."""

    def rotate_refresh_token(
        self, token: RefreshToken, tokens: NewTokens, event: Event, *, leeway_seconds: int
    ) -> bool:
        """Mark a refresh token rotated and store its successors; False, and nothing written, if it was rotated longer ago than
        the leeway, or revoked."""

    def extend_refresh_token(self, token: RefreshToken, tokens: NewTokens, event: Event) -> bool:
        """Move the idle end of a refresh token that does not rotate and store a new access token; False if it was revoked."""

    def machine_facts(self, question: MachineQuestion) -> MachineFacts | None:
        """Return what a client_credentials request rests on, or None for an unknown application."""

    def userinfo_facts(self, token_digest: str) -> UserinfoFacts | None:
        """Return a stored access token that has not expired, with its user, or None."""

    def origin_is_registered(self, origin: str) -> bool:
        """Tell whether any application lists a web origin."""
