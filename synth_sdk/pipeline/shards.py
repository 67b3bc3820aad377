"""A folder of parts: each part is a file of its own, or one in each partition, made whole by whoever makes its records."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, Protocol, Self

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import WriteError
from synth_sdk.core.generators import Generator
from synth_sdk.pipeline.blocks import Block, Part, WrittenFile, grid
from synth_sdk.pipeline.inspection import PLAIN, Inspected, Inspection
from synth_sdk.pipeline.offline import make
from synth_sdk.pipeline.partitions import Partitioning, check_partitions
from synth_sdk.sinks import Shape, Sink, Store, format_for
from synth_sdk.sinks.places import FileStore, Place

_FILES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class WritePart:
    """Write the rows to a file in `place`, numbered by where they stand among all: part `n` begins with row `n * rows_per_part`.

    With `partitioning` that is a file in the folder of each value; `shape` is then what is left for the files.
    """

    place: Place
    format: str
    suffix: str
    shape: Shape
    rows_per_part: int
    inspection: Inspection = PLAIN
    partitioning: Partitioning | None = None

    def __call__(self, generator: Generator, rows: range) -> Block:
        known = Inspected()
        with self._files(f"part-{rows.start // self.rows_per_part:05d}{self.suffix}") as files:
            for piece in grid(rows, generator.rows_per_batch):
                batch = make(generator, piece, self.inspection, known)
                with known.seconds.timed("write"):
                    files.take(batch)
            with known.seconds.timed("write"):
                written = files.commit()
        part = Part(
            start=rows.start,
            stop=rows.stop,
            files=written,
            partitioned=self.partitioning is not None,
            row_digest=known.measures.row_digest,
        )
        return Block(content=part, count=len(rows), known=known)

    def _files(self, name: str) -> "_Files":
        return _Partitions(self, name, self.partitioning) if self.partitioning else _OneFile(self, name)

    def sink(self, name: str, store: Store) -> Sink:
        """The sink of the file called `name`."""
        return Sink(name, format_for(None, self.format).encoder(self.shape), store)

    def store(self, name: str) -> FileStore:
        """WriteError if the file can't be opened."""
        try:
            return self.place.store(name)
        except OSError as error:
            raise WriteError(f"output {name!r} can't be written: {error.strerror or error}") from error


class _Files(Protocol):
    """The files of one part. Leaving the `with` block without a commit leaves none."""

    def take(self, batch: Batch) -> None: ...

    def commit(self) -> tuple[WrittenFile, ...]: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *reason: object) -> None: ...


class _OneFile:
    """The part is one file."""

    def __init__(self, work: WritePart, name: str) -> None:
        self._name, self._store = name, work.store(name)
        with ExitStack() as undone:
            undone.callback(self._store.abort)
            self._sink = work.sink(name, self._store)
            undone.pop_all()

    def take(self, batch: Batch) -> None:
        self._sink.take(batch)

    def commit(self) -> tuple[WrittenFile, ...]:
        self._sink.commit()
        return (_written(self._name, self._sink.count, self._store),)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._sink.abort()


class _Partitions:
    """A file in each folder that a record belongs in. They wait in memory until the part is whole: so many can't be open at once."""

    def __init__(self, work: WritePart, name: str, partitioning: Partitioning) -> None:
        self._work, self._name, self._partitioning = work, name, partitioning
        self._sinks: dict[str, tuple[Sink, _Memory]] = {}

    def take(self, batch: Batch) -> None:
        for folder, rows in self._partitioning.cut(batch):
            if folder not in self._sinks:
                check_partitions(len(self._sinks) + 1)
                memory = _Memory(f"{folder}/{self._name}")
                self._sinks[folder] = self._work.sink(memory.name, memory), memory
            self._sinks[folder][0].take(rows)

    def commit(self) -> tuple[WrittenFile, ...]:
        with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
            return tuple(pool.map(self._write, self._waiting()))

    def _waiting(self) -> "Iterator[tuple[_Memory, int]]":
        for folder in sorted(self._sinks):
            sink, memory = self._sinks.pop(folder)
            sink.commit()
            yield memory, sink.count

    def _write(self, waiting: "tuple[_Memory, int]") -> WrittenFile:
        memory, rows = waiting
        store = self._work.store(memory.name)
        try:
            store.stream.write(memory.buffer.getbuffer())
            store.commit()
        except OSError as error:
            store.abort()
            raise WriteError(f"output {memory.name!r}: {error.strerror or error}") from error
        except BaseException:
            store.abort()
            raise
        return _written(memory.name, rows, store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._sinks.clear()


class _Memory:
    """Implements `Store`: a file that is written once it is whole."""

    live = False

    def __init__(self, name: str) -> None:
        self.name, self.buffer = name, io.BytesIO()
        self.stream: BinaryIO = self.buffer

    def commit(self) -> None:
        """It stays here."""

    def abort(self) -> None:
        self.buffer.close()


def _written(name: str, rows: int, store: FileStore) -> WrittenFile:
    return WrittenFile(file=name, rows=rows, bytes=store.bytes, sha256=store.sha256, receipt=store.receipt)
