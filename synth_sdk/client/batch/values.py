"""`values_from`: a job whose records take values from the records that another job made, such as foreign keys."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from synth_sdk.client.batch.jobs import Column
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.models import Json

FORMATS = ("jsonl", "json", "csv", "parquet")  # that can be read back
_MOST_ROWS = 10_000  # of the other job, evenly from all of it
_ALL = 1 << 62

Row = Sequence[Any]


def check_targets(document: Json, columns: Sequence[Column]) -> None:
    """RequestError if the properties that take values aren't in the schema, or those of one job not in one object."""
    for told in _by_job(columns).values():
        for column in told:
            parent, name = _find(document, column.target)
            if name not in parent:
                raise UnknownName("property in values_from", column.target, _paths(document))
        if len({column.target.rpartition(".")[0] for column in told}) > 1:
            names = ", ".join(column.target for column in told)
            raise RequestError(
                f"values_from: {names} take values of one record of {told[0].job!r}, so they must stand in one object"
            )


def check_source(schema: Json, column: Column) -> None:
    """UnknownName if records of `schema` have no such column, as far as the schema can tell."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if isinstance(properties, dict) and column.source.split(".")[0] not in properties and column.source not in properties:
        raise UnknownName(f"column of {column.job!r} in values_from", column.source, properties)


def with_values(document: Json, columns: Sequence[Column], outputs: Mapping[str, str]) -> Json:
    """`document` in which the properties choose among the values that the other jobs' records have.

    Properties that take values of one job take those of the same record: the first one is drawn, the others follow from it.
    """
    document = deepcopy(document)
    for job, told in _by_job(columns).items():
        rows = read_rows(Path(outputs[job]), [column.source for column in told])
        rows = [row for row in (_typed(document, told, row) for row in rows) if row is not None]
        if not rows:
            raise RequestError(
                f"values_from: the records of {job!r} have no text or number in {', '.join(c.source for c in told)}"
            )
        _set(document, told[0].target, _key([row[0] for row in rows]))
        for position, column in enumerate(told[1:], 1):
            _set(document, column.target, _following(told[0].target.rpartition(".")[2], rows, position))
    return document


def _by_job(columns: Sequence[Column]) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    for column in columns:
        found.setdefault(column.job, []).append(column)
    return found


def read_rows(path: Path, names: Sequence[str]) -> list[Row]:
    """The values of the columns `names`, row by row: of at most 10,000 rows, evenly from the whole file."""
    step, kept = 1, list[Row]()
    for number, row in enumerate(_rows(path, names)):
        if number % step == 0:
            kept.append(row)
        if len(kept) >= 2 * _MOST_ROWS:
            step, kept = 2 * step, kept[::2]
    return kept[:_MOST_ROWS] if step == 1 else kept


def _rows(path: Path, names: Sequence[str]) -> Iterator[Row]:
    from synth_sdk.schema.inference.sources import kind_of, naming, read_cells, read_values

    with naming(path):
        if kind_of(path) == "csv":
            for cells in read_cells(path, _ALL):
                yield from zip(*(cells.get(name, ()) for name in names), strict=False)
            return
        for records in read_values(path, _ALL):
            yield from (tuple(_value(record, name) for name in names) for record in records)


def _value(record: Any, path: str) -> Any:
    if isinstance(record, dict) and path in record:
        return record[path]
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _typed(document: Json, columns: Sequence[Column], row: Row) -> Row | None:
    """The row as texts and numbers, those of a CSV file as the properties want them; None where one has no value."""
    found = []
    for column, value in zip(columns, row, strict=True):
        parent, name = _find(document, column.target)
        told = parent[name] if isinstance(parent[name], dict) else {}
        if isinstance(value, str) and told.get("type") in ("integer", "number"):
            value = _number(value)
        if value in (None, "") or not isinstance(value, str | int | float) or isinstance(value, bool):
            return None
        found.append(value)
    return found


def _number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _key(values: Sequence[Any]) -> dict[str, Json]:
    """As often as they occur."""
    counts = Counter(values)
    told: dict[str, Json] = {"words": list(counts)}
    if max(counts.values()) > 1:
        told["weights"] = list(counts.values())
    return {"type": _type(counts), "x-synth": told}


def _following(key: str, rows: Sequence[Row], position: int) -> dict[str, Json]:
    cases: dict[str, list[Any]] = {}
    for row in rows:
        cases.setdefault(row[0] if isinstance(row[0], str) else json.dumps(row[0]), []).append(row[position])
    return {"type": _type([row[position] for row in rows]), "x-synth": {"given": key, "words": cases}}


def _type(values: Any) -> Json:
    kinds = {type(value) for value in values}
    if kinds == {str}:
        return "string"
    return "integer" if kinds == {int} else "number" if str not in kinds else ["string", "number"]


def _find(document: Json, path: str) -> tuple[dict[str, Any], str]:
    """The `properties` in which the last name of `path` is looked up, and that name."""
    *outer, name = path.split(".")
    for step in outer:
        document = (document.get("properties") or {}).get(step) if isinstance(document, dict) else None
    properties = document.get("properties") if isinstance(document, dict) else None
    return (properties if isinstance(properties, dict) else {}), name


def _paths(document: Json, before: str = "") -> Iterator[str]:
    for name, told in (document.get("properties") or {}).items() if isinstance(document, dict) else ():
        yield before + name
        yield from _paths(told, f"{before}{name}.")


def _set(document: Json, path: str, told: dict[str, Json]) -> None:
    properties, name = _find(document, path)
    properties[name] = told
