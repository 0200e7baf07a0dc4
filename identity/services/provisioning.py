"""From a connection profile to a user: created at the first login, refreshed at each later one."""

import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actors import Actor
from core.audit import Subject, record
from core.errors import Conflict
from core.text import is_plain
from identity.addresses import find_canonical_email
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


def provision(*, actor: Actor, connection: Connection, profile: ConnectionProfile, signed_up: bool = True) -> User:
    """Return the user behind a profile: found by (connection, subject), else created. Never merged by e-mail.

    Audits `ss` for a new user who `signed_up`; whoever creates one for somebody else records that instead. Of two first logins of the same person that meet, the second finds the user of the first.
    """
    profile = _canonical(profile)
    found = _find(connection, profile)
    if found is not None:
        return _refresh(found, connection, profile)
    try:
        with transaction.atomic():
            user = _create(connection, profile)
            if signed_up:
                record("ss", actor, _subject(user, connection), description="Signed up")
            return user
    except IntegrityError as error:
        met = _find(connection, profile)
        if met is not None:
            return met.user
        raise Conflict(_("The user already exists."), code="user_exists", field="email") from error


def _subject(user: User, connection: Connection) -> Subject:
    return Subject(
        target_type="user",
        target_id=user.user_id,
        user_id=user.user_id,
        connection=connection.name,
        details={"email": user.email},
    )


def _find(connection: Connection, profile: ConnectionProfile) -> Identity | None:
    return Identity.objects.select_related("user").filter(connection=connection, subject=profile.subject).first()


def _canonical(profile: ConnectionProfile) -> ConnectionProfile:
    """Bring what an upstream asserts into the forms we store; only a true boolean verifies an address.

    An address that is none counts as missing, and a name loses what could break a mail or a page.
    """
    email = find_canonical_email(profile.email) or ""
    return replace(
        profile,
        email=email,
        email_verified=bool(email) and profile.email_verified is True,
        name=_plain(profile.name, 300),
    )


def _plain(text: str, length: int) -> str:
    return "".join(letter for letter in text if is_plain(letter)).strip()[:length]


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
    # An address that we have verified ourselves stays so until the upstream names another one.
    verified = profile.email_verified or (user.email_verified and user.email == profile.email)
    changes: dict[str, Any] = {
        "email": profile.email,
        "email_verified": verified,
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
        name: _plain(str(profile.attributes[name]), 150)
        for name in ("given_name", "family_name")
        if profile.attributes.get(name)
    }
