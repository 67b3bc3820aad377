"""The report's correlation matrix, cut to what can be read."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from synth_sdk.reporting.reading import listing, mapping, number

_MOST = 24  # fields of a heat map
_PAIRS = 12  # pairs that are told of in words
_WEAK = 0.1
_METHODS = {
    "pearson": "Pearson's r",
    "spearman": "Spearman's rho",
    "cramers_v": "Cramér's V",
    "correlation_ratio": "correlation ratio",
}


class Correlations(NamedTuple):
    """Fields with the strongest correlations, their matrix, the strongest pairs, and how many fields there are in all."""

    names: list[str]
    rows: list[list[float | None]]
    strongest: list[tuple[str, str, float]]
    method: str
    fields: int


def correlations(told: Mapping[str, Any]) -> Correlations | None:
    """The matrix, if there is one and it is square; of more than 24 fields, those with the strongest correlations."""
    names = [str(name) or "(no name)" for name in listing(told.get("fields"))]
    rows = [[number(value) for value in listing(row)] for row in listing(told.get("matrix"))]
    if len(names) < 2 or len(rows) != len(names) or any(len(row) != len(names) for row in rows):
        return None
    ranked = sorted(_pairs(names, rows), key=lambda pair: -abs(pair[2]))
    kept = _strongest(ranked, rows)
    return Correlations(
        [names[i] for i in kept],
        [[rows[i][j] for j in kept] for i in kept],
        [(names[i], names[j], value) for i, j, value in ranked[:_PAIRS] if abs(value) >= _WEAK],
        _method(told.get("method")),
        len(names),
    )


def _method(told: Any) -> str:
    """Which measure was taken: one for all, or one for each kind of pair."""
    if isinstance(told, str):
        return _METHODS.get(told, told)
    return ", ".join(f"{name}: {_method(one)}" for name, one in mapping(told).items() if isinstance(one, str))


def _pairs(names: list[str], rows: list[list[float | None]]) -> Iterator[tuple[int, int, float]]:
    return ((i, j, value) for i, j in combinations(range(len(names)), 2) if (value := rows[i][j]) is not None)


def _strongest(ranked: list[tuple[int, int, float]], rows: list[list[float | None]]) -> list[int]:
    """The fields of the strongest pairs, in the report's order."""
    chosen = dict.fromkeys(field for i, j, _ in ranked for field in (i, j))
    return sorted(list(dict.fromkeys([*chosen, *range(len(rows))]))[:_MOST])
