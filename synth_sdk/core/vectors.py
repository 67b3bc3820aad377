"""Records kept by meaning: what a store of `--vectorize-with` must be able to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Space:
    """What the vectors of a store are: the embedding that made them and how many numbers each has. Vectors of two spaces can't be compared."""

    embedding: str
    dimensions: int

    def __str__(self) -> str:
        return f"{self.embedding} ({self.dimensions} dimensions)"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A stored record and how near it lies to what was asked: cosine, 1.0 is the same direction."""

    id: str
    record: Json
    similarity: float


class NotInstalled(RequestError):
    """The library behind an optional part is missing; the message has the install command."""


class VectorStore(Protocol):
    """Vectors and their records in one place on disk, registered by name under `synth_sdk.vectors`.

    Built with (path, space): opened for writing, and made where there is none. Built with (path, None): opened for searching only.
    The constructor raises NotInstalled without its library, and RequestError for a path that can't be used, one that holds no
    store (to search in), or a store of another space.
    """

    @property
    def space(self) -> Space:
        """What the store's vectors are."""

    def __len__(self) -> int:
        """How many records can be found."""

    def add(self, ids: Sequence[str], vectors: "NDArray[np.float32]", records: Sequence[Json]) -> None:
        """Stage `records`; `vectors` is (n, dimensions), each of length 1, and no id comes twice before a `commit`.

        Nobody finds them before that. WriteError when the disk, or the library, fails.
        """

    def commit(self) -> None:
        """Make all that is staged findable at once. A record whose id is there already takes the old one's place."""

    def search(self, vector: "NDArray[np.float32]", limit: int) -> list[Neighbour]:
        """The `limit` nearest records, nearest first."""

    def close(self) -> None:
        """Let go of the store, and of what was staged and not committed."""
