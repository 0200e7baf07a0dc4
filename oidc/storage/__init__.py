"""The hot storage operations: one PostgreSQL statement each, and one portable implementation, run by the same tests.

`store()` returns the implementation that fits the database. Everything else of this app reads and writes through the ORM.
"""

from typing import Final

from django.db import connection

from oidc.storage.portable import PortableStore
from oidc.storage.postgresql import PostgresStore
from oidc.storage.records import Store

_PORTABLE: Final = PortableStore()
_POSTGRES: Final = PostgresStore()


def store() -> Store:
    return _POSTGRES if connection.vendor == "postgresql" else _PORTABLE
