"""Records as Arrow columns: the JSON Schema of a record decides the columns once, and every batch is laid out by them.

A column for each property of the root object; a root that is no object is one column `value`. A root object that may hold further
properties has one more column, a JSON object of those. Absent and null are the same in a column. What has no uniform type is JSON
text in Arrow's `arrow.json` extension type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth_sdk.core.batches import Batch, ColumnBatch
from synth_sdk.core.errors import WriteError
from synth_sdk.core.models import Json
from synth_sdk.schema.layout.cells import Misfit, fit, present, read
from synth_sdk.schema.layout.datatypes import JSON, DataType, Field, type_of

if TYPE_CHECKING:
    import pyarrow as pa

VALUE = "value"
REST = "additional_properties"


@dataclass(frozen=True, slots=True)
class Layout:
    """`type` is that of a whole record, `columns` are in order, `schema` is how Arrow sees them.

    `wrapped`: records are no objects, the one column holds them. `rest`: the column of undeclared properties, if there is one.
    """

    type: DataType
    columns: tuple[Field, ...]
    schema: "pa.Schema"
    wrapped: bool = False
    rest: str | None = None

    @classmethod
    def of(cls, document: Json) -> "Layout":
        """The layout of the records of a JSON Schema. Without one (True) nothing is guessed: one column of JSON text."""
        import pyarrow as pa

        root = type_of(document)
        if root.kind != "object" or root.nullable:
            columns: tuple[Field, ...] = (Field(VALUE, root, optional=False),)
            return cls(root, columns, _schema(columns, pa.json_()), wrapped=True)
        rest = _unused(REST, root.fields) if root.free else None
        columns = (*root.fields, Field(rest, JSON, optional=True)) if rest else root.fields
        return cls(root, columns, _schema(columns, pa.json_()), rest=rest)

    def arrange(self, batch: Batch, start: int = 0) -> "pa.RecordBatch":
        """`batch` as columns; `start` records stand before it. WriteError as `to_arrow` raises it."""
        columns = self._arranged(batch.arrow()) if isinstance(batch, ColumnBatch) else None
        return self.to_arrow(batch.records(), start) if columns is None else columns

    def to_arrow(self, records: Sequence[Json], start: int = 0) -> "pa.RecordBatch":
        """`records` as columns. WriteError names the first value that doesn't fit, with its column and record, counted from `start` + 1."""
        import pyarrow as pa

        rows = [self._row(record, place) for place, record in enumerate(records, start + 1)]
        cells = [
            [_fit(row[at], column, place) for place, row in enumerate(rows, start + 1)] for at, column in enumerate(self.columns)
        ]
        arrays = [_array(*each) for each in zip(cells, self.columns, self.schema.types, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def as_text(self, table: "pa.RecordBatch") -> "pa.RecordBatch":
        """The same with plain text where JSON text stands: Arrow can do more with it."""
        import pyarrow as pa

        return table.cast(_schema(self.columns, pa.string()))

    def to_records(self, table: "pa.Table | pa.RecordBatch") -> list[Json]:
        """The records that were laid out. An optional property that is null is absent."""
        return [self.to_record(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]

    def to_record(self, row: Sequence[Any]) -> Json:
        """One record from the cells of its columns, as pyarrow gives them."""
        return self.assemble([read(cell, column.type) for cell, column in zip(row, self.columns, strict=True)])

    def assemble(self, values: Sequence[Json]) -> Json:
        """One record from a JSON value for each column."""
        if self.wrapped:
            return values[0]
        record = present(self.columns, values)
        return record | record.pop(self.rest, {}) if self.rest else record

    def _row(self, record: Json, place: int) -> list[Json]:
        if self.wrapped:
            return [record]
        if not isinstance(record, dict):
            raise _error(place, VALUE, Misfit(record, "is no object, as the schema says"))
        declared = self.type.fields
        row = [record.get(field.name) for field in declared]
        known = {field.name for field in declared}
        more = {} if record.keys() <= known else {name: value for name, value in record.items() if name not in known}
        if self.rest:
            return [*row, more or None]
        for name, value in more.items():
            raise _error(place, name, Misfit(value, "is a property that the schema doesn't declare"))
        return row

    def _arranged(self, table: "pa.RecordBatch") -> "pa.RecordBatch | None":
        """None if the columns have other types, or nulls where there must be none: record by record it will be told what is wrong."""
        import pyarrow as pa

        from synth_sdk.schema.layout.casts import cast

        names = table.schema.names
        if not {*names} <= {*self.schema.names}:
            return None
        arrays = []
        for field in self.schema:
            array = cast(table.column(field.name), field.type) if field.name in names else pa.nulls(len(table), field.type)
            if array is None or (array.null_count and not field.nullable):
                return None
            arrays.append(array)
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def arrow_type(type: DataType, json: "pa.DataType") -> "pa.DataType":
    """The column type of a settled type, with `json` for JSON text. Inner fields are all nullable: `to_arrow` checks each value."""
    import pyarrow as pa

    match type.kind:
        case "array":
            return pa.list_(arrow_type(type.item or JSON, json))
        case "object":
            return pa.struct([(field.name, arrow_type(field.type, json)) for field in type.fields])
    plain = {"boolean": pa.bool_, "integer": pa.int64, "unsigned": pa.uint64, "number": pa.float64, "string": pa.string}
    return plain[type.kind]() if type.kind in plain else json


def _schema(columns: Sequence[Field], json: "pa.DataType") -> "pa.Schema":
    import pyarrow as pa

    return pa.schema([pa.field(each.name, arrow_type(each.type, json), each.optional or each.type.nullable) for each in columns])


def _array(cells: list[Any], column: Field, type: "pa.DataType") -> "pa.Array":
    """Made as text and then called JSON: pyarrow makes no extension arrays inside others from Python values."""
    import pyarrow as pa

    return pa.array(cells, arrow_type(column.type, pa.string())).cast(type)


def _fit(value: Json, column: Field, place: int) -> Any:
    try:
        return fit(value, column.type, optional=column.optional)
    except Misfit as misfit:
        raise _error(place, column.name, misfit) from None


def _unused(name: str, fields: Sequence[Field]) -> str:
    while any(field.name == name for field in fields):
        name += "_"
    return name


def _error(place: int, column: str, misfit: Misfit) -> WriteError:
    told = f"record {place}, column {column + misfit.path!r}: {misfit}"
    return WriteError(f"{told}; it can't be a column, JSON Lines can hold it (-o x.jsonl)")
