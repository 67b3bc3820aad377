"""A sink receives batches, then commits or aborts."""

from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, NoReturn, Self

from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks.compression import compression_of
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.formats import Encoder, Format, Shape
from synth_sdk.sinks.stores import Store, open_store


class Sink:
    """An encoder and its writer on a store. Leaving its `with` block without a commit aborts.

    `location` is what the user called the place ("-": standard output), `count` the records written so far. WriteError when the
    disk fails or a record can't be written in this format; BrokenPipeError, as it is, when the reader of a pipe went away: no
    fault, but a reason to stop. After either the sink has aborted.
    """

    def __init__(self, location: str, encoder: Encoder, store: Store) -> None:
        self.location = location
        self.count = 0
        self._encoder = encoder
        self._store = store
        self._open = True
        self._writer = encoder.open(store.stream)

    @property
    def encoder(self) -> Encoder:
        """Makes the bytes that `write` takes; can be sent to other processes."""
        return self._encoder

    def take(self, batch: Batch) -> None:
        """Add the records of `batch`."""
        self._check_open()
        try:
            encoded = self._encoder.encode(batch, self.count)
        except Exception as error:
            self._fail(error)
        self.write(encoded, len(batch))

    def write(self, encoded: bytes, count: int) -> None:
        """Add the next `count` records, which `encoder` encoded as such."""
        self._check_open()
        try:
            self._writer.write(encoded)
            if self._store.live:
                self._store.stream.flush()
        except Exception as error:
            self._fail(error)
        self.count += count

    def commit(self) -> None:
        """End the document; give the file its name."""
        self._check_open()
        try:
            self._writer.close()
            self._store.commit()
        except Exception as error:
            self._fail(error)
        self._open = False

    def abort(self) -> None:
        """Leave nothing behind under the final name. Does nothing after a commit or an abort."""
        if self._open:
            self._open = False
            self._store.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError(f"the sink for {self.location} has been committed or aborted")

    def _fail(self, error: Exception) -> NoReturn:
        self.abort()
        match error:
            case BrokenPipeError():
                raise error
            case OSError():
                told = f"{error.strerror or error}{'' if self._store.live else '; nothing was written under that name'}"
            case WriteError():
                told = error.message
            case TypeError() | ValueError():
                told = f"a record behind the first {self.count} can't be written in this format: {error}"
            case _:
                raise error
        raise WriteError(f"output {self.location!r}: {told}") from error


_PLAIN = Shape()


def open_sink(output: str, format: Format, shape: Shape = _PLAIN) -> Sink:
    """A sink for records of `shape` at the path `output`, or on standard output ("-").

    OutputError when the place can't be written, or the records not in this format.
    """
    if compression_of(output) and getattr(format, "compressed", False):
        raise OutputError(
            f"output {output!r}: {format.name} is compressed inside, and can only be read uncompressed; leave the suffix out"
        )
    encoder = format.encoder(shape)
    store = open_store(output)
    try:
        return Sink(output, encoder, store)
    except BaseException:
        store.abort()
        raise


def write_text(path: str, text: str) -> None:
    """Write a text file whole or not at all. OutputError or WriteError."""
    with open_sink(path, TextFormat()) as sink:
        sink.take(Records([text]))
        sink.commit()


class TextFormat:
    """Text as it is; for files beside the records, such as a report. Not chosen by name or suffix."""

    name = "text"
    suffixes: tuple[str, ...] = ()

    def encoder(self, shape: Shape) -> "_TextEncoder":
        return _TextEncoder()


@dataclass(frozen=True, slots=True)
class _TextEncoder:
    def encode(self, batch: Batch, start: int) -> bytes:
        return "".join(str(text) for text in batch.records()).encode("utf-8", "backslashreplace")

    def open(self, stream: BinaryIO) -> Document:
        return Document(stream)
