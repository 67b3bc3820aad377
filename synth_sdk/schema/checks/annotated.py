"""`x-synth` annotations that can't be read, contradict their place, or ask for more distinct values than there are."""

import math
from collections.abc import Iterator
from fractions import Fraction

from synth_sdk.core.errors import SchemaError
from synth_sdk.schema.annotations import KEYWORD, Annotation, read_annotation
from synth_sdk.schema.checks.places import Finding, Place
from synth_sdk.schema.derivation import derivation_order


def annotated(place: Place) -> Iterator[Finding]:
    """What the author says under `x-synth`, here and of one property by another."""
    try:
        annotation = read_annotation(place.schema, place.pointer)
        derivation_order(place.schema, place.pointer)
    except SchemaError as error:
        if error.pointer == place.pointer or KEYWORD not in place.schema:
            yield Finding("error", error.pointer, error.keyword, bare(error))
        return
    if annotation.null_rate and not place.optional and not _may_be_null(place):
        yield place.found(
            "error",
            KEYWORD,
            "null_rate: no null is allowed here and the property is required; allow null, or leave it out of required",
        )
    wrong = [word for word in annotation.words[:100] if not place.is_valid(word)]
    if wrong:
        yield place.found("warning", KEYWORD, f"words: {', '.join(map(repr, wrong[:5]))} can't be valid here")
    if annotation.unique:
        yield from _domain(place, annotation)


def bare(error: SchemaError) -> str:
    """The message without the place, which a finding has of its own."""
    return error.message.removeprefix("schema: ").rsplit(" (at ", 1)[0]


def _may_be_null(place: Place) -> bool:
    return not place.types() or "null" in place.types()


def _domain(place: Place, annotation: Annotation) -> Iterator[Finding]:
    size = _size(place, annotation)
    if size is not None and place.count is not None and size < place.count:
        yield place.found(
            "error", KEYWORD, f"unique: {place.count:,} records need as many values, there are {size:,}; widen the bounds"
        )
    elif size is not None and size < 1000 and place.count is None:
        yield place.found("info", KEYWORD, f"unique: there are only {size:,} values, so no more records than that can be made")


def _size(place: Place, annotation: Annotation) -> int | None:
    """How many different values there are; None: no end in sight."""
    schema, types = place.schema, place.types() - {"null"}
    if annotation.words:
        return len(set(annotation.words))
    if isinstance(schema.get("enum"), list):
        return len(schema["enum"])
    if "const" in schema:
        return 1
    if types == {"boolean"}:
        return 2
    step = schema.get(
        "multipleOf", 1 if types == {"integer"} else 10.0**-annotation.decimals if annotation.decimals is not None else None
    )
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum", schema.get("exclusiveMaximum"))
    if (
        types
        and types <= {"integer", "number"}
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in (low, high, step))
        and step > 0
    ):
        size = math.floor(Fraction(str(high)) / Fraction(str(step))) - math.ceil(Fraction(str(low)) / Fraction(str(step))) + 1
        return max(size - ("minimum" not in schema) - ("maximum" not in schema), 0)
    if types == {"string"} and isinstance(schema.get("maxLength"), int) and schema["maxLength"] == 0:
        return 1
    return None
