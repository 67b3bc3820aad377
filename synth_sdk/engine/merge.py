"""Merge subschemas into Facts, and facts with a chosen alternative into further Facts. Pure, so everything is remembered."""

import re
from collections.abc import Iterable

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.atoms import add_bounds, add_counts, add_type_and_values, check_bounds, has_type, matches
from synth_sdk.engine.facts import Choice, Facts, Part
from synth_sdk.engine.negation import alternatives
from synth_sdk.schema import Schema
from synth_sdk.schema.drafts import ARRAY_ITEMS_DRAFTS, OLD_DRAFTS
from synth_sdk.schema.references import REFERENCE_KEYWORDS, enter, follow, root_resolver

_MOST_REMEMBERED = 20_000  # merged facts; beyond that all are forgotten at once and made anew
_MOST_EXCLUSIONS = 8  # branches of a oneOf up to which the others are ruled out by construction
_LARGEST_FILTERED_ENUM = 200
_HINTS = ("title", "description", "x-synth", "contentEncoding")
FALSE_REASON = "the schema is false: no value is allowed"


class Merger:
    """Makes the Facts of one document."""

    def __init__(self, schema: Schema) -> None:
        self.draft = schema.draft
        self.validator = schema.validator
        self.root = Part(schema.document, root_resolver(schema.document, schema.draft), "")
        self._parts: dict[int, Part] = {id(schema.document): self.root}
        self._bare: dict[tuple[str, bool], Part] = {}
        self._facts: dict[tuple[tuple[int, ...], frozenset[tuple[int, str]]], Facts] = {}
        self.heights: dict[tuple[int, int], int] = {}  # what the solver found out about facts, forgotten together with them

    def facts(self, parts: tuple[Part, ...], decided: frozenset[tuple[int, str]] = frozenset()) -> Facts:
        """What a value must be to satisfy all `parts`. The choices in `decided` are taken as settled by the parts."""
        key = (tuple(id(part) for part in parts), decided)
        found = self._facts.get(key)
        if found is None:
            if len(self._facts) >= _MOST_REMEMBERED:
                self._facts.clear()
                self.heights.clear()
            found = self._facts[key] = Facts(parts, decided)  # before it is filled: a required property may lead back here
            self._fill(found)
        return found

    def choose(self, facts: Facts, choice: Choice, option: Part) -> Facts:
        """The facts with one alternative of `choice` merged in."""
        return self.facts((*facts.parts, option), facts.decided | {choice.key})

    def is_valid(self, value: Json, parts: Iterable[Part]) -> bool:
        """Does `value` satisfy every one of `parts`, by the validator's own judgement?"""
        return all(next(self.validator.descend(value, part.schema, resolver=part.resolver), None) is None for part in parts)

    def under(self, part: Part, step: str, schema: Json) -> Part:
        """The Part of a subschema that stands below `part`; `step` is the pointer from there."""
        if not isinstance(schema, dict):
            key = (f"{part.pointer}{step}", bool(schema))
            return self._bare.setdefault(key, Part(schema, part.resolver, key[0]))
        found = self._parts.get(id(schema))
        if found is None:
            found = self._parts[id(schema)] = Part(schema, enter(part.resolver, schema, self.draft), f"{part.pointer}{step}")
        return found

    def _derived(self, part: Part, step: str, schema: Json) -> Part:
        """The Part of a schema that was made up here; made up once only, so that its facts are remembered too."""
        kept = part.made.setdefault(step, schema)
        return self.under(part, step.split("#")[0], kept)

    def _followed(self, part: Part, keyword: str) -> Part:
        reference = part.schema[keyword]
        target, resolver = follow(part.resolver, reference, f"{part.pointer}/{keyword}", keyword)
        if not isinstance(target, dict):
            return self.under(part, f"/{keyword}", target)
        found = self._parts.get(id(target))
        if found is None:
            pointer = reference[1:] if reference.startswith("#/") else f"{part.pointer}/{keyword}"
            found = self._parts[id(target)] = Part(target, resolver, pointer)
        return found

    def _fill(self, facts: Facts) -> None:
        waiting = list(reversed(facts.parts))
        seen: set[int] = set()
        while waiting:
            part = waiting.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if part.schema is False:
                facts.kill(FALSE_REASON, part, "false")
            if not isinstance(part.schema, dict):
                continue
            inner = self._references(part)
            if not (self.draft in OLD_DRAFTS and "$ref" in part.schema):
                inner.extend(self._all_of(part))
                self._atoms(facts, part)
                self._choices(facts, part)
            waiting.extend(reversed(inner))
        check_bounds(facts)
        self._filter_enum(facts)
        self._check_required(facts)

    def _references(self, part: Part) -> list[Part]:
        found = [self._followed(part, keyword) for keyword in REFERENCE_KEYWORDS if isinstance(part.schema.get(keyword), str)]
        if len(found) == 1 and found[0] is part:
            raise SchemaError("unsatisfiable: the reference leads back to itself", pointer=part.pointer, keyword="$ref")
        return found

    def _all_of(self, part: Part) -> list[Part]:
        return [self.under(part, f"/allOf/{place}", inner) for place, inner in enumerate(part.schema.get("allOf") or [])]

    def _atoms(self, facts: Facts, part: Part) -> None:
        schema = part.schema
        add_type_and_values(facts, part)
        add_bounds(facts, schema)
        add_counts(facts, schema)
        if any(word in schema for word in ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties")):
            facts.objects.append(part)
        if any(word in schema for word in ("items", "prefixItems", "additionalItems", "unevaluatedItems")):
            facts.arrays.append(part)
        if "unevaluatedProperties" in schema or "unevaluatedItems" in schema or "$dynamicRef" in schema:
            facts.residual = True
        if "propertyNames" in schema:
            facts.names.append(self.under(part, "/propertyNames", schema["propertyNames"]))
        if "contains" in schema:
            least = int(schema.get("minContains", 1))
            facts.contains.append((self.under(part, "/contains", schema["contains"]), least))
            facts.min_items = max(facts.min_items, least)
            facts.residual = True
        for hint in _HINTS:
            if hint in schema:
                facts.hints.setdefault(hint, schema[hint])
        if isinstance(schema.get("examples"), list):
            facts.samples.extend(schema["examples"])
        facts.samples.extend(schema[word] for word in ("default", "example") if word in schema)

    def _choices(self, facts: Facts, part: Part) -> None:
        schema = part.schema
        if schema.get("anyOf"):
            self._offer(facts, part, "anyOf", [self.under(part, f"/anyOf/{n}", inner) for n, inner in enumerate(schema["anyOf"])])
        if schema.get("oneOf"):
            self._offer(facts, part, "oneOf", self._one_of(part, schema["oneOf"]))
            facts.residual = True
        if "not" in schema:
            self._not(facts, part, schema["not"])
        if "if" in schema and ("then" in schema or "else" in schema):
            met = {"allOf": [schema["if"], schema.get("then", True)]}
            unmet = {"allOf": [{"not": schema["if"]}, schema.get("else", True)]}
            self._offer(facts, part, "if", [self._derived(part, "/if#met", met), self._derived(part, "/if#unmet", unmet)])
            facts.residual = True
        for keyword in ("dependentSchemas", "dependencies", "dependentRequired"):
            if isinstance(schema.get(keyword), dict):
                self._dependent(facts, part, keyword)

    def _offer(self, facts: Facts, part: Part, keyword: str, options: list[Part]) -> None:
        key = (id(part), keyword)
        if key not in facts.decided:
            facts.choices.append(Choice(key, keyword, part.pointer, tuple(options)))

    def _one_of(self, part: Part, branches: list[Json]) -> list[Part]:
        if len(branches) == 1 or len(branches) > _MOST_EXCLUSIONS:
            return [self.under(part, f"/oneOf/{place}", branch) for place, branch in enumerate(branches)]
        options = []
        for place, branch in enumerate(branches):
            others = [{"not": other} for position, other in enumerate(branches) if position != place]
            options.append(self._derived(part, f"/oneOf/{place}#only", {"allOf": [branch, *others]}))
        return options

    def _not(self, facts: Facts, part: Part, denied: Json) -> None:
        facts.residual = True
        while isinstance(denied, dict) and isinstance(denied.get("$ref"), str):
            if len(denied) > 1 and self.draft not in OLD_DRAFTS:
                return
            target, _ = follow(part.resolver, denied["$ref"], f"{part.pointer}/not", "$ref")
            if target is denied:
                return
            denied = target
        if (
            isinstance(denied, dict)
            and denied
            and denied.keys() <= {"const", "enum", "type"}
            and denied.keys() & {"const", "enum"}
        ):
            values = [denied["const"]] if "const" in denied else denied["enum"]
            facts.forbidden.extend(value for value in values if "type" not in denied or has_type(value, denied["type"]))
            return
        options = alternatives(denied)
        if not options:
            facts.kill("'not' rules every value out", part, "not")
        else:
            self._offer(facts, part, "not", [self._derived(part, f"/not#{n}", option) for n, option in enumerate(options)])

    def _dependent(self, facts: Facts, part: Part, keyword: str) -> None:
        """A property that brings others, or a schema, with it.

        `dependencies` binds in the old drafts only, but some validators go on honouring it, so it is kept in all.
        """
        for name, demand in part.schema[keyword].items():
            if isinstance(demand, list | str):
                wanted = tuple(demand) if isinstance(demand, list) else (demand,)
                facts.needs[name] = (*facts.needs.get(name, ()), *wanted)
                continue
            absent = self._derived(part, f"/{keyword}#absent {name}", {"properties": {name: False}})
            present = self._derived(part, f"/{keyword}#present {name}", {"allOf": [{"required": [name]}, demand]})
            self._offer(facts, part, f"{keyword}/{name}", [present, absent])
            facts.residual = True

    def _filter_enum(self, facts: Facts) -> None:
        if facts.enum is None or facts.dead or len(facts.enum) > _LARGEST_FILTERED_ENUM:
            return
        try:
            allowed = [value for value in facts.enum if self.is_valid(value, facts.parts)]
        except (re.error, RecursionError):
            return
        if not allowed:
            facts.kill("no listed value satisfies the other keywords", facts.parts[0], "enum")
        facts.enum = allowed

    def _check_required(self, facts: Facts) -> None:
        """A required property that can't have a value makes the object impossible (and rules a wrong branch out early)."""
        if facts.dead or facts.types != frozenset({"object"}):
            return
        for name in facts.required:
            parts = self.property_parts(facts, name)
            inner = self.facts(parts) if parts else None
            if inner is not None and inner.dead:
                reason, pointer, keyword = inner.dead
                facts.dead = (f"the required property {name!r} can't have a value: {reason}", pointer, keyword)
                return

    def property_parts(self, facts: Facts, name: str) -> tuple[Part, ...]:
        """The subschemas that the value of property `name` has to satisfy."""
        if name not in facts.children:
            facts.children[name] = tuple(self._property_parts(facts, name))
        return facts.children[name]

    def _property_parts(self, facts: Facts, name: str) -> Iterable[Part]:
        known = False
        for part in facts.objects:
            schema, covered = part.schema, False
            if name in (schema.get("properties") or {}):
                covered = True
                yield self.under(part, f"/properties/{name}", schema["properties"][name])
            for pattern, inner in (schema.get("patternProperties") or {}).items():
                if matches(pattern, name):
                    covered = True
                    yield self.under(part, f"/patternProperties/{pattern}", inner)
            if not covered and "additionalProperties" in schema:
                covered = True
                yield self.under(part, "/additionalProperties", schema["additionalProperties"])
            known = known or covered
        if not known:
            for part in facts.objects:
                if "unevaluatedProperties" in part.schema:
                    yield self.under(part, "/unevaluatedProperties", part.schema["unevaluatedProperties"])

    def item_parts(self, facts: Facts, place: int) -> tuple[Part, ...]:
        """The subschemas that the item at `place` has to satisfy."""
        if place not in facts.children:
            facts.children[place] = tuple(self._item_parts(facts, place))
        return facts.children[place]

    def prefix_length(self, facts: Facts) -> int:
        """How many leading places have a schema of their own."""
        return max((len(self._prefix(part)[0]) for part in facts.arrays), default=0)

    def _prefix(self, part: Part) -> tuple[list[Json], str]:
        """The schemas of the leading places, and the keyword that speaks of the places after them."""
        schema = part.schema
        if self.draft in ARRAY_ITEMS_DRAFTS:
            return (schema["items"], "additionalItems") if isinstance(schema.get("items"), list) else ([], "items")
        return schema.get("prefixItems") or [], "items"

    def _item_parts(self, facts: Facts, place: int) -> Iterable[Part]:
        known = False
        for part in facts.arrays:
            prefix, rest = self._prefix(part)
            if place < len(prefix):
                known = True
                yield self.under(part, f"/{'items' if rest == 'additionalItems' else 'prefixItems'}/{place}", prefix[place])
            elif rest in part.schema:
                known = True
                yield self.under(part, f"/{rest}", part.schema[rest])
        if not known:
            for part in facts.arrays:
                if "unevaluatedItems" in part.schema:
                    yield self.under(part, "/unevaluatedItems", part.schema["unevaluatedItems"])
