"""What is kept of one field while records go by: merges exactly, in bounded memory. `telling.py` makes the figures of a report of it."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_texts, to_mask, to_numbers
from synth_sdk.core.measures import FieldMeasure, exact_total, feature_of
from synth_sdk.core.models import Json
from synth_sdk.quality import hashing
from synth_sdk.quality.closer import Closer
from synth_sdk.quality.counting import counted
from synth_sdk.quality.declared import UNKNOWN, Declared
from synth_sdk.quality.hashing import I64

_MOST_VALUES = 1000  # different texts that are counted one by one, as in `core.measures`
_FIRST = 1536  # rows that mostly show whether there are more


@dataclass(slots=True)
class FieldProfile:
    """One field of some records. `rows`: how many places it has, there or not; `measure`: what every report tells. What is added is
    spread as `weight` times as many values would be.

    `tally` counts `misfits` (values of another type than declared), `zeros`, `negatives`, `fractions`, `texts`, `true`,
    `false`, `lists` and `objects`.
    """

    rows: int = 0
    weight: int = 1
    measure: FieldMeasure = field(default_factory=FieldMeasure)
    tally: Counter[str] = field(default_factory=Counter)
    close: Closer = field(default_factory=Closer)

    def merge(self, other: "FieldProfile") -> None:
        self.rows += other.rows
        self.measure.merge(other.measure)
        self.tally.update(other.tally)
        self.close.merge(other.close)

    @property
    def values(self) -> int:
        """How many places hold something."""
        return self.measure.count - self.measure.nulls

    def add_missing(self, count: int, declared: Declared) -> None:
        """Places without a value: null where null is allowed, or the field has to be there; else absent, which isn't counted."""
        if count and (declared.nullable or declared.required):
            self._measured(FieldMeasure(count, count))
            self.tally["misfits"] += 0 if declared.nullable else count

    def add_numbers(self, values: NDArray[Any], declared: Declared = UNKNOWN) -> None:
        """Whole numbers or finite floats."""
        if len(values):
            self._count_numbers(values, declared)
            self.close.add_numbers(values, self.weight)

    def _count_numbers(self, values: NDArray[Any], declared: Declared) -> None:
        low, high = values.min(), values.max()
        self._measured(FieldMeasure.of_numbers(len(values), 0, len(values), exact_total(values), low.item(), high.item()))
        fractions = 0 if values.dtype.kind in "iu" else int(np.count_nonzero(np.floor(values) != values))
        self.tally["zeros"] += int(np.count_nonzero(values == 0)) if low <= 0 <= high else 0
        self.tally["negatives"] += int(np.count_nonzero(values < 0)) if low < 0 else 0
        self.tally["fractions"] += fractions
        if declared.types and "number" not in declared.types:
            self.tally["misfits"] += fractions if "integer" in declared.types else len(values)

    def add_booleans(self, values: NDArray[np.bool_], declared: Declared = UNKNOWN) -> None:
        if not len(values):
            return
        yes = int(np.count_nonzero(values))
        no = len(values) - yes
        self._measured(FieldMeasure.of_values(len(values), 0, Counter({"True": yes, "False": no}) + Counter()))
        self.tally.update({"true": yes, "false": no})
        self._add_misfits("boolean", len(values), declared)
        self.close.add_booleans(no, yes)

    def add_texts(self, texts: pa.StringArray, declared: Declared = UNKNOWN) -> None:
        """Texts without nulls."""
        if not len(texts):
            return
        different, times = _grouped(texts)
        self._count_texts(len(texts), different, times)
        self._add_misfits("string", len(texts), declared)
        self.close.add_texts(different, times, self.weight, declared.moment)

    def _count_texts(self, count: int, different: pa.StringArray, times: I64 | None) -> None:
        self.tally["texts"] += count
        if times is None or len(different) > _MOST_VALUES:
            self._measured(FieldMeasure(count, overflowed=True))
        else:
            named = Counter(dict(zip(different.to_pylist(), times.tolist(), strict=True)))
            self._measured(FieldMeasure.of_values(count, 0, named))

    def add_sizes(self, kind: str, sizes: I64, declared: Declared = UNKNOWN) -> None:
        """Objects (kind "dict") or lists (kind "list"), of which only the number of members counts."""
        if not len(sizes):
            return
        different, times = counted(sizes)
        pairs = zip(different.tolist(), times.tolist(), strict=True)
        named = Counter({f"{kind} of {size}": count for size, count in pairs})
        self._measured(FieldMeasure.of_values(len(sizes), 0, named))
        self.tally["lists" if kind == "list" else "objects"] += len(sizes)
        self._add_misfits("array" if kind == "list" else "object", len(sizes), declared)
        self.close.add_sizes(different, times, self.weight)

    def add_values(self, values: Sequence[Json], declared: Declared = UNKNOWN) -> None:
        """Values of any type, one at a time."""
        measure = self.measure
        for value in values:
            measure.add(feature_of(value))
        nulls = sum(value is None for value in values)
        self.tally["misfits"] += 0 if declared.nullable or not declared.types else nulls
        self.measure = FieldMeasure()  # what follows measures too
        whole, others = _split([value for value in values if isinstance(value, int | float) and not isinstance(value, bool)])
        self.add_numbers(whole, declared)
        self.add_numbers(others, declared)
        self.add_booleans(np.array([value for value in values if isinstance(value, bool)], np.bool_), declared)
        self.add_texts(of_texts(encodable(value) for value in values if isinstance(value, str)), declared)
        for kind, container in (("list", list), ("dict", dict)):
            self.add_sizes(kind, np.array([len(value) for value in values if isinstance(value, container)], np.int64), declared)
        self.measure = measure

    def _measured(self, one: FieldMeasure) -> None:
        """Take in what nobody else holds."""
        if self.measure.count:
            self.measure.merge(one)
        else:
            self.measure = one

    def _add_misfits(self, type: str, count: int, declared: Declared) -> None:
        if declared.types and type not in declared.types:
            self.tally["misfits"] += count


