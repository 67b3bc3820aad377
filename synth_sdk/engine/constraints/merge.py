"""Merge subschemas into Facts, and facts with a chosen alternative into further Facts. Pure, so everything is remembered."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.atoms import ATOMS, check_bounds
from synth_sdk.engine.constraints.children import Children
from synth_sdk.engine.constraints.choices import Choices
from synth_sdk.engine.constraints.facts import Choice, Facts, Part, type_names
from synth_sdk.engine.constraints.heights import Heights
from synth_sdk.engine.constraints.negation import SOME_PROPERTY
from synth_sdk.engine.constraints.parts import Parts
from synth_sdk.engine.constraints.textrules import TextRules
from synth_sdk.engine.constraints.verdicts import Verdicts
from synth_sdk.schema import Schema
from synth_sdk.schema.drafts import OLD_DRAFTS

_MOST_REMEMBERED = 20_000  # merged facts; beyond that all are forgotten at once and made anew
_MOST_EXCLUSIONS = 8  # branches of a oneOf that are ruled out by construction; beyond that the validator judges
_LARGEST_FILTERED_ENUM = 200
_UNDECIDED: frozenset[tuple[int, str]] = frozenset()
FALSE_REASON = "the schema is false: no value is allowed"


class Merger:
    """Makes the Facts of one document."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.parts = Parts(schema)
        self.root = self.parts.root
        self.texts = TextRules(schema.draft)
        self.heights = Heights(self.parts)
        children = Children(self.parts, schema.draft)
        self.property_parts, self.item_parts = children.of_property, children.of_item
        self.prefix_length = children.prefix_length
        self.under = self.parts.under
        self._refs_hide = schema.draft in OLD_DRAFTS
        self._choices = Choices(self.parts, schema.draft)
        self._verdicts = Verdicts(schema, in_one_piece=not self.parts.moves_base)
        self._handlers: Mapping[str, Callable[[Facts, Part, Any], None]] = {
            **ATOMS,
            **_CONTAINERS,
            **self._choices.handlers(),
            **{keyword: partial(handler, self.parts) for keyword, handler in _INNER.items()},
        }
        self._known: dict[tuple[Part, ...], Facts] = {}
        self._made = 0

    def facts(self, parts: tuple[Part, ...]) -> Facts:
        """What a value must be to satisfy all `parts`."""
        found = self._known.get(parts)
        if found is None:
            self._make_room()
            found = self._known[parts] = Facts(parts, _UNDECIDED)  # before it is filled: a required property may lead back here
            self._fill(found, parts)
        return found

    def choose(self, facts: Facts, choice: Choice, option: Part, *, strict: bool = False) -> Facts:
        """The facts with one alternative of `choice` merged in.

        The other branches of a `oneOf` are ruled out by construction when `strict`; otherwise the facts are residual if the option
        isn't plainly apart from them.
        """
        key = (choice.key, option, strict)
        found: Facts | None = facts.plans.get(key)
        if found is None:
            found = facts.plans[key] = self._chosen(facts, choice, option, strict)
        return found

    def _chosen(self, facts: Facts, choice: Choice, option: Part, strict: bool) -> Facts:
        self._make_room()
        rivals = self._choices.rivals(choice, option) if choice.keyword == "oneOf" else ()
        named = rivals if strict and len(rivals) <= _MOST_EXCLUSIONS else ()
        options = (option, *(self.parts.denied(rival) for rival in named))
        found = facts.refined(options, choice)
        found.residual = found.residual or len(named) < len(rivals)
        self._fill(found, options)
        return found

    def _make_room(self) -> None:
        """Facts with decisions are remembered in the `plans` of those without, so forgetting these forgets all."""
        self._made += 1
        if self._made > _MOST_REMEMBERED:
            self._known.clear()
            self._made = 0

    def is_valid(self, value: Json, parts: Iterable[Part]) -> bool:
        """Does `value` satisfy every one of `parts`, by the validator's own judgement?"""
        return all(self._verdicts.accepts(part, value) for part in parts)

    def _fill(self, facts: Facts, parts: tuple[Part, ...]) -> None:
        self._merge_in(facts, parts)
        check_bounds(facts)
        if facts.enum is not None:
            self._filter_enum(facts, facts.enum)
        if facts.required:
            self._check_required(facts)

    def _merge_in(self, facts: Facts, parts: tuple[Part, ...]) -> None:
        waiting = list(reversed(parts))
        seen = set(facts.seen)
        above: dict[int, int] = {}  # the part from which each was reached
        while waiting:
            part = waiting.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if part.schema is False:
                facts.kill(FALSE_REASON, part, "false")
            inner = self._merge_one(facts, part, part.schema) if isinstance(part.schema, dict) else ()
            if inner:
                _note_way(part, inner, seen, above)
                waiting.extend(reversed(inner))
        facts.seen = frozenset(seen)

    def _merge_one(self, facts: Facts, part: Part, schema: Mapping[str, Json]) -> list[Part]:
        """Merge the keywords of `part`; the parts that hold together with it."""
        facts.residual = facts.residual or part.unsure
        inner = self.parts.references(part, schema)
        if inner and self._refs_hide and "$ref" in schema:
            return inner
        handlers = self._handlers
        for keyword, value in schema.items():
            if keyword in handlers:
                handlers[keyword](facts, part, value)
        if "allOf" in schema:
            inner.extend([self.under(part, f"/allOf/{place}", one) for place, one in enumerate(schema["allOf"])])
        return inner

    def _filter_enum(self, facts: Facts, listed: list[Json]) -> None:
        if facts.dead or len(listed) > _LARGEST_FILTERED_ENUM:
            return
        allowed = [value for value in listed if type_names(value) & facts.types]
        if not facts.speaks_of_types_only():
            try:
                allowed = [value for value in allowed if self.is_valid(value, facts.parts)]
            except (re.error, RecursionError):
                return
        if not allowed:
            facts.kill("no listed value satisfies the other keywords", facts.parts[0], "enum")
        facts.enum = allowed

    def _check_required(self, facts: Facts) -> None:
        """A required property that can't have a value makes the object impossible (and rules a wrong branch out early).

        Looked at where several subschemas speak of it, or one that is false: there contradictions arise.
        """
        if facts.dead or len(facts.types) != 1 or "object" not in facts.types:
            return
        for name in facts.required:
            parts = self.property_parts(facts, name)
            if len(parts) < 2 and not (parts and parts[0].schema is False):
                continue
            inner = self.facts(parts)
            if inner.dead:
                reason, pointer, keyword = inner.dead
                facts.dead = (f"the required property {name!r} can't have a value: {reason}", pointer, keyword)
                return


