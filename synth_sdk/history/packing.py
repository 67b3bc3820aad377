"""JSON as it is stored: text, or compressed where it is long."""

import json
import zlib
from typing import Any

_LONG = 8 * 1024  # bytes; shorter ones stay legible to other tools
_LARGEST = 64 * 1024 * 1024  # of what is unpacked: a few bytes can't become gigabytes


def packed(value: Any) -> str | bytes:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text if len(text) <= _LONG else zlib.compress(text.encode("ascii"))


def unpacked(stored: str | bytes) -> Any:
    """The inverse of `packed`. ValueError for anything else."""
    if isinstance(stored, str):
        return json.loads(stored)
    try:
        return json.loads(zlib.decompressobj().decompress(stored, _LARGEST))
    except zlib.error as error:
        raise ValueError(f"not compressed JSON: {error}") from None