def of_column(column: pa.Array, declared: Declared, rows: int | None = None, weight: int = 1) -> FieldProfile:
    """The profile of a column of scalars; `rows` of its places could hold a value (None: all)."""
    found = FieldProfile(len(column) if rows is None else rows, weight)
    if isinstance(column, pa.ExtensionArray):
        texts = column.storage.drop_null()
        found.add_missing(found.rows - len(texts), declared)
        found.add_values([json.loads(text) for text in texts.to_pylist()], declared)
        return found
    if pa.types.is_floating(column.type):
        column = column.filter(pc.is_finite(column))  # JSON has no NaN and no infinity: null
    column = column.drop_null() if column.null_count else column
    found.add_missing(found.rows - len(column), declared)
    if pa.types.is_string(column.type):
        found.add_texts(column, declared)
    elif pa.types.is_boolean(column.type):
        found.add_booleans(to_mask(column), declared)
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        found.add_numbers(to_numbers(column), declared)
    elif not pa.types.is_null(column.type):
        _add_other(found, column, declared)
    return found


def _add_other(found: FieldProfile, column: pa.Array, declared: Declared) -> None:
    """Dictionaries and other texts as texts; dates and whatever else there may be as JSON says them."""
    from synth_sdk.schema.inference.sources import as_json

    inner = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_large_string(inner) or pa.types.is_string_view(inner) or pa.types.is_string(inner):
        found.add_texts(column.cast(pa.string()), declared)
    else:
        found.add_values([as_json(value) for value in column.to_pylist()], declared)


def _grouped(texts: pa.StringArray) -> tuple[pa.StringArray, I64 | None]:
    """The different texts with how often each came, where there are few; else the texts as they are, and None."""
    if len(texts) > _FIRST:
        first = np.sort(hashing.of_texts(texts[:_FIRST]))
        if int(np.count_nonzero(first[1:] != first[:-1])) >= _MOST_VALUES:
            return texts, None
    values, times = pc.value_counts(texts).flatten()
    return (values, to_numbers(times)) if 2 * len(values) < len(texts) or len(values) <= _MOST_VALUES else (texts, None)


def _split(numbers: Sequence[float]) -> tuple[I64, NDArray[np.float64]]:
    """Whole numbers of 64 bits, and all others that a finite double can be."""
    whole = [number for number in numbers if isinstance(number, int) and -(2**63) <= number < 2**63]
    others = [_float(number) for number in numbers if isinstance(number, float) or not -(2**63) <= number < 2**63]
    return np.array(whole, np.int64), np.array([number for number in others if math.isfinite(number)], np.float64)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def encodable(text: str) -> str:
    """With half surrogate pairs replaced: no UTF-8 holds them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
