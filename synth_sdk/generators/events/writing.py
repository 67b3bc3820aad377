"""What a model writes of an event: the values of its own. Time, type, user, session and what the session agrees on are dictated."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from synth_sdk.core.errors import Rejected
from synth_sdk.core.models import Json, Request
from synth_sdk.core.spec import Spec
from synth_sdk.generators.events.scenario import Scenario
from synth_sdk.generators.written import EXAMPLE_SEED, Desk, Draft, hints, initials

_SHOWN = 8  # events of a session before the one at hand
_SEARCHED = 2000  # rows among which the worked example of a rare event is looked for
_RULES = """\
You write what single events of a log tell: {about}
Each brief names one event: its type, when it happened, what came before it in its session, and what is settled already. You write only the
properties that the schema asks for (a settled one among them is repeated as it is), with values that fit all of that, as a real system would log them: realistic codes, names and numbers,
never prose where a log has a word.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """An offline event as a model is told of it.

    `before` are the types of the events before it in its session. `own` are the properties that are to be written (None: all), which are
    those of `metadata` if `nested`, else of the record itself. Where none is (an empty set), all are written and the settled ones repeated.
    """

    type: str
    record: Mapping[str, Any]
    before: tuple[str, ...]
    own: frozenset[str] | None
    nested: bool

    @property
    def place(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.record["metadata"] if self.nested else self.record
        return found

    @property
    def settled(self) -> dict[str, Any]:
        """What is not to be written."""
        return {} if self.own is None else {name: value for name, value in self.place.items() if name not in self.own}

    def words(self) -> Json:
        """What the offline engine says in place of a model."""
        return {name: value for name, value in self.place.items() if not self.own or name in self.own}

    def with_words(self, words: Mapping[str, Any]) -> Json:
        """The record with `words` in the place of those, in the order of the offline one. Rejected if they aren't what is settled."""
        settled = self.settled
        for name in words.keys() & settled.keys():
            if words[name] != settled[name]:
                raise Rejected(f"{name} must be {settled[name]!r}, as the brief says")
        made = {name: settled.get(name, words.get(name)) for name in self.place if name in settled or name in words}
        made |= {name: value for name, value in words.items() if name not in made}
        return {**self.record, "metadata": made} if self.nested else made


class Log(Protocol):
    """The generator, as far as its writers need it."""

    scenario: Scenario
    record_schema: Json

    def told(self, row: int) -> tuple[int, Told]:
        """The event of `row`, and its node."""

    def row_of(self, node: int, rows: range) -> int | None:
        """The first of `rows` that is an event of `node`."""

    def writing_schema(self, node: int) -> Json:
        """What is to be written of the events of `node`."""


@dataclass(slots=True, eq=False)
class Writer:
    """Writes the events of one node: implements `Writable`."""

    kind: str
    writing_schema: Json
    writing_rules: str
    log: Log
    seed: int

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        _, told = self.log.told(row)
        settled = json.dumps({name: value for name, value in told.settled.items() if name != "metadata"}, ensure_ascii=False)
        letters = initials(hints(self.seed, self.kind, row, retry))
        before = f", after {', '.join(told.before[-_SHOWN:])}" if told.before else ""
        when = told.record.get("timestamp", "a time of its own")
        brief = f"Event {row + 1}: {told.type} at {when}{before}. Settled: {settled}. Where names occur: {letters}."
        return Draft(brief=brief, words=told.words, assemble=told.with_words)


class Writers:
    """A desk for the events of each node: their payloads have schemas of their own."""

    def __init__(self, log: Log, spec: Spec, make: Callable[[Spec], Log]) -> None:
        self._log, self._spec, self._make = log, spec, make
        self._desks: dict[int, Desk] = {}

    def request(self, row: int, retry: int) -> Request:
        """The ask for the event of `row`."""
        node, _ = self._log.told(row)
        if node not in self._desks:
            self._desks[node] = Desk(
                self._writer(node, self._log), self._spec, self._log.record_schema, lambda: self._example(node), repeatable=True
            )
        return self._desks[node].request(row, retry)

    def _writer(self, node: int, log: Log) -> Writer:
        scenario = log.scenario
        rules = _RULES.format(about=scenario.description or scenario.name)
        return Writer("events", log.writing_schema(node), rules, log, self._spec.seed)

    def _example(self, node: int) -> Draft | None:
        """The first event of that node under a seed of its own, if there is one soon."""
        row = self._other.row_of(node, range(_SEARCHED))
        return None if row is None else self._writer(node, self._other).draft(row)

    @cached_property
    def _other(self) -> Log:
        return self._make(self._spec.model_copy(update={"seed": EXAMPLE_SEED}))
