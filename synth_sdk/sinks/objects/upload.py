"""One object on its way: a store whose bytes go up in parts while more are written, and show only when its owner says so."""

import hashlib
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, cast

from synth_sdk.core.errors import WriteError
from synth_sdk.sinks.objects.bucket import Bucket, Sent
from synth_sdk.sinks.objects.unfinished import begin

_LEAST = 8 << 20  # bytes of a part
_MOST = 64 << 20
_GROWS_EVERY = 1000  # parts, after which they are twice as large: 10,000, which S3 allows, are half a terabyte
_PARTS = 10_000
_AT_ONCE = 2  # parts on their way while the next is filled


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is needed to show an object whose parts S3 has; pickles. `held` are its bytes where nothing was sent yet."""

    key: str
    upload: str
    parts: tuple[Sent, ...]
    size: int
    crc32: int
    sha256: str
    held: bytes | None = None


class Upload:
    """Implements `FileStore` for the object `key`; its own `stream` too. WriteError when S3 fails.

    At most `_AT_ONCE` parts and the one that is being filled are in memory. `hold`: an object of one part stays there until its owner
    shows it. `upload` is the id of one that was begun already; without it one begins with the first bytes.
    """

    live = False

    def __init__(
        self,
        bucket: Bucket,
        key: str,
        content_type: str,
        metadata: dict[str, str],
        noted: str,
        *,
        upload: str | None = None,
        hold: bool = False,
    ) -> None:
        self.stream = cast(BinaryIO, self)
        self.receipt: Receipt | None = None
        self._bucket, self._key, self._noted, self._hold = bucket, key, noted, hold
        self._headers = content_type, metadata
        self._upload = upload
        self._buffer = bytearray()
        self._pool: ThreadPoolExecutor | None = None
        self._flying: deque[Future[Sent]] = deque()
        self._sent: list[Sent] = []
        self._number = 0
        self.bytes, self._crc32, self._digest = 0, 0, hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        self._buffer += data
        self.bytes += len(data)
        self._crc32 = zlib.crc32(data, self._crc32)
        self._digest.update(data)
        while len(self._buffer) >= (size := part_size(self._number + 1)):
            with memoryview(self._buffer) as view:
                part = bytes(view[:size])
            del self._buffer[:size]
            self._send(part)
        return len(data)

    def flush(self) -> None:
        """Parts go when they are full."""

    def commit(self) -> None:
        """Everything is sent, or held; the object isn't there yet."""
        held = bytes(self._buffer) if self._hold and not self._number else None
        if held is None and (self._buffer or not self._number):
            self._send(bytes(self._buffer))
        self._buffer.clear()
        while self._flying:
            self._land()
        self._close()
        self.receipt = Receipt(self._key, self._id(), tuple(self._sent), self.bytes, self._crc32, self.sha256, held)

    def abort(self) -> None:
        """S3 keeps nothing of it. Parts on their way are waited for: one that arrived later would be kept."""
        for future in self._flying:
            future.cancel()
        self._close()
        self._flying.clear()
        self._buffer.clear()
        if self._upload:
            with suppress(WriteError):
                self._bucket.abort(self._key, self._upload)

    def _send(self, part: bytes) -> None:
        self._number += 1
        if self._number > _PARTS:
            raise WriteError(
                f"an object of more than {self.bytes >> 30} GB takes too many parts; write a folder (end the URL in /)"
            )
        upload = self._id()
        if len(self._flying) >= _AT_ONCE:
            self._land()
        self._pool = self._pool or ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="synth-upload")
        self._flying.append(self._pool.submit(self._bucket.send, self._key, upload, self._number, part, zlib.crc32(part)))

    def _land(self) -> None:
        """The oldest part on its way has arrived."""
        self._sent.append(self._flying.popleft().result())

    def _id(self) -> str:
        if self._upload is None:
            self._upload = begin(self._bucket, self._noted, self._key, *self._headers)
        return self._upload

    def _close(self) -> None:
        if self._pool:
            self._pool.shutdown()
            self._pool = None


def part_size(number: int) -> int:
    """Bytes of part `number`, counted from 1."""
    return min(_MOST, _LEAST << min(number - 1, _PARTS) // _GROWS_EVERY)
