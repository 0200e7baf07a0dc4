"""The hot storage operations on PostgreSQL: one statement each, atomic without a transaction around it.

A row that may be used once is taken by `UPDATE … RETURNING` in a common table expression that the inserts select from: no row,
nothing written. Values come from parameters or from that row, never from a read made before.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from core.logs import current_request_id
from oidc.models import Grant, LoginContext, RefreshToken
from oidc.storage import statements as sql
from oidc.storage.records import (
    AuthorizationFacts,
    AuthorizationQuestion,
    CodeFacts,
    Event,
    MachineFacts,
    MachineQuestion,
    NewCode,
    NewTokens,
    RefreshFacts,
    Standing,
    UserinfoFacts,
)
from oidc.storage.rows import fetch_one


class PostgresStore:
    """See `oidc.storage.records.Store`."""

    def authorization_facts(self, question: AuthorizationQuestion) -> AuthorizationFacts | None:
        statement = sql.AUTHORIZATION_BY_NAME if question.organization_name else sql.AUTHORIZATION_BY_ID
        row = fetch_one(
            statement,
            [
                list(question.scopes),
                question.session_digest,
                question.organization_name or question.organization_id,
                question.audience,
                question.client_id,
            ],
        )
        if row is None:
            return None
        (application, session, user, connection, organization, api), rest = sql.AUTHORIZATION_LAYOUT.take(row)
        if session is not None and user is not None:
            session.user, session.connection = user, connection
        enabled, member, scopes = rest
        return AuthorizationFacts(
            application=application,
            session=session if user is not None else None,
            organization=organization,
            api=api,
            api_scopes=tuple(scopes or ()),
            connection_enabled=enabled,
            is_member=member,
        )

    def add_code(self, code: NewCode, event: Event) -> None:
        fetch_one(
            sql.ADD_CODE,
            [
                code.digest,
                code.application_id,
                code.user_id,
                code.expires,
                code.redirect_uri,
                code.scope,
                code.nonce,
                code.code_challenge,
                code.code_challenge_method,
                code.claims,
                code.family,
                code.organization_id,
                code.connection_id,
                code.sid,
                code.auth_time,
                json.dumps(code.amr),
                code.audience,
                json.dumps(code.custom_claims),
                *_event(event),
            ],
        )

    def code_facts(self, client_id: str, code_digest: str) -> CodeFacts | None:
        row = fetch_one(sql.CODE, [code_digest, client_id])
        if row is None:
            return None
        (application, grant, user, organization, api), rest = sql.CODE_LAYOUT.take(row)
        return CodeFacts(application, grant, _standing(grant, user, organization, api=api, rest=rest))

    def redeem_code(self, grant: Grant, tokens: NewTokens, event: Event) -> bool:
        parameters: list[Any] = [grant.pk, *_access(tokens)]
        if not tokens.refresh_digest:
            return fetch_one(sql.REDEEM_CODE, [*parameters, *_event(event)]) is not None
        refresh = [
            tokens.refresh_digest,
            tokens.refresh_scope,
            tokens.refresh_expires_at,
            tokens.refresh_idle_expires_at,
        ]
        return fetch_one(sql.REDEEM_CODE_WITH_REFRESH, [*parameters, *refresh, *_event(event)]) is not None

    def refresh_facts(self, client_id: str, token_digest: str) -> RefreshFacts | None:
        row = fetch_one(sql.REFRESH, [token_digest, client_id])
        if row is None:
            return None
        (application, token, user, organization, api), rest = sql.REFRESH_LAYOUT.take(row)
        superseded = bool(rest[-1])
        return RefreshFacts(
            application, token, superseded, _standing(token, user, organization, api=api, rest=rest[:-1])
        )

    def rotate_refresh_token(
        self, token: RefreshToken, tokens: NewTokens, event: Event, *, leeway_seconds: int
    ) -> bool:
        parameters = [
            token.pk,
            leeway_seconds,
            leeway_seconds,
            *_access(tokens),
            tokens.refresh_digest,
            tokens.refresh_scope,
            tokens.refresh_idle_expires_at,
            *_event(event),
        ]
        return fetch_one(sql.ROTATE_REFRESH_TOKEN, parameters) is not None

    def extend_refresh_token(self, token: RefreshToken, tokens: NewTokens, event: Event) -> bool:
        parameters = [tokens.refresh_idle_expires_at, token.pk, *_access(tokens), *_event(event)]
        return fetch_one(sql.EXTEND_REFRESH_TOKEN, parameters) is not None

    def machine_facts(self, question: MachineQuestion) -> MachineFacts | None:
        statement = sql.MACHINE_BY_NAME if question.organization_name else sql.MACHINE_BY_ID
        organization = question.organization_name or question.organization_id
        row = fetch_one(
            statement,
            [
                question.secret_digest,
                json.dumps(question.scopes),
                organization,
                question.audience,
                organization,
                question.client_id,
                *_event(question.event),
            ],
        )
        if row is None:
            return None
        (application, api, grant, found), rest = sql.MACHINE_LAYOUT.take(row)
        return MachineFacts(application, api, grant, found, audited=bool(rest[0]))

    def userinfo_facts(self, token_digest: str) -> UserinfoFacts | None:
        row = fetch_one(sql.USERINFO, [token_digest])
        if row is None:
            return None
        (token, user, organization), rest = sql.USERINFO_LAYOUT.take(row)
        return UserinfoFacts(token, user, organization, bool(rest[0]))

    def origin_is_registered(self, origin: str) -> bool:
        return fetch_one(sql.ORIGIN, [origin, origin]) is not None


def _standing(
    context: LoginContext | None, user: Any, organization: Any, *, api: Any, rest: Sequence[Any]
) -> Standing | None:
    if context is None or user is None:
        return None
    enabled, member, permissions = rest
    return Standing(
        user=user,
        organization=organization,
        is_member=member,
        connection_enabled=enabled,
        api=api,
        permissions=tuple(permissions or ()),
    )


def _access(tokens: NewTokens) -> list[Any]:
    return [tokens.access_digest, tokens.access_expires, tokens.scope]


def _event(event: Event) -> list[Any]:
    return [
        timezone.now(),
        event.type,
        event.description,
        event.actor_kind,
        event.actor_id,
        event.actor_name[:300],
        "user" if event.user_id else "application",
        event.user_id or event.client_id,
        event.user_id,
        event.client_id,
        event.connection,
        event.organization_id,
        event.organization_name,
        event.ip,
        event.user_agent[:1000],
        current_request_id(),
    ]
