"""DuckDB: Arrow in, Arrow out again, one transaction in a file."""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from synth_sdk.core.batches import Batch
from synth_sdk.sinks.databases.address import library
from synth_sdk.sinks.databases.content import Content
from synth_sdk.sinks.databases.database import Database
from synth_sdk.sinks.databases.existing import Column
from synth_sdk.sinks.databases.ledger import TABLE
from synth_sdk.sinks.databases.loading import Loader
from synth_sdk.sinks.dialects import DUCKDB, Dialect
from synth_sdk.sinks.formats import Shape

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.schema.layout.flat import Flat

_ROWS_AT_ONCE = 32_768
_COLUMNS = """
    SELECT column_name, lower(data_type), is_nullable, column_default IS NOT NULL FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = current_schema() AND table_name = ? ORDER BY column_index
"""


class DuckDb(Database):
    """`duckdb:///relative.duckdb` or `duckdb:////absolute.duckdb`; parameters go to the driver's configuration."""

    dialect = DUCKDB
    mark = "?"
    accepted = {
        "string": frozenset({"varchar"}),
        "json": frozenset({"json", "varchar"}),
        "array": frozenset({"json", "varchar"}),
        "object": frozenset({"json", "varchar"}),
        "integer": frozenset({"bigint", "integer", "smallint", "tinyint", "hugeint"}),
        "unsigned": frozenset({"ubigint", "hugeint", "uhugeint"}),
        "number": frozenset({"double"}),
        "boolean": frozenset({"boolean"}),
    }

    def connect(self) -> None:
        self._driver = library("duckdb", "duckdb", "duckdb", self.address)
        path = self.address.file()
        try:
            self._connection = self._driver.connect(path, config=dict(self.address.options))
            self.execute("BEGIN", ())
            return
        except self._driver.Error as error:
            told = " ".join(str(error).partition("\n")[0].split())
        self.address.wrong(f"{told}; {_way_out(told)}")

    def disconnect(self) -> None:
        self._connection.close()

    def tell(self, error: BaseException) -> str:
        return str(error).partition("\n")[0] if isinstance(error, self._driver.Error) else ""

    def execute(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(statement, list(parameters) or None).fetchall()
        return found

    def lock(self, table: str) -> None:
        """The file is open in this process only."""

    def has_ledger(self) -> bool:
        return self.columns(TABLE) is not None

    def columns(self, table: str) -> Sequence[Column] | None:
        return [Column(*row) for row in self.execute(_COLUMNS, (table,))] or None

    def replacing(self, table: str, flat: "Flat", shape: Shape, *, there: bool) -> Loader:
        try:
            if there:
                self.execute(f"DROP TABLE {self.dialect.identifier(table)}", ())
            return self.creating(table, flat, shape)
        except self._driver.CatalogException as error:  # a table with references to it can't even step aside
            told = str(error).partition("\n")[0]
        return self.address.wrong(f"table {table!r} can't be replaced: {told}; drop that table first")

    def loader(self, table: str, flat: "Flat", *, fresh: bool) -> Loader:
        return _Columns(self._connection, self.dialect, table, flat)

    def commit_transaction(self) -> None:
        self.execute("COMMIT", ())


class _Columns:
    """Implements `Loader`: each batch by INSERT ... SELECT from Arrow. New rows are those with larger rowids than before."""

    encoder = None

    def __init__(self, connection: Any, dialect: Dialect, table: str, flat: "Flat") -> None:
        self._connection, self._flat = connection, flat
        self.sent = Content()
        self._names = ", ".join(dialect.identifier(leaf.name) for leaf in flat.columns)
        self._table = dialect.identifier(table)
        self._last = connection.execute(f"SELECT coalesce(max(rowid), -1) FROM {self._table}").fetchall()[0][0]

    def take(self, batch: Batch, start: int) -> None:
        import pyarrow as pa

        rows = self._flat.arrange(batch, start)
        self._connection.register("_synth_batch", pa.Table.from_batches([rows]))
        self._connection.execute(f"INSERT INTO {self._table} ({self._names}) SELECT * FROM _synth_batch").fetchall()
        self._connection.unregister("_synth_batch")
        self.sent += self._content(rows)

    def write(self, encoded: bytes, count: int) -> None:
        raise NotImplementedError("there is no encoder")

    def finish(self) -> Content:
        found = self._connection.sql(f"SELECT {self._names} FROM {self._table} WHERE rowid > {self._last}")
        reader = found.to_arrow_reader if hasattr(found, "to_arrow_reader") else found.fetch_arrow_reader  # before DuckDB 1.4
        return sum((self._content(rows.cast(self._flat.schema)) for rows in reader(_ROWS_AT_ONCE)), Content())

    def abort(self) -> None: ...

    def _content(self, rows: "pa.RecordBatch") -> Content:
        from synth_sdk.sinks.databases.row_texts import content_of_rows

        return content_of_rows(rows)


def _way_out(told: str) -> str:
    if "lock" in told:
        return "another process has it open: wait for it"
    return "name a DuckDB database, or a new file in a folder that is there"
