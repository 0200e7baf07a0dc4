"""Turning the columns of a hand-written statement into model instances, and running such a statement."""

import json
from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar

from django.db import connection, models
from django.db.utils import InterfaceError, OperationalError

ModelT = TypeVar("ModelT", bound=models.Model)
Row = tuple[Any, ...]


class Columns(Generic[ModelT]):
    """Some columns of a model under an alias: their SQL, and the way back from a row; the rest is loaded if ever asked for."""

    def __init__(self, model: type[ModelT], alias: str, names: Sequence[str]) -> None:
        fields = [field for field in model._meta.concrete_fields if field.attname in names]
        assert len(fields) == len(names), set(names) - {field.attname for field in fields}
        self.model = model
        self.sql = ", ".join(f'{alias}."{field.column}"' for field in fields)
        self.width = len(fields)
        self._names = frozenset(names)
        self._json = [index for index, field in enumerate(fields) if isinstance(field, models.JSONField)]
        self._key = next(index for index, field in enumerate(fields) if field.primary_key)

    def take(self, row: Row, offset: int) -> ModelT | None:
        """Return the instance whose columns begin at `offset`, or None where an outer join found nothing."""
        if row[offset + self._key] is None:
            return None
        values = list(row[offset : offset + self.width])
        for index in self._json:
            values[index] = json.loads(values[index])
        return self.model.from_db("default", self._names, values)


class Layout:
    """The column groups of one SELECT, in order; what follows them is taken by `extra`."""

    def __init__(self, *groups: Columns[Any]) -> None:
        self.sql = ", ".join(group.sql for group in groups)
        self._groups: Final = groups

    def take(self, row: Row) -> tuple[list[Any], Row]:
        """Return an instance or None for each group, and the remaining columns."""
        instances, offset = [], 0
        for group in self._groups:
            instances.append(group.take(row, offset))
            offset += group.width
        return instances, row[offset:]


def fetch_one(sql: str, parameters: Sequence[Any]) -> Row | None:
    """Run one statement and return its first row.

    A hot operation is one round trip, so the connection is not probed before it. If it turns out to be dead, which a restart of
    the database does to an idle one, the statement runs once more on a new one.
    """
    setattr(connection, "health_check_done", True)  # noqa: B010  # the stubs lack the attribute
    try:
        return _run(sql, parameters)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return _run(sql, parameters)


def _run(sql: str, parameters: Sequence[Any]) -> Row | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: Row | None = cursor.fetchone()
    return row
