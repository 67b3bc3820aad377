"""What was sent and what stands in a table, as a number of rows and a digest that doesn't depend on their order.

A row's digest is a hash of its text (64 bits of its MD5, or its CRC-32 where the server has that): its cells with tabs between them, floats last, `\\N` for null, a line feed behind. A
table's is their sum modulo 2**64, which unlike an exclusive or also counts rows that are equal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import md5
from struct import Struct
from typing import TYPE_CHECKING, Self
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synth_sdk.schema.layout.flat import Leaf

Digest = Callable[[Sequence[bytes]], "NDArray[np.uint64]"]
_BITS = 2**64
_HEAD = Struct("<Q")


@dataclass(frozen=True, slots=True)
class Content:
    """Adds up like the rows it stands for."""

    rows: int = 0
    digest: int = 0

    def __add__(self, other: Self) -> "Content":
        return Content(self.rows + other.rows, (self.digest + other.digest) % _BITS)

    def __sub__(self, other: Self) -> "Content":
        return Content(self.rows - other.rows, (self.digest - other.digest) % _BITS)

    @property
    def hex(self) -> str:
        return f"{self.digest:016x}"


def content_of(rows: Sequence[bytes], digest: "Digest | None" = None) -> Content:
    """Of rows as text. `digest` gives one number for each (None: `halves_of_md5`)."""
    import numpy as np

    return Content(len(rows), int((digest or halves_of_md5)(rows).sum(dtype=np.uint64)))


def halves_of_md5(rows: Sequence[bytes]) -> "NDArray[np.uint64]":
    """The first half of each row's MD5, which every server can work out too."""
    import numpy as np

    return np.frombuffer(b"".join([md5(row, usedforsecurity=False).digest() for row in rows]), ">u8")[::2]


def checksums(rows: Sequence[bytes]) -> "NDArray[np.uint64]":
    """The CRC-32 of each row: a fifth of the time of an MD5, for servers that have it. It finds accidents; nobody is kept out by either."""
    import numpy as np

    return np.array([crc32(row) for row in rows], np.uint64)


def floats_last(leaves: "Sequence[Leaf]") -> "list[Leaf]":
    """The order in which cells are sent and hashed."""
    return sorted(leaves, key=lambda leaf: leaf.type.kind == "number")


def sealed(payload: bytes, content: Content) -> bytes:
    """Encoded rows with their digest in front, so that whoever encodes also hashes, in any process."""
    return _HEAD.pack(content.digest) + payload


def unsealed(encoded: bytes, count: int) -> tuple[memoryview, Content]:
    """The encoded rows, `count` of them, and what they should amount to."""
    return memoryview(encoded)[_HEAD.size :], Content(count, _HEAD.unpack_from(encoded)[0])
