"""The kind `timeseries`."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from synth_sdk.core.batches import Batch
from synth_sdk.core.batches import Records as Listed
from synth_sdk.core.errors import RequestError
from synth_sdk.core.measures import feature_of
from synth_sdk.core.models import Json, Request
from synth_sdk.core.spec import Spec
from synth_sdk.engine.columns.lanes import Rows
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.series.lines import Samples
from synth_sdk.generators.banks import check_blueprint
from synth_sdk.generators.timeseries import bank, writing
from synth_sdk.generators.timeseries.records import Records, plain_records
from synth_sdk.generators.timeseries.wish import KEYS, check_end, count_for, read_wish
from synth_sdk.generators.written import EXAMPLE_SEED, Desk, Draft

_MOST_ROWS = 16_384
_MOST_CELLS = 65_536


class TimeseriesGenerator:
    """Records `{timestamp, value}` at a fixed rate, or those of a schema; all entities of one moment follow one another."""

    kind = "timeseries"
    constraint_keys = frozenset(KEYS)

    def __init__(self, spec: Spec) -> None:
        if spec.pack is not None:
            raise RequestError(
                f"pack {spec.pack!r} doesn't fit kind {self.kind!r}: leave --pack out, or choose kind conversation"
            )
        self._spec = spec
        self.wish = read_wish(spec.constraints, spec.options, spec.start)
        check_end(self.wish, spec.count)
        self._records = self._made({})
        if spec.blueprint is not None:
            self._records = self._made(check_blueprint(self.kind, spec.blueprint, self.blueprint_flaws))
        self.record_schema: Json = self._records.schema
        self.writing_schema = writing.words_schema(self._records)
        self.writing_rules = writing.RULES
        self.rows_per_batch = max(_MOST_ROWS // max(1, len(self._records.stream.series) // 4), min(self.wish.width, _MOST_CELLS))

    @staticmethod
    def count_of(told: Mapping[str, Any]) -> int | None:
        """How many records a wish without a count makes: as many as its duration has samples."""
        return count_for(told.get("constraints") or {}, told.get("options"))

    def batch(self, rows: range) -> Batch:
        if not rows:
            return Listed([])
        records = self._records
        block = Block(records.table)
        return Samples(
            records.root.draw(Scope(_scope_rows(rows, keyed=bool(records.others)), block)), block, len(rows), records.joins
        )

    def request(self, index: int, retry: int) -> Request | None:
        return self._desk.request(index, retry)

    def said(self, record: Json) -> None:
        """Nothing: samples repeat."""

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        return {name: feature_of(value) for name, value in record.items()}

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        return writing.draft(self._records, self.wish, self.batch, row)

    @property
    def blueprint_schema(self) -> Json:
        return bank.blueprint_schema([series.name for series in self._records.stream.series])

    @property
    def blueprint_rules(self) -> str:
        return bank.blueprint_rules(self._records, self.wish)

    def blueprint_flaws(self, value: Json) -> list[str]:
        return bank.blueprint_flaws(value, self.blueprint_schema, self._tried)

    def _tried(self, definitions: Any) -> None:
        """RequestError if a stream of those definitions can't be made."""
        self._made(definitions)

    def _made(self, definitions: Any) -> Records:
        if self._spec.document is None:
            return plain_records(self._spec, self.wish, definitions)
        from synth_sdk.generators.timeseries.fields import schema_records

        return schema_records(self._spec, self.wish, definitions)

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self, self._spec, self.record_schema, self._example, repeatable=True)

    def _example(self) -> Draft:
        """A record of a seed of its own."""
        return type(self)(self._spec.model_copy(update={"seed": EXAMPLE_SEED})).draft(0)


def _scope_rows(rows: range, *, keyed: bool) -> Rows:
    """`rows` as the engine takes them; only fields that it fills itself ask for keys."""
    if keyed:
        return Rows.of(rows)
    index = np.arange(rows.start, rows.stop, dtype=np.int64)
    return Rows(index.view(np.uint64), index)
