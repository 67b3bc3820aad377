"""Types, bounds and listed values that exclude each other, at one place and among all that has to hold there together."""

import json
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.schema.checks.places import Finding, Place, types_of

_COUNTS = {
    "minLength": ("maxLength", "string"),
    "minItems": ("maxItems", "array"),
    "minProperties": ("maxProperties", "object"),
    "minContains": ("maxContains", "array"),
}
_MOST_VALUES = 200  # of an enum, looked at one by one


def bounds(place: Place) -> Iterator[Finding]:
    """Contradictions among type, bounds, enum and const."""
    together = [(schema, own) for schema, own in place.conjuncts()]
    types = _common_types(together)
    if types is not None and not types:
        declared = " and ".join(sorted({str(schema["type"]) for schema, _ in together if types_of(schema)}))
        if not types_of(place.schema) or any(not own for _, own in together):
            yield from place.contradiction(
                "allOf" if "allOf" in place.schema else "type", f"unsatisfiable: no type is among {declared}"
            )
        return
    yield from _numbers(place, together, types)
    for least, (most, kind) in _COUNTS.items():
        low, high = _extreme(together, least, max), _extreme(together, most, min)
        if low and high and low[0] > high[0] and (low[1] or high[1] or low[2] is not high[2]):
            yield from _excluded(place, types, {kind}, least, f"{said(low[0])} is above {most} {said(high[0])}")
    yield from _listed(place, together)


def _common_types(together: list[tuple[Mapping[str, Json], bool]]) -> set[str] | None:
    """The types that all allow; None if none says anything."""
    common: set[str] | None = None
    for schema, _ in together:
        declared = set(types_of(schema))
        if declared:
            declared |= {"integer"} if "number" in declared else set()
            common = declared if common is None else common & declared
    return common


def _extreme(
    together: list[tuple[Mapping[str, Json], bool]], keyword: str, pick: Any
) -> tuple[Any, bool, Mapping[str, Json]] | None:
    """The tightest number under `keyword`, whether the place itself says it, and who does."""
    found = [(schema[keyword], own, schema) for schema, own in together if _is_number(schema.get(keyword))]
    return pick(found, key=lambda one: one[0]) if found else None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _numbers(place: Place, together: list[tuple[Mapping[str, Json], bool]], types: set[str] | None) -> Iterator[Finding]:
    low, high = _tightest(together, "minimum", "exclusiveMinimum", max), _tightest(together, "maximum", "exclusiveMaximum", min)
    if low is None or high is None or not (low[2] is place.schema or high[2] is place.schema or low[2] is not high[2]):
        return
    (least, open_low, _, low_word), (most, open_high, _, high_word) = low, high
    if least > most:
        yield from _excluded(place, types, {"number", "integer"}, low_word, f"{said(least)} is above {high_word} {said(most)}")
    elif least == most and (open_low or open_high):
        yield from _excluded(
            place, types, {"number", "integer"}, low_word, f"{said(least)} leaves nothing below {high_word} {said(most)}"
        )
    elif types is not None:
        yield from _grid(place, together, types, (least, open_low, low_word), (most, open_high, high_word))


def _tightest(
    together: list[tuple[Mapping[str, Json], bool]], closed: str, exclusive: str, pick: Any
) -> tuple[Any, bool, Mapping[str, Json], str] | None:
    found: list[tuple[Any, bool, Mapping[str, Json], str]] = []
    for schema, _ in together:
        if _is_number(schema.get(closed)):
            found.append((schema[closed], schema.get(exclusive) is True, schema, closed))
        if _is_number(schema.get(exclusive)):
            found.append((schema[exclusive], True, schema, exclusive))
    return pick(found, key=lambda one: (one[0], one[1] if pick is max else not one[1])) if found else None


def _grid(
    place: Place, together: Any, types: set[str], low: tuple[Any, bool, str], high: tuple[Any, bool, str]
) -> Iterator[Finding]:
    """Whole numbers, or multiples, may all lie outside bounds that are otherwise in order."""
    steps = [
        Fraction(str(schema["multipleOf"]))
        for schema, _ in together
        if _is_number(schema.get("multipleOf")) and schema["multipleOf"] > 0
    ]
    whole = "number" not in types and "integer" in types
    for step in [*steps, *([Fraction(1)] if whole else [])]:
        first, last = math.ceil(Fraction(str(low[0])) / step), math.floor(Fraction(str(high[0])) / step)
        first += low[1] and first * step == Fraction(str(low[0]))
        last -= high[1] and last * step == Fraction(str(high[0]))
        if first > last:
            what = "whole number" if step == 1 and whole else f"multiple of {said(float(step))}"
            yield from _excluded(
                place, types, {"number", "integer"}, low[2], f"no {what} lies between {said(low[0])} and {said(high[0])}"
            )
            return


def _excluded(place: Place, types: set[str] | None, kinds: set[str], keyword: str, told: str) -> Iterator[Finding]:
    """These bounds leave no value of `kinds`; unsatisfiable if the place allows nothing else."""
    if types is not None and not types & kinds:
        return
    if types is not None and types <= kinds:
        yield from place.contradiction(keyword, f"unsatisfiable: {told}; swap or widen them")
    else:
        yield place.found("warning", keyword, f"{told}; no {min(kinds)} is valid here, other types are")


def _listed(place: Place, together: list[tuple[Mapping[str, Json], bool]]) -> Iterator[Finding]:
    lists = [
        [schema["const"]] if "const" in schema else schema["enum"]
        for schema, _ in together
        if "const" in schema or isinstance(schema.get("enum"), list)
    ]
    keyword = "const" if "const" in place.schema else "enum" if "enum" in place.schema else "allOf"
    if (
        "const" in place.schema
        and isinstance(place.schema.get("enum"), list)
        and _key(place.schema["const"]) not in map(_key, place.schema["enum"])
    ):
        yield from place.contradiction("const", f"unsatisfiable: {said(place.schema['const'])} is not in enum")
        return
    if len(lists) > 1 and not set.intersection(*({_key(value) for value in values} for values in lists)):
        yield from place.contradiction(keyword, "unsatisfiable: no value is in every enum and const that hold here")
        return
    if keyword != "allOf" and lists:
        yield from _against_the_rest(place, keyword)


def _against_the_rest(place: Place, keyword: str) -> Iterator[Finding]:
    values = [place.schema["const"]] if keyword == "const" else place.schema["enum"]
    if not isinstance(values, list) or not values:
        return
    seen: set[str] = set()
    twice = {said(value) for value in values if _key(value) in seen or seen.add(_key(value))}  # type: ignore[func-returns-value]
    if twice:
        yield place.found("warning", keyword, f"{', '.join(sorted(twice))} listed twice")
    wrong = [value for value in values[:_MOST_VALUES] if not place.is_valid(value)]
    if wrong and len(wrong) == len(values):
        yield from place.contradiction(
            keyword,
            f"unsatisfiable: {', '.join(map(said, wrong[:5]))} {'breaks' if len(wrong) == 1 else 'all break'} the other keywords here",
        )
    elif wrong:
        yield place.found(
            "warning", keyword, f"{', '.join(map(said, wrong[:5]))} can never be valid: the other keywords here forbid it"
        )


def _key(value: Json) -> str:
    """One text for values that JSON Schema calls equal: 1 and 1.0, but not 1 and true."""
    return json.dumps(value, sort_keys=True) if not (isinstance(value, float) and value.is_integer()) else str(int(value))


def said(value: Json) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= 60 else told[:57] + "..."
