"""`json`: values of any schema, made offline or written by models."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.measures import feature_of
from synth_sdk.core.models import Json, Request
from synth_sdk.core.spec import Spec
from synth_sdk.engine import Engine
from synth_sdk.generators.constraints import check_keys
from synth_sdk.generators.written import EXAMPLE_SEED, Desk, Draft, hints, initials
from synth_sdk.schema import parse_schema

if TYPE_CHECKING:
    from synth_sdk.engine.tables import TableEngine

_EXAMPLE_BRIEF = "Record 0."
_RULES = """You write synthetic test data: records that could come from a real production system.
- Values agree with one another (an e-mail fits the name, an end lies after its start, a total fits its parts).
- Every record is a different person, thing or event."""


class JsonGenerator:
    """Values of the Spec's schema. Schemas that aren't objects give bare values."""

    kind = "json"
    constraint_keys: frozenset[str] = frozenset()

    def __init__(self, spec: Spec) -> None:
        check_keys(self.kind, spec.constraints, self.constraint_keys)
        if spec.pack is not None:
            raise RequestError(
                f"pack {spec.pack!r} doesn't fit kind {self.kind!r}: leave --pack out, or choose kind conversation"
            )
        self._spec = spec
        self._engine = _engine(spec, self._document(spec))
        self._engine.check_count(spec.count)
        self.warnings: Sequence[str] = self._engine.warnings
        self._schema = self._engine.schema
        self.rows_per_batch = self._engine.rows_per_batch
        document = self.record_schema = self._schema.document
        self.writing_schema = document
        self.writing_rules = _RULES

    def _document(self, spec: Spec) -> Json:
        """The schema that is asked for."""
        if spec.document is None:
            raise RequestError(
                f"kind {self.kind!r} needs a schema: give --schema FILE (JSON Schema, a field list, or the shorthand)"
            )
        return spec.document

    def batch(self, rows: range) -> Batch:
        return self._engine.batch(rows)

    def request(self, index: int, retry: int) -> Request | None:
        if not isinstance(self._engine, Engine):
            return None  # a table of a set: no model knows the other tables

        return self._desk.request(index, retry)

    def said(self, record: Json) -> None:
        """Nothing: a schema may well allow only a few values, so repeats are legitimate."""

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        fields = record if isinstance(record, dict) else {"value": record}
        return {name: feature_of(value) for name, value in fields.items()}

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        """A few letters and a number that the model is to be led by: without them replies to equal prompts are alike."""
        letters = initials(hints(self._spec.seed, self.kind, row, retry))
        return Draft(
            brief=f"Record {row + 1}. Dates near {self._spec.start:%Y-%m-%d}; locale {self._spec.locale}; where names occur, let initials be {letters}.",
            words=lambda: self._engine.batch(range(row, row + 1)).records()[0],
            assemble=lambda words: words,
        )

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self, self._spec, self.writing_schema, self._example, repeatable=True)  # a schema may allow only a few values

    def _example(self) -> Draft | None:
        """A record of a seed of its own; None if none can be made offline."""
        try:
            record = (
                _engine(self._spec.model_copy(update={"seed": EXAMPLE_SEED}), self.record_schema).batch(range(1)).records()[0]
            )
        except RequestError:
            return None
        return replace(self.draft(0), words=lambda: record, brief=_EXAMPLE_BRIEF)


def _engine(spec: Spec, document: Json) -> "Engine | TableEngine":
    """Of a schema; or of one table of a set (`{"tables": ..., "table": name}`), in which all other tables say how many rows they have."""
    from synth_sdk.schema.tables import is_table_set, parse_tables

    if not is_table_set(document):
        return Engine(parse_schema(document), seed=spec.seed, locale=spec.locale, start=spec.start)
    from synth_sdk.engine.tables import TableEngine

    tables, name = parse_tables(document), str(document.get("table"))
    if name not in tables.tables:
        raise UnknownName("table", name, tables.tables)
    return TableEngine(tables, name, seed=spec.seed, locale=spec.locale, start=spec.start)
