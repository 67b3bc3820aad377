"""How fields go together, from a sample of rows: Pearson and Spearman for numbers, Cramer's V for categories, the correlation ratio between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import to_mask, to_numbers
from synth_sdk.quality import moments
from synth_sdk.quality.declared import Declared

MOST_FIELDS = 40
_MOST_CATEGORIES = 50
_FEWEST = 30  # rows
METHOD = {"numbers": "pearson", "categories": "cramers_v", "mixed": "correlation_ratio"}

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Variable:
    """A column ready for arithmetic: numbers with NaN for null, or the codes of categories with -1 for null."""

    name: str
    numbers: F64 | None = None
    codes: NDArray[np.int64] | None = None


def variables(table: pa.Table, declared: Mapping[str, Declared]) -> list[Variable]:
    """The columns whose values can be compared: numbers, dates, truths, and texts of at most fifty different values; no constants."""
    found = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        one = _variable(name, _one(column), declared.get(name))
        if one is not None:
            found.append(one)
    return found


def correlations(table: pa.Table, declared: Mapping[str, Declared]) -> dict[str, Any]:
    """The matrix of all pairs of the first forty fields that can be compared; nothing where there are too few rows or fields."""
    every = variables(table, declared) if len(table) >= _FEWEST else []
    some = every[:MOST_FIELDS]
    if len(some) < 2:
        return {}
    matrix = association(some)
    numeric = [one for one in some if one.numbers is not None]
    told = {
        "fields": [one.name for one in some],
        "kinds": ["number" if one.numbers is not None else "category" for one in some],
        "matrix": _rounded(matrix),
        "method": METHOD,
        "rows": len(table),
        "left_out": len(every) - len(some),
    }
    if len(numeric) > 1:
        ranks = [Variable(one.name, ranked(one.numbers)) for one in numeric if one.numbers is not None]
        told["spearman"] = {"fields": [one.name for one in numeric], "matrix": _rounded(association(ranks))}
    return told


def association(some: Sequence[Variable]) -> F64:
    """One for each pair, by the method that fits; rows where one of the two is null are left out."""
    matrix = np.eye(len(some))
    numeric = [place for place, one in enumerate(some) if one.numbers is not None]
    rows = np.array([some[place].numbers for place in numeric]).reshape(len(numeric), -1)
    matrix[np.ix_(numeric, numeric)] = pearson(rows)
    for place, one in enumerate(some):
        if one.codes is None:
            continue
        if numeric:
            ratios = correlation_ratios(one.codes, rows)
            matrix[place, numeric], matrix[numeric, place] = ratios, ratios
        for other in range(place):
            codes = some[other].codes
            if codes is not None:
                matrix[place, other] = matrix[other, place] = cramers_v(one.codes, codes)
    return matrix


def pearson(rows: F64) -> F64:
    """Of variables (one a row, NaN for null), each pair over the observations that both have. 0 where one doesn't vary."""
    there = ~np.isnan(rows)
    counts = np.maximum(1, there.sum(axis=1, keepdims=True))
    centred = np.where(there, rows - np.nansum(rows, axis=1, keepdims=True) / counts, 0.0)
    scale = np.sqrt((centred**2).sum(axis=1, keepdims=True) / counts)
    values, mask = centred / np.where(scale > 0, scale, 1.0), there.astype(np.float64)
    both = np.maximum(1.0, mask @ mask.T)
    sums, squares = values @ mask.T, (values**2) @ mask.T
    varied = squares - sums**2 / both
    bottom = np.sqrt(np.maximum(0.0, varied * varied.T))
    found = np.where(bottom > 1e-12 * both, (values @ values.T - sums * sums.T / both) / np.where(bottom > 0, bottom, 1.0), 0.0)
    np.fill_diagonal(found, 1.0)
    return np.clip(found, -1.0, 1.0)


