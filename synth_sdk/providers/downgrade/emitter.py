"""The reduced schema of one set of facts: an object, an array, scalars, or several of these."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth_sdk.core.models import Json
from synth_sdk.providers.downgrade.codecs import KEY, PLAIN, REST, VALUE, ByType, Codec, Fields, Items, Pairs, Text
from synth_sdk.providers.downgrade.facts import BOUNDS, Facts
from synth_sdk.providers.downgrade.facts import Items as Listed
from synth_sdk.providers.downgrade.patterns import portable
from synth_sdk.providers.downgrade.reduced import SCALARS, Reduced
from synth_sdk.providers.downgrade.targets import Target
from synth_sdk.providers.downgrade.words import in_words

if TYPE_CHECKING:
    from synth_sdk.providers.downgrade.reducer import Reducer

_WIDER = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_LONGEST_DESCRIPTION = 400
_OBJECT_TEXT = {"type": "string", "description": "a JSON object, written as JSON text"}


@dataclass(slots=True)
class Emitter:
    reducer: "Reducer"
    facts: Facts

    def emit(self) -> Reduced | None:
        """None if nothing can satisfy the facts."""
        for place, keyword in self.facts.unsaid:
            self.reducer.drop_keyword(place, keyword)
        made = self._of_enum() if self.facts.enum is not None else self._of_types()
        return self._described(made) if made else None

    @property
    def _target(self) -> Target:
        return self.reducer.target

    def _described(self, made: Reduced) -> Reduced:
        """With the original's description, where there is room for it."""
        told = " ".join(self.facts.description.split())[:_LONGEST_DESCRIPTION]
        if not told or "$ref" in made.schema or "anyOf" in made.schema or made.schema == self._target.anything:
            return made
        own = made.schema.get("description")
        return Reduced({**made.schema, "description": f"{told} ({own})" if own else told}, made.codec)

    # -- enumerated values ------------------------------------------------------------------------------------------------------

    def _of_enum(self) -> Reduced | None:
        """Its scalars, grouped by type; lists and objects among them can't be listed, only their type is said."""
        groups: dict[str, list[Json]] = {}
        for value in self.facts.enum or ():
            kind = _type_of(value)
            if kind in self.facts.types or (kind == "number" and "integer" in self.facts.types and float(value).is_integer()):
                groups.setdefault(kind, []).append(value)
        branches = [self._group(kind, values) for kind, values in groups.items()]
        return self.reducer.union(branches)

    def _group(self, kind: str, values: list[Json]) -> Reduced | None:
        if kind == "null" or (kind == "boolean" and len(values) == 2):
            return Reduced({"type": kind})
        composite = kind in ("object", "array")
        told = not composite and (kind != "boolean" or self._target.boolean_enums) and self.reducer.count_enum(values)
        if told:
            return Reduced({"type": kind, "enum": values})
        if self.facts.listed:
            self.reducer.drop_keyword(*self.facts.listed)
        return self._composite(kind) if composite else Reduced({"type": kind})

    # -- types ------------------------------------------------------------------------------------------------------------------

    def _of_types(self) -> Reduced | None:
        facts = self.facts
        types = facts.types - {"integer"} if "number" in facts.types else facts.types
        if not facts.typed and self._target.closed:
            types &= {"number" if kind == "integer" else kind for kind in facts.told}
            if not types or "string" in types:
                return self.reducer.anything()
            branches = [self._branch(kind) for kind in ("object", "array") if kind in types]
            scalars = self._scalars(types) if types & set(SCALARS) else None
            return self.reducer.union([*branches, scalars, self.reducer.anything()])
        if not facts.typed and not facts.told:
            return self.reducer.anything()
        branches = [self._branch(kind) for kind in ("object", "array") if kind in types]
        scalars = self._scalars(types) if types & set(SCALARS) else None
        return self.reducer.union([*branches, scalars])

    def _branch(self, kind: str) -> Reduced | None:
        return self._object() if kind == "object" else self._array()

    def _composite(self, kind: str) -> Reduced | None:
        """Any object, or any array."""
        if kind == "object":
            return Reduced(dict(_OBJECT_TEXT), Text()) if self._target.closed else Reduced({"type": "object"})
        return self._any_array()

    def _scalars(self, types: frozenset[str]) -> Reduced:
        told = [kind for kind in SCALARS if kind in types]
        schema: dict[str, Json] = {"type": told if len(told) > 1 else told[0]}
        if types & {"integer", "number"}:
            schema |= self._bounds("number")
        if "string" in types:
            schema |= self._bounds("string")
        return Reduced(self._with_notes(schema))

    # -- bounds -----------------------------------------------------------------------------------------------------------------

    def _bounds(self, kind: str) -> dict[str, Json]:
        """The bounds of a type that the target takes; the others as a note in the description."""
        kept: dict[str, Json] = {}
        for keyword in BOUNDS[kind]:
            if keyword not in self.facts.bounds:
                continue
            value, place = self.facts.bounds[keyword]
            if self._takes(keyword, value):
                kept[keyword] = value
                continue
            self.reducer.drop(place, in_words(keyword, value), said=True)
            kept.setdefault("description", []).append(in_words(keyword, value))
            wider = _WIDER.get(keyword)
            if wider and wider not in self.facts.bounds and self._takes(wider, value):
                kept[wider] = value
            if keyword == "minItems" and self._target.least_items is not None and "minItems" in self._target.keywords:
                kept["minItems"] = min(value, self._target.least_items)
        return kept

    def _takes(self, keyword: str, value: Any) -> bool:
        target = self._target
        if keyword not in target.keywords:
            return False
        match keyword:
            case "pattern":
                return target.escapes is not None and portable(value, target.escapes)
            case "format":
                return value in target.formats and self.reducer.document.knows_format(value)
            case "minItems" if target.least_items is not None:
                return bool(value <= target.least_items)
            case "minItems" | "maxItems" | "minLength" | "maxLength":
                return target.most_repeats is None or value <= target.most_repeats
        return True

    @staticmethod
    def _with_notes(schema: dict[str, Json]) -> dict[str, Json]:
        notes = schema.pop("description", None)
        return {**schema, "description": ", ".join(notes)} if notes else schema

    # -- arrays -----------------------------------------------------------------------------------------------------------------

    def _any_array(self) -> Reduced:
        items = self.reducer.anything()
        plain = self._target.anything is not None
        return Reduced({"type": "array"} if plain else {"type": "array", "items": items.schema}, _of_items((), items.codec))

    def _array(self) -> Reduced | None:
        schema: dict[str, Json] = {"type": "array", **self._bounds("array")}
        told = next((part for part in self.facts.lists if part.first), None)
        if told is not None:
            return self._tuple(schema, told)
        if any(part.ended for part in self.facts.lists):
            return self._empty(schema)
        items = self.reducer.reduce(*(part.others for part in self.facts.lists if part.others))
        if items is None:
            return self._empty(schema)
        if items.schema != self._target.anything:
            schema["items"] = items.schema
        return Reduced(self._with_notes(schema), _of_items((), items.codec))

    def _empty(self, schema: dict[str, Json]) -> Reduced | None:
        """An array without items."""
        if self.facts.bounds.get("minItems", (0, None))[0] > 0:
            return None
        items = self.reducer.anything()
        most = {"maxItems": 0} if "maxItems" in self._target.keywords else {}
        return Reduced(self._with_notes({**schema, "items": items.schema, **most}), _of_items((), items.codec))

    def _tuple(self, schema: dict[str, Json], told: Listed) -> Reduced | None:
        """Item by item where the length is settled and the target takes it; else any of the items' schemas."""
        first = [self.reducer.reduce(place) for place in told.first]
        least, most = (self.facts.bounds.get(name, (None, None))[0] for name in ("minItems", "maxItems"))
        fixed = least == len(first) and (most == len(first) or told.ended) and all(first)
        if fixed and "prefixItems" in self._target.keywords:
            codec = _of_items(tuple(item.codec for item in first if item), PLAIN)
            return Reduced(self._with_notes({**schema, "prefixItems": [item.schema for item in first if item]}), codec)
        self.reducer.drop(told.first[0], "the items up to here and behind have schemas of their own, by position")
        others = None if told.ended else self.reducer.reduce(*((told.others,) if told.others else ()))
        items = self.reducer.union([*first, others])
        if items is None:
            return self._empty(schema)
        if items.schema != self._target.anything:
            schema["items"] = items.schema
        if told.ended and "maxItems" in self._target.keywords:
            schema["maxItems"] = min(len(first), schema.get("maxItems", len(first)))
        return Reduced(self._with_notes(schema), _of_items((), items.codec))

    # -- objects ----------------------------------------------------------------------------------------------------------------

    def _object(self) -> Reduced | None:
        if self.reducer.too_deep:
            return self._composite("object")
        with self.reducer.level():
            rest = self._rest()
            declared = self._declared(rest)
            if declared is None:
                return None
            return self._closed(declared, rest) if self._target.closed else self._open(declared, rest)

    def _rest(self) -> Reduced | None:
        """What undeclared properties hold; None if nobody says."""
        if self.facts.closed or not self.facts.rest:
            return None
        return self.reducer.union([self.reducer.reduce(place) for place in self.facts.rest])

    def _declared(self, rest: Reduced | None) -> dict[str, Reduced] | None:
        """The properties in their order; None if a required one can't be had."""
        made: dict[str, Reduced] = {}
        for name, places in self.facts.properties.items():
            required = name in self.facts.required
            found = self.reducer.of_property(places, required)
            if found is not None:
                made[name] = found
            elif required:
                return None
        for name in self.facts.required:
            if name not in made:
                if self.facts.closed:
                    return None
                made[name] = rest or self.reducer.anything()
        if self._target.closed and not self.facts.closed:
            made = {name: rest or self.reducer.anything() for name in self.facts.hinted} | made
        return made

    def _open(self, declared: dict[str, Reduced], rest: Reduced | None) -> Reduced:
        schema: dict[str, Json] = {"type": "object"}
        if declared:
            schema["properties"] = {name: made.schema for name, made in declared.items()}
        if self.facts.required:
            schema["required"] = list(self.facts.required)
        if self.facts.closed:
            schema["additionalProperties"] = False
        elif rest is not None and rest.schema != self._target.anything:
            schema["additionalProperties"] = rest.schema
        return Reduced(schema, _of_fields(Fields({name: made.codec for name, made in declared.items()})))

    def _closed(self, declared: dict[str, Reduced], rest: Reduced | None) -> Reduced:
        pairs = Pairs(rest.codec) if rest else None
        if not declared and not self.facts.closed:
            if rest is None or pairs is None or self.facts.rest is None:
                return Reduced(dict(_OBJECT_TEXT), Text())
            return Reduced(_pairs_schema(rest), pairs)
        if REST in declared:
            return Reduced(dict(_OBJECT_TEXT), Text())
        nulled = frozenset(declared) - set(self.facts.required) if self._target.all_required else frozenset()
        keeping = frozenset(name for name in nulled if self.reducer.allows_null(declared[name]))
        schemas = {name: self.reducer.nullable(made).schema if name in nulled else made.schema for name, made in declared.items()}
        if rest is not None:
            schemas[REST] = _pairs_schema(rest)
        required = [name for name in schemas if self._target.all_required or name in self.facts.required or name == REST]
        schema = {"type": "object", "properties": schemas, "required": required, "additionalProperties": False}
        codecs = {name: made.codec for name, made in declared.items()}
        return Reduced(schema, _of_fields(Fields(codecs, nulled, keeping, pairs, shut=True)))


def _pairs_schema(values: Reduced) -> dict[str, Json]:
    pair = {
        "type": "object",
        "properties": {KEY: {"type": "string"}, VALUE: values.schema},
        "required": [KEY, VALUE],
        "additionalProperties": False,
    }
    return {"type": "array", "items": pair, "description": "the further properties, each as {key, value}; no key twice"}


def _of_fields(fields: Fields) -> Codec:
    return ByType(fields=fields)


def _of_items(first: tuple[Codec, ...], others: Codec) -> Codec:
    items = Items(first, others)
    return PLAIN if items.plain else ByType(items=items)


def _type_of(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
