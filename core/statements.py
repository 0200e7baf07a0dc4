"""Several rows in one statement: the few hot writes, on PostgreSQL one round trip, elsewhere one transaction.

Both ways write the same rows from the same model instances, and the same tests run against both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction


@dataclass(frozen=True)
class Claim:
    """A row that only one caller may win: it is changed if it still is as `unchanged` says.

    `unchanged` and `changes` map column names to values; None in `unchanged` means the column is null.
    """

    model: type[models.Model]
    pk: int
    unchanged: dict[str, None]
    changes: dict[str, Any]


def insert_together(rows: Sequence[models.Model]) -> None:
    """Insert rows of different tables, all or none. Their primary keys are not read back."""
    if not settings.TENANT0_IS_POSTGRESQL:
        with transaction.atomic():
            for row in rows:
                row.save(force_insert=True)
        return
    sql = _insert_sql(tuple(type(row) for row in rows), guarded=False)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in _values(row)])


def claim_and_insert(claim: Claim, rows: Sequence[models.Model]) -> bool:
    """Win `claim` and insert `rows`, or do neither; returns whether it was won.

    Of any number of callers at once exactly one wins, and the losers leave nothing behind.
    """
    if not settings.TENANT0_IS_POSTGRESQL:
        with transaction.atomic():
            condition = {f"{name}__isnull": True for name in claim.unchanged}
            won = claim.model._base_manager.filter(pk=claim.pk, **condition).update(**claim.changes)
            for row in rows if won else ():
                row.save(force_insert=True)
        return bool(won)
    fields = {name: claim.model._meta.get_field(name) for name in claim.changes}
    table = claim.model._meta.db_table
    assignments = ", ".join(f'"{fields[name].column}" = %s::{_type(fields[name])}' for name in claim.changes)
    condition_sql = " AND ".join(f'"{name}" IS NULL' for name in claim.unchanged)
    update = f'UPDATE "{table}" SET {assignments} WHERE id = %s AND {condition_sql} RETURNING id'  # noqa: S608  # names are our models'
    parameters = [_prepare(fields[name], value) for name, value in claim.changes.items()]
    sql = f"WITH won AS ({update}), {_insert_sql(tuple(type(row) for row in rows), guarded=True)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, claim.pk, *(value for row in rows for value in _values(row))])
        return cursor.fetchone() is not None


@lru_cache(maxsize=64)
def _insert_sql(tables: tuple[type[models.Model], ...], *, guarded: bool) -> str:
    parts = []
    for index, table in enumerate(tables):
        fields = _fields(table)
        columns = ", ".join(f'"{field.column}"' for field in fields)
        # A bare parameter in a SELECT list has no type: it would be text.
        values = ", ".join(f"%s::{_type(field)}" for field in fields)
        source = " FROM won" if guarded else ""
        parts.append(
            f'row{index} AS (INSERT INTO "{table._meta.db_table}" ({columns}) SELECT {values}{source})'
        )  # names are our models'
    joined = ", ".join(parts)
    return f"{joined} SELECT id FROM won" if guarded else f"WITH {joined} SELECT 1"


@lru_cache(maxsize=64)
def _fields(table: type[models.Model]) -> "tuple[models.Field[Any, Any], ...]":
    return tuple(field for field in table._meta.concrete_fields if not isinstance(field, models.AutoField))


def _values(row: models.Model) -> list[Any]:
    return [_prepare(field, field.pre_save(row, True)) for field in _fields(type(row))]


def _prepare(field: Any, value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


def _type(field: Any) -> str:
    return str(field.db_type(connection)).split(" CHECK")[0]