def ranked(values: F64) -> F64:
    """Ranks from 1, equal values with their mean rank; NaN stays NaN."""
    there = ~np.isnan(values)
    _, places, counts = np.unique(values[there], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found = np.full(len(values), np.nan)
    found[there] = (ends - (counts - 1) / 2.0)[places]
    return found


def contingency(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each pair of codes comes; -1 (null) is left out, and so are rows and columns without any."""
    there = (one >= 0) & (other >= 0)
    width = int(other.max(initial=0)) + 1
    counts = np.bincount(one[there] * width + other[there], minlength=(int(one.max(initial=0)) + 1) * width)
    table = counts.reshape(-1, width)
    return table[table.any(axis=1)][:, table.any(axis=0)]


def chi_square(table: NDArray[np.int64]) -> float:
    """Pearson's statistic of independence."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(1, table.sum())
    return float(((table - expected) ** 2 / np.where(expected > 0, expected, 1.0)).sum())


def cramers_v(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Cramer's V, 0 to 1, corrected for bias (Bergsma, Journal of the Korean Statistical Society 42, 2013): near 0 for independent categories."""
    table = contingency(one, other)
    count, (rows, columns) = int(table.sum()), table.shape
    if count < 2 or rows < 2 or columns < 2:
        return 0.0
    square = max(0.0, chi_square(table) / count - (rows - 1) * (columns - 1) / (count - 1))
    least = min(rows - (rows - 1) ** 2 / (count - 1), columns - (columns - 1) ** 2 / (count - 1)) - 1
    return float(min(1.0, np.sqrt(square / least))) if least > 0 else 0.0


def correlation_ratios(codes: NDArray[np.int64], rows: F64) -> F64:
    """Eta of each variable (a row of numbers, NaN for null) with the categories, 0 to 1: the root of the share of its variance that lies
    between them (Pearson 1905).
    """
    one_hot = (codes[:, None] == np.arange(codes.max(initial=0) + 1)).astype(np.float64)
    known = (~np.isnan(rows)) & (codes >= 0)
    counts = known.sum(axis=1)
    means = np.where(known, rows, 0.0).sum(axis=1) / np.maximum(1, counts)
    centred = np.where(known, rows - means[:, None], 0.0)
    total = (centred**2).sum(axis=1)
    within = known.astype(np.float64) @ one_hot
    between = ((centred @ one_hot) ** 2 / np.maximum(1.0, within)).sum(axis=1)
    found: F64 = np.sqrt(np.clip(between / np.where(total > 0, total, 1.0), 0.0, 1.0))
    return found


def _variable(name: str, column: pa.Array, declared: Declared | None) -> Variable | None:
    if len(column) == column.null_count:
        return None
    if pa.types.is_string(column.type) and declared is not None and declared.moment:
        return _varied(name, as_moments(column, declared.moment))
    if pa.types.is_string(column.type) or pa.types.is_boolean(column.type):
        codes = _codes(column)
        return None if codes is None else Variable(name, codes=codes)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _varied(name, as_floats(column))
    return None


def _varied(name: str, numbers: F64) -> Variable | None:
    there = numbers[~np.isnan(numbers)]
    return Variable(name, numbers) if len(there) and there.min() < there.max() else None


def _codes(column: pa.Array) -> NDArray[np.int64] | None:
    """None for more than fifty categories, or fewer than two."""
    if len(pc.unique(column[: 10 * _MOST_CATEGORIES])) > _MOST_CATEGORIES + 1:
        return None
    coded = column.dictionary_encode()
    if not 2 <= len(coded.dictionary) <= _MOST_CATEGORIES:
        return None
    return np.where(to_mask(column.is_null()), -1, to_numbers(coded.indices)).astype(np.int64)


def as_floats(column: pa.Array) -> F64:
    """Numbers as doubles, NaN for null."""
    found = to_numbers(column.cast(pa.float64(), safe=False)).copy()
    found[to_mask(column.is_null())] = np.nan
    return found


def as_moments(column: pa.Array, kind: str) -> F64:
    """As numbers, NaN for null and for what isn't of the kind."""
    found = np.full(len(column), np.nan)
    rows = np.flatnonzero(~to_mask(column.is_null()))
    texts = column.drop_null()
    numbers, fitting = moments.read(texts, kind)
    found[rows if fitting is None else rows[fitting]] = numbers
    return found


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _rounded(matrix: F64) -> list[list[float]]:
    return [[round(value, 4) + 0.0 for value in row] for row in matrix.tolist()]
