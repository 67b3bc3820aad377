"""Payloads: the objects that the events of each node tell, compiled once and drawn a block at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import derive
from synth_sdk.engine.columns import ColumnEngine, Compiler, NotColumnarError
from synth_sdk.engine.columns.lanes import Rows
from synth_sdk.engine.columns.pools import Block, Table
from synth_sdk.engine.columns.samplers import Sampler
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.values import Column, Decimal, Member, Struct, Values, Whole
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.engine.rows.engine import RowEngine
from synth_sdk.generators.events.cases import numeric, scaled_to
from synth_sdk.generators.events.players import Cast, Players, context_keys, event_keys
from synth_sdk.generators.events.scenario import Field, Node, Scenario, object_of
from synth_sdk.schema import Schema, parse_schema


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where objects are compiled: what all of them share."""

    table: Table
    seed: int
    locale: str
    start: datetime

    def objects(self, document: Json, name: str) -> Sampler:
        """The sampler of the objects of a schema; rows of equal keys get equal objects. SchemaError for a schema that is malformed,
        RequestError for one that can't be made in columns."""
        schema = parse_schema(document)
        try:
            return ColumnEngine(schema, self._compiler(Merger(schema), name, None)).root
        except NotColumnarError as error:
            raise RequestError(
                f"{name}: {error} can't be drawn for events; use plain types, enums, patterns and x-synth"
            ) from None

    def any_objects(self, schema: Schema) -> Sampler:
        """The same for any schema at all; where it must be, a row at a time."""
        merger = Merger(schema)
        rows = RowEngine(merger, self.seed, self.locale, self.start)
        try:
            return ColumnEngine(schema, self._compiler(merger, "", rows)).root
        except NotColumnarError:
            return OneByOne(rows)

    def _compiler(self, merger: Merger, name: str, rows: RowEngine | None) -> Compiler:
        seed = derive(self.seed, "events", name) if name else self.seed
        return Compiler(merger, seed, self.locale, self.start, table=self.table, rows=rows)


@dataclass(slots=True, eq=False)
class OneByOne:
    """Objects that can't be made in columns."""

    rows: RowEngine

    def draw(self, scope: Scope) -> Struct:
        index = scope.rows.index
        assert index is not None  # noqa: S101 - only whole schemas of the user are made so
        made = [self.rows.record(row) for row in (index & np.int64(2**62 - 1)).tolist()]
        members = []
        for name in dict.fromkeys(name for record in made for name in record):
            shown = np.array([name in record for record in made], np.bool_)
            members.append(Member(name, Values([record.get(name) for record in made]), None if shown.all() else shown))
        return Struct(members, len(made))


class Payloads:
    """The payloads of a scenario's nodes."""

    def __init__(self, scenario: Scenario, players: Players, workshop: Workshop) -> None:
        self._players = players
        self._nodes = scenario.nodes
        self._contexts = [
            {about: workshop.objects(object_of(fields), f"{about} {number}") for about, fields in contexts.items() if fields}
            for number, contexts in enumerate(scenario.contexts)
        ]
        self._own = [self._compiled(node, workshop) for node in scenario.nodes]
        self._by_type: dict[tuple[int, str], list[int]] = {}
        for place, node in enumerate(scenario.nodes):
            self._by_type.setdefault((node.journey, node.type), []).append(place)

    def draw(self, place: int, cast: Cast, block: Block) -> Struct:
        """The payloads of events of the node number `place`."""
        node = self._nodes[place]
        columns = self._drawn(place, cast, block)
        for field in node.payload:
            if field.origin in ("sum", "count"):
                columns[field.name] = self._over_session(field, node, cast, block)
        return Struct([Member(field.name, columns[field.name]) for field in node.payload], len(cast))

    def _drawn(self, place: int, cast: Cast, block: Block) -> dict[str, Column]:
        """All fields but those over the session."""
        node = self._nodes[place]
        sources: dict[str, Mapping[str, Column]] = {}
        columns: dict[str, Column] = {}
        for field in node.payload:
            if field.origin in ("sum", "count", "product"):
                continue
            if field.origin not in sources:
                sources[field.origin] = self._source(field.origin, place, cast, block)
            columns[field.name] = sources[field.origin][field.source[0] if field.source else field.name]
        for field in node.payload:
            if field.origin == "product":
                columns[field.name] = _product(columns, field.source)
        return columns

    def _source(self, origin: str, place: int, cast: Cast, block: Block) -> Mapping[str, Column]:
        if origin == "own":
            sampler, rows = self._own[place], event_keys(cast, self._players.crowd.lanes)
        else:
            sampler, rows = self._contexts[self._nodes[place].journey][origin], context_keys(cast, origin)
        assert sampler is not None  # noqa: S101 - a node with fields of its own has one
        return drawn(sampler, rows, block)

    def _over_session(self, field: Field, node: Node, cast: Cast, block: Block) -> Column:
        """A sum or a count over earlier events of the session."""
        earlier, owner = self._players.earlier(cast, field.source[0])
        if field.origin == "count":
            return Whole(np.bincount(owner, minlength=len(cast)).astype(np.int64))
        parts = []
        for place in self._by_type[node.journey, field.source[0]]:
            here = np.flatnonzero(earlier.node == place)
            numbers = numeric(self._drawn(place, earlier.some(here), block)[field.source[1]])
            assert numbers is not None  # noqa: S101 - the lint sees to it
            parts.append((owner[here], numbers))
        places = max(numbers[1] for _, numbers in parts)
        total = np.zeros(len(cast), np.int64)
        for owners, numbers in parts:
            np.add.at(total, owners, scaled_to(numbers, places))
        return Decimal(total, places) if places else Whole(total)

    def _compiled(self, node: Node, workshop: Workshop) -> Sampler | None:
        own = {field.name: field.schema for field in node.payload if field.origin == "own"}
        return workshop.objects(object_of(own), f"payload {node.journey} {node.name}") if own else None


def drawn(sampler: Sampler, rows: Rows, block: Block) -> Mapping[str, Column]:
    """The columns of the objects of `rows`, by name."""
    made = sampler.draw(Scope(rows, block))
    assert isinstance(made, Struct)  # noqa: S101 - samplers here are those of objects
    return {member.name: member.column for member in made.members}


def _product(columns: Mapping[str, Column], names: Sequence[str]) -> Column:
    values, places = np.ones(1, np.int64), 0
    for name in names:
        found = numeric(columns[name])
        assert found is not None  # noqa: S101 - the lint sees to it
        values, places = values * found[0], places + found[1]
    return Decimal(values, places) if places else Whole(values)
