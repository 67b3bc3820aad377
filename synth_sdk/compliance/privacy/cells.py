"""Records as columns of plain values: the scalars of nested objects under dotted names. Lists are left out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from synth_sdk.core.models import Json

if TYPE_CHECKING:
    import pyarrow as pa


def flat(record: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """The scalars of one record with their dotted paths; what isn't an object is `value`."""
    if not isinstance(record, dict):
        if not isinstance(record, list):
            yield path or "value", record
        return
    for name, inner in record.items():
        yield from flat(inner, f"{path}.{name}" if path else name)


def columns_of(records: Iterable[Json]) -> dict[str, list[Json]]:
    """One list for each path, with null where a record has nothing there."""
    columns: dict[str, list[Json]] = {}
    count = 0
    for count, record in enumerate(records, 1):
        for path, value in flat(record):
            column = columns.setdefault(path, [])
            column += [None] * (count - 1 - len(column))
            column.append(value)
    return {path: column + [None] * (count - len(column)) for path, column in columns.items()}


def columns_of_arrow(table: "pa.RecordBatch | pa.Table", wanted: Sequence[str] | None = None) -> dict[str, list[Json]]:
    """The same of Arrow columns, only those in `wanted` if it is given."""
    import pyarrow as pa

    found: dict[str, list[Json]] = {}

    def spread(name: str, column: Any) -> None:
        if pa.types.is_struct(column.type):
            for place, field in enumerate(column.type):
                spread(f"{name}.{field.name}", pa.compute.struct_field(column, place))
        elif not pa.types.is_nested(column.type) and (wanted is None or name in wanted):
            found[name] = column.to_pylist()

    for name in table.schema.names:
        spread(name, table.column(name))
    return found
