"""The kind `events`."""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from synth_sdk.core.arrow import of_texts
from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import RequestError
from synth_sdk.core.measures import feature_of
from synth_sdk.core.models import Json, Request
from synth_sdk.core.spec import Spec
from synth_sdk.engine.columns.batch import Columns
from synth_sdk.engine.columns.pools import Block, Pool, Table
from synth_sdk.engine.columns.values import Bank
from synth_sdk.engine.corpora.banks import check_locale
from synth_sdk.generators.banks import check_blueprint
from synth_sdk.generators.events import bank
from synth_sdk.generators.events.codes import Codes, micros_of
from synth_sdk.generators.events.options import CONSTRAINTS, count_of, wish_of
from synth_sdk.generators.events.payload import Payloads, Workshop
from synth_sdk.generators.events.players import Cast, Players
from synth_sdk.generators.events.reading import DEFAULT, load_scenario
from synth_sdk.generators.events.record import Makers, Origin, Recorder, metadata_schema, of_scenario, of_schema, record_schema
from synth_sdk.generators.events.scenario import Scenario, object_of
from synth_sdk.generators.events.schemas import is_whole, origins_of, rest_of, with_arrival
from synth_sdk.generators.events.script import play
from synth_sdk.generators.events.setting import check_end, crowd_of, timeline_of
from synth_sdk.generators.events.writing import Told, Writers
from synth_sdk.schema import Schema, parse_schema

_PROBE = 5
_TOLD_AT_ONCE = 64  # events of which models are told


