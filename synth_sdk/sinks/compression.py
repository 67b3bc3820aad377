"""Compressed files: `.gz` and `.zst` behind any other suffix. The bytes depend on what is written only, not on how or when."""

import zlib
from pathlib import PurePath
from typing import BinaryIO, Literal, Protocol

from synth_sdk.sinks.taps import Tap

Compression = Literal["gzip", "zstd"]
_SUFFIXES: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_GZIP_LEVEL = 6
_BLOCK = 1 << 20  # compressors see blocks of this size, whatever sizes come in


def compression_of(output: str) -> Compression | None:
    """What the suffix of `output` asks for."""
    return _SUFFIXES.get(PurePath(output).suffix.lower())


class CompressedStream:
    """Compresses what is written into `stream`, which it leaves open. `finish` ends the compressed data."""

    def __init__(self, stream: BinaryIO, compression: Compression) -> None:
        self._stream = stream
        self._codec: _Codec = _Gzip(stream) if compression == "gzip" else _Zstd(stream)
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        whole = len(self._waiting) - len(self._waiting) % _BLOCK
        for at in range(0, whole, _BLOCK):
            self._codec.write(bytes(self._waiting[at : at + _BLOCK]))
        del self._waiting[:whole]
        return len(data)

    def flush(self) -> None:
        """Passes on what is compressed so far; a reader along the way can't have more without other bytes in the end."""
        self._stream.flush()

    def finish(self) -> None:
        self._codec.write(bytes(self._waiting))
        self._waiting.clear()
        self._codec.finish()


class _Codec(Protocol):
    def write(self, data: bytes) -> None: ...

    def finish(self) -> None: ...


class _Gzip:
    """One gzip member without a name or time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def write(self, data: bytes) -> None:
        self._stream.write(self._deflate.compress(data))

    def finish(self) -> None:
        self._stream.write(self._deflate.flush())


class _Zstd:
    """One Zstandard frame, by pyarrow at its level 1."""

    def __init__(self, stream: BinaryIO) -> None:
        import pyarrow as pa

        self._tap = Tap(stream)
        self._codec = pa.CompressedOutputStream(pa.PythonFile(self._tap, "w"), "zstd")

    def write(self, data: bytes) -> None:
        with self._tap:
            self._codec.write(data)

    def finish(self) -> None:
        with self._tap:
            self._codec.close()
