"""`matrix`: one job for every combination of some options' values, with `include` and `exclude` as CI systems have them."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from synth_sdk.core.errors import RequestError

MOST = 10_000  # combinations of one job
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def combinations(matrix: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What each combination adds to the job's name, and the options that it sets. RequestError says what is wrong.

    `exclude` drops combinations that agree with one of its mappings. A mapping of `include` is added to every combination whose
    values it wouldn't change, and is a combination of its own where there is none such.
    """
    axes = {name: _values(name, values) for name, values in matrix.items() if name not in ("include", "exclude")}
    if (size := _size(axes.values())) > MOST:
        raise RequestError(f"matrix has {size:,} combinations: {MOST:,} are the most")
    found = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes else []
    excluded = _mappings("exclude", matrix)
    found = [one for one in found if not any(_agree(one, other) for other in excluded)]
    found = _included(found, _mappings("include", matrix), axes)
    if not found:
        raise RequestError("matrix has no combination; give each of its options a list of values")
    return [(_label(one, axes), one) for one in found]


def _included(
    found: list[dict[str, Any]], included: Sequence[Mapping[str, Any]], axes: Mapping[str, Any]
) -> list[dict[str, Any]]:
    originals, added = [dict(one) for one in found], list[dict[str, Any]]()
    for more in included:
        fits = [
            one
            for one, original in zip(found, originals, strict=True)
            if all(original.get(key, value) == value for key, value in more.items())
        ]
        for one in fits:
            one |= more
        if not fits:
            added.append(dict(more))
    return [*found, *added]


def _agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(key in one and one[key] == value for key, value in other.items())


def _label(one: Mapping[str, Any], axes: Mapping[str, Sequence[Any]]) -> str:
    """`en_US-1`: the values of the axes; a value that is a list or a mapping by its place among the others, from 1."""
    told = []
    for key in [key for key in axes if key in one] or one:
        value = one[key]
        if isinstance(value, list | Mapping):
            value = axes.get(key, [value]).index(value) + 1
        told.append(_UNFIT.sub("_", str(value).lower() if isinstance(value, bool | None) else str(value)).strip("_") or "_")
    return "-".join(told)


def _values(name: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise RequestError(f"matrix: {name} must be a list of values such as [1, 2]")
    return values


def _mappings(name: str, matrix: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    told = matrix.get(name) or []
    if not isinstance(told, list) or not all(isinstance(one, Mapping) and one for one in told):
        raise RequestError(f"matrix: {name} must be a list of mappings such as [{{locale: en_US}}]")
    return told


def _size(values: Iterable[Sequence[Any]]) -> int:
    size = 1
    for one in values:
        size *= len(one)
    return size
