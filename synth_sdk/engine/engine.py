"""The offline engine: the records of a schema, in batches."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.core.spec import DEFAULT_START
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.engine.corpora.banks import check_locale
from synth_sdk.engine.rows.engine import RowEngine
from synth_sdk.schema import Schema
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.pointers import to_pointer

if TYPE_CHECKING:
    from synth_sdk.engine.columns.annotated import Capacity

_ROWS_ONE_BY_ONE = 256
_FOLLOWED_BY_ROWS = frozenset({"strftime", "as", "earliest", "latest", "reserved", "luhn"})
_WISHES = frozenset({"null_rate", "weights", "distribution", "decimals", "edge_cases"})
_MOST_WARNINGS = 5
_DATA = frozenset({"const", "default", "enum", "example", "examples"})


class Engine:
    """Makes the records of one schema. Row n is a pure function of (schema, seed, locale, start, n), however rows are batched.

    Schemas that can be compiled to columns are made in columns, all others a row at a time, each record validated. `rows_per_batch`
    is how many rows `batch` is best asked for at once. `locale` is one of Faker's (UnknownName otherwise). Dates lie before and
    after `start`, never near the day of the run. SchemaError from the constructor for annotations that can't be followed; `warnings`
    names those that were no more than wishes.
    """

    def __init__(self, schema: Schema, seed: int = 0, locale: str = "en_US", start: datetime = DEFAULT_START) -> None:
        from synth_sdk.engine.columns import ColumnEngine, Compiler, NotColumnarError

        self.schema = schema
        locale = check_locale(locale)
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        merger = Merger(schema)
        self._rows = RowEngine(merger, seed, locale, start)
        self.warnings: list[str] = []
        self._columns: ColumnEngine | None = None
        try:
            self._columns = ColumnEngine(schema, Compiler(merger, seed, locale, start, rows=self._rows))
            self.rows_per_batch = self._columns.rows_per_batch
        except NotColumnarError as error:
            self.warnings += _check_annotations(schema, str(error))
            self.rows_per_batch = _ROWS_ONE_BY_ONE

    @property
    def columnar(self) -> bool:
        """Records are made in columns."""
        return self._columns is not None

    def check_count(self, count: int) -> None:
        """SchemaError if a unique field has fewer than `count` values."""
        check_capacities(self._columns.capacities if self._columns else (), count)

    def batch(self, rows: range) -> Batch:
        """The records of `rows` (from 0). SchemaError, with keyword and pointer, if the schema can't be satisfied or isn't supported."""
        if self._columns is not None:
            return self._columns.batch(rows)
        return Records([self._rows.record(row) for row in rows])

    def record(self, row: int) -> Json:
        """Record `row` alone."""
        return self.batch(range(row, row + 1)).records()[0]


def _check_annotations(schema: Schema, reason: str) -> list[str]:
    """Warnings of the annotations that aren't followed in a schema that is made a row at a time.

    SchemaError for those that promise something of the values; what says how values spread is no more than a wish.
    """
    warnings: list[str] = []
    waiting: list[tuple[Json, tuple[str | int, ...]]] = [(schema.document, ())] if KEYWORD in schema.keys else []
    while waiting:
        node, path = waiting.pop()
        if isinstance(node, dict):
            told = node.get(KEYWORD)
            for key in sorted(told.keys() - _FOLLOWED_BY_ROWS) if isinstance(told, dict) else ():
                why = f"{key!r} needs a record that can be made in columns, and this one has {reason}"
                if key not in _WISHES:
                    raise SchemaError(f"not supported offline: {why}", pointer=to_pointer(path), keyword=KEYWORD)
                warnings.append(f"x-synth isn't followed at {to_pointer(path) or '/'}: {why}")
            waiting.extend((inner, (*path, name)) for name, inner in node.items() if name not in _DATA)
        elif isinstance(node, list):
            waiting.extend((inner, (*path, place)) for place, inner in enumerate(node))
    return warnings[:_MOST_WARNINGS]


def check_capacities(capacities: "Iterable[Capacity]", count: int) -> None:
    """SchemaError if a unique field has fewer than `count` values."""
    for capacity in capacities:
        if capacity.size < count:
            raise SchemaError(
                f"unsatisfiable: only {capacity.size:,} different values for {count:,} records; widen it or lower the count",
                pointer=capacity.pointer,
                keyword="x-synth",
            )