class EventsGenerator:
    """Records `{id, timestamp, event_type, user_id, session_id, metadata}` in the order of time; with late or duplicate events also
    `ingested_at`, and in its order. A schema is that of `metadata`, or of the whole record if it declares `timestamp` or `event_type`.
    """

    kind = "events"
    constraint_keys = CONSTRAINTS
    rows_per_batch = 16_384
    count_of = staticmethod(count_of)
    blueprint_schema = bank.BLUEPRINT_SCHEMA

    def __init__(self, spec: Spec) -> None:
        if spec.pack is not None:
            raise RequestError(
                f"pack {spec.pack!r} doesn't fit kind 'events': leave --pack out; a scenario is --constraint scenario=NAME"
            )
        wish = wish_of(spec)
        check_end(wish, spec.start, spec.count)
        self._spec, self._wish = spec, wish
        self._together = lru_cache(maxsize=16)(self._several)
        self.scenario = self._scenario()
        self._table = Table()
        self._workshop = Workshop(self._table, spec.seed, check_locale(spec.locale), spec.start)
        script = play(self.scenario, spec.seed)
        self._players = Players(self.scenario, script, crowd_of(wish, self.scenario, script.length), spec.seed)
        self._document = None if spec.document is None else _of_objects(spec.document)
        self._whole = self._document is not None and is_whole(self._document)
        self._origins, self.record_schema = self._layout()
        self._makers = self._make(self._origins)
        self._recorder = Recorder(self._makers, self._origins)
        if self._document is not None:
            self._probe()

    @property
    def blueprint_rules(self) -> str:
        return bank.rules(self._wish.about or self.scenario.description or self.scenario.name)

    def blueprint_flaws(self, value: Json) -> list[str]:
        """What stands in the way of expanding `value`, which a model or a person wrote; [] when nothing does."""
        return bank.blueprint_flaws(value)

    def batch(self, rows: range) -> Batch:
        block = Block(self._table)
        return Columns(self._recorder.draw(rows, block), block, len(rows))

    def request(self, index: int, retry: int) -> Request | None:
        return self._writers.request(index, retry)

    def said(self, record: Json) -> None:
        """Nothing: events repeat one another."""

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        return {name: feature_of(value) for name, value in record.items()}

    def told(self, row: int) -> tuple[int, Told]:
        """The event of `row` for a model, and its node."""
        start = row - row % _TOLD_AT_ONCE
        cast, records = self._together(start)
        record, here = records[row - start], cast.some(np.array([row - start]))
        if self._whole:  # its events need not follow the scenario
            return 0, Told(str(record.get("event_type", "an event")), record, (), self._own(0), nested=False)
        node = int(here.node[0])
        before = tuple(self.scenario.nodes[place].type for place in self._players.path(here))
        return node, Told(self.scenario.nodes[node].type, record, before, self._own(node), nested=True)

    def _several(self, start: int) -> tuple[Cast, Sequence[Json]]:
        """The cast and the records of some rows: one by one they would take many times as long."""
        rows = range(start, start + _TOLD_AT_ONCE)
        return self._cast(rows), self.batch(rows).records()

    def row_of(self, node: int, rows: range) -> int | None:
        """The first of `rows` that is an event of `node`."""
        found = np.flatnonzero((self._cast(rows).node == node) | self._whole)
        return rows[int(found[0])] if len(found) else None

    def writing_schema(self, node: int) -> dict[str, Any]:
        """What a model writes of the events of `node`."""
        if self._document is not None:
            return (rest_of(self._document, self._origins) if self._whole else None) or self._document
        own = self._own(node)
        return object_of(
            {field.name: field.schema for field in self.scenario.nodes[node].payload if not own or field.name in own}
        )

    @cached_property
    def _writers(self) -> Writers:
        return Writers(self, self._spec, lambda spec: EventsGenerator(spec))

    def _own(self, node: int) -> frozenset[str] | None:
        """The properties that are drawn for each event of `node`: what a model may write. None: all."""
        if self._whole:
            return frozenset(origin.name for origin in self._origins if origin.how != "dictated")
        payload = self.scenario.nodes[node].payload
        return None if self._document else frozenset(field.name for field in payload if field.origin == "own")

    def _cast(self, rows: range) -> Cast:
        lines = self._makers.timeline.of(np.arange(rows.start, rows.stop, dtype=np.int64))
        return self._players.cast(lines.events)

    def _scenario(self) -> Scenario:
        written = check_blueprint(self.kind, self._spec.blueprint, self.blueprint_flaws)
        if written:
            return bank.scenario_of(written)
        return load_scenario(self._wish.scenario or DEFAULT)

    def _layout(self) -> tuple[Sequence[Origin], dict[str, Any]]:
        """Where the properties of a record come from, and the schema of one."""
        late = self._wish.by_arrival
        if self._document is not None and self._whole:
            document = with_arrival(self._document) if late else self._document
            return origins_of(document, self.scenario, given=self._wish.scenario is not None), document
        metadata = metadata_schema(self.scenario) if self._document is None else self._document
        document = record_schema(self.scenario, metadata, by_arrival=late)
        return [Origin(name, "dictated") for name in document["properties"]], document

    def _make(self, origins: Sequence[Origin]) -> Makers:
        spec, seed, types = self._spec, self._spec.seed, self.scenario.types
        if self._document is not None and not self._whole:
            metadata = of_schema(self._workshop.any_objects(Schema(self._document)))
        else:
            metadata = of_scenario(self.scenario, Payloads(self.scenario, self._players, self._workshop))
        rest = rest_of(self._document, origins) if self._document is not None and self._whole else None
        return Makers(
            timeline=timeline_of(self._wish, seed, spec.start),
            players=self._players,
            start=micros_of(spec.start),
            seed=seed,
            types=_bank(types, self._table),
            users=Codes.of(self.scenario.prefix, self._table, seed),
            sessions=Codes.of("ses", self._table, seed),
            metadata=metadata,
            drawn=self._workshop.any_objects(Schema(rest)) if rest else None,
        )

    def _probe(self) -> None:
        """The first records must be what the user's schema says."""
        schema = Schema(self.record_schema)
        for record in self.batch(range(_PROBE)).records():
            schema.validate(record)


def _of_objects(declared: Json) -> dict[str, Any]:
    """The JSON Schema that is declared, in whatever dialect. RequestError unless it is one of objects."""
    document = parse_schema(declared).document
    if not isinstance(document, dict) or document.get("type", "object") != "object":
        raise RequestError("schema: metadata of events is an object; declare type: object, with its properties")
    return document


def _bank(values: list[Any], table: Table) -> Bank:

    return Bank(values, of_texts(values), table.add(Pool([f'"{value}"' for value in values], json_text=True)))
