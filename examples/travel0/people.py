"""Who is signed in: made from verified claims, kept on this side, named by a random value in the cookie."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from flask import session

from .store import MemoryStore

# A working day. Signing in again costs one redirect while the issuer still has its own session.
_LIFETIME_SECONDS: Final = 10 * 60 * 60
_COOKIE_FIELD: Final = "signed_in"
_TIMES: Final = frozenset({"iat", "exp", "auth_time", "updated_at"})


@dataclass(frozen=True)
class Person:
    """A person of the customer, as the issuer vouches for them.

    `id_token` is the hint that logout sends; `form_token` proves that a form was drawn by us for this person.
    """

    claims: dict[str, Any]
    id_token: str
    form_token: str

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any], id_token: str) -> Self:
        return cls(claims=dict(claims), id_token=id_token, form_token=secrets.token_urlsafe(32))

    @property
    def name(self) -> str:
        return self._text("name") or self.email or self._text("sub")

    @property
    def email(self) -> str:
        return self._text("email")

    @property
    def organization_id(self) -> str:
        return self._text("org_id")

    @property
    def organization_name(self) -> str:
        """Present only where the issuer is set to tell names."""
        return self._text("org_name")

    @property
    def claim_rows(self) -> list[tuple[str, str]]:
        return [(name, _readable(name, value)) for name, value in sorted(self.claims.items())]

    def _text(self, name: str) -> str:
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""


class People:
    """The people signed in at this instance, each by one browser."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def sign_in(self, person: Person) -> None:
        """Start with an empty cookie and a new name: nothing planted before the login outlives it."""
        self.sign_out()
        name = secrets.token_urlsafe(32)
        session[_COOKIE_FIELD] = name
        self._store.set(_key(name), json.dumps(asdict(person)), _LIFETIME_SECONDS)

    def find(self) -> Person | None:
        name = session.get(_COOKIE_FIELD)
        stored = self._store.get(_key(name)) if name else None
        return Person(**json.loads(stored)) if stored else None

    def sign_out(self) -> None:
        """Forget the person here as well as in the cookie: a copy of the cookie is worth nothing afterwards."""
        name = session.get(_COOKIE_FIELD)
        if name:
            self._store.delete(_key(name))
        session.clear()


def _key(name: str) -> str:
    return f"travel0:signed-in:{name}"


def _readable(name: str, value: object) -> str:
    if name in _TIMES and type(value) is int:
        return f"{datetime.fromtimestamp(value, UTC):%d %b %Y, %H:%M:%S} UTC"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
