"""Is a value valid against one part of the document? By jsonschema-rs where it can compile the part, by jsonschema otherwise."""

from collections.abc import Callable
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Part
from synth_sdk.schema import Schema
from synth_sdk.schema.drafts import compile_fast, register

_ADDRESS = "urn:synth:document"  # where references out of a part find the document, if it has no address of its own
_DYNAMIC = frozenset({"$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor"})
Judge = Callable[[Json], bool]


class Verdicts:
    """Judges values by parts of one document; each part is compiled once, when it is first needed."""

    def __init__(self, schema: Schema, *, in_one_piece: bool) -> None:
        """`in_one_piece`: no object below the root has an address of its own."""
        self._schema = schema
        self._registry: Any = None
        self._address = _own_address(schema.document) or _ADDRESS
        self._in_one_piece = schema.fast is not None and not schema.keys & _DYNAMIC and in_one_piece

    def accepts(self, part: Part, value: Json) -> bool:
        """Is `value` valid against `part`, formats included?"""
        judge: Judge | None = part.made.get("#judge")
        if judge is None:
            judge = part.made["#judge"] = self._compile(part)
        return judge(value)

    def _compile(self, part: Part) -> Judge:
        schema = self._schema
        if isinstance(part.schema, bool):
            return lambda _: bool(part.schema)
        if part.schema is schema.document:
            return schema.accepts
        fast = self._compile_fast(part.schema) if self._in_one_piece else None
        if fast is not None:
            return total(fast.is_valid)
        return lambda value: next(schema.validator.descend(value, part.schema, resolver=part.resolver), None) is None

    def _compile_fast(self, inner: Json) -> Any:
        if self._registry is None:
            self._registry = register(self._address, self._schema.document, self._schema.draft)
        return compile_fast(self._schema.draft, _from_outside(inner, self._address), registry=self._registry)


def total(judge: Judge) -> Judge:
    """`judge` that calls text without a UTF-8 form (half a surrogate pair) invalid."""

    def judged(value: Json) -> bool:
        try:
            return judge(value)
        except UnicodeEncodeError:
            return False

    return judged


def _own_address(document: Json) -> str:
    found = (document.get("$id") or document.get("id")) if isinstance(document, dict) else None
    return found.rstrip("#") if isinstance(found, str) else ""


def _from_outside(inner: Json, address: str) -> Json:
    """A copy of `inner` whose references into the document start with its address."""
    if isinstance(inner, dict):
        copy = {key: _from_outside(value, address) for key, value in inner.items()}
        if isinstance(inner.get("$ref"), str) and inner["$ref"].startswith("#"):
            copy["$ref"] = f"{address}{inner['$ref']}"
        return copy
    return [_from_outside(one, address) for one in inner] if isinstance(inner, list) else inner
