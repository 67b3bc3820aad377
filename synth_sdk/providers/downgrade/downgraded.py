"""The face of this folder: `downgrade`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json, ModelCard
from synth_sdk.providers.downgrade.codecs import PLAIN, Codec
from synth_sdk.providers.downgrade.places import Document
from synth_sdk.providers.downgrade.reducer import Reducer, TooLarge
from synth_sdk.providers.downgrade.targets import Target, target_of
from synth_sdk.schema import Schema

_ENVELOPE_LEVELS = 1


@dataclass(frozen=True, slots=True)
class Downgraded:
    """What of a schema can be sent. `dropped` are all constraints that the reduced schema doesn't enforce, each as "pointer: words"; those in
    `unsaid` stand in no description either, so they belong into the prompt.
    """

    schema: dict[str, Json] | None
    dropped: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    target: Target | None = None
    codec: Codec = field(default=PLAIN, compare=False, repr=False)

    @property
    def plain(self) -> bool:
        """Replies need no lifting."""
        return self.codec.plain

    def lift(self, value: Json) -> Json:
        """A record as the model wrote it, in the shape of the original schema. What isn't understood is left for the validation."""
        return self.codec.lift(value)

    def lower(self, value: Json) -> Json:
        """A value of the original schema as the model would have to write it."""
        return self.codec.lower(value)

    def envelope(self, count: int) -> dict[str, Json] | None:
        """The schema of a reply `{"items": [...]}` with `count` records."""
        if self.schema is None or self.target is None:
            return None
        inner = dict(self.schema)
        definitions = {"$defs": inner.pop("$defs")} if "$defs" in inner else {}
        items = {"type": "array", "items": inner, **_exactly(count, self.target)}
        return {
            "type": "object",
            "properties": {"items": items},
            "required": ["items"],
            **({"additionalProperties": False} if self.target.closed else {}),
            **definitions,
        }


def downgrade(schema: Mapping[str, Json], card: ModelCard) -> Downgraded:
    """`schema` as `card`'s structured output takes it. Remembered: asking again for the same schema costs its hash."""
    target = target_of(card)
    if target is None:
        return Downgraded(None)
    return _remembered(json.dumps(schema, ensure_ascii=False), target.name)


def reduce_for(target: Target, schema: Json) -> Downgraded:
    """`schema` as `target` takes it."""
    try:
        checked = Schema(schema)
        reducer = Reducer(Document(checked.document, checked.draft), target, _levels=_ENVELOPE_LEVELS)
        made = reducer.reduce(reducer.document.root) or reducer.anything()
        sent = {**made.schema, "$defs": reducer.definitions} if reducer.definitions else made.schema
        _check_size(sent, target)
    except (SchemaError, TooLarge, RecursionError) as problem:
        return Downgraded(None, (f"/: {problem or 'it is nested too deeply'}",), (), target)
    lost = [f"{pointer or '/'}: {words}" for pointer, words in reducer.document.lost]
    dropped = [f"{pointer or '/'}: {words}" for pointer, words in reducer.dropped]
    unsaid = [f"{pointer or '/'}: {words}" for (pointer, words), said in reducer.dropped.items() if not said]
    return Downgraded(sent, tuple(dict.fromkeys(lost + dropped)), tuple(dict.fromkeys(lost + unsaid)), target, made.codec)


@lru_cache(maxsize=256)
def _remembered(text: str, name: str) -> Downgraded:
    from synth_sdk.providers.downgrade.targets import TARGETS

    return reduce_for(next(target for target in TARGETS if target.name == name), json.loads(text))


def _exactly(count: int, target: Target) -> dict[str, Json]:
    """How many records there are: as bounds, else in the description."""
    if "maxItems" in target.keywords:
        return {"minItems": count, "maxItems": count}
    return {"description": f"minItems {count}, maxItems {count}"}


def _check_size(schema: Json, target: Target) -> None:
    """TooLarge beyond one of the target's limits on the whole schema."""
    tally = {"properties": 0, "enum values": 0, "optional properties": 0, "unions": 0, "characters": 0}
    for node in _nodes(schema):
        properties = node.get("properties", {})
        tally["properties"] += len(properties)
        tally["optional properties"] += len(set(properties) - set(node.get("required", ())))
        tally["enum values"] += len(node.get("enum", ()))
        tally["unions"] += "anyOf" in node or isinstance(node.get("type"), list)
        tally["characters"] += sum(map(len, properties)) + sum(len(str(value)) for value in node.get("enum", ()))
    limits = {
        "properties": target.most_properties,
        "enum values": target.most_enum_values,
        "optional properties": target.most_optional,
        "unions": target.most_unions,
        "characters": target.most_characters,
    }
    for what, most in limits.items():
        if most is not None and tally[what] > most:
            raise TooLarge(f"{tally[what]:,} {what}, {target.name} takes {most:,}")


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every subschema of a reduced schema."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        yield node
        waiting += [*node.get("properties", {}).values(), *node.get("$defs", {}).values(), *node.get("anyOf", ())]
        waiting += [*node.get("prefixItems", ()), node.get("items"), node.get("additionalProperties")]
