"""A schema from data: what a file's rows look like, so that others like them can be made without it.

Observed are types, nesting, which properties are always there, ranges, decimals, lengths, formats, codes, categories with their shares, null
rates and distributions. No value of a row is copied that points at it: only categories that recur, and never those of names that
speak of persons or secrets (`schema.names`).
"""

from pathlib import Path

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.schema.inference.nodes import Cells, Node
from synth_sdk.schema.inference.sources import kind_of, naming, read_cells, read_values

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFAULT_ROWS = 100_000


def infer_schema(path: str | Path, rows: int = DEFAULT_ROWS) -> Json:
    """JSON Schema (2020-12, with `x-synth` annotations) of the first `rows` rows of a CSV, JSON, JSONL or Parquet file.

    Every row read is valid by it; CSV cells are read as the type of their column, an empty cell as null. One pass, in memory that doesn't grow with the
    file. RequestError names the file and the line if it can't be read.
    """
    if rows < 1:
        raise RequestError(f"rows {rows}: at least 1 row is needed")
    file = Path(path)
    kind = kind_of(file)
    with naming(file):
        found = _of_cells(file, rows) if kind in ("csv", "tsv") else _of_values(file, rows)
    if found is None:
        raise RequestError(f"file {str(file)!r} holds no rows to infer a schema from")
    return {"$schema": DIALECT, **found}


def _of_cells(path: Path, rows: int) -> dict[str, Json] | None:
    columns: dict[str, Cells] = {}
    for batch in read_cells(path, rows):
        for name, cells in batch.items():
            columns.setdefault(name, Cells()).observe(cells)
    if not columns:
        return None
    properties = {name: column.schema(name) for name, column in columns.items()}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _of_values(path: Path, rows: int) -> dict[str, Json] | None:
    root = Node()
    for batch in read_values(path, rows):
        root.observe(batch)
    return root.schema() if root.seen else None
