"""`json`: values of any schema, made offline or written by models."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import Rejected, RequestError, UnknownName
from synth_sdk.core.measures import feature_of
from synth_sdk.core.models import Json, Request
from synth_sdk.core.seeds import rng
from synth_sdk.core.spec import Spec
from synth_sdk.engine import Engine
from synth_sdk.generators.constraints import check_keys
from synth_sdk.schema import parse_schema

if TYPE_CHECKING:
    from synth_sdk.engine.tables import TableEngine

_INSTRUCTIONS = """You write synthetic test data: records that could come from a real production system.
Rules:
- Every record satisfies this JSON Schema in full, also where the reply format doesn't enforce it:
{schema}
- Values agree with one another (an e-mail fits the name, an end lies after its start, a total fits its parts).
- Every record is a different person, thing or event; vary lengths, places, times and tone; use ordinary and rare cases.
- Nothing is a placeholder ("string", "example", "lorem ipsum"); no real person's data.
- Reply with JSON only."""


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
        self._wire_schema: Mapping[str, Json] = document if isinstance(document, dict) else {}
        self._task = f"{self.kind}:{spec.fingerprint}"
        self._instructions = _INSTRUCTIONS.format(schema=json.dumps(document, ensure_ascii=False, sort_keys=True))

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

        def check(value: Json) -> Json:
            try:
                json.dumps(value, allow_nan=False)
            except ValueError:
                raise Rejected("a number is not finite") from None
            self._schema.validate(value)
            return value

        return Request(
            task=self._task,
            instructions=self._instructions,
            brief=self._brief(index, retry),
            schema=self._wire_schema,
            check=check,
            output_tokens=self._output_tokens,
            slot=f"{self._spec.seed}/{index}/{retry}",
        )

    def near_duplicates(self, block: Sequence[Json]) -> list[int]:
        return []  # a schema may well allow only a few values: repeats are legitimate

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        fields = record if isinstance(record, dict) else {"value": record}
        return {name: feature_of(value) for name, value in fields.items()}

    def _brief(self, index: int, retry: int) -> str:
        """A few letters and a number that the model is to be led by: without them replies to equal prompts are alike."""
        source = rng(self._spec.seed, self.kind, "brief", index, retry)
        letters = "".join(source.choice("ABCDEFGHIJKLMNOPRSTVW") for _ in range(2))
        return f"Record {index + 1}. Dates near {self._spec.start:%Y-%m-%d}; locale {self._spec.locale}; where names occur, let initials be {letters}."

    @cached_property
    def _output_tokens(self) -> int:
        """A ceiling for one record: as many tokens as an offline sample has bytes (about four times what it needs), within 200-4000."""
        try:
            sample = json.dumps(self._engine.batch(range(1)).records()[0], ensure_ascii=False)
        except RequestError:
            return 1500  # what can't be made offline may still be written by a model
        return min(4000, max(200, len(sample.encode())))


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
