"""`check_store`: a right store, and wrong ones, each found out for its own reason."""

import json

import numpy as np
import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.core.vectors import Neighbour, Space
from synth_sdk.testing import check_store


class Shelf:
    """A store in one JSON file, read and written whole."""

    def __init__(self, path, space):
        self._path = path
        held = json.loads(path.read_text()) if path.exists() else None
        if held is None and space is None:
            raise RequestError("there is none")
        self.space = space if held is None else Space(*held["space"])
        if space not in (None, self.space):
            raise RequestError("another space")
        self._rows = held["rows"] if held else {}
        self._staged = {}

    def __len__(self):
        return len(self._rows)

    def add(self, ids, vectors, records):
        self._staged |= {name: [vector.tolist(), record] for name, vector, record in zip(ids, vectors, records, strict=True)}

    def commit(self):
        self._rows |= self._staged
        self._staged = {}
        self._path.write_text(json.dumps({"space": [self.space.embedding, self.space.dimensions], "rows": self._rows}))

    def search(self, vector, limit):
        found = [Neighbour(name, row[1], float(np.dot(row[0], vector))) for name, row in self._rows.items()]
        return sorted(found, key=lambda one: -one.similarity)[:limit]

    def close(self):
        pass


def test_a_right_store_passes():
    check_store(Shelf)


class Hasty(Shelf):
    def add(self, ids, vectors, records):
        Shelf.add(self, ids, vectors, records)
        self._rows |= self._staged


class Adding(Shelf):
    def add(self, ids, vectors, records):
        Shelf.add(self, [name if name not in self._rows else f"{name}'" for name in ids], vectors, records)


class First(Shelf):
    def commit(self):
        self._staged = {name: row for name, row in self._staged.items() if name not in self._rows}
        Shelf.commit(self)


class Unsorted(Shelf):
    def search(self, vector, limit):
        return Shelf.search(self, vector, limit)[::-1]


class Distant(Shelf):
    def search(self, vector, limit):
        return [Neighbour(one.id, one.record, 1 - one.similarity) for one in Shelf.search(self, vector, limit)]


class Generous(Shelf):
    def search(self, vector, limit):
        return Shelf.search(self, vector, max(limit, 3))


class Stingy(Shelf):
    def search(self, vector, limit):
        return Shelf.search(self, vector, min(limit, 4))


class Changing(Shelf):
    def search(self, vector, limit):
        return [Neighbour(one.id, {**one.record, "seen": True}, one.similarity) for one in Shelf.search(self, vector, limit)]


class Volatile(Shelf):
    def close(self):
        self._path.write_text(json.dumps({"space": [self.space.embedding, self.space.dimensions], "rows": {}}))


class Careless(Shelf):
    def __init__(self, path, space):
        Shelf.__init__(self, path, None if path.exists() else space)


class Creating(Shelf):
    def __init__(self, path, space):
        Shelf.__init__(self, path, space or (None if path.exists() else Space("check", 8)))


class Forgetful(Shelf):
    def __init__(self, path, space):
        Shelf.__init__(self, path, space)
        self.space = Space("", 0)


class Full(Shelf):
    def __len__(self):
        return 7


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Hasty, "what is staged is found before it is committed"),
        (Adding, "adds a record in place of replacing one"),
        (First, "a replaced record isn't the new one"),
        (Unsorted, "are nearest, nearest first"),
        (Distant, "where the cosine is"),
        (Generous, "nearest, nearest first|keep to its limit"),
        (Stingy, "doesn't find them all"),
        (Changing, "a record comes back changed"),
        (Volatile, "records are missing when the store is opened again"),
        (Careless, "vectors of another length"),
        (Creating, "opened for searching where there is none"),
        (Forgetful, "not that which the store was made with"),
        (Full, "a new store isn't empty"),
    ],
)
def test_wrong_stores_are_found_out(wrong, told):
    with pytest.raises(AssertionError, match=told):
        check_store(wrong)
