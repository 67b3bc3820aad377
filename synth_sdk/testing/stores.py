"""What every vector store must keep to."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.vectors import Neighbour, Space, VectorStore
from synth_sdk.testing.must import must

Make = Callable[[Path, Space | None], VectorStore]

_SIZE = 8
_CLOSE = 1e-3
_SPACE = Space("check", _SIZE)
_RECORDS: list[Json] = [{"n": number, "text": f"Zoë\n{number}", "deep": {"list": [number, None, 0.5]}} for number in range(5)]
_IDS = [f"run/{number}" for number in range(5)]


def check_store(make: Make) -> None:
    """`make(path, space)` opens a store at a path where nothing is yet; with None as space to search only.

    What is committed is found: nearest first, with cosines, and as it was put in. What is only staged is not. An id that comes again
    replaces its record. All of it is there when the store is opened again; a store of another space isn't opened.
    """
    import numpy as np

    axes = np.eye(_SIZE, dtype=np.float32)
    between = (axes[0] + axes[1] / 2) / np.linalg.norm(axes[0] + axes[1] / 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        with _open(make, path, _SPACE) as store:
            must(store.space == _SPACE, f"space is {store.space}, not that which the store was made with")
            must(len(store) == 0, "a new store isn't empty")
            must(list(store.search(axes[0], 3)) == [], "a new store finds something")
            store.add(_IDS, axes[:5], _RECORDS)
            must(len(store) == 0 and not store.search(axes[0], 3), "what is staged is found before it is committed")
            store.commit()
            must(len(store) == 5, f"the store has {len(store)} records after 5 were committed")
            _check_nearest(store.search(axes[2].astype(np.float32), 1), [_IDS[2]], [1.0])
            _check_nearest(store.search(between.astype(np.float32), 2), _IDS[:2], [float(between[0]), float(between[1])])
            must(len(store.search(axes[0], 2)) == 2, "search doesn't keep to its limit")
            must(len(store.search(axes[0], 50)) == 5, "search with a limit above the number of records doesn't find them all")
            must(store.search(axes[3], 1)[0].record == _RECORDS[3], "a record comes back changed")
            _replace(store, axes)
        with _open(make, path, None) as store:
            must(store.space == _SPACE, f"a store that is opened again has the space {store.space}")
            must(len(store) == 5, "records are missing when the store is opened again")
            must(
                store.search(axes[7], 1)[0].record == {"new": True},
                "a replaced record is the old one when the store is opened again",
            )
        _check_refusals(make, path)


def _replace(store: VectorStore, axes: "object") -> None:
    store.add([_IDS[0]], axes[7:8], [{"new": True}])  # type: ignore[index]
    store.commit()
    must(len(store) == 5, "an id that comes again adds a record in place of replacing one")
    found = store.search(axes[7], 5)  # type: ignore[index]
    must([one.record for one in found if one.id == _IDS[0]] == [{"new": True}], "a replaced record isn't the new one")
    _check_nearest(found[:1], [_IDS[0]], [1.0])
    store.add([_IDS[1]], axes[6:7], [{"lost": True}])  # type: ignore[index]


def _check_nearest(found: list[Neighbour], ids: list[str], cosines: list[float]) -> None:
    must([one.id for one in found] == ids, f"search finds {[one.id for one in found]} where {ids} are nearest, nearest first")
    for one, cosine in zip(found, cosines, strict=True):
        must(abs(one.similarity - cosine) < _CLOSE, f"the similarity is {one.similarity:.4f} where the cosine is {cosine:.4f}")


def _check_refusals(make: Make, path: Path) -> None:
    for space, where, what in (
        (Space("check", _SIZE + 1), path, "a store is opened with vectors of another length"),
        (Space("another", _SIZE), path, "a store is opened with vectors of another embedding"),
        (None, path.with_name("nothing"), "a store is opened for searching where there is none"),
    ):
        try:
            make(where, space).close()
        except RequestError:
            continue
        raise AssertionError(f"{what}, where RequestError is expected")


@contextmanager
def _open(make: Make, path: Path, space: Space | None) -> Iterator[VectorStore]:
    store = make(path, space)
    try:
        yield store
    finally:
        store.close()
