"""A sink receives records, then commits or aborts."""

from types import TracebackType
from typing import Any, BinaryIO, NoReturn, Self

from synth_sdk.core.errors import WriteError
from synth_sdk.sinks.formats import Format, Writer
from synth_sdk.sinks.stores import Store, open_store


class Sink:
    """A format's writer on a store. Leaving its `with` block without a commit aborts.

    `location` is what the user called the place ("-": standard output), `count` the records written so far. WriteError when the
    disk fails or a record can't be written in this format; BrokenPipeError, as it is, when the reader of a pipe went away: no
    fault, but a reason to stop. After either the sink has aborted.
    """

    def __init__(self, location: str, format: Format, store: Store) -> None:
        self.location = location
        self.count = 0
        self._store = store
        self._open = True
        self._writer: Writer = format.open(store.stream)

    def write(self, record: Any) -> None:
        """Add one record."""
        self._check_open()
        try:
            self._writer.write(record)
            if self._store.live:
                self._store.stream.flush()
        except Exception as error:
            self._fail(error)
        self.count += 1

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
            case TypeError() | ValueError():
                told = f"record {self.count + 1} can't be written in this format: {error}"
            case _:
                raise error
        raise WriteError(f"output {self.location!r}: {told}") from error


def open_sink(output: str, format: Format) -> Sink:
    """A sink for the path `output`, or for standard output ("-"). OutputError when the place can't be written."""
    store = open_store(output)
    try:
        return Sink(output, format, store)
    except BaseException:
        store.abort()
        raise


def write_text(path: str, text: str) -> None:
    """Write a text file whole or not at all. OutputError or WriteError."""
    with open_sink(path, TextFormat()) as sink:
        sink.write(text)
        sink.commit()


class TextFormat:
    """Text as it is; for files beside the records, such as a report. Not chosen by name or suffix."""

    name = "text"
    suffixes: tuple[str, ...] = ()

    def open(self, stream: BinaryIO) -> "_TextWriter":
        return _TextWriter(stream)


class _TextWriter:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, record: Any) -> None:
        self._stream.write(str(record).encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Text needs no end."""
