"""The sink of one table: what it takes goes to a loader, and at the end what stands in the table is compared with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import WriteError
from synth_sdk.sinks.databases.content import Content
from synth_sdk.sinks.formats import Encoder

if TYPE_CHECKING:
    from synth_sdk.sinks.databases.database import Database
    from synth_sdk.sinks.databases.ledger import Entry


class Loader(Protocol):
    """Brings rows into one table."""

    sent: Content
    """What the rows amount to; all of them when `finish` has returned."""

    @property
    def encoder(self) -> Encoder | None: ...

    def take(self, batch: Batch, start: int) -> None: ...

    def write(self, encoded: bytes, count: int) -> None: ...

    def finish(self) -> Content:
        """What stands in the table of this load, as the database tells it."""

    def abort(self) -> None:
        """Send nothing any more."""


class TableSink:
    """Implements `RecordSink`. `commit` compares what was sent with what the database holds.

    `fresh`: no other rows stand in the table.
    """

    def __init__(self, database: "Database", name: str, table: str, loader: Loader, *, fresh: bool) -> None:
        self.location, self.name, self.table, self.fresh = database.location, name, table, fresh
        self.count = 0
        self.done = False
        self._database, self._loader = database, loader

    @property
    def encoder(self) -> Encoder | None:
        return self._loader.encoder

    @property
    def sent(self) -> Content:
        return self._loader.sent

    def take(self, batch: Batch) -> None:
        with self._guarded():
            self._loader.take(batch, self.count)
            self.count += len(batch)

    def write(self, encoded: bytes, count: int) -> None:
        with self._guarded():
            self._loader.write(encoded, count)
            self.count += count

    def commit(self) -> None:
        """WriteError if the rows that stand in the table aren't those that were sent."""
        if self.done:
            return
        with self._guarded():
            stands = self._loader.finish()
            if stands != self.sent:
                raise WriteError(f"output {self.location!r}: {self._difference(stands)}")
        self.done = True

    def abort(self) -> None:
        """Give the whole destination up, for its tables come together. Does nothing after a commit or an abort."""
        if not self.done:
            self._database.abort()

    def stop(self) -> None:
        """The destination is being given up."""
        if not self.done:
            self.done = True
            self._loader.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Any error ends the load; those of the driver become ours."""
        if self.done:
            raise ValueError(f"the sink for {self.location} has been committed or aborted")
        with self._database.translated(WriteError, self.table):
            yield

    def _difference(self, stands: Content) -> str:
        there = f"table {self.table!r} holds {stands.rows:,} of the {self.sent.rows:,} rows that were sent"
        told = there if stands.rows != self.sent.rows else f"the rows in table {self.table!r} aren't those that were sent"
        return f"{told}: look for triggers, rules or column types that change values; nothing was loaded"


class LoadedAlready:
    """Implements `RecordSink` for records that stand in the table since an earlier load: they are counted, nothing else."""

    encoder = None

    def __init__(self, location: str, name: str, entry: "Entry") -> None:
        self.location, self.name, self.table, self.entry = location, name, entry.table_name, entry
        self.count = 0

    def take(self, batch: Batch) -> None:
        self.count += len(batch)

    def write(self, encoded: bytes, count: int) -> None:
        self.count += count

    def commit(self) -> None: ...

    def abort(self) -> None: ...

    def stop(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
