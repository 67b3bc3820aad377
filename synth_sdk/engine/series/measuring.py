"""Measures of a batch of samples: as `engine.columns.measuring` takes them, with short cuts for what samples are mostly made of."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from synth_sdk.core.measures import FieldMeasure, Measures, exact_total
from synth_sdk.engine.columns.digests import factor
from synth_sdk.engine.columns.lanes import I64, mix
from synth_sdk.engine.columns.measuring import measure
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.times import Moments
from synth_sdk.engine.columns.values import Column, Struct
from synth_sdk.engine.series.columns import Labels
from synth_sdk.engine.series.spelling import Reading

_MANY = 4  # numbers of a range for each row: in a wider one counting costs more than it saves
_MOST_VALUES = 1000  # different texts that are told of
_CHUNK = 12  # bits: numbers of a range are taken apart so many at a time
_UNIT = 1074  # totals are in units of 2**-1074


def measure_samples(root: Struct, block: Block, count: int) -> Measures:
    """The measures of the records that `root` holds."""
    digests = np.full(count, len(root.members), np.uint64)
    for place, member in enumerate(root.members):
        if isinstance(member.column, Labels) and member.shown is None:
            marked = member.column.marked
            digests[marked] += member.column.places[marked].view(np.uint64) * factor(place)
            continue
        own = member.column.digest() * factor(place)
        digests += own if member.shown is None else np.where(member.shown, own, np.uint64(0))
    fields = {member.name: _field(member.column, block) for member in root.members if member.shown is None}
    rest = [member for member in root.members if member.shown is not None or fields[member.name] is None]
    known = {name: found for name, found in fields.items() if found is not None}
    if rest:
        known |= measure(Struct(rest, count), block, count).fields
    return Measures.of_columns(count, mix(digests), {member.name: known[member.name] for member in root.members})


def _field(column: Column, block: Block) -> FieldMeasure | None:
    """The measure of a column; None for one without a short cut."""
    if isinstance(column, Reading):
        return _of_readings(column)
    if isinstance(column, Moments) and len(column) > _MOST_VALUES and _ticks(column.moments) > _MOST_VALUES:
        return FieldMeasure(len(column), overflowed=True)
    if isinstance(column, Labels):
        return _of_labels(column)
    return None


def _of_labels(column: Labels) -> FieldMeasure:
    times = np.bincount(column.places[column.marked], minlength=len(column.bank)).tolist()
    values = Counter({str(label): count for label, count in zip(column.bank.values, times, strict=True) if count})
    return FieldMeasure.of_values(len(column.places), len(column.places) - len(column.marked), values)


def _ticks(moments: I64) -> int:
    """How many different ones there are at least; they ascend, all the same way."""
    return (
        len(moments)
        if moments[-1] - moments[0] == (moments[1] - moments[0]) * (len(moments) - 1)
        else int(np.count_nonzero(moments[1:] != moments[:-1])) + 1
    )


def _of_readings(column: Reading) -> FieldMeasure | None:
    """Counted number by number: a batch has far fewer different ones than rows."""
    scaled = column.scaled
    if not len(scaled):
        return None
    low, high = int(scaled.min()), int(scaled.max())
    if high - low > _MANY * len(scaled):
        numbers = column.numbers()
        return FieldMeasure.of_numbers(
            len(numbers), 0, len(numbers), exact_total(numbers), numbers.min().item(), numbers.max().item()
        )
    total = _parts(low >> _CHUNK, (high >> _CHUNK) + 1, column.places).total(low, np.bincount(scaled - low))
    scale = 10.0**column.places
    return FieldMeasure.of_numbers(len(scaled), 0, len(scaled), total, low / scale, high / scale)


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Numbers of a range, from `first` on, as halves of their mantissas. `bounds`: where the exponent changes, `units`: what a mantissa
    counts in between, as a power of two above 2**-1074.
    """

    first: int
    upper: I64
    lower: I64
    bounds: tuple[int, ...]
    units: tuple[int, ...]

    def total(self, low: int, times: I64) -> int:
        """The exact sum of the numbers from `low` on, each so many times (less than 2**26 in all), in units of 2**-1074."""
        total, begin, stop = 0, low - self.first, low - self.first + len(times)
        place = bisect_right(self.bounds, begin) - 1
        while place < len(self.units) and self.bounds[place] < stop:
            one, other = max(self.bounds[place], begin), min(self.bounds[place + 1], stop)
            counts = times[one - begin : other - begin]
            mantissas = (int(np.dot(self.upper[one:other], counts)) << 27) + int(np.dot(self.lower[one:other], counts))
            unit = self.units[place]
            total += mantissas << unit if unit >= 0 else mantissas >> -unit
            place += 1
        return total


@lru_cache(maxsize=64)
def _parts(first: int, stop: int, places: int) -> _Parts:
    """Of the scaled numbers of those chunks."""
    scaled = np.arange(first << _CHUNK, stop << _CHUNK, dtype=np.int64)
    fractions, exponents = np.frexp(scaled / 10.0**places)
    mantissas = (fractions * 2.0**53).astype(np.int64)
    changes = np.flatnonzero(np.diff(exponents)) + 1
    bounds = (0, *changes.tolist(), len(scaled))
    units = tuple(int(exponents[place]) - 53 + _UNIT for place in bounds[:-1])
    return _Parts(first << _CHUNK, mantissas >> 27, mantissas & ((1 << 27) - 1), bounds, units)
