"""Readings: where the texts of some parts are to be looked for, and the values of some sums. Which cells are read is settled
beforehand, and what stands in them when they are read.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_sdk.dialogue.columns.parts import ASKED, LOOKED_UP, OWN_COLUMN, SHOWN, Parts
from synth_sdk.engine.columns.lanes import I64

Places = NDArray[np.int32]


class Tables(Protocol):
    """What was drawn for a batch, row after row: `drawn` has `width` numbers in a row, `own` (places of texts) `columns`."""

    drawn: I64
    own: Places

    def asked(self, row: int, number: int) -> int:
        """The place of a text that has to be asked for."""


class Sums:
    """Sums of draws for some rows."""

    __slots__ = ("_consts", "_terms")

    def __init__(self, parts: Parts, rows: I64, sums: I64, width: int) -> None:
        self._consts = parts.consts.view[sums]
        counts, starts = parts.terms_count.view[sums], parts.terms_from.view[sums]
        self._terms = []
        for term in range(int(counts.max()) if len(counts) else 0):
            which = np.flatnonzero(counts > term)
            terms = starts[which] + term
            cells = rows[which] * width + parts.term_sites.view[terms]
            self._terms.append((None if len(which) == len(counts) else which, parts.term_factors.view[terms], cells))

    def read(self, drawn: I64) -> I64:
        totals = self._consts
        for which, factors, cells in self._terms:
            values = drawn.take(cells)
            values *= factors
            if which is None:
                totals = totals + values
            else:
                totals = totals.copy() if totals is self._consts else totals
                totals[which] += values
        return totals


class Reading:
    """The texts of parts for their rows, one for each pair of `rows` and `numbers`."""

    __slots__ = ("_asked", "_looked_up", "_own", "_parts", "_shown", "_shows", "_simple", "_sums", "size")

    def __init__(self, parts: Parts, rows: I64, numbers: I64, width: int, columns: int) -> None:
        self._parts, self.size = parts, len(rows)
        kinds, starts = parts.kinds.view[numbers], parts.starts.view[numbers]
        self._simple = None if kinds.any() else (starts, rows * width + parts.of_site.view[numbers])
        if self._simple:  # all are looked up: nothing to sort out
            return
        looked_up, shown, own, asked = (np.flatnonzero(kinds == kind) for kind in (LOOKED_UP, SHOWN, OWN_COLUMN, ASKED))
        cells = rows[looked_up] * width + parts.of_site.view[numbers[looked_up]]
        self._looked_up = looked_up, starts[looked_up], cells
        self._own = own, rows[own] * columns + starts[own]
        self._asked = asked, rows[asked].tolist(), starts[asked].tolist()
        shows = parts.show_of.view[starts[shown]]
        order = np.argsort(shows, kind="stable")  # 16 bits: by radix
        self._shown = shown[order]
        self._sums = Sums(parts, rows[self._shown], parts.shown_sums.view[starts[self._shown]], width)
        self._shows = list(_stretches(shows))

    def read(self, tables: Tables) -> Places:
        if self._simple:
            looked_up: Places = self._parts.places.view.take(self._simple[0] + tables.drawn.take(self._simple[1]))
            return looked_up
        found = np.empty(self.size, np.int32)
        which, starts, drawn = self._looked_up
        if len(which):
            found[which] = self._parts.places.view.take(starts + tables.drawn.take(drawn))
        which, own = self._own
        if len(which):
            found[which] = tables.own.take(own)
        if len(self._shown):
            found[self._shown] = self._read_shown(tables)
        for place, row, start in zip(*self._asked, strict=True):
            found[place] = tables.asked(row, start)
        return found

    def _read_shown(self, tables: Tables) -> Places:
        totals = self._sums.read(tables.drawn)
        found = np.empty(len(totals), np.int32)
        for show, start, stop in self._shows:
            found[start:stop] = self._parts.shows[show].places(totals[start:stop])
        return found


def _stretches(shows: NDArray[np.int16]) -> list[tuple[int, int, int]]:
    """Each number that comes up, and from where to where it stands once they are sorted."""
    counts = np.bincount(shows)
    ends = np.cumsum(counts)
    present = np.flatnonzero(counts)
    return list(zip(present.tolist(), (ends - counts)[present].tolist(), ends[present].tolist(), strict=True))
