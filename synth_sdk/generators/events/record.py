"""Records: what of each is dictated by time and cast, and what is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synth_sdk.engine.arrivals.timeline import Lines, Timeline
from synth_sdk.engine.columns.codes import uuids
from synth_sdk.engine.columns.lanes import Rows, label
from synth_sdk.engine.columns.pools import Block
from synth_sdk.engine.columns.samplers import Sampler
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.values import Bank, Choice, Column, Member, Struct, Whole
from synth_sdk.generators.events.cases import Case, Cases
from synth_sdk.generators.events.codes import Codes, Moments
from synth_sdk.generators.events.linting import kind_of, nullable
from synth_sdk.generators.events.payload import Payloads
from synth_sdk.generators.events.players import Cast, Players, context_keys
from synth_sdk.generators.events.scenario import Field, Scenario, object_of

_PLAIN = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a property of a record comes from: `dictated` (in which form), or `drawn` for each event, `user` or `session`."""

    name: str
    how: str
    form: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Makers:
    """What records are made with. `metadata` makes that property of events; `drawn`: the properties that the user's own schema adds."""

    timeline: Timeline
    players: Players
    start: int  # microseconds since 1970
    seed: int
    types: Bank
    users: Codes
    sessions: Codes
    metadata: Callable[[Rows, Cast, Block], Struct]
    drawn: Sampler | None = None


class Recorder:
    """Makes the root column of any rows."""

    def __init__(self, makers: Makers, origins: Sequence[Origin]) -> None:
        self._makers, self._origins = makers, origins
        self._id_lane = label(makers.seed, "events", "id")

    def draw(self, rows: range, block: Block) -> Struct:
        """The records of `rows`."""
        lines = self._makers.timeline.of(np.arange(rows.start, rows.stop, dtype=np.int64))
        scene = _Scene(self._makers, lines, block, self._id_lane)
        members = [Member(origin.name, *scene.column(origin)) for origin in self._origins]
        return Struct(members, len(rows))


@dataclass(eq=False)
class _Scene:
    """One block of rows while it is drawn."""

    makers: Makers
    lines: Lines
    block: Block
    id_lane: int

    def column(self, origin: Origin) -> tuple[Column, Any]:
        """The column of a property, and where it is shown."""
        if origin.how == "dictated":
            return self._dictated(origin), None
        about = {"drawn": self.rows, "user": context_keys(self.cast, "user"), "session": context_keys(self.cast, "session")}
        return self._drawn(origin.how, about[origin.how])[origin.name]

    @cached_property
    def cast(self) -> Cast:
        return self.makers.players.cast(self.lines.events)

    @cached_property
    def rows(self) -> Rows:
        return Rows.at(self.lines.events)

    def _dictated(self, origin: Origin) -> Column:
        makers = self.makers
        match origin.name:
            case "id":
                return uuids(self.rows, self.id_lane)
            case "timestamp":
                return self._moments(self.lines.happened, origin.form)
            case "ingested_at":
                return self._moments(self.lines.arrived, origin.form)
            case "event_type":
                return Choice(makers.players.types(self.cast), makers.types)
            case "user_id":
                return makers.users.users(self.cast.user)
            case "session_id":
                return makers.sessions.sessions(self.cast.session)
        return makers.metadata(self.rows, self.cast, self.block)

    def _moments(self, micros: Any, form: str) -> Column:
        since = micros + self.makers.start
        return Whole(since // 1000) if form == "integer" else Moments.at(since, self.block)

    def _drawn(self, how: str, rows: Rows) -> dict[str, tuple[Column, Any]]:
        assert self.makers.drawn is not None  # noqa: S101 - there are such properties
        made = self.makers.drawn.draw(Scope(rows, self.block))
        assert isinstance(made, Struct)  # noqa: S101 - a record is an object
        return {member.name: (member.column, member.shown) for member in made.members}


def of_scenario(scenario: Scenario, payloads: Payloads) -> Callable[[Rows, Cast, Block], Struct]:
    """Metadata as the scenario says it."""
    names = payload_names(scenario)

    def draw(rows: Rows, cast: Cast, block: Block) -> Struct:
        cases = []
        for place in np.flatnonzero(np.bincount(cast.node, minlength=len(scenario.nodes))).tolist():
            here = np.flatnonzero(cast.node == place)
            cases.append(Case(here, payloads.draw(place, cast.some(here), block)))
        return Cases.of(cases, names, len(cast))

    return draw


def of_schema(sampler: Sampler) -> Callable[[Rows, Cast, Block], Struct]:
    """Metadata of one schema for all events."""

    def draw(rows: Rows, cast: Cast, block: Block) -> Struct:
        made = sampler.draw(Scope(rows, block))
        assert isinstance(made, Struct)  # noqa: S101 - the schema is that of objects
        return made

    return draw


def payload_names(scenario: Scenario) -> list[str]:
    """The properties of all payloads, each once."""
    return list(dict.fromkeys(field.name for node in scenario.nodes for field in node.payload))


def metadata_schema(scenario: Scenario) -> dict[str, Any]:
    """The JSON Schema of what any event of the scenario tells."""
    fields: dict[str, list[Field]] = {}
    for node in scenario.nodes:
        for field in node.payload:
            fields.setdefault(field.name, []).append(field)
    everywhere = [name for name, found in fields.items() if len(found) == len(scenario.nodes)]
    return {**object_of({name: _common(found) for name, found in fields.items()}), "required": everywhere}


def _common(fields: Sequence[Field]) -> dict[str, Any]:
    """The schema of all of them, else only their type."""
    if all(field.schema == fields[0].schema for field in fields):
        return dict(fields[0].schema)
    kinds = {kind_of(field) for field in fields}
    kind = "number" if "number" in kinds else kinds.pop()
    if kind == "json":
        return {}
    return {"type": [kind, "null"] if any(nullable(field) for field in fields) else kind}


def record_schema(scenario: Scenario, metadata: Any, *, by_arrival: bool) -> dict[str, Any]:
    """The JSON Schema of a record."""
    moment = {"type": "string", "format": "date-time"}
    return object_of(
        {
            "id": {"type": "string", "format": "uuid"},
            "timestamp": moment,
            "event_type": {"type": "string", "enum": scenario.types},
            "user_id": _PLAIN,
            "session_id": _PLAIN,
            **({"ingested_at": moment} if by_arrival else {}),
            "metadata": metadata,
        }
    )
