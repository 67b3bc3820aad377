"""What all databases have in common: modes, the ledger, verification, one transaction."""

# ruff: noqa: S608 - names are quoted by the dialect, values are parameters

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from synth_sdk.core.errors import OutputError, SynthError, WriteError
from synth_sdk.core.redact import redact
from synth_sdk.sinks.databases.address import parse_address
from synth_sdk.sinks.databases.existing import Accepted, Column, check_columns
from synth_sdk.sinks.databases.ledger import TABLE as LEDGER
from synth_sdk.sinks.databases.ledger import Entry, Ledger
from synth_sdk.sinks.databases.loading import LoadedAlready, Loader, TableSink
from synth_sdk.sinks.definitions import check_names, create_table
from synth_sdk.sinks.destinations import Wanted
from synth_sdk.sinks.dialects import Dialect
from synth_sdk.sinks.formats import Shape

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Flat


class Database(ABC):
    """Implements `Destination`. A subclass knows one driver: how to connect, look at tables, load, commit and roll back."""

    dialect: Dialect
    mark: ClassVar[str]  # how the driver writes a parameter
    accepted: ClassVar[Accepted]
    here: ClassVar[str] = "current_schema()"  # where tables are, as `information_schema` calls it
    transactional: ClassVar[bool] = True  # tables can be made within the transaction

    def __init__(self, url: str, wanted: Wanted) -> None:
        self.address = parse_address(url, wanted)
        self.location = self.address.shown
        self.warnings: list[str] = []
        self._fingerprint = wanted.fingerprint
        self._tables: dict[str, TableSink | LoadedAlready] = {}
        self._open = True
        self.connect()
        self.ledger = Ledger(self.execute, self.dialect, self.mark)

    def open(self, name: str, shape: Shape) -> TableSink | LoadedAlready:
        from synth_sdk.schema.layout import Flat, Layout

        self._check_open()
        table = self.address.table or shape.name
        if table == LEDGER:
            self.address.wrong(f"table {table!r} is where loads are written down; use another table")
        if table in self._tables:
            self.address.wrong(f"table={table} names one table, and the records are a set of several; leave it out")
        flat = Flat.of(Layout.of(shape.schema))
        self._check_names(flat, table)
        with self.translated(OutputError):
            sink = self._opened(name, table, flat, shape)
        self._tables[table] = sink
        return sink

    def commit(self, manifest: dict[str, Any]) -> None:
        self._check_open()
        with self.translated(WriteError):
            entries = [entry for sink in self._tables.values() for entry in self._settled(sink, manifest)]
            self._enter(entries)
            self.commit_transaction()
        self.close()

    def abort(self) -> None:
        """Roll everything back, and close."""
        if self._open:
            for sink in self._tables.values():
                sink.stop()
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()

    def close(self) -> None:
        self._open = False
        self.disconnect()

    @contextmanager
    def translated(self, kind: type[SynthError], table: str = "") -> Iterator[None]:
        """Errors of the driver as ours, with the `table` that they are about; any error rolls back."""
        try:
            yield
        except BaseException as error:
            found = error
        else:
            return
        self.abort()
        self.raise_ours(found, kind, table)
        raise found

    def raise_ours(self, error: BaseException, kind: type[SynthError] = WriteError, table: str = "") -> None:
        """One line of ours for an error of the driver or the disk; anything else is left alone."""
        if isinstance(error, WriteError) and not error.message.startswith("output "):
            raise WriteError(f"output {self.location!r}: {_about(table, error.message)}") from None
        if isinstance(error, SynthError):
            raise error
        told = self.tell(error)
        if told:
            error.args = tuple(redact(str(part)) for part in error.args)
            raise kind(f"output {self.location!r}: {_about(table, ' '.join(told.split()))}; nothing was loaded") from None

    def _check_names(self, flat: "Flat", table: str) -> None:
        try:
            check_names(flat, self.dialect, table)
            return
        except OutputError as error:
            told = error.message.removeprefix("format sql: ")
        self.address.wrong(told.replace("choose another format", "load another database"))

    def _opened(self, name: str, table: str, flat: "Flat", shape: Shape) -> TableSink | LoadedAlready:
        self.lock(table)
        earlier = self.ledger.find(self._fingerprint, table) if self._fingerprint and self.has_ledger() else None
        columns = self.columns(table)
        if columns is not None and self.is_view(table):
            self.address.wrong(f"{table!r} is a view, and records go to tables; use another name")
        empty = columns is None or self.is_empty(table)
        if self.address.if_exists == "replace":
            return TableSink(self, name, table, self.replacing(table, flat, shape, there=columns is not None), fresh=True)
        if earlier and not empty:
            self._check_still_there(table, earlier)
            return LoadedAlready(self.location, name, earlier)
        if columns is None:
            return TableSink(self, name, table, self.creating(table, flat, shape), fresh=True)
        if self.address.if_exists == "fail" and not empty:
            self.address.wrong(
                f"table {table!r} is there and holds rows; add if_exists=append or if_exists=replace, or use another table"
            )
        check_columns(self.location, table, columns, flat.columns, self.accepted)
        return TableSink(self, name, table, self.appending(table, flat), fresh=empty)

    def _check_still_there(self, table: str, earlier: Entry) -> None:
        """Rows of an earlier load may have been deleted since; then it can't be said that they are there."""
        ((rows,),) = self.execute(f"SELECT count(*) FROM {self.dialect.identifier(table)}", ())
        if rows < earlier.rows:
            told = f"table {table!r} was loaded by this very request with {earlier.rows:,} rows, and holds {rows:,} now"
            self.address.wrong(f"{told}; use if_exists=replace, or another table")

    def _settled(self, sink: TableSink | LoadedAlready, manifest: dict[str, Any]) -> Iterator[Entry]:
        """The entry for a new load; of an earlier one, that it agrees with the manifest."""
        told = manifest.get("tables", {}).get(sink.name, manifest)
        rows, digest = told.get("rows", sink.count), str(told.get("row_digest", ""))
        if isinstance(sink, LoadedAlready):
            if (sink.entry.rows, sink.entry.row_digest) != (rows, digest):
                there = f"table {sink.table!r} was loaded by this very request with {sink.entry.rows:,} rows of another content"
                raise WriteError(f"output {self.location!r}: {there}; nothing was loaded; use if_exists=replace")
            self.warnings.append(
                f"already loaded: table {sink.table!r} holds these {rows:,} rows since {sink.entry.loaded_at}; nothing was added"
            )
            return
        sink.commit()
        if rows != sink.count:
            raise WriteError(f"output {self.location!r}: {sink.count:,} rows arrived of {rows:,}; nothing was loaded")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        version = str(manifest.get("versions", {}).get("synth") or "")
        yield Entry(self._fingerprint, sink.table, rows, digest, sink.sent.hex, now, version)

    def _enter(self, entries: Sequence[Entry]) -> None:
        """Write the loads down, and strike those out whose rows are gone."""
        if self._fingerprint and entries:
            self.make_ledger()
        if self.has_ledger():
            for sink in self._tables.values():
                if isinstance(sink, TableSink) and sink.fresh:
                    self.ledger.forget(sink.table)
            for entry in entries if self._fingerprint else ():
                self.ledger.add(entry)

    def make_ledger(self) -> None:
        self.ledger.create()

    def create(self, table: str, flat: "Flat", shape: Shape) -> None:
        self.execute(create_table(flat, self.dialect, table, shape.keys), ())

    def creating(self, table: str, flat: "Flat", shape: Shape) -> Loader:
        """A loader into a table that is made for it."""
        self.create(table, flat, shape)
        return self.loader(table, flat, fresh=True)

    def appending(self, table: str, flat: "Flat") -> Loader:
        """A loader into a table that is there, and stays."""
        return self.loader(table, flat, fresh=False)

    @abstractmethod
    def replacing(self, table: str, flat: "Flat", shape: Shape, *, there: bool) -> Loader:
        """A loader into a table made anew; the old one, if it is `there`, goes with the commit."""

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError(f"the destination {self.location} has been committed or aborted")

    @abstractmethod
    def connect(self) -> None:
        """Connect and begin. OutputError with the way out."""

    @abstractmethod
    def disconnect(self) -> None:
        """Roll back what isn't committed, and close; must not fail."""

    @abstractmethod
    def tell(self, error: BaseException) -> str:
        """What an error of the driver says, without secrets; nothing for other errors."""

    @abstractmethod
    def execute(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    def lock(self, table: str) -> None:
        """Wait until no other process loads into `table`."""

    @abstractmethod
    def has_ledger(self) -> bool: ...

    @abstractmethod
    def columns(self, table: str) -> Sequence[Column] | None:
        """The columns of `table`; None if it isn't there."""

    def is_view(self, table: str) -> bool:
        statement = f"SELECT 1 FROM information_schema.views WHERE table_schema = {self.here} AND table_name = {self.mark}"
        return bool(self.execute(statement, (table,)))

    def is_empty(self, table: str) -> bool:
        return not self.execute(f"SELECT 1 FROM {self.dialect.identifier(table)} LIMIT 1", ())

    @abstractmethod
    def loader(self, table: str, flat: "Flat", *, fresh: bool) -> Loader:
        """`fresh`: the table holds nothing but what this load brings."""

    @abstractmethod
    def commit_transaction(self) -> None: ...


def _about(table: str, told: str) -> str:
    """What is told, with the table that it is about."""
    return told if table in told else f"table {table!r}: {told}"
