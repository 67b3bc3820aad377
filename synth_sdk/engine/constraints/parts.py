"""The parts of one document: one for each place, so that whatever is derived from a place is derived once."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Part
from synth_sdk.schema import Schema
from synth_sdk.schema.references import REFERENCE_KEYWORDS, enter, follow, has_inner_address, root_resolver


class Parts:
    """Finds parts and makes them: below other parts, behind references, and out of schemas that were made up."""

    def __init__(self, schema: Schema) -> None:
        self._schema, self._draft = schema, schema.draft
        self._reference_words = tuple(keyword for keyword in REFERENCE_KEYWORDS if keyword in schema.keys)
        self.moves_base = bool(schema.keys & {"$id", "id"}) and has_inner_address(schema.document)
        self.root = Part(schema.document, self._resolver if self.moves_base and self._reference_words else None, "")
        self._parts: dict[int, Part] = {id(schema.document): self.root}
        self._bare: dict[tuple[str, bool], Part] = {}
        self._aims: dict[str, Part] = {}  # of references within the document

    @cached_property
    def _resolver(self) -> Any:
        """The resolver of the document: costly, so it is made only where a look into the document doesn't do."""
        return root_resolver(self._schema.document, self._draft)

    def under(self, part: Part, step: str, schema: Json) -> Part:
        """The Part of a subschema that stands below `part`; `step` is the pointer from there."""
        if not isinstance(schema, dict):
            key = (f"{part.pointer}{step}", bool(schema))
            found = self._bare.get(key)
            if found is None:
                found = self._bare[key] = Part(schema, part.resolver, key[0])
            return found
        found = self._parts.get(id(schema))
        if found is None:
            moved = self.moves_base and part.resolver is not None
            resolver = enter(part.resolver, schema, self._draft) if moved else part.resolver
            found = self._parts[id(schema)] = Part(schema, resolver, f"{part.pointer}{step}")
        return found

    def references(self, part: Part, schema: Mapping[str, Json]) -> list[Part]:
        """The parts that the references of `part` lead to."""
        return [self.followed(part, word) for word in self._reference_words if isinstance(schema.get(word), str)]

    def followed(self, part: Part, keyword: str) -> Part:
        """The Part that a reference leads to. SchemaError if it leads nowhere."""
        found: Part | None = part.made.get(keyword)
        if found is None:
            near = not self.moves_base and part.resolver is self.root.resolver
            found = part.made[keyword] = self._nearby(part, keyword) if near else self._follow(part, keyword)
        return found

    def derived(self, part: Part, name: str, make: Callable[[], Json], *, unsure: bool = False) -> Part:
        """The Part of a schema that was made up; made up once only, so that its facts are remembered too."""
        found: Part | None = part.made.get(name)
        if found is None:
            found = part.made[name] = Part(make(), part.resolver, f"{part.pointer}{name.split('#')[0]}", unsure)
        return found

    def denied(self, part: Part) -> Part:
        """`not` of a part."""
        return self.derived(part, "#not", lambda: {"not": part.schema})

    def _nearby(self, part: Part, keyword: str) -> Part:
        """Where all references have the same base, the same text leads to the same place."""
        reference = part.schema[keyword]
        found = self._aims.get(reference)
        if found is None:
            target = _at(self.root.schema, reference)
            known = isinstance(target, dict)
            found = self._known(target, part.resolver, reference[1:]) if known else self._follow(part, keyword)
            self._aims[reference] = found
        return found

    def _follow(self, part: Part, keyword: str) -> Part:
        reference = part.schema[keyword]
        target, resolver = follow(part.resolver or self._resolver, reference, f"{part.pointer}/{keyword}", keyword)
        if not isinstance(target, dict):
            return self.under(part, f"/{keyword}", target)
        return self._known(target, resolver, reference[1:] if reference.startswith("#/") else f"{part.pointer}/{keyword}")

    def _known(self, schema: Mapping[str, Json], resolver: object, pointer: str) -> Part:
        found = self._parts.get(id(schema))
        if found is None:
            found = self._parts[id(schema)] = Part(schema, resolver, pointer)
        return found


def _at(document: Json, reference: str) -> Json:
    """What `reference` points to, if it is `#` or a JSON pointer through objects; None for any other, which a resolver has to follow."""
    if reference == "#":
        return document
    if not reference.startswith("#/"):
        return None
    found = document
    for step in (unquote(reference) if "%" in reference else reference)[2:].split("/"):
        if not isinstance(found, dict):
            return None
        found = found.get(step.replace("~1", "/").replace("~0", "~") if "~" in step else step)
    return found
