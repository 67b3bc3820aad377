"""A checked schema: its document and the judgement of values."""

import json
from collections.abc import Callable
from typing import Any

from synth_sdk.core.errors import Rejected, SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.checkers import load_jsonschema
from synth_sdk.schema.drafts import UNDECLARED, build_validator, compile_fast, declared_draft, pick_draft
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.references import check_references
from synth_sdk.schema.tree import check_tree

_LONGEST_REASON = 300
_LEAVES = frozenset({"format", "multipleOf", "pattern", "patternProperties"})  # judged differently by the two validators
_DENIALS = frozenset(
    {"contains", "else", "if", "maxContains", "not", "oneOf"}
)  # under which a mere leaf can turn a verdict round
_DISPUTED = frozenset({
    "$dynamicRef", "$recursiveRef", "$vocabulary", "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip


class Schema:
    """Plain JSON Schema in `document`, correct in its `draft`, with every reference that can be reached resolvable.

    `keys` are those of all objects in the document: what isn't among them isn't in use. SchemaError from the constructor
    otherwise. Pickles as its document.
    """

    __slots__ = ("_judges", "_validator", "document", "draft", "fast", "keys")

    def __init__(self, document: Json) -> None:
        if not isinstance(document, dict | bool):
            raise SchemaError(f"a schema is an object, true or false, not {type(document).__name__}")
        self.keys = check_tree(document)
        self.document = document
        self.draft, self.fast = _recognise(document)
        self._validator: Any = None
        self._judges: tuple[Callable[[Json], bool], ...] = ()

    @property
    def validator(self) -> Any:
        """The jsonschema validator of the document; built once."""
        if self._validator is None:
            self._validator = build_validator(self.draft, self.document)
        return self._validator

    def accepts(self, value: Json) -> bool:
        """Is `value` valid to both validators, jsonschema and jsonschema-rs, formats included?

        Presupposes that both agree to the formats, patterns and multiples of each text and number where the schema demands them.
        So jsonschema, some hundred times slower, is asked only about keywords that the two are known to read differently.
        """
        if not self._judges:
            self._judges = tuple(self._choose_judges())
        try:
            return all(judge(value) for judge in self._judges)
        except UnicodeEncodeError:  # half a surrogate pair: no UTF-8
            return False

    def _choose_judges(self) -> list[Callable[[Json], bool]]:
        if self.fast is None:
            return [self.validator.is_valid]
        disputed = self.keys & _DISPUTED or ("dependencies" in self.keys and self.draft in ("2019-09", "2020-12"))
        if disputed:
            return [self.fast.is_valid, self.validator.is_valid]
        if self.keys & _LEAVES and self.keys & _DENIALS:
            as_python = compile_fast(self.draft, self.document, as_python=True) or self.validator
            return [self.fast.is_valid, as_python.is_valid]
        return [self.fast.is_valid]

    def validate(self, value: Json) -> None:
        """Rejected, with the pointer into `value`, the keyword and the reason, if `value` breaks the schema."""
        try:
            json.dumps(value, allow_nan=False)
            error = load_jsonschema().exceptions.best_match(self.validator.iter_errors(value))
        except (ValueError, TypeError) as problem:
            raise Rejected(f"the value is not JSON: {problem}") from None
        except RecursionError:
            raise Rejected("the value is nested too deeply") from None
        if error is not None:
            where = to_pointer(error.absolute_path) or "/"
            raise Rejected(f"at {where}: {error.message[:_LONGEST_REASON]} (keyword {error.validator!r})")

    def __reduce__(self) -> tuple[type["Schema"], tuple[Json]]:
        return (Schema, (self.document,))


def _recognise(document: Json) -> tuple[str, Any]:
    """The draft, and the fast validator if there is one. SchemaError for a fault or a reference that leads nowhere."""
    declared = declared_draft(document)
    for draft in (declared,) if declared else UNDECLARED:
        fast = compile_fast(draft, document)
        if fast is not None:
            return draft, fast
    draft = pick_draft(document)
    check_references(document, draft)
    return draft, None