def _names(parts: Parts, facts: Facts, part: Part, value: Json) -> None:
    facts.names += (parts.under(part, "/propertyNames", value),)


def _contains(parts: Parts, facts: Facts, part: Part, value: Json) -> None:
    least = int(part.schema.get("minContains", 1))
    facts.contains += ((parts.under(part, "/contains", value), least),)
    facts.min_items = max(facts.min_items, least)
    facts.residual = facts.residual or "maxContains" in part.schema


def _some_property(parts: Parts, facts: Facts, part: Part, value: Json) -> None:
    facts.wanted += (parts.derived(part, "#some", lambda: value),)
    facts.residual = True


def _object(facts: Facts, part: Part, _value: Json) -> None:
    if not facts.objects or facts.objects[-1] is not part:
        facts.objects += (part,)


def _array(facts: Facts, part: Part, _value: Json) -> None:
    if not facts.arrays or facts.arrays[-1] is not part:
        facts.arrays += (part,)


def _residual(facts: Facts, _part: Part, _value: Json) -> None:
    facts.residual = True


def _residual_object(facts: Facts, part: Part, value: Json) -> None:
    facts.residual = True
    _object(facts, part, value)


def _residual_array(facts: Facts, part: Part, value: Json) -> None:
    facts.residual = True
    _array(facts, part, value)


def _note_way(part: Part, inner: list[Part], seen: set[int], above: dict[int, int]) -> None:
    """Note that `inner` were reached from `part`. SchemaError if one of them is where `part` was reached from."""
    for one in inner:
        if id(one) not in seen:
            above.setdefault(id(one), id(part))
            continue
        at: int | None = id(part)
        while at is not None and at != id(one):
            at = above.get(at)
        if at is not None:
            raise SchemaError("unsatisfiable: the reference leads back to itself", pointer=part.pointer, keyword="$ref")


_CONTAINERS: Mapping[str, Callable[[Facts, Part, Any], None]] = {
    **dict.fromkeys(("properties", "patternProperties", "additionalProperties"), _object),
    **dict.fromkeys(("items", "prefixItems", "additionalItems"), _array),
    "unevaluatedProperties": _residual_object,
    "unevaluatedItems": _residual_array,
    "$dynamicRef": _residual,
}
_INNER: Mapping[str, Callable[[Parts, Facts, Part, Any], None]] = {
    "propertyNames": _names,
    "contains": _contains,
    SOME_PROPERTY: _some_property,
}
