"""Which subschemas the value of a property and the item at a place have to satisfy."""

from collections.abc import Iterator

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Facts, Part
from synth_sdk.engine.constraints.parts import Parts
from synth_sdk.schema.drafts import ARRAY_ITEMS_DRAFTS
from synth_sdk.schema.leaves import matches


class Children:
    """Looks below the facts of one document."""

    def __init__(self, parts: Parts, draft: str) -> None:
        self._parts = parts
        self._items_may_be_a_list = draft in ARRAY_ITEMS_DRAFTS

    def of_property(self, facts: Facts, name: str) -> tuple[Part, ...]:
        """The subschemas of the property `name`."""
        found = facts.children.get(name)
        if found is None:
            found = facts.children[name] = tuple(self._of_property(facts, name))
        return found

    def of_item(self, facts: Facts, place: int) -> tuple[Part, ...]:
        """The subschemas of the item at `place`."""
        found = facts.children.get(place)
        if found is None:
            found = facts.children[place] = tuple(self._of_item(facts, place))
        return found

    def prefix_length(self, facts: Facts) -> int:
        """How many leading places have a schema of their own."""
        return max([len(self._prefix(part)[0]) for part in facts.arrays], default=0)

    def _of_property(self, facts: Facts, name: str) -> Iterator[Part]:
        known = False
        for part in facts.objects:
            found = list(self._by_keywords(part, name))
            known = known or bool(found)
            yield from found
        if not known:
            yield from self._unevaluated(facts.objects, "unevaluatedProperties")

    def _by_keywords(self, part: Part, name: str) -> Iterator[Part]:
        schema, covered = part.schema, False
        declared = schema.get("properties")
        if declared and name in declared:
            covered = True
            yield self._parts.under(part, f"/properties/{name}", declared[name])
        patterns = schema.get("patternProperties")
        for pattern in patterns or ():
            if matches(pattern, name):
                covered = True
                yield self._parts.under(part, f"/patternProperties/{pattern}", patterns[pattern])
        if not covered and "additionalProperties" in schema:
            yield self._parts.under(part, "/additionalProperties", schema["additionalProperties"])

    def _prefix(self, part: Part) -> tuple[list[Json], str]:
        """The schemas of the leading places, and the keyword that speaks of the places after them."""
        schema = part.schema
        if self._items_may_be_a_list:
            return (schema["items"], "additionalItems") if isinstance(schema.get("items"), list) else ([], "items")
        return schema.get("prefixItems") or [], "items"

    def _of_item(self, facts: Facts, place: int) -> Iterator[Part]:
        known = False
        for part in facts.arrays:
            prefix, rest = self._prefix(part)
            if place < len(prefix):
                known = True
                step = "items" if rest == "additionalItems" else "prefixItems"
                yield self._parts.under(part, f"/{step}/{place}", prefix[place])
            elif rest in part.schema:
                known = True
                yield self._parts.under(part, f"/{rest}", part.schema[rest])
        if not known:
            yield from self._unevaluated(facts.arrays, "unevaluatedItems")

    def _unevaluated(self, parts: tuple[Part, ...], keyword: str) -> Iterator[Part]:
        for part in parts:
            if keyword in part.schema:
                yield self._parts.under(part, f"/{keyword}", part.schema[keyword])
