"""A file of one's own as a table to compare with: read once for its schema, once for its values."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth_sdk.core.models import Json
from synth_sdk.quality.objects import gather, table_of
from synth_sdk.quality.sampling import united
from synth_sdk.schema.infer import infer_schema
from synth_sdk.schema.inference.sources import kind_of, naming, read_cells, read_values

_TRUTHS = {"true": True, "false": False}


def read_sample(path: str, rows: int = 100_000) -> tuple[pa.Table, Json, bool]:
    """The first `rows` rows of a CSV, JSON, JSONL or Parquet file as `Profile.sample` has them, their inferred schema, and whether there
    are more. RequestError names the file, and the line or row if that is at fault.
    """
    schema = infer_schema(path, rows)
    file = Path(path)
    tables, left, cut = [], rows, False
    with naming(file):
        for batch in _batches(file, schema, rows + 1):
            cut = len(batch) > left
            some = batch[:left]
            left -= len(some)
            tables.append(pa.Table.from_batches([table_of(gather(some), len(some))]) if some else pa.table({}))
    return united([table for table in tables if table.num_columns]).combine_chunks(), schema, cut


def _batches(path: Path, schema: Json, rows: int) -> Iterator[Sequence[Mapping[str, Json]]]:
    if kind_of(path) in ("csv", "tsv"):
        types = {name: _types(told) for name, told in schema["properties"].items()}
        for cells in read_cells(path, rows):
            columns = {name: [_value(cell, types.get(name, ())) for cell in column] for name, column in cells.items()}
            yield [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return
    for values in read_values(path, rows):
        yield [value if isinstance(value, dict) else {"value": value} for value in values]


def _types(told: Any) -> Sequence[str]:
    """The JSON types of a column: those it declares, or those of the values it lists."""
    declared = told.get("type") if isinstance(told, dict) else None
    return declared if isinstance(declared, list) else [declared] if declared else []


def _value(cell: str, types: Sequence[str]) -> Json:
    """A cell as the type of its column says; null where nothing stands, or a word for nothing that the type doesn't know."""
    if not cell:
        return None
    if "boolean" in types:
        return _TRUTHS.get(cell.lower())
    for name, convert in (("integer", int), ("number", float)):
        if name in types:
            with suppress(ValueError, OverflowError):
                return convert(cell)
    return cell if not types or "string" in types else None
