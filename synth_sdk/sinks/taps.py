"""A stream to lend to pyarrow, whose writers finish their work and close their stream when they are merely forgotten."""

from types import TracebackType
from typing import BinaryIO


class Tap:
    """Passes on what is written while its `with` block is open, and drops the rest. Never closes the stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._open = False
        self._written = 0
        self.closed = False

    def __enter__(self) -> None:
        self._open = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open = False

    def write(self, data: bytes) -> int:
        if self._open:
            self._stream.write(data)
            self._written += len(data)
        return len(data)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """The store flushes when it should."""

    def close(self) -> None:
        self.closed = True
