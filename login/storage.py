"""The one hot write of a login: session, transaction, user and audit event together.

On PostgreSQL it is a single statement, elsewhere a transaction of four; the same tests run against both.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.db import connection, models, transaction

from core.models import AuditEvent
from identity.services.users import record_login
from login.errors import TransactionLost
from login.models import LoginTransaction, Session


def complete_sign_in(login: LoginTransaction, session: Session, event: AuditEvent, *, at: datetime) -> None:
    """Store `session` and `event`, count the login of the session's user and stamp `login`, all or nothing.

    Of several attempts to complete the same login one wins; the others raise `TransactionLost` and leave nothing behind.
    """
    session.pk = (
        _on_postgresql(login, session, event, at)
        if settings.TENANT0_IS_POSTGRESQL
        else _portably(login, session, event, at)
    )
    session._state.adding = False
    login.session, login.user = session, session.user
    login.auth_time, login.amr, login.authenticated_at = at, session.amr, at


def _portably(login: LoginTransaction, session: Session, event: AuditEvent, at: datetime) -> int:
    with transaction.atomic():
        session.save(force_insert=True)
        won = LoginTransaction.objects.filter(pk=login.pk, finished_at=None, authenticated_at=None).update(
            user=session.user, session=session, auth_time=at, amr=session.amr, authenticated_at=at
        )
        if not won:
            raise TransactionLost
        record_login(session.user, ip=session.ip)
        event.save(force_insert=True)
    return session.pk


# The row of the transaction is taken first: whoever waits for it finds it taken and inserts nothing.
_TAKE: Final = """WITH taken AS (
    UPDATE login_logintransaction
    SET session_id = nextval(pg_get_serial_sequence('login_session', 'id')), user_id = %s, auth_time = %s,
        amr = %s::jsonb, authenticated_at = %s
    WHERE id = %s AND finished_at IS NULL AND authenticated_at IS NULL
    RETURNING session_id
), counted AS (
    UPDATE identity_user SET last_login = %s, last_ip = %s, logins_count = logins_count + 1
    WHERE id = %s AND EXISTS (SELECT FROM taken)
), """


def _on_postgresql(login: LoginTransaction, session: Session, event: AuditEvent, at: datetime) -> int:
    amr = _prepared(Session._meta.get_field("amr"), session.amr)
    parameters = [session.user_id, at, amr, at, login.pk, at, session.ip, session.user_id]
    parameters += [value for row in (session, event) for value in _values(row)]
    with connection.cursor() as cursor:
        cursor.execute(_statement(), parameters)
        taken = cursor.fetchone()
    if taken is None:
        raise TransactionLost
    return int(taken[0])


@lru_cache(maxsize=1)
def _statement() -> str:
    inserts = f"{_insert(Session, 'id, ', 'session_id, ')}, {_insert(AuditEvent, '', '')}"
    return f"{_TAKE}{inserts} SELECT session_id FROM taken"  # noqa: S608  # all names are our own models'


def _insert(model: type[models.Model], more_columns: str, more_values: str) -> str:
    """Return the part of the statement that inserts one row if the transaction was taken."""
    table, fields = model._meta.db_table, _fields(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    # A bare parameter in a SELECT list has no type: it would be text.
    values = ", ".join(f"%s::{field.db_type(connection)}" for field in fields)
    target = f"INSERT INTO {table} ({more_columns}{columns})"
    return f"{table}_row AS ({target} SELECT {more_values}{values} FROM taken)"  # noqa: S608  # our own models' names


def _values(row: models.Model) -> list[Any]:
    return [_prepared(field, getattr(row, field.attname)) for field in _fields(type(row))]


def _prepared(field: Any, value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


@lru_cache(maxsize=4)
def _fields(model: type[models.Model]) -> "tuple[models.Field[Any, Any], ...]":
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)
