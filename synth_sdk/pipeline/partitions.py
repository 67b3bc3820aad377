"""Folders named for the values of columns, as Hive, Spark and pyarrow's datasets read them: `country=DE/plan=free/`.

What a name says is left out of the files, and readers put it back; formats that no such reader knows keep it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from synth_sdk.core.batches import Batch, ColumnBatch, Records
from synth_sdk.core.errors import RequestError, UnknownName, WriteError
from synth_sdk.core.measures import Measures
from synth_sdk.core.models import Json
from synth_sdk.sinks import Shape

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from synth_sdk.schema.layout.datatypes import Field

MOST_PARTITIONS = 10_000
NULL = "__HIVE_DEFAULT_PARTITION__"
_READ_WHOLE = ("sql", "xml", "graphml")  # formats whose files nobody reads as a folder of partitions
_PLAIN = ("boolean", "integer", "unsigned", "number", "string")
_LONGEST_NAME = 255  # bytes; what file systems allow


@dataclass(frozen=True, slots=True)
class Partitioning:
    """`columns` and the kinds of their values; `keeps`: they stay in the files. Pickles."""

    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    keeps: bool = False

    def cut(self, batch: Batch) -> Iterator[tuple[str, Batch]]:
        """The records of each folder, in their order. WriteError for a value that no folder can be named for."""
        arrays = self._arrays(batch.arrow()) if isinstance(batch, ColumnBatch) else None
        if arrays is None or not isinstance(batch, ColumnBatch):
            yield from self._cut_records(batch)
        elif len(batch):
            yield from self._cut_columns(batch, arrays)

    def folder(self, values: Sequence[Json]) -> str:
        """The path of the folder for records with these values."""
        return "/".join(_segment(*each) for each in zip(self.columns, values, self.kinds, strict=True))

    def without(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """`record` as it stands in a file."""
        return dict(record) if self.keeps else {name: value for name, value in record.items() if name not in self.columns}

    def _cut_records(self, batch: Batch) -> Iterator[tuple[str, Batch]]:
        found: dict[str, list[Json]] = {}
        for record in batch.records():
            found.setdefault(self.folder([record.get(name) for name in self.columns]), []).append(self.without(record))
        for folder, records in found.items():
            yield folder, Records(records)

    def _cut_columns(self, batch: ColumnBatch, arrays: "Sequence[pa.Array]") -> Iterator[tuple[str, Batch]]:
        import numpy as np

        codes, first = _codes(arrays)
        order = np.argsort(codes, kind="stable")
        names = batch.arrow().schema.names
        left = [name for name in names if self.keeps or name not in self.columns]
        table = batch.arrow().select(left).take(order)
        whole = _Whole(batch, self)
        ends = np.cumsum(np.bincount(codes))
        for start, end, row in zip([0, *ends[:-1]], ends, first, strict=True):
            folder = self.folder([array[int(row)].as_py() for array in arrays])
            yield folder, _Rows(whole, table.slice(start, end - start), order[start:end])

    def _arrays(self, table: "pa.RecordBatch") -> "list[pa.Array] | None":
        """None if a column isn't made of what JSON calls scalars."""
        import pyarrow as pa

        def plain(type: "pa.DataType") -> bool:
            tests = (pa.types.is_string, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating)
            return any(test(type) for test in tests)

        names = table.schema.names
        arrays = [table.column(name) if name in names else pa.nulls(len(table), pa.string()) for name in self.columns]
        return arrays if all(plain(array.type) for array in arrays) else None


