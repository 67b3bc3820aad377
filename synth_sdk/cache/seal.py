"""A row is `<version> <digest> <JSON>`. What was cut short, altered, moved to another key or written by another version is no
row.

The digest guards against accidents, not against someone who can write to the folder: they could seal a row of their own. But a
row is only ever read as JSON, so nothing in it is executed. Member order is kept: a record from the cache has the bytes it was
bought with.
"""

import json
from hashlib import blake2b
from typing import Any

_VERSION = b"1 "
_DIGEST_BYTES = 16
_BODY = len(_VERSION) + 2 * _DIGEST_BYTES + 1
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def seal(key: str, row: dict[str, Any]) -> bytes:
    """`row` as bytes for the place `key`. TypeError or ValueError if it isn't JSON."""
    body = _dump(row).encode("utf-8", "surrogatepass")
    return _VERSION + _digest(key, body) + b" " + body


def unseal(key: str, sealed: object) -> dict[str, Any] | None:
    """The row that was sealed for `key`; None for anything else."""
    if not isinstance(sealed, bytes) or not sealed.startswith(_VERSION):
        return None
    body = sealed[_BODY:]
    if sealed[len(_VERSION) : _BODY] != _digest(key, body) + b" ":
        return None
    try:
        row = json.loads(body.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _digest(key: str, body: bytes) -> bytes:
    return blake2b(key.encode() + b"\0" + body, digest_size=_DIGEST_BYTES).hexdigest().encode()
