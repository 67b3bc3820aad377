"""Defaults and examples that break the schema they stand in."""

from collections.abc import Iterator

from synth_sdk.core.models import Json
from synth_sdk.schema.checks.bounds import said
from synth_sdk.schema.checks.places import Finding, Place

_MOST = 20


def examples(place: Place) -> Iterator[Finding]:
    """`default`, `examples` and OpenAPI's `example`."""
    for keyword, value in _values(place):
        if not place.is_valid(value):
            yield place.found("warning", keyword, f"{said(value)} is not valid here; change it or the schema")


def _values(place: Place) -> Iterator[tuple[str, Json]]:
    for keyword in ("default", "example"):
        if keyword in place.schema and not (
            keyword == "default" and place.schema[keyword] is None
        ):  # null: "none", as many write it
            yield keyword, place.schema[keyword]
    listed = place.schema.get("examples")
    yield from (("examples", value) for value in (listed if isinstance(listed, list) else [])[:_MOST])