class _Whole:
    """A batch that is cut; its records are made once, if a format asks for them."""

    def __init__(self, batch: Batch, partitioning: Partitioning) -> None:
        self._batch, self._partitioning = batch, partitioning

    @cached_property
    def records(self) -> list[Json]:
        return [self._partitioning.without(record) for record in self._batch.records()]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Implements `ColumnBatch` for some rows of a batch."""

    whole: _Whole
    table: "pa.RecordBatch"
    rows: "NDArray[np.int64]"

    def __len__(self) -> int:
        return len(self.rows)

    def records(self) -> Sequence[Json]:
        return [self.whole.records[row] for row in self.rows]

    def lines(self) -> bytes:
        from synth_sdk.sinks.encoding import to_lines

        return to_lines(Records(self.records()), 0)

    def arrow(self) -> "pa.RecordBatch":
        return self.table

    def measures(self) -> Measures:
        raise TypeError("records are measured before they are cut")


def _codes(arrays: "Sequence[pa.Array]") -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """A number for each row, equal where all values are; and the first row of each number."""
    import numpy as np

    codes = np.zeros(len(arrays[0]), np.int64)
    for array in arrays:
        encoded = array.dictionary_encode(null_encoding="encode")
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy(zero_copy_only=False)
        _, first, codes = np.unique(codes, return_index=True, return_inverse=True)  # small again: many columns don't overflow
    return codes, first


def partitioned(columns: Sequence[str], shape: Shape, format: str) -> tuple[Partitioning, Shape]:
    """How records of `shape` are cut by `columns`, and what is left of their shape. RequestError for columns that don't do."""
    from synth_sdk.schema.layout import Layout

    layout = Layout.of(shape.schema)
    known = {} if layout.wrapped else {field.name: field for field in layout.type.fields}
    kinds = tuple(_kind(column, known) for column in columns)
    told = f"partition-by {','.join(columns)!r}"
    if len(set(columns)) < len(columns):
        raise RequestError(f"{told}: each field may be named once")
    if format in _READ_WHOLE:
        return Partitioning(tuple(columns), kinds, keeps=True), shape
    if not known.keys() - set(columns):
        raise RequestError(f"{told}: no field would be left for the files; name fewer")
    left = replace(shape, schema=_without(shape.schema, columns))
    if set(columns) & {field.name for field in Layout.of(left.schema).columns}:
        raise RequestError(f"{told}: the schema speaks of it by $ref or allOf; declare it under properties")
    return Partitioning(tuple(columns), kinds), left


def _kind(column: str, known: "Mapping[str, Field]") -> str:
    if column not in known:
        outer = column.partition(".")[0]
        if outer != column and outer in known:
            raise RequestError(f"partition-by {column!r}: is within {outer!r}; folders are named for fields of the record itself")
        raise UnknownName("field to partition by", column, known)
    kind = known[column].type.kind
    if kind not in _PLAIN:
        what = "an array" if kind == "array" else "an object" if kind == "object" else "of no uniform type"
        raise RequestError(f"partition-by {column!r}: is {what}; choose a field of text, numbers or true and false")
    return kind


def _without(schema: Json, columns: Sequence[str]) -> Json:
    """The schema without these properties of the root."""
    properties = {name: inner for name, inner in schema.get("properties", {}).items() if name not in columns}
    required = [name for name in schema.get("required", ()) if name not in columns]
    return {**schema, "properties": properties, "required": required}


def _segment(column: str, value: Json, kind: str) -> str:
    text = NULL if value is None else _quoted(_text(value, kind))
    if value is not None and text == NULL:
        raise WriteError(f"partition {column}: {NULL!r} as a value can't be told from null; choose another field to partition by")
    segment = f"{_quoted(column)}={text}"
    if len(segment.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        raise WriteError(
            f"partition {segment[:40]!r}...: no folder can have so long a name; choose another field to partition by"
        )
    return segment


def _text(value: Any, kind: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return repr(float(value)) if kind == "number" else str(value)


def _quoted(text: str) -> str:
    """With percent signs for what paths and readers take for something else. Letters beyond ASCII stay: Spark reads only those of ASCII."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WriteError(f"partition {text!r}: is no Unicode text; choose another field to partition by") from None
    return "".join(letter if ord(letter) > 159 else quote(letter, safe="") for letter in text)


def check_partitions(folders: int) -> None:
    """RequestError for more folders than any reader wants."""
    if folders > MOST_PARTITIONS:
        raise RequestError(
            f"partition-by: more than {MOST_PARTITIONS:,} partitions; choose a field of fewer values, or fewer fields"
        )
