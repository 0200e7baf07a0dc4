"""A migration operation: an index for searches by any part of a text, where the database can have one."""

import logging
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

logger = logging.getLogger(__name__)


class TrigramIndex(Operation):
    """Index the upper case of a column by trigrams: what Django's `icontains` compares on PostgreSQL.

    Does nothing on other databases, nor where the extension `pg_trgm` cannot be made: searches work there too, slower.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str, column: str) -> None:
        self.table = table
        self.column = column

    @property
    def index(self) -> str:
        return f"{self.table}_{self.column}_trgm"

    def describe(self) -> str:
        return f"Index parts of {self.table}.{self.column}"

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models know nothing of it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql" or not self._has_trigrams(schema_editor):
            return
        table, column, index = map(schema_editor.quote_name, (self.table, self.column, self.index))
        schema_editor.execute(f"CREATE INDEX {index} ON {table} USING gin (upper({column}) gin_trgm_ops)")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(self.index)}")

    def _has_trigrams(self, schema_editor: BaseDatabaseSchemaEditor) -> bool:
        try:
            with transaction.atomic(using=schema_editor.connection.alias):
                schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError as error:
            logger.warning("no trigram index", extra={"index": self.index, "reason": type(error.__cause__).__name__})
            return False
        return True
