"""A checked schema: its document and its validator."""

import json
from typing import Any

from synth_sdk.core.errors import Rejected, SchemaError
from synth_sdk.core.models import Json
from synth_sdk.schema.drafts import build_validator, pick_draft
from synth_sdk.schema.pointers import to_pointer
from synth_sdk.schema.references import check_references
from synth_sdk.schema.tree import check_tree

_LONGEST_REASON = 300


class Schema:
    """Plain JSON Schema in `document`, correct in its `draft`, with every reference that can be reached resolvable.

    SchemaError from the constructor otherwise. Pickles as its document.
    """

    __slots__ = ("_validator", "document", "draft")

    def __init__(self, document: Json) -> None:
        if not isinstance(document, dict | bool):
            raise SchemaError(f"a schema is an object, true or false, not {type(document).__name__}")
        check_tree(document)
        self.document = document
        self.draft = pick_draft(document)
        check_references(document, self.draft)
        self._validator: Any = None

    @property
    def validator(self) -> Any:
        """The jsonschema validator of the document; built once."""
        if self._validator is None:
            self._validator = build_validator(self.draft, self.document)
        return self._validator

    def validate(self, value: Json) -> None:
        """Rejected, with the pointer into `value`, the keyword and the reason, if `value` breaks the schema."""
        from jsonschema.exceptions import best_match

        try:
            json.dumps(value, allow_nan=False)
            error = best_match(self.validator.iter_errors(value))
        except (ValueError, TypeError) as problem:
            raise Rejected(f"the value is not JSON: {problem}") from None
        except RecursionError:
            raise Rejected("the value is nested too deeply") from None
        if error is not None:
            where = to_pointer(error.absolute_path) or "/"
            raise Rejected(f"at {where}: {error.message[:_LONGEST_REASON]} (keyword {error.validator!r})")

    def __reduce__(self) -> tuple[type["Schema"], tuple[Json]]:
        return (Schema, (self.document,))
