"""The interface of agentic-synth's RuvectorAdapter, over the stores of `--vectorize-with`."""

from collections.abc import Sequence
from hashlib import blake2b
from importlib.util import find_spec
from typing import TYPE_CHECKING

from synth_sdk.client.vectors import Vectorizing, place_of, search
from synth_sdk.core.models import Json
from synth_sdk.core.vectors import Neighbour

if TYPE_CHECKING:
    from synth_sdk.client import Synth


class RuvectorAdapter:
    """Keeps records of any origin in the ruvector store at `path` (default: that of `synth`'s configuration), and searches them."""

    def __init__(self, synth: "Synth | None" = None, *, path: str | None = None) -> None:
        self._place = place_of("ruvector", synth.integrations if synth else {}, path)

    def is_available(self) -> bool:
        """Whether the library is installed."""
        return find_spec("ruvector") is not None

    def store(self, records: Sequence[Json], ids: Sequence[str] | None = None) -> list[str]:
        """Keep `records`, all or none; returns their ids (without `ids`: digests of what they say). An id that is there is replaced."""
        given = dict(zip(ids if ids is not None else map(_digest, records), records, strict=True))
        with Vectorizing(self._place) as vectorizing:
            vectorizing.add(list(given), list(given.values()))
            vectorizing.commit()
        return list(given)

    def search(self, query: str, limit: int = 5) -> list[Neighbour]:
        """The `limit` stored records nearest to `query`."""
        return search(query, self._place, limit)


def _digest(record: Json) -> str:
    return blake2b(repr(record).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
