"""The key of masks, and what is drawn with it: the same for the same value, with no way back for whoever lacks the key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

VARIABLE = "SYNTH_MASK_KEY"
_BLOCK = 64  # bytes of SHA-256's blocks
DERIVED = (
    f"masks are made with a key that follows from the seed: whoever knows the seed can repeat them; "
    f"set {VARIABLE} to a secret of your own, or name no seed that matters"
)


@dataclass(frozen=True, slots=True)
class Key:
    """`secret` is never shown, logged or written. Every use has a name of its own, so no two share a stream."""

    secret: bytes = field(repr=False)

    def digest(self, use: str, value: str) -> bytes:
        """32 bytes: HMAC-SHA256 (RFC 2104) of the value under its use."""
        inner, outer = (begun.copy() for begun in _begun(self.secret))
        inner.update(f"{use}\0{value}".encode("utf-8", "surrogatepass"))
        outer.update(inner.digest())
        return outer.digest()

    def number(self, limit: int, use: str, value: str) -> int:
        """One of range(limit); of up to 2**128 the bias is too small to matter."""
        return int.from_bytes(self.digest(use, value), "big") % limit

    def digits(self, count: int, use: str, value: str) -> str:
        """`count` decimal digits, up to 60."""
        return str(self.number(10**count, use, value)).zfill(count)


@lru_cache(maxsize=8)
def _begun(secret: bytes) -> "tuple[_Hash, _Hash]":
    """SHA-256 with the padded key already in it, for the inner and the outer round: most of what a short value costs."""
    block = (secret if len(secret) <= _BLOCK else sha256(secret).digest()).ljust(_BLOCK, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))


def mask_key(environ: Mapping[str, str], seed: int) -> tuple[bytes, str | None]:
    """The key of a run, and a warning where it is no secret: `SYNTH_MASK_KEY`, else what follows from the seed."""
    if told := environ.get(VARIABLE, ""):
        return sha256(b"synth mask key\0" + told.encode("utf-8", "surrogateescape")).digest(), None
    return sha256(b"synth mask seed\0" + str(seed).encode()).digest(), DERIVED
