"""A stream target: `spool:///var/spool/records.ndjson`, a file where every line was synced to disk before it counts as published."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from synth_sdk.core.errors import RequestError
from synth_sdk.core.streams import Message


class SpoolPublisher:
    """Appends `{"id": ..., "record": ...}` lines."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc or not parts.path.strip("/"):
            raise RequestError(
                f"stream target {url!r}: write the path of a file behind three slashes, such as spool:///tmp/records.ndjson"
            )
        self._path = Path(unquote(parts.path))
        self._file: BinaryIO | None = None

    async def open(self) -> None:
        self._file = await asyncio.to_thread(self._path.open, "ab")

    async def publish(self, messages: Sequence[Message]) -> None:
        lines = b"".join(message.envelope() + b"\n" for message in messages)
        await asyncio.to_thread(self._write, lines)

    async def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, lines: bytes) -> None:
        if self._file is None:
            raise ConnectionError("the spool isn't open")
        self._file.write(lines)
        self._file.flush()
        os.fsync(self._file.fileno())
