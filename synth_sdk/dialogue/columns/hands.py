"""The draws of a batch: for each row of its outline, all at once; and the texts of parts, given the draws."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import of_numpy
from synth_sdk.dialogue.columns.codes import slipped
from synth_sdk.dialogue.columns.lexicon import OWN, digest
from synth_sdk.dialogue.columns.parts import NOW
from synth_sdk.dialogue.columns.pattern import Bounds, Pairs, Pattern, Text
from synth_sdk.dialogue.columns.readings import Places
from synth_sdk.dialogue.columns.spacing import one_spaced
from synth_sdk.dialogue.columns.symbols import Lin, Of, Symbol, as_value, key_of
from synth_sdk.dialogue.columns.symbols import Text as SymbolText
from synth_sdk.engine.columns.digests import hash_texts
from synth_sdk.engine.columns.lanes import I64, U64, Mask, mix
from synth_sdk.engine.columns.pools import escape, spans

_AGAIN = np.uint64(0xD1342543DE82EF95)
_TRIES = (1, 2, 4, 8)  # after the first: so many at once
_CODE_TRIES = 16


class Hand:
    """What is drawn for some records: `drawn` by row and site, `own` by row and column (places of texts)."""

    def __init__(self, pattern: Pattern, keys: U64) -> None:
        self.pattern, self.courses, self.parts, self.keys = pattern, pattern.courses, pattern.parts, keys
        self._drawn = np.zeros((len(keys), pattern.width), np.int64)
        self._own = np.zeros((len(keys), pattern.columns), np.int32)
        self.drawn, self.own = self._drawn.reshape(-1), self._own.reshape(-1)
        self.texts: list[pa.StringArray] = []
        self.size = 0
        self._digests: list[U64] = []

    def __len__(self) -> int:
        return len(self.keys)

    # draws

    def settle(self) -> None:
        """Draw, and draw again what breaks a guard; what breaks one every time is as in the outline's example."""
        pattern, keys = self.pattern, self.keys.copy()
        self._draw(pattern, keys)
        bad = again = self._broken()
        for tries in _TRIES:
            bad = self._tried(bad, keys, tries) if len(bad) else bad
        if len(again):
            keys[bad] = mix(keys[bad] + _AGAIN)
            self._draw(pattern.some(again), keys)
            self._as_played(bad)
        self._make_codes(pattern, keys)
        bad = np.flatnonzero(self._differ(pattern.codes_held))
        for _ in range(_CODE_TRIES if len(bad) else 0):
            keys[bad] = mix(keys[bad] + _AGAIN)
            others = pattern.some(bad)
            self._make_codes(others, keys)
            bad = np.flatnonzero(self._differ(others.codes_held))

    def _draw(self, pattern: Pattern, keys: U64) -> None:
        drawn = self.drawn
        for draws in pattern.draws:
            bits = keys.take(draws.owners)
            bits += draws.labels
            ready = draws.ready or self.courses.domains.ready(draws.domains + drawn.take(draws.sources))
            drawn[draws.cells] = ready.draw(mix(bits))

    def _tried(self, bad: I64, keys: U64, tries: int) -> I64:
        """Give the rows `bad` the key of the first of some more tries that breaks no guard; the rows for which there is none."""
        tried = np.empty((tries, len(bad)), np.uint64)
        last = keys[bad]
        for number in range(tries):
            last = tried[number] = mix(last + _AGAIN)
        others = Hand(self.pattern.trial(np.tile(bad, tries)), tried.reshape(-1))
        others._draw(others.pattern, others.keys)
        holds = np.ones(tried.size, np.bool_)
        holds[others._broken()] = False
        holds = holds.reshape(tried.shape)
        chosen = np.where(holds.any(axis=0), holds.argmax(axis=0), tries - 1)
        keys[bad] = tried[chosen, np.arange(len(bad))]
        return bad[~holds.any(axis=0)]

    def _as_played(self, rows: I64) -> None:
        for draws in self.pattern.some(rows).draws:
            self.drawn[draws.cells] = draws.examples

    def _make_codes(self, pattern: Pattern, keys: U64) -> None:
        """Patterns, then slips in texts."""
        courses, codes, typos = self.courses, pattern.codes, pattern.typos
        if len(codes.numbers):
            texts, digests = courses.codes.texts(codes.numbers, codes.owners, keys, self._drawn)
            self.add(texts, codes.cells, digests)
        if len(typos.numbers):
            bits = mix(keys[typos.owners] + courses.typo_labels.view[typos.numbers])
            self.add(slipped(self._joined(pattern.typo_sources), bits), typos.cells)

    def _broken(self) -> I64:
        """The rows for which a guard doesn't hold, those on codes aside."""
        broken = self._differ(self.pattern.texts_held)
        held: Bounds = self.pattern.sums_held
        totals = held.sums.read(self.drawn)
        for relation, which in held.relations:
            broken[held.owners[which][~relation(totals[which], 0)]] = True
        return np.flatnonzero(broken)

    def _differ(self, held: Pairs) -> Mask:
        """The rows for which texts aren't equal that have to be, or are and must not be."""
        broken = np.zeros(len(self), np.bool_)
        if not len(held.owners):
            return broken
        same = np.zeros(len(held.owners), np.bool_)
        if len(held.single):
            first, second = (side.reading.read(self) for side in held.sides)
            known = (first < OWN) & (second < OWN)
            same[held.single] = self._equal(held.sides) if not known.all() else first == second
        if len(held.rest):
            same[held.rest] = self._equal(held.rests)
        broken[held.owners[same != held.outcomes]] = True
        return broken

    def _equal(self, sides: tuple[Text, Text]) -> Mask:
        first, second = (hash_texts(self._joined(side)) for side in sides)
        found: Mask = first == second
        return found

    # texts

    def add(self, texts: pa.StringArray, cells: I64, digests: U64 | None = None) -> None:
        """Texts of this batch, one for each of these cells of `own`."""
        start = self.loose(texts, digests)
        self.own[cells] = np.arange(start, start + len(texts), dtype=np.int32)

    def loose(self, texts: pa.StringArray, digests: U64 | None = None) -> int:
        """Texts of this batch that stand in no cell; where they begin."""
        start = self.size
        self.texts.append(texts)
        self._digests.append(digest(texts) if digests is None else digests)
        self.size += len(texts)
        return OWN + start

    def digests(self, places: Places) -> U64:
        """64 bits for each text."""
        known = len(self.parts.lexicon)
        found: U64 = self.all_digests(known).take(self.seated(places, known))
        return found

    def all_digests(self, known: int) -> U64:
        """Of the texts in the lexicon, as far as it is `known`, and of those of this batch."""
        return np.concatenate([self.parts.lexicon.digests()[:known], *self._digests])

    def seated(self, places: Places, known: int) -> Places:
        """Places in the lexicon, as far as it is `known`, followed by the texts of this batch."""
        unsigned = places.view(np.uint32)
        moved = unsigned - np.uint32(OWN - known)  # what was small wraps round and is large
        seated: Places = np.minimum(unsigned, moved).view(np.int32)
        return seated

    def source(self, known: int) -> pa.StringArray:
        """The texts that those places mean."""
        return pa.concat_arrays([self.parts.lexicon.array().slice(0, known), *self.texts])

    def _joined(self, text: Text) -> pa.StringArray:
        places = text.reading.read(self)
        own = places >= OWN
        known = places[~own]
        at = np.empty(len(places), np.int32)
        at[~own] = np.arange(len(known))
        at[own] = places[own] - np.int32(OWN - len(known))
        texts = self.texts if len(known) < len(places) else ()
        source = pa.concat_arrays([self.parts.lexicon.array().take(of_numpy(known)), *texts])
        return spans(pc.take(source, of_numpy(at), boundscheck=False), np.concatenate([[0], np.cumsum(text.lengths)]))

    def asked(self, row: int, asked: int) -> int:
        value, show = self.parts.asked[asked]
        now = date.fromordinal(self.parts.first_day + int(self._drawn[row, self.parts.site(NOW)])).isoformat()
        return self.parts.lexicon.place(escape(one_spaced(show(self.value(value, row), now))))

    def value(self, value: Any, row: int) -> Any:
        """What a symbol (or what holds symbols) is in a row."""
        if isinstance(value, Of):
            return value.table.values[int(self._drawn[row, self.parts.site(value.draw.site)])]
        if isinstance(value, Lin):
            terms = ((self.parts.site(draw.site), factor) for draw, factor in value.terms)
            return as_value(value.const + sum(int(self._drawn[row, site]) * factor for site, factor in terms), value.kind)
        if isinstance(value, SymbolText):
            return "".join(str(self.value(part, row)) for part in value.parts)
        if isinstance(value, Symbol):
            return self._own_text(int(self._own[row, self.parts.column(key_of(value))])) if not value.frozen else value.example()  # type: ignore[attr-defined]
        if isinstance(value, dict) or hasattr(value, "items"):
            return {key: self.value(member, row) for key, member in value.items()}
        return [self.value(item, row) for item in value] if isinstance(value, list) else value

    def _own_text(self, place: int) -> str:
        place -= OWN
        for texts in self.texts:
            if place < len(texts):
                return str(texts[place])
            place -= len(texts)
        raise IndexError(place)
