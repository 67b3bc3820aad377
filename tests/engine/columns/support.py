"""Column engines for tests."""

from typing import Any

from synth_sdk.core.spec import DEFAULT_START
from synth_sdk.engine.columns import ColumnEngine, Compiler
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.schema import parse_schema


def compiled(document: Any, seed: int = 0, locale: str = "en_US") -> ColumnEngine:
    """The column engine of `document`; NotColumnarError if there is none."""
    schema = parse_schema(document)
    return ColumnEngine(schema, Compiler(Merger(schema), seed, locale, DEFAULT_START))


def of(**properties: Any) -> dict[str, Any]:
    """An object with these properties, all required."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def column(document: Any, count: int = 200, **settings: Any) -> list[Any]:
    """`count` values of a property that a schema declares so."""
    return [record["x"] for record in compiled(of(x=document), **settings).batch(range(count)).records()]
