"""Seeded, varied content that is valid under a JSON Schema: what a well-behaved model might have answered.

Sentences carry no ids, dates, addresses or amounts, so that a gate which demands that facts be introduced before they are used
has nothing to object to; and they are drawn from a grammar with millions of outcomes, so that no two replies are near-duplicates.
"""

import json
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def _banks(text: str) -> dict[str, list[str]]:
    sections = re.split(r"^\[(\w+)\]$", text, flags=re.MULTILINE)[1:]
    return {name: body.strip().replace("\n", "|").split("|") for name, body in zip(sections[::2], sections[1::2], strict=True)}


_BANKS = _banks((Path(__file__).parent / "phrases.txt").read_text())
_FORMATS = {
    "date": "2025-03-04",
    "time": "10:20:30Z",
    "date-time": "2025-03-04T10:20:30Z",
    "email": "someone@example.com",
    "uri": "https://example.com/page",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "hostname": "host.example.com",
}
_ANSWERERS = ("agent", "assistant", "answer", "reply", "response", "support", "expert")


def sentence(rng: random.Random, answers: bool) -> str:
    """One or two sentences in the voice of the one who asks or the one who answers."""
    said = {name: rng.choice(bank) for name, bank in _BANKS.items()}
    if answers:
        return "{kind} a fault in the {part} of the {noun} ({state}) is something we know well. {help} {closer}.".format(**said)
    return "{opening} the {part} of my {noun} {place} is {state}, {reason}. I {deed}; {ask}?".format(**said)


def sample(schema: Any, rng: random.Random, root: Mapping[str, Any] | None = None, name: str = "") -> Any:
    """A value of `schema` (types, enums, bounds, formats, references, unions; not `pattern`)."""
    root = schema if root is None else root
    if not isinstance(schema, Mapping):
        return sentence(rng, answers=False)
    if "$ref" in schema:
        return sample(_resolve(schema["$ref"], root), rng, root, name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return sample(rng.choice(schema[union]), rng, root, name)
    if "allOf" in schema:
        merged = {key: value for part in schema["allOf"] for key, value in _deref(part, root).items()}
        return sample({**merged, **{key: value for key, value in schema.items() if key != "allOf"}}, rng, root, name)
    return _typed(schema, rng, root, name)


def heeded(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """`schema` with the bounds and the format that its description tells ("minItems 2, maxItems 2"): a model reads those too."""
    told = re.findall(r"\b(min\w+|max\w+|exclusive\w+|format) (-?\d+(?:\.\d+)?|\"[\w-]+\")", str(schema.get("description", "")))
    return {**{key: json.loads(value) for key, value in told}, **schema} if told else schema


def _typed(schema: Mapping[str, Any], rng: random.Random, root: Mapping[str, Any], name: str) -> Any:
    schema = heeded(schema)
    kind = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else "string")
    if isinstance(kind, list):
        kind = rng.choice(kind)
    if kind == "object":
        needed = schema.get("required", ())
        return {
            key: sample(part, rng, root, key)
            for key, part in schema.get("properties", {}).items()
            if key in needed or rng.random() < 0.7
        }
    if kind == "array":
        least = schema.get("minItems", 2 if "maxItems" not in schema else 0)
        most = min(schema.get("maxItems", least + 2), least + 3)
        return [sample(schema.get("items", {}), rng, root, name) for _ in range(rng.randint(least, most))]
    if kind in ("integer", "number"):
        return _number(schema, rng, kind == "integer")
    return {"boolean": rng.random() < 0.5, "null": None}[kind] if kind in ("boolean", "null") else _string(schema, rng, name)


def _number(schema: Mapping[str, Any], rng: random.Random, whole: bool) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 100))
    if whole:
        return rng.randint(int(low) + ("exclusiveMinimum" in schema), int(high) - ("exclusiveMaximum" in schema))
    return round(low + (high - low) * rng.uniform(0.01, 0.99), 2)


def _string(schema: Mapping[str, Any], rng: random.Random, name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    answers = any(word in name.lower() for word in _ANSWERERS)
    text = sentence(rng, answers)
    while len(text) < schema.get("minLength", 0):
        text += " " + sentence(rng, answers)
    return text[: schema.get("maxLength", len(text))]


def _resolve(reference: str, root: Mapping[str, Any]) -> Any:
    node: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")] if step else node
    return node


def _deref(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    return _resolve(schema["$ref"], root) if "$ref" in schema else schema
