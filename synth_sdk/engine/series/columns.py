"""The drawn rows of a stream as columns of records."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_texts
from synth_sdk.engine.columns.digits import digit_pool
from synth_sdk.engine.columns.lanes import I64
from synth_sdk.engine.columns.pools import Block, Piece, Pool
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.times import moment_column
from synth_sdk.engine.columns.values import Bank, Choice, Column, Nullable, Whole
from synth_sdk.engine.series.lines import Joins
from synth_sdk.engine.series.moments import IsoMoments
from synth_sdk.engine.series.spelling import Reading, Spelling
from synth_sdk.engine.series.stream import Drawn, Signals

ISO = "%Y-%m-%dT%H:%M:%SZ"
_SECOND = 1_000_000


class Drawing:
    """The rows of a scope, drawn once for all columns that show a part of them."""

    def __init__(self, signals: Signals, joins: Joins) -> None:
        self.signals, self.joins = signals, joins
        joins.add(digit_pool())

    def of(self, scope: Scope) -> Drawn:
        """A scope's rows are neighbours."""

        def draw() -> Drawn:
            index = scope.rows.index
            assert index is not None  # noqa: S101 - samples are records of their own
            return self.signals.draw(range(int(index[0]), int(index[-1]) + 1))

        return scope.once(self, draw)


@dataclass(slots=True, eq=False)
class MomentSampler:
    """The moment of each row, in a strftime `format`."""

    drawing: Drawing
    format: str = ISO

    def draw(self, scope: Scope) -> Column:
        moments = self.drawing.of(scope).moments
        if self.format == ISO:
            stream = self.drawing.signals.stream
            return IsoMoments(stream.start, stream.step).column(moments, self.drawing.joins)
        return moment_column(moments // _SECOND, self.format, None, scope.block.table)


@dataclass(slots=True, eq=False)
class SeriesSampler:
    """The values of series number `place`."""

    drawing: Drawing
    place: int
    spelling: Spelling = field(init=False)

    def __post_init__(self) -> None:
        series = self.drawing.signals.stream.series
        self.spelling = Spelling(series[self.place].grid.places, self.drawing.joins, len(series))

    def draw(self, scope: Scope) -> Column:
        drawn, grid = self.drawing.of(scope), self.drawing.signals.stream.series[self.place].grid
        scaled, missing = drawn.scaled[self.place], drawn.missing[self.place]
        column = Whole(scaled) if grid.whole else Reading(scaled, grid.places, self.spelling)
        return column if missing is None else Nullable(column, missing)


@dataclass(slots=True, eq=False)
class EntitySampler:
    """The name of each row's entity."""

    drawing: Drawing
    names: Bank

    def draw(self, scope: Scope) -> Column:
        return Choice(self.drawing.of(scope).entities, self.names)


@dataclass(slots=True, eq=False, kw_only=True)
class Labels(Choice):
    """One of a few labels, of which nearly all are the first; `marked` are the rows with another one."""

    marked: NDArray[np.intp]

    @classmethod
    def of(cls, places: I64, bank: Bank) -> "Labels":
        return cls(places, bank, marked=np.flatnonzero(places))

    def json(self, block: Block) -> list[Piece]:
        found = np.full(len(self.places), self.bank.base, np.int32)
        found[self.marked] += self.places[self.marked].astype(np.int32)
        return [found]


@dataclass(slots=True, eq=False)
class LabelSampler:
    """What each row is labelled; the first of `labels` is null."""

    drawing: Drawing
    labels: Bank

    def draw(self, scope: Scope) -> Column:
        places = self.drawing.of(scope).labels
        return Labels.of(np.zeros(len(scope.rows), np.int64) if places is None else places, self.labels)


def text_bank(texts: Sequence[str | None], joins: Joins) -> Bank:
    """Texts, and null, as fixed values."""

    from synth_sdk.schema.layout.json_text import one_line, to_text

    pool = Pool([one_line(to_text(text)) for text in texts], json_text=True)
    return Bank(list(texts), of_texts(texts), joins.add(pool))
