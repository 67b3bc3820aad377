"""A pack's outlines for one seed and start, and the batches made from them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_numpy
from synth_sdk.core.errors import PackError, SynthError
from synth_sdk.core.seeds import derive
from synth_sdk.dialogue.columns.courses import FEATURES, Courses
from synth_sdk.dialogue.columns.deals import DEALS, Deals
from synth_sdk.dialogue.columns.flat import digests_of_lists
from synth_sdk.dialogue.columns.hands import Hand
from synth_sdk.dialogue.columns.labels import make_labels
from synth_sdk.dialogue.columns.parts import Parts
from synth_sdk.dialogue.columns.pattern import Pattern, Turns
from synth_sdk.dialogue.columns.wording import Habits, Words
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.playing.trace import trace
from synth_sdk.engine.columns.digests import sums_between
from synth_sdk.engine.columns.lanes import I64, U64, Rows, mix
from synth_sdk.engine.columns.pools import spans

if TYPE_CHECKING:
    from synth_sdk.core.measures import FieldMeasure, Measures

OUTLINES = 512
_RUN = 512  # records: so much stays in the processor's cache while it is put together
_PATTERNS = 4


class Chorus:
    """Makes the records of a pack. Outlines are compiled when a record of theirs is first wanted."""

    def __init__(self, pack: Pack, seed: int, start: datetime) -> None:
        self.pack, self.seed, self.start = pack, seed, start
        first = (start.astimezone(pack.zone) if start.tzinfo else start).date()
        self.parts = Parts(seed, pack.name, first.toordinal(), pack.span_days + 1)
        for column in (("id", 0), "index", "before", "after"):
            self.parts.column(column)
        self.courses = Courses(pack, seed, self.parts)
        self.deals = Deals(pack, seed, self.courses.banks)
        self.habits = Habits(pack)
        self.row_label, self.id_label, self.turn_label = (derive(seed, pack.name, name) for name in ("row", "id", "turn"))
        self._patterns: dict[tuple[int, ...], Pattern] = {}
        self._orders = np.array(
            [[derive(seed, name, lap) % DEALS for lap in range(64)] for name in self.courses.banks.acts], np.int64
        )

    def batch(self, rows: range) -> "Conversations":
        """The records of `rows`."""
        index = np.arange(rows.start, rows.stop, dtype=np.int64)
        try:
            outlines = index % OUTLINES
            self._prepare(int(outlines.max()) + 1 if len(index) else 0, index)
            return Conversations(self, index, outlines)
        except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
            if isinstance(error, SynthError):
                raise
            raise PackError(
                f"pack {self.pack.name}: records {rows.start} to {rows.stop - 1} of seed {self.seed} can't be played: {error}",
                rule="values",
            ) from error

    def _prepare(self, count: int, index: I64) -> None:
        while len(self.courses) < count:
            found = trace(self.pack, self.seed, len(self.courses), self.start)
            self.courses.add(found)
            self.deals.add(found)
        laps = {int(index[0]) // OUTLINES, int(index[-1]) // OUTLINES} if len(index) else set()
        for deal in range(DEALS) if max(laps, default=0) >= DEALS else range(min(laps, default=0), max(laps, default=-1) + 1):
            self.deals.complete(deal, count)

    def pattern(self, outlines: I64) -> Pattern:
        """What follows from the outlines of a batch. Kept, because the next batches are likely to have the same."""
        key = int(outlines[0]) if len(outlines) else 0, len(outlines), len(self.parts.sites), len(self.parts.columns)
        if key not in self._patterns:
            if len(self._patterns) == _PATTERNS:
                self._patterns.clear()
            self._patterns[key] = Pattern(self.courses, outlines)
        return self._patterns[key]

    def frames(self, laps: I64, turns: Turns) -> I64:
        """The frames dealt to turns of the `laps`-th time through the outlines. The first times have a deal each."""
        deals = np.where(laps < DEALS, laps, self._orders.take(turns.acts * 64 + laps % 64))
        return self.deals.dealt(deals, turns.numbers)


class Conversations:
    """Implements `core.batches.RemeasuredBatch`."""

    def __init__(self, chorus: Chorus, index: I64, outlines: I64) -> None:
        self._chorus, self._outlines = chorus, outlines
        pattern = self._pattern = chorus.pattern(outlines)
        hand = self.hand = Hand(pattern, mix(Rows.at(index).keys + np.uint64(chorus.row_label)))
        hand.settle()
        make_labels(hand, index, chorus.id_label)
        turns = pattern.turns
        keys = mix(hand.keys.take(turns.rows) + np.uint64(chorus.turn_label) + turns.steps)
        self.frames = chorus.frames((index // OUTLINES).take(turns.rows), turns)
        self._words = Words(hand, chorus.habits, self.frames, keys)
        drawn = pattern.layout.reading.read(hand)
        self._known = len(chorus.parts.lexicon)  # what other batches add makes no difference
        self._said = hand.seated(self._words.places, self._known)
        self._drawn = hand.seated(drawn, self._known)

    def __len__(self) -> int:
        return len(self._outlines)

    @cached_property
    def _items(self) -> NDArray[np.int32]:
        """Fixed texts, drawn texts and turns in their places, record after record. Turns come last among the texts."""
        layout = self._pattern.layout
        items = layout.items.copy()
        items[layout.open] = self._drawn
        first = self._known + self.hand.size
        items[layout.turns] = np.arange(first, first + len(layout.turns), dtype=np.int32)
        return items

    @cached_property
    def _lines(self) -> bytes:
        source = self.hand.source(self._known)
        pieces = pc.take(source, of_numpy(self._said), boundscheck=False)
        source = pa.concat_arrays([source, spans(pieces, np.concatenate([[0], self._words.ends]))])
        cuts = self._pattern.layout.ends[[*range(0, len(self), _RUN), len(self)]].tolist()
        return b"".join(_joined(source, self._items[start:stop]) for start, stop in pairwise(cuts))

    def lines(self) -> bytes:
        return self._lines

    def records(self) -> list[Any]:
        import json

        return [json.loads(line) for line in self._lines.splitlines()]

    def arrow(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist(self.records())

    def measures(self) -> "Measures":
        return self.remeasured({})

    def remeasured(self, digests: Mapping[int, tuple[int, int]]) -> "Measures":
        from synth_sdk.core.measures import Measures

        whole, body = self._digests()
        for row, (of_all, of_body) in digests.items():
            whole[row], body[row] = of_all, of_body
        measures = Measures.of_columns(len(self), body, self._fields())
        measures.content = int(np.sum(whole, dtype=np.uint64))
        return measures

    def _digests(self) -> tuple[U64, U64]:
        """Of each record; and without its id and labels."""
        layout = self._pattern.layout
        known = self.hand.all_digests(self._known)
        texts = np.concatenate([known, digests_of_lists(known.take(self._said), self._words.ends)])
        values = texts.take(self._items.take(layout.live))
        values *= layout.weights
        sums = sums_between(values, layout.cuts) + layout.fixed
        parts = sums.reshape(-1, 3)
        return mix(parts.sum(axis=1, dtype=np.uint64)), mix(parts[:, 1].copy())

    def _fields(self) -> "dict[str, FieldMeasure]":
        from synth_sdk.core.measures import FieldMeasure

        fields = {name: FieldMeasure() for name in FEATURES}
        for name, value, times in self._pattern.labels:
            fields[name].merge(_measured(value, times))
        return fields


def _joined(texts: pa.StringArray, places: NDArray[np.int32]) -> memoryview:
    """The texts at these places, one behind the other."""
    _, bounds, data = pc.take(texts, of_numpy(places), boundscheck=False).buffers()
    return memoryview(data)[: int(np.frombuffer(bounds, np.int32)[len(places)])] if data is not None else memoryview(b"")


def _measured(value: str | float | bool, times: int) -> "FieldMeasure":
    """The measure of one value that comes so many times."""
    from synth_sdk.core.measures import FieldMeasure

    if isinstance(value, (str, bool)):
        return FieldMeasure.of_values(times, 0, Counter({str(value): times}))
    one = FieldMeasure()
    one.add(value)
    return FieldMeasure.of_numbers(times, 0, times, one.total * times, value, value)
