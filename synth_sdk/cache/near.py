"""The stored value of a request that is nearly the same, for policy `aggressive`: what was bought once is lent to another slot.

A value is lent under four conditions, so that what comes out is as sound as what was bought:

* the two requests are of one family (task, instructions, schema and pinned arms), and their briefs are alike: of their pairs of
  neighbouring words, with numbers, ids and dates masked, at least 80% are common to both;
* its words passed the check of the request that they are lent to, as if an arm had sent them now;
* no word was taken from the other brief: what stands in the words and in the brief that they were written for stands in this one too;
* in one run a value goes to one request only, and only values that were there before the run are lent: N records stay N different ones.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, pairwise
from math import ceil
from zlib import crc32

from synth_sdk.cache.keys import family_key
from synth_sdk.cache.rows import Entry
from synth_sdk.cache.store import Store
from synth_sdk.core.errors import Rejected
from synth_sdk.core.leaves import leaves
from synth_sdk.core.models import Json, Request
from synth_sdk.core.similar import masked

ALIKE = 0.8  # Jaccard index of the sets of neighbouring words of two briefs
_MOST_TRIES = 16  # stored values that are looked at for one request
_WORD = re.compile(r"[^\W_]+")


class Lending:
    """Which stored values a run has handed out, and to whom. `before`: Unix time; values stored later aren't lent."""

    def __init__(self, store: Store, before: float) -> None:
        self._store, self._before = store, before
        self._families: dict[str, Briefs] = {}
        self._given: dict[str, str] = {}  # a value -> the key of the request that has it in this run
        self._lent: set[str] = set()  # the keys that these values were bought under

    def free(self, key: str, entry: Entry) -> bool:
        """Whether the stored value of `key` may be its answer: no other request of this run has the same. From now on it has."""
        value = entry.source or _name(key, entry)
        self._lent.add(value.partition("@")[0])
        return self._given.setdefault(value, key) == key

    def borrow(self, key: str, request: Request) -> Entry | None:
        """The nearest value that may be lent to `request`, as its own record; kept under `key`, so that a repeated run finds it there."""
        briefs = self._briefs(request)
        candidates = ((twin, brief) for twin, brief in briefs.like(request.brief) if twin not in self._lent)
        for twin, brief in islice(candidates, _MOST_TRIES):
            entry = self._store.peek(twin)
            if entry is None or entry.model in request.avoid:
                continue
            words = json.loads(entry.words) if entry.words else entry.value
            if _takes_along(words, brief, request.brief):
                continue
            try:
                record = request.check(words)
            except Rejected:
                continue
            lent = replace(entry, value=record, source=_name(twin, entry))
            self.free(key, lent)
            self._store.put(key, record, model=lent.model, cost_micros=lent.cost_micros, at_once=False, source=lent.source)
            return lent
        return None

    def _briefs(self, request: Request) -> "Briefs":
        family = family_key(request)
        if family not in self._families:
            self._families[family] = Briefs(self._store.briefs(family, self._before))
        return self._families[family]


def _name(key: str, entry: Entry) -> str:
    """One stored value for ever: bought again under the same key, it is another one."""
    return f"{key}@{entry.stored_at!r}"


class Briefs:
    """The briefs of one family, to be searched for those like another one.

    Two sets with a Jaccard index of at least t share one of their first (1 - t) elements in any common order (prefix filtering;
    Chaudhuri, Ganti and Kaushik, ICDE 2006). The order here is from rare to common; briefs with the same set are kept as one.
    """

    def __init__(self, briefs: Iterable[tuple[str, str]]) -> None:
        alike: defaultdict[frozenset[int], list[tuple[str, str]]] = defaultdict(list)
        for key, brief in briefs:
            alike[_pairs(brief)].append((key, brief))
        alike.pop(frozenset(), None)
        self._groups = [(pairs, sorted(found)) for pairs, found in alike.items()]
        self._spread = Counter(pair for pairs, _ in self._groups for pair in pairs)
        self._homes: defaultdict[int, list[int]] = defaultdict(list)
        for number, (pairs, _) in enumerate(self._groups):
            for pair in self._prefix(pairs):
                self._homes[pair].append(number)

    def like(self, brief: str) -> Iterator[tuple[str, str]]:
        """(key, brief) of those that are alike, the nearest first, equally near ones in the order of their keys."""
        mine = _pairs(brief)
        near = {number for pair in self._prefix(mine) for number in self._homes.get(pair, ())}
        rated = ((_jaccard(mine, self._groups[number][0]), number) for number in near)
        for _, number in sorted(((-likeness, number) for likeness, number in rated if likeness >= ALIKE), key=self._rank):
            yield from self._groups[number][1]

    def _rank(self, rated: tuple[float, int]) -> tuple[float, str]:
        return rated[0], self._groups[rated[1]][1][0][0]

    def _prefix(self, pairs: frozenset[int]) -> list[int]:
        in_order = sorted(pairs, key=lambda pair: (self._spread.get(pair, 0), pair))
        return in_order[: len(pairs) - ceil(ALIKE * len(pairs)) + 1] if pairs else []


def _pairs(text: str) -> frozenset[int]:
    """Neighbouring words of each line as numbers. Where a value stands, it is one word."""
    found: set[int] = set()
    for line in text.casefold().split("\n"):
        words = ["^", *_WORD.findall(masked(line, " vvv "))]
        found.update(crc32(f"{one} {other}".encode("utf-8", "surrogatepass")) for one, other in pairwise(words))
    return frozenset(found)


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def _takes_along(words: Json, old: str, new: str) -> bool:
    """Something in `words` comes from the brief `old` that they were written for and doesn't stand in `new`."""
    foreign = _words(old) - _words(new)
    return bool(foreign) and not foreign.isdisjoint(_words(*_texts(words)))


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.casefold())}


def _texts(value: Json) -> Iterator[str]:
    """The texts and numbers in `value`."""
    return (str(one) for one in leaves(value) if isinstance(one, str | int | float) and not isinstance(one, bool))
