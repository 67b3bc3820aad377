"""The options of draws as flat arrays: an option is `first + a number below size`, or what a list holds at that place."""

from collections.abc import Hashable, Sequence

import numpy as np

from synth_sdk.dialogue.columns.chances import Draw
from synth_sdk.dialogue.columns.flat import Growing
from synth_sdk.engine.columns.lanes import I64, U64

_32 = np.uint64(32)


class Domains:
    """Numbered domains. A draw with a source has one for each option of the source, in a row."""

    def __init__(self) -> None:
        self.firsts, self.sizes, self.listed = Growing(np.int64), Growing(np.int64), Growing(np.bool_)
        self.lists = Growing(np.int64)
        self._known: dict[Hashable, int] = {}
        self._kept: list[object] = []  # what stands behind the ids among the keys

    def of(self, draw: Draw) -> int:
        """The number of the draw's domain, or that of its source's option 0."""
        if not draw.source:
            key: Hashable = _key(draw.domain)
            return self._once(key, [draw.domain])
        if draw.whole and draw.source.whole:
            key = "ways", id(draw.ways)
            self._kept.append(draw.ways)
            return self._once(key, draw.ways)
        ways = narrowed(draw)
        return self._once(tuple(_key(way) for way in ways), ways)

    def _once(self, key: Hashable, domains: Sequence[Sequence[int]]) -> int:
        if key not in self._known:
            self._known[key] = self.firsts.size
            for domain in domains:
                self._add(domain)
        return self._known[key]

    def _add(self, domain: Sequence[int]) -> None:
        is_list = not isinstance(domain, range)
        self.firsts.add(self.lists.extend(domain) if is_list else domain.start if isinstance(domain, range) else 0)
        self.sizes.add(len(domain))
        self.listed.add(is_list)

    def ready(self, numbers: I64) -> "Ready":
        """These domains, to draw from each."""
        return Ready(self, numbers)


class Ready:
    """Domains picked out, so that drawing from them again is cheap."""

    __slots__ = ("_firsts", "_listed", "_lists", "_sizes")

    def __init__(self, domains: Domains, numbers: I64) -> None:
        self._firsts, self._sizes = domains.firsts.view[numbers], domains.sizes.view[numbers].view(np.uint64)
        self._listed, self._lists = np.flatnonzero(domains.listed.view[numbers]), domains.lists

    def draw(self, bits: U64) -> I64:
        """An option of each; uses up `bits`."""
        bits >>= _32
        bits *= self._sizes
        bits >>= _32
        found: I64 = bits.view(np.int64)
        found += self._firsts
        if len(self._listed):
            found[self._listed] = self._lists.view.take(found.take(self._listed))
        return found


def _key(domain: Sequence[int]) -> Hashable:
    return (domain.start, domain.stop) if isinstance(domain, range) else tuple(domain)


def narrowed(draw: Draw) -> list[Sequence[int]]:
    """What is left of each way."""
    if draw.whole:
        return list(draw.ways)
    kept = set(draw.domain)
    return [[option for option in way if option in kept] for way in draw.ways]


def prune(draws: Sequence[Draw]) -> None:
    """Take options from sources that would leave a draw nothing to choose from."""
    for draw in reversed(draws):
        if draw.source and not draw.whole:
            ways = narrowed(draw)
            draw.source.narrow([option for option in draw.source.domain if ways[option]])
