"""A layout without nesting, for formats that have tables only: CSV and SQL.

Nested objects are spread over dotted columns (`address.city`). Arrays, and whatever has no uniform type, are JSON text. Where two
names would be the same (a property `a.b` beside an object `a` with a `b`), the object stays one column of JSON text. A spread object
whose columns are all null reads back as null, or as absent if it may be.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth_sdk.core.batches import Batch
from synth_sdk.core.models import Json
from synth_sdk.schema.layout.cells import present
from synth_sdk.schema.layout.datatypes import DataType, Field
from synth_sdk.schema.layout.model import Layout, arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

_AS_TEXT = ("json", "array", "object")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A flat column: the `path` of property names that leads to it, and whether it can be null."""

    name: str
    path: tuple[str, ...]
    type: DataType
    nullable: bool

    @property
    def is_json(self) -> bool:
        """Does it hold JSON text?"""
        return self.type.kind in _AS_TEXT


@dataclass(frozen=True, slots=True)
class Flat:
    """`columns` are the leaves of `layout`, `schema` is how Arrow sees them: scalars and text."""

    layout: Layout
    columns: tuple[Leaf, ...]
    schema: "pa.Schema"

    @classmethod
    def of(cls, layout: Layout) -> "Flat":
        import pyarrow as pa

        spread = {column: tuple(_leaves(column)) for column in layout.columns}
        names = Counter(leaf.name for leaves in spread.values() for leaf in leaves)
        columns: list[Leaf] = []
        for column, leaves in spread.items():
            clash = any(names[leaf.name] > 1 for leaf in leaves)
            columns += [_leaf(column, (column.name,), nullable=False)] if clash else leaves
        fields = [
            pa.field(leaf.name, pa.string() if leaf.is_json else arrow_type(leaf.type, pa.string()), leaf.nullable)
            for leaf in columns
        ]
        return cls(layout, tuple(columns), pa.schema(fields))

    def arrange(self, batch: Batch, start: int = 0) -> "pa.RecordBatch":
        """`batch` as flat columns; `start` records stand before it. WriteError for what doesn't fit (`Layout.to_arrow`)."""
        import pyarrow as pa

        table = self.layout.as_text(self.layout.arrange(batch, start))
        return pa.RecordBatch.from_arrays([_cells(table, leaf) for leaf in self.columns], schema=self.schema)

    def to_record(self, row: Sequence[Any]) -> Json:
        """One record from the cells of its flat columns."""
        pairs = zip(self.columns, row, strict=True)
        values = {leaf.path: json.loads(cell) if leaf.is_json and cell is not None else cell for leaf, cell in pairs}
        return self.layout.assemble([_gathered(column, (column.name,), values) for column in self.layout.columns])


def _leaves(field: Field, above: tuple[str, ...] = (), nullable: bool = False) -> Iterator[Leaf]:
    path = (*above, field.name)
    if field.type.kind != "object":
        yield _leaf(field, path, nullable)
        return
    for inner in field.type.fields:
        yield from _leaves(inner, path, nullable or field.optional or field.type.nullable)


def _leaf(field: Field, path: tuple[str, ...], nullable: bool) -> Leaf:
    return Leaf(".".join(path), path, field.type, nullable or field.optional or field.type.nullable)


def _cells(table: "pa.RecordBatch", leaf: Leaf) -> "pa.Array":
    import pyarrow.compute as pc

    from synth_sdk.schema.layout.json_columns import json_texts

    array = table.column(leaf.path[0])
    for name in leaf.path[1:]:
        array = pc.struct_field(array, [array.type.get_field_index(name)])  # by name it would be a path
    return json_texts(array, leaf.type) if leaf.is_json else array


def _gathered(field: Field, path: tuple[str, ...], values: dict[tuple[str, ...], Json]) -> Json:
    if path in values:
        return values[path]
    if (field.optional or field.type.nullable) and all(cell is None for at, cell in values.items() if at[: len(path)] == path):
        return None
    return present(field.type.fields, [_gathered(inner, (*path, inner.name), values) for inner in field.type.fields])
