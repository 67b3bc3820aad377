"""The table `_synth_loads`: what was loaded into a database, so that nothing is loaded twice. Written in the transaction of the load."""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from synth_sdk.sinks.dialects import Dialect

TABLE = "_synth_loads"
Execute = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
_TEXT = "VARCHAR(200)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One load. `row_digest` is the manifest's, `content_digest` that of the rows as this database holds them."""

    fingerprint: str
    table_name: str
    rows: int
    row_digest: str
    content_digest: str
    loaded_at: str
    version: str


_TYPES = {"rows": "BIGINT"}


class Ledger:
    """`execute` runs one statement with parameters; `mark` is how the driver writes a parameter."""

    def __init__(self, execute: Execute, dialect: Dialect, mark: str) -> None:
        name = dialect.identifier
        self._execute, self._mark = execute, mark
        self._table, self._fingerprint, self._named = name(TABLE), name("fingerprint"), name("table_name")
        self._columns = ", ".join(name(field.name) for field in fields(Entry))
        types = ", ".join(f"{name(field.name)} {_TYPES.get(field.name, _TEXT)} NOT NULL" for field in fields(Entry))
        keys = f"PRIMARY KEY ({self._fingerprint}, {self._named})"
        self.definition = f"CREATE TABLE IF NOT EXISTS {self._table} ({types}, {keys}){dialect.table_options}"

    def create(self) -> None:
        self._execute(self.definition, ())

    def find(self, fingerprint: str, table: str) -> Entry | None:
        """The load of these records into `table`, if there was one. The ledger must exist."""
        told = (
            f"SELECT {self._columns} FROM {self._table} WHERE {self._fingerprint} = {self._mark} AND {self._named} = {self._mark}"
        )
        rows = self._execute(told, (fingerprint, table))
        return Entry(*rows[0]) if rows else None

    def add(self, entry: Entry) -> None:
        marks = ", ".join([self._mark] * len(fields(Entry)))
        self._execute(f"INSERT INTO {self._table} ({self._columns}) VALUES ({marks})", astuple(entry))

    def forget(self, table: str) -> None:
        """Nothing of what was loaded into `table` stands there any more."""
        self._execute(f"DELETE FROM {self._table} WHERE {self._named} = {self._mark}", (table,))

    def rename(self, old: str, new: str) -> None:
        """The table `old` is now called `new`."""
        self._execute(f"UPDATE {self._table} SET {self._named} = {self._mark} WHERE {self._named} = {self._mark}", (new, old))
