"""From a connection profile to a user: created at the first login, refreshed at each later one."""

import hashlib
from typing import Any
from urllib.parse import quote

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict
from identity.models import Connection, Identity, User
from identity.strategies import strategy_class
from identity.strategies.base import ConnectionProfile


def user_id_for(connection: Connection, subject: str) -> str:
    """Return the `user_id` (the `sub` claim) of a subject in a connection: `auth0|…`, `samlp|name|…`."""
    provider = strategy_class(connection.strategy).provider
    if connection.strategy == "auth0":
        return f"{provider}|{subject}"
    return f"{provider}|{connection.name}|{subject}"


def default_picture(email: str) -> str:
    """Return the Gravatar address of an e-mail, with initials where there is no picture."""
    fingerprint = hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()
    fallback = quote(f"https://cdn.auth0.com/avatars/{email[:2].lower()}.png", safe="")
    return f"https://s.gravatar.com/avatar/{fingerprint}?s=480&r=pg&d={fallback}"


def provision(*, actor: Actor, connection: Connection, profile: ConnectionProfile) -> User:
    """Return the user behind a profile: found by (connection, subject), else created. Never merged by e-mail.

    Audits `ss` for a new user. `Conflict` when two first logins of the same person meet; nothing is written then.
    """
    found = Identity.objects.select_related("user").filter(connection=connection, subject=profile.subject).first()
    if found is not None:
        return _refresh(found, connection, profile)
    try:
        with transaction.atomic():
            user = _create(connection, profile)
            record(
                "ss",
                actor,
                Subject(
                    target_type="user",
                    target_id=user.user_id,
                    user_id=user.user_id,
                    connection=connection.name,
                    details={"email": user.email},
                ),
                description="Signed up",
            )
            return user
    except IntegrityError as error:
        raise Conflict(_("The user already exists."), code="user_exists", field="email") from error


def _create(connection: Connection, profile: ConnectionProfile) -> User:
    local_part = profile.email.partition("@")[0]
    username = str(profile.attributes.get("username", ""))
    user = User.objects.create(
        user_id=user_id_for(connection, profile.subject),
        email=profile.email,
        email_verified=profile.email_verified,
        username=username,
        name=profile.name or profile.email or username or profile.subject,
        nickname=local_part or username,
        picture=default_picture(profile.email) if profile.email else "",
        password="!",
        **_names(profile),
    )
    Identity.objects.create(user=user, connection=connection, subject=profile.subject, profile=dict(profile.attributes))
    return user


def _refresh(identity: Identity, connection: Connection, profile: ConnectionProfile) -> User:
    """Take over what an upstream says now. A database connection has nothing newer than the user itself."""
    user = identity.user
    if connection.strategy == "auth0" or not identity.is_primary:
        return user
    changes: dict[str, Any] = {
        "email": profile.email,
        "email_verified": profile.email_verified,
        **_names(profile),
    }
    if profile.name:
        changes["name"] = profile.name
    changed = [name for name, value in changes.items() if getattr(user, name) != value]
    if changed:
        for name in changed:
            setattr(user, name, changes[name])
        user.updated_at = timezone.now()
        user.save(update_fields=[*changed, "updated_at"])
    if identity.profile != dict(profile.attributes):
        identity.profile = dict(profile.attributes)
        identity.save(update_fields=["profile"])
    return user


def _names(profile: ConnectionProfile) -> dict[str, str]:
    return {
        name: str(profile.attributes[name])[:150]
        for name in ("given_name", "family_name")
        if profile.attributes.get(name)
    }
