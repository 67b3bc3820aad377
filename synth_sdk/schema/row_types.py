"""The types that the columns of a set may hold, also of those that say no more than where their values come from."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from synth_sdk.schema.annotations import KEYWORD, Annotation, read_annotation
from synth_sdk.schema.rows import Documents, columns_of, flat_of, required_of, types_of

if TYPE_CHECKING:
    from synth_sdk.schema.tables import Per

_MOST_STEPS = 50


class RowTypes:
    """Looks them up in the `documents` of a set; `pers` are the tables whose rows belong to those of others."""

    def __init__(self, documents: Documents, pers: "Mapping[str, Per]") -> None:
        self._documents, self._pers = documents, pers

    def of(self, table: str, column: str, steps: int = 0) -> set[str]:
        """The types of a column, null also where it may be absent. Empty: nothing says."""
        document = self._documents[table]
        node = flat_of(columns_of(document)[column], document)
        found = types_of(node)
        if not found and KEYWORD in node and steps < _MOST_STEPS:
            found = self.by_origin(read_annotation(node), steps + 1)
        return found | {"null"} if found and column not in required_of(document) else found

    def by_origin(self, note: Annotation, steps: int = 0) -> set[str]:
        """The types of values that come from where `note` says."""
        if note.ref is not None:
            return self.of(note.ref.table, note.ref.column, steps)
        if note.formula is not None:
            return {"number"}
        if note.aggregate is None:
            return set()
        if note.aggregate.kind == "count":
            return {"integer"}
        held = self.of(note.aggregate.table, note.aggregate.column, steps)
        if note.aggregate.kind == "sum":
            return held - {"null"}
        return held | {"null"} if held and not self._pers[note.aggregate.table].least else held
