"""One JSON value as the cell of a column and back: checked against the column's type, and what has no uniform type as JSON text."""

import json
import math
from collections.abc import Sequence
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.schema.layout.datatypes import JSON, DataType, Field
from synth_sdk.schema.layout.json_text import to_text

_SHOWN = 60  # characters of a value in a message
_RANGES = {"integer": (-(2**63), 2**63), "unsigned": (0, 2**64)}


class Misfit(Exception):
    """`value` can't stand in its column. `path` leads from the column to it."""

    def __init__(self, value: Json, reason: str) -> None:
        self.path = ""
        shown = _abridged(value)
        super().__init__(f"{shown} {reason}")

    def within(self, step: str) -> "Misfit":
        self.path = step + self.path
        return self


def fit(value: Json, type: DataType, *, optional: bool = False) -> Any:
    """`value` as pyarrow takes it for a column of `type`. Misfit if the column can't hold it as it is."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):  # JSON has no NaN: null, as in JSON Lines
        if optional or type.nullable:
            return None
        raise Misfit(value, "is no value, and the schema wants one")
    match type.kind:
        case "string":
            return _fit_text(value)
        case "integer" | "unsigned":
            return _fit_integer(value, *_RANGES[type.kind])
        case "number":
            return _fit_number(value)
        case "boolean":
            return _expect(value, bool, "true or false")
        case "array":
            return [_inside(item, type.item or JSON, f"[{place}]") for place, item in enumerate(_expect(value, list, "an array"))]
        case "object":
            return _fit_object(_expect(value, dict, "an object"), type)
    return _fit_json(value)


def read(cell: Any, type: DataType) -> Json:
    """A cell, as pyarrow gives it, as the value that it was."""
    if cell is None:
        return None
    match type.kind:
        case "json":
            return json.loads(cell)
        case "array":
            return [read(item, type.item or JSON) for item in cell]
        case "object":
            return present(type.fields, [read(cell[field.name], field.type) for field in type.fields])
    return cell


def present(fields: Sequence[Field], values: Sequence[Json]) -> dict[str, Json]:
    """An object of `fields`. What is null and may be absent is."""
    pairs = zip(fields, values, strict=True)
    return {field.name: value for field, value in pairs if value is not None or not field.optional}


def _expect(value: Json, kind: type[Any], said: str) -> Any:
    if isinstance(value, kind):
        return value
    raise Misfit(value, f"isn't {said}, as the schema says")


def _inside(value: Json, type: DataType, step: str, *, optional: bool = False) -> Any:
    try:
        return fit(value, type, optional=optional)
    except Misfit as misfit:
        raise misfit.within(step) from None


def _fit_text(value: Json) -> str:
    text: str = _expect(value, str, "text")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Misfit(value, "holds half a surrogate pair, which UTF-8 has no bytes for") from None
    return text


def _fit_integer(value: Json, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or int(value) != value:
        raise Misfit(value, "isn't an integer, as the schema says")
    if not low <= value < high:
        raise Misfit(value, f"is outside {low} to {high - 1}, what 64 bits hold")
    return int(value)


def _fit_number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit(value, "isn't a number, as the schema says")
    try:
        number = float(value)
    except OverflowError:
        number = math.nan
    if number != value:
        raise Misfit(value, "has more digits than a 64-bit floating-point number")
    return number


def _fit_object(value: dict[str, Json], type: DataType) -> dict[str, Any]:
    known = {field.name for field in type.fields}
    for name in value.keys() - known:
        raise Misfit(value[name], "is a property that the schema doesn't declare").within(f".{name}")
    return {
        field.name: _inside(value.get(field.name), field.type, f".{field.name}", optional=field.optional) for field in type.fields
    }


def _fit_json(value: Json) -> str:
    try:
        return to_text(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise Misfit(value, f"isn't JSON ({error})") from None


def _abridged(value: Json) -> str:
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # an integer of more than 4300 digits, endless nesting
        shown = f"a value of type {type(value).__name__}"
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
