"""The hot storage operations through the ORM: for SQLite, and as the plain statement of what they do."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.audit import Subject, record
from core.secrets import equal
from identity.models import (
    Application,
    ApplicationConnection,
    ClientGrant,
    Connection,
    Permission,
    ResourceServer,
    User,
)
from login.models import Session
from oidc.models import AccessToken, Grant, LoginContext, RefreshToken
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
from orgs.models import Membership, Organization, OrganizationConnection


class PortableStore:
    """See `oidc.storage.records.Store`."""

    def authorization_facts(self, question: AuthorizationQuestion) -> AuthorizationFacts | None:
        application = _application(question.client_id)
        if application is None:
            return None
        session = (
            Session.objects.select_related("user", "connection").filter(token_digest=question.session_digest).first()
            if question.session_digest
            else None
        )
        organization = _organization(question.organization_id, question.organization_name)
        api = _api(question.audience)
        return AuthorizationFacts(
            application=application,
            session=session,
            organization=organization,
            api=api,
            api_scopes=_known_scopes(api, question.scopes),
            connection_enabled=session is not None
            and _connection_enabled(application.pk, session.connection_id or "", organization),
            is_member=session is not None and organization is not None and _is_member(session.user_id, organization.pk),
        )

    def add_code(self, code: NewCode, event: Event) -> None:
        with transaction.atomic():
            Grant.objects.create(
                code=code.digest,
                application_id=code.application_id,
                user_id=code.user_id,
                expires=code.expires,
                redirect_uri=code.redirect_uri,
                scope=code.scope,
                nonce=code.nonce,
                code_challenge=code.code_challenge,
                code_challenge_method=code.code_challenge_method,
                claims=code.claims,
                family=code.family,
                organization_id=code.organization_id,
                connection_id=code.connection_id,
                sid=code.sid,
                auth_time=code.auth_time,
                amr=code.amr,
                audience=code.audience,
                custom_claims=code.custom_claims,
            )
            write_event(event)

    def code_facts(self, client_id: str, code_digest: str) -> CodeFacts | None:
        application = _application(client_id)
        if application is None:
            return None
        grant = Grant.objects.filter(code=code_digest, application=application).first()
        return CodeFacts(application, grant, grant and _standing(grant, grant.user_id, application.pk))

    def redeem_code(self, grant: Grant, tokens: NewTokens, event: Event) -> bool:
        now = timezone.now()
        with transaction.atomic():
            if not Grant.objects.filter(pk=grant.pk, used_at=None, expires__gt=now).update(used_at=now):
                return False
            _add_access_token(grant, grant.user_id, grant.application_id, tokens)
            if tokens.refresh_digest:
                _add_refresh_token(
                    grant, grant.user_id, grant.application_id, tokens, expires_at=tokens.refresh_expires_at
                )
            write_event(event)
        return True

    def refresh_facts(self, client_id: str, token_digest: str) -> RefreshFacts | None:
        application = _application(client_id)
        if application is None:
            return None
        token = RefreshToken.objects.filter(token_checksum=token_digest, application=application).first()
        if token is None:
            return RefreshFacts(application)
        superseded = (
            token.rotated_at is not None
            and RefreshToken.objects.filter(family=token.family, rotated_at__gt=token.rotated_at).exists()
        )
        return RefreshFacts(application, token, superseded, _standing(token, token.user_id, application.pk))

    def rotate_refresh_token(
        self, token: RefreshToken, tokens: NewTokens, event: Event, *, leeway_seconds: int
    ) -> bool:
        now = timezone.now()
        with transaction.atomic():
            living = RefreshToken.objects.filter(pk=token.pk, revoked=None)
            won = living.filter(rotated_at=None).update(rotated_at=now, updated=now)
            if not won and leeway_seconds:
                earliest = now - timedelta(seconds=leeway_seconds)
                won = living.filter(rotated_at__gt=earliest).update(updated=now)
            if not won:
                return False
            _add_access_token(token, token.user_id, token.application_id, tokens)
            _add_refresh_token(token, token.user_id, token.application_id, tokens, expires_at=token.expires_at)
            write_event(event)
        return True

    def extend_refresh_token(self, token: RefreshToken, tokens: NewTokens, event: Event) -> bool:
        with transaction.atomic():
            living = RefreshToken.objects.filter(pk=token.pk, revoked=None)
            if not living.update(idle_expires_at=tokens.refresh_idle_expires_at, updated=timezone.now()):
                return False
            _add_access_token(token, token.user_id, token.application_id, tokens)
            write_event(event)
        return True

    def machine_facts(self, question: MachineQuestion) -> MachineFacts | None:
        application = _application(question.client_id)
        if application is None:
            return None
        api = _api(question.audience)
        grant = ClientGrant.objects.filter(application=application, resource_server=api).first() if api else None
        organization = _organization(question.organization_id, question.organization_name)
        facts = MachineFacts(application, api, grant, organization)
        if not _machine_permitted(question, facts):
            return facts
        write_event(question.event)
        return MachineFacts(application, api, grant, organization, audited=True)

    def userinfo_facts(self, token_digest: str) -> UserinfoFacts | None:
        token = (
            AccessToken.objects.select_related("user")
            .filter(token_checksum=token_digest, expires__gt=timezone.now(), application__isnull=False)
            .first()
        )
        if token is None or not Application.objects.filter(pk=token.application_id).exists():
            return None
        organization = _organization(token.organization_id, "")
        return UserinfoFacts(
            token,
            token.user,
            organization,
            organization is not None and _is_member(token.user_id, organization.pk),
        )

    def origin_is_registered(self, origin: str) -> bool:
        lists = Application.objects.values_list("web_origins", "allowed_origins")
        return any(origin in web or origin in allowed for web, allowed in lists.iterator())


def write_event(event: Event) -> None:
    """Append an event to the audit log."""
    actor = Actor(ActorKind(event.actor_kind), event.actor_id, event.actor_name, event.ip, event.user_agent)
    record(
        event.type,
        actor,
        Subject(
            target_type="user" if event.user_id else "application",
            target_id=event.user_id or event.client_id,
            user_id=event.user_id,
            client_id=event.client_id,
            connection=event.connection,
            organization_id=event.organization_id,
            organization_name=event.organization_name,
        ),
        description=event.description,
    )


def _application(client_id: str) -> Application | None:
    found: Application | None = Application.objects.filter(client_id=client_id, is_global=False).first()
    return found


def _api(identifier: str) -> ResourceServer | None:
    return ResourceServer.objects.filter(identifier=identifier).first() if identifier else None


def _organization(organization_id: str, name: str) -> Organization | None:
    if organization_id:
        return Organization.objects.filter(pk=organization_id).first()
    return Organization.objects.filter(name=name).first() if name else None


def _known_scopes(api: ResourceServer | None, scopes: tuple[str, ...]) -> tuple[str, ...]:
    if api is None or not scopes:
        return ()
    known = Permission.objects.filter(resource_server=api, value__in=scopes)
    return tuple(known.values_list("value", flat=True))


def _is_member(user_id: int, organization_id: str) -> bool:
    return Membership.objects.filter(user_id=user_id, organization_id=organization_id).exists()


def _connection_enabled(application_id: int, connection_id: str, organization: Organization | None) -> bool:
    if organization is not None:
        links = OrganizationConnection.objects.filter(organization=organization, is_enabled=True)
        return links.filter(connection_id=connection_id).exists()
    return ApplicationConnection.objects.filter(application_id=application_id, connection_id=connection_id).exists()


def _standing(context: LoginContext, user_id: int, application_id: int) -> Standing | None:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return None
    organization = _organization(context.organization_id, "")
    api = _api(context.audience)
    # Whether the connection still exists is part of the question: an enabled one does.
    return Standing(
        user=user,
        organization=organization,
        is_member=organization is not None and _is_member(user_id, organization.pk),
        connection_enabled=Connection.objects.filter(pk=context.connection_id).exists()
        and _connection_enabled(application_id, context.connection_id, organization),
        api=api,
        permissions=_permissions(user_id, context.organization_id, api),
    )


def _permissions(user_id: int, organization_id: str, api: ResourceServer | None) -> tuple[str, ...]:
    if api is None or not api.enforce_policies:
        return ()
    held = Permission.objects.filter(resource_server=api)
    if organization_id:
        # Roles held elsewhere, and permissions held directly, say nothing within an organization.
        held = held.filter(roles__memberships__user_id=user_id, roles__memberships__organization_id=organization_id)
        return tuple(sorted(set(held.values_list("value", flat=True))))
    by_role = held.filter(roles__userrole__user_id=user_id).values_list("value", flat=True)
    direct = held.filter(userpermission__user_id=user_id).values_list("value", flat=True)
    return tuple(sorted({*by_role, *direct}))


def _add_access_token(context: LoginContext, user_id: int, application_id: int, tokens: NewTokens) -> None:
    # The same claims in the same second make the same token; the row then belongs to the family that was given it last.
    AccessToken.objects.update_or_create(
        token_checksum=tokens.access_digest,
        defaults={
            "application_id": application_id,
            "user_id": user_id,
            "expires": tokens.access_expires,
            "scope": tokens.scope,
            **_context_values(context),
        },
    )


def _add_refresh_token(
    context: LoginContext, user_id: int, application_id: int, tokens: NewTokens, *, expires_at: datetime | None
) -> None:
    RefreshToken.objects.create(
        token_checksum=tokens.refresh_digest,
        application_id=application_id,
        user_id=user_id,
        scope=tokens.refresh_scope,
        expires_at=expires_at,
        idle_expires_at=tokens.refresh_idle_expires_at,
        **_context_values(context),
    )


def _context_values(context: LoginContext) -> dict[str, object]:
    return {field.attname: getattr(context, field.attname) for field in LoginContext._meta.local_fields}


def _machine_permitted(question: MachineQuestion, facts: MachineFacts) -> bool:
    application, grant, organization = facts.application, facts.grant, facts.organization
    if grant is None or not equal(question.secret_digest, application.client_secret_digest):
        return False
    if "client_credentials" not in application.grant_types or application.is_public:
        return False
    if not set(question.scopes) <= set(grant.scope):
        return False
    usage = ClientGrant.OrganizationUsage
    if question.organization_id or question.organization_name:
        allowed = grant.organization_usage in {usage.ALLOW, usage.REQUIRE} and grant.allow_any_organization
        return allowed and organization is not None and organization.is_active
    return grant.organization_usage != usage.REQUIRE
