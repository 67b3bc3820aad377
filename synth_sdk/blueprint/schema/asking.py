"""What a model is told about a schema, and the four small things it is asked for: words, numbers, shares, and the order of moments."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from synth_sdk.blueprint.schema.fields import PROSE, Field
from synth_sdk.schema import Schema

WORDS = 24
_LISTED = 60  # fields that are listed in the instructions
_LONGEST_NOTE = 160


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Any, least: int = 0, most: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, **({"minItems": least} if least else {}), **({"maxItems": most} if most else {})}


def _one_of(names: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(dict.fromkeys(names))}


_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
_PERCENT = {"type": "number", "minimum": 0, "maximum": 100}
_MOST_LISTS = 12  # as many values as a deciding field may have
_FEWEST_IN_LIST = 2
WORDS_SCHEMA = _object(
    code=_TEXT, lists=_list(_object(when=_TEXT, words=_list(_TEXT, _FEWEST_IN_LIST, 2 * WORDS)), most=_MOST_LISTS)
)


# The schemas below name the fields and say how many rows there are: where a provider's output follows its schema, a small model
# can't invent fields, leave one out, or go on for ever.


def numbers_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """One row for each of `fields`."""
    row = _object(
        field=_one_of(field.name for field in fields),
        low=_NUMBER,
        typical=_NUMBER,
        high=_NUMBER,
        shape=_one_of(["even", "bell", "long tail", "count"]),
        decimals={"type": "integer"},
    )
    return _object(numbers=_list(row, len(fields), len(fields)))


def shares_schema(fields: Sequence[Field], gaps: Sequence[Field]) -> dict[str, Any]:
    """One row for each value of each of `fields`, and at most one for each of `gaps`; a list of none isn't asked for."""
    lists: dict[str, Any] = {}
    if values := [value for field in fields for value in field.choices]:
        row = _object(field=_one_of(field.name for field in fields), value=_one_of(values), percent=_PERCENT)
        lists["shares"] = _list(row, len(values), len(values))
    if gaps:
        lists["empty"] = _list(_object(field=_one_of(field.name for field in gaps), percent=_PERCENT), 0, len(gaps))
    return _object(**lists)


def order_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """At most one row for each of `fields`."""
    name = _one_of(field.name for field in fields)
    return _object(order=_list(_object(field=name, after=name, days=_NUMBER), 0, len(fields)))


_RULES = """\
You know how real data looks. Below are the fields of one kind of record, of which test data is made. For some fields you are asked what \
real values are like. Your answers are used for thousands of records.

{about}
Fields
{fields}

Rules
- Values are such as a real system of this kind would hold: specific to the subject, ordinary ones and some rare ones, all different.
- No placeholders ("example", "string", "foo", "lorem ipsum"), no real person's data, no field names as values.
- Call fields exactly as they are called above. Reply with JSON only."""


def instructions(schema: Schema, fields: Sequence[Field]) -> str:
    """The static prefix of all requests about `schema`."""
    document = schema.document if isinstance(schema.document, Mapping) else {}
    told = " ".join(str(document[key]) for key in ("title", "description") if document.get(key))
    lines = [f"- {_line(field)}" for field in fields[:_LISTED]]
    return _RULES.format(about=f"The records: {told}\n" if told else "", fields="\n".join(lines))


def _line(field: Field) -> str:
    node = field.node
    parts = [_kind(field)]
    parts += [f"{key} {json.dumps(node[key])}" for key in ("minimum", "maximum", "maxLength", "format") if key in node]
    if field.sort == "choice":
        parts.append(f"one of {', '.join(field.choices)}")
    if field.nullable:
        parts.append("may be empty")
    note = str(node.get("description") or node.get("title") or "")[:_LONGEST_NOTE]
    return f"{field.name}: {'; '.join(parts)}{f' ({note})' if note else ''}"


def _kind(field: Field) -> str:
    declared = field.node.get("type")
    kinds = [declared] if isinstance(declared, str) else [kind for kind in declared or ["value"] if kind != "null"]
    return " or ".join(str(kind) for kind in kinds)


def words_brief(field: Field, deciding: Sequence[Field], samples: Sequence[str]) -> str:
    """The ask for the vocabulary of one text field. `deciding` are the choices in the same object that it may depend on."""
    long = field.meaning in PROSE
    what = "whole texts of one to three sentences" if long else "values"
    lines = [f"Field {field.name}: {WORDS} {what} that real records would hold."]
    if not long:
        lines.append(
            'If real values are codes, no two alike: only code, such as "INV-####-??" (# a digit, ? a letter). Otherwise code is "".'
        )
    if "maxLength" in field.node:
        lines.append(f"No value is longer than {field.node['maxLength']} characters.")
    if samples:
        lines.append(f"Test data without you looks like this, which is wrong: {'; '.join(samples)}.")
    if deciding:
        told = "; ".join(f"{field.key} ({', '.join(field.choices)})" for field in deciding)
        lines.append(
            f"If other values are real depending on one of these fields, give a list for each value of that field, with when "
            f'"name=value", 8 values a list: {told}. Otherwise one list with when "".'
        )
    else:
        lines.append('One list, with when "".')
    return "\n".join(lines)


def numbers_brief(fields: Sequence[Field]) -> str:
    return "\n".join(
        [
            f"For each of these numbers: {', '.join(field.name for field in fields)}.",
            "low and high: between which nearly all real values lie. typical: the middle one, between them.",
            "shape: even (all alike), bell (most near the typical one), long tail (most small, a few very large), count (how often "
            "something happened).",
            "decimals: digits after the point, 0 for whole numbers.",
        ]
    )


def shares_brief(fields: Sequence[Field], gaps: Sequence[Field]) -> str:
    lines = []
    if fields:
        told = "; ".join(f"{field.name} ({', '.join(field.choices)})" for field in fields)
        lines.append(f"shares: for each value of each of these fields, what percentage of real records has it: {told}.")
    if gaps:
        lines.append(f"empty: what percentage of real records has no value: {', '.join(field.name for field in gaps)}.")
    return "\n".join(lines)


def order_brief(fields: Sequence[Field]) -> str:
    return "\n".join(
        [
            f"Moments of one record: {', '.join(field.name for field in fields)}.",
            "order: which of them come after which other one, and within how many days at most; a fraction for hours. Each field at most "
            "once, after the nearest one that is sure to lie before it. Leave out what has no order.",
        ]
    )
