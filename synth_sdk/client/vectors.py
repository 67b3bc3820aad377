"""Records kept by meaning: the stores of `--vectorize-with`, filled while records are delivered, and searched."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from synth_sdk.client.integrations import Integrations
from synth_sdk.client.streaming.messages import Numbering
from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.core.vectors import Neighbour, NotInstalled, Space, VectorStore
from synth_sdk.pipeline.blocks import Block

if TYPE_CHECKING:
    from synth_sdk.vectors.embedding import Embedding

DEFAULT_STORE = "lancedb"
_GROUP = "vectors"
_PLACES = {"lancedb": "./data/vectors.lance", "ruvector": "./data/vectors.db", "chroma": "./data/chroma"}
_AT_ONCE = 512  # records that are embedded and handed to a store in one go


@dataclass(frozen=True, slots=True)
class Place:
    """A store by name, where it is, and the embedding that its vectors are made with (None: not told)."""

    name: str
    path: str
    embedding: str | None = None


def place_of(told: str, integrations: Integrations, path: str | None = None) -> Place:
    """The place that NAME or NAME:PATH tells, completed by the configuration: `db_path` and `embedding` of that integration.

    UnknownName for a store that nobody registered, RequestError for an empty path.
    """
    name, colon, own = told.partition(":")
    known = plugins.names(_GROUP)
    name = name.lower() if name.lower() in known else name
    if name not in known:
        raise UnknownName("vector store", name, known)
    if (colon and not own) or path == "":
        raise RequestError(f"vector store {told!r}: the path is empty; write NAME or NAME:PATH")
    configured = integrations.get(name, {})
    where = path or own or configured.get("db_path") or _PLACES.get(name, f"./data/{name}")
    return Place(name, str(where), configured.get("embedding"))


def open_to_write(place: Place, embedding: "Embedding") -> VectorStore:
    """The store at `place`, made where there is none. NotInstalled without its library."""
    store: VectorStore = plugins.load(_GROUP, place.name)(place.path, embedding.space)
    return store


def open_to_read(place: Place) -> VectorStore:
    """The store at `place`. RequestError when there is none."""
    store: VectorStore = plugins.load(_GROUP, place.name)(place.path, None)
    return store


class Vectorizing:
    """Embeds records and stages them in a store, which shows them when they are committed. A context that lets go of the store."""

    def __init__(self, place: Place) -> None:
        from synth_sdk.vectors.embedding import HASHING, embedding_for

        self.place = place
        self._embedding = embedding_for(place.embedding or HASHING.embedding)
        self._store = open_to_write(place, self._embedding)

    def add(self, ids: Sequence[str], records: Sequence[Json]) -> None:
        from synth_sdk.vectors.texts import text_of

        for start in range(0, len(ids), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            vectors = self._embedding.embed([text_of(record) for record in some])
            self._store.add(ids[start : start + _AT_ONCE], vectors, some)

    def commit(self) -> None:
        self._store.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._store.close()


class Keeping(Vectorizing):
    """Vectorizing of a run's blocks; the records' ids begin with `fingerprint`, as those of a stream do."""

    def __init__(self, place: Place, fingerprint: str) -> None:
        super().__init__(place)
        self.location = f"{place.name}:{place.path}"
        self._numbering = Numbering(fingerprint)

    def take(self, block: Block) -> None:
        """Stage the records of `block`, which holds them as a batch."""
        messages = list(self._numbering.messages(block))
        self.add([message.id for message in messages], [json.loads(message.body) for message in messages])


def keeping_of(spec: Spec, integrations: Integrations) -> tuple[Keeping | None, str]:
    """What fills the store that `spec` names; or None and why, when its library, or its embedding's, is missing."""
    if spec.vectorize_with is None:
        return None, ""
    try:
        return Keeping(place_of(spec.vectorize_with, integrations), spec.fingerprint), ""
    except NotInstalled as error:
        return None, f"{error.message}; the records are delivered, but not kept as vectors"


def check_one_kind(spec: Spec) -> None:
    """RequestError if a relational set is to be kept as vectors: its rows mean little without one another."""
    if spec.vectorize_with:
        raise RequestError(
            "--vectorize-with: the tables of a set can't be kept as vectors; leave it out, or make one table at a time"
        )


def search(query: str, place: Place, limit: int) -> list[Neighbour]:
    """The `limit` records at `place` that are nearest to `query`, by the embedding that the store was filled with."""
    from synth_sdk.vectors.embedding import embedding_for

    if not query.strip():
        raise RequestError("query '': say what to look for")
    if limit < 1:
        raise RequestError(f"limit {limit}: must be at least 1")
    store = open_to_read(place)
    try:
        embedding = embedding_for(store.space.embedding)
        _check_embedding(place, store.space, embedding.space)
        return store.search(embedding.embed([query])[0], limit)
    finally:
        store.close()


def info(place: Place) -> dict[str, Any]:
    """What the store at `place` holds."""
    store = open_to_read(place)
    try:
        space = store.space
        return {
            "store": place.name,
            "path": place.path,
            "records": len(store),
            "embedding": space.embedding,
            "dimensions": space.dimensions,
        }
    finally:
        store.close()


def _check_embedding(place: Place, there: Space, ours: Space) -> None:
    """RequestError if the store was filled by another version's embedding, or another one is asked for."""
    if there != ours or place.embedding not in (None, there.embedding):
        wanted = ours if there != ours else place.embedding
        raise RequestError(
            f"vector store {place.path!r} holds vectors of {there}, not of {wanted}: search it with that embedding"
        )
