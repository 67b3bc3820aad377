"""How records of any kind are written by models.

A kind names what a model writes of a record (`writing_schema`, which may be less than the record) and tells of each record a `Draft`:
what the model is told, what the offline engine says in its place, and how a record is made of words. All else is the same for
every kind: the static instructions with a worked example, the ceiling for tokens, the full validation of what was assembled.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Protocol

from synth_sdk.core.errors import Rejected, RequestError
from synth_sdk.core.leaves import leaves
from synth_sdk.core.models import Json, Request
from synth_sdk.core.seeds import rng
from synth_sdk.core.spec import Spec
from synth_sdk.schema import Schema
from synth_sdk.schema.drafts import compile_fast

EXAMPLE_SEED = -1  # no user's run has it by accident
_SAMPLES = 12
_FEWEST_TOKENS, _MOST_TOKENS = 200, 4_000
_UNKNOWN_TOKENS = 1_500  # of what can't be made offline but may still be written by a model
_LONGEST_EXAMPLE = 6_000  # bytes
_RUN = 8  # words in a row that are no coincidence
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LETTERS = "ABCDEFGHIJKLMNOPRSTVW"

_COMMON = """\
- Answer with JSON alone. A record keeps to its schema in full: formats, bounds and what descriptions ask for too.
- Every record is a different one: vary openings, lengths and tone; use ordinary and rare cases.
- Nothing is a placeholder ("string", "example", "lorem ipsum"), and nothing is a real person's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One record before a model wrote it.

    `brief` is the record's own part of the prompt, `words()` what the offline engine says, in the shape of the writing schema, and
    `assemble(words)` makes the record, or raises `Rejected`. `difficulty` is a guess in 0-1. Of a `partial` draft each text is used or
    left on its own: one that repeats the worked example arrives empty.
    """

    brief: str
    words: Callable[[], Json]
    assemble: Callable[[Json], Json]
    difficulty: float | None = None
    partial: bool = False


class Writable(Protocol):
    """What the desk asks of a kind."""

    @property
    def kind(self) -> str: ...

    @property
    def writing_schema(self) -> Json: ...

    @property
    def writing_rules(self) -> str: ...

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        """Record `row` for a model. Every retry may be told otherwise."""


class Desk:
    """Where the requests of one kind are written.

    `record_schema` is what an assembled record must satisfy, whatever the model was asked to write of it. `example` is a record from
    a seed of its own (None: there is none); a reply that repeats its words is turned down, unless `repeatable`.
    """

    def __init__(
        self,
        kind: Writable,
        spec: Spec,
        record_schema: Json,
        example: Callable[[], Draft | None],
        *,
        repeatable: bool = False,
    ) -> None:
        self._kind, self._seed, self._record_schema = kind, spec.seed, record_schema
        self._example, self._repeatable = example, repeatable

    @cached_property
    def task(self) -> "Task":
        """What all requests have in common; made when the first one is."""
        kind, example = self._kind, self._example()
        text = instructions(kind.writing_rules, example)
        return Task(
            name=f"{kind.kind}:{_digest(text, kind.writing_schema)}",
            schema=kind.writing_schema if isinstance(kind.writing_schema, dict) else {},
            instructions=text,
            output_tokens=ceiling(kind.draft(row) for row in range(_SAMPLES)),
            validate_words=validation(Schema(kind.writing_schema)),
            validate_record=None if self._record_schema is kind.writing_schema else validation(Schema(self._record_schema)),
            copied=_runs(example.words()) if example and not self._repeatable else frozenset(),
        )

    def request(self, row: int, retry: int) -> Request:
        """The ask for record `row`."""
        task, draft = self.task, self._kind.draft(row, retry=retry)
        return Request(
            task=task.name,
            instructions=task.instructions,
            brief=draft.brief,
            schema=task.schema,
            check=lambda words: task.checked(draft, words),
            output_tokens=task.output_tokens,
            slot=f"{self._seed}/{row}/{retry}",
            difficulty=draft.difficulty,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all requests of a kind and a wish have in common. Its name depends on what models are told, not on the run."""

    name: str
    schema: Mapping[str, Json]
    instructions: str
    output_tokens: int
    validate_words: Callable[[Json], None]
    validate_record: Callable[[Json], None] | None
    copied: frozenset[str]

    def checked(self, draft: Draft, words: Json) -> Json:
        """The record that `words` make. Rejected says what is wrong with them."""
        self.validate_words(words)
        if self.copied and not self.copied.isdisjoint(_runs(words)):
            if not draft.partial:
                raise Rejected("it repeats the worked example of the instructions word for word")
            words = self._own(words)
        record = draft.assemble(words)
        if self.validate_record is not None:
            self.validate_record(record)
        return record

    def _own(self, value: Json) -> Json:
        """`value` with nothing in the place of texts that repeat the worked example."""
        if isinstance(value, dict):
            return {key: self._own(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._own(item) for item in value]
        return value if self.copied.isdisjoint(_runs(value)) else ""


def validation(schema: Schema) -> Callable[[Json], None]:
    """`schema.validate`, many times faster for what is valid: jsonschema-rs judges, with Python's own patterns and formats."""
    judge = None if "patternProperties" in schema.keys else compile_fast(schema.draft, schema.document, as_python=True)

    def validate(value: Json) -> None:
        if judge is None or not (_is_json(value) and judge.is_valid(value) and schema.accepts(value)):
            schema.validate(value)

    return validate


def _is_json(value: Json) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def instructions(rules: str, example: Draft | None) -> str:
    """The static prefix: the same bytes for every request of a task. The schema isn't in it: each provider sends it as its arm takes it,
    and tells in words what no field of its own can say."""
    shown = _text(example.words()) if example else ""
    worked = f"\n\nExample brief\n{example.brief}\nExample answer\n{shown}" if example and len(shown) <= _LONGEST_EXAMPLE else ""
    return f"{rules.strip()}\n{_COMMON}{worked}\n"


def _digest(text: str, schema: Json) -> str:
    return hashlib.blake2b(f"{text}{_text(schema)}".encode(), digest_size=8).hexdigest()


def ceiling(drafts: Iterable[Draft]) -> int:
    """Tokens that one record may take at most: as many as the longest of some offline ones has bytes, which is about four times what it
    needs, within 200-4000."""
    try:
        longest = max(len(_text(draft.words()).encode()) for draft in drafts)
    except RequestError:
        return _UNKNOWN_TOKENS
    return min(_MOST_TOKENS, max(_FEWEST_TOKENS, longest))


def hints(seed: int, kind: str, row: int, retry: int) -> Random:
    """Where the words of a brief are drawn from: another place for each retry."""
    return rng(seed, kind, "brief", row, retry)


def initials(source: Random) -> str:
    """Two letters that lead a model to names of its own: without them replies to like prompts are alike."""
    return "".join(source.choice(_LETTERS) for _ in range(2))


def _runs(value: Json) -> frozenset[str]:
    """Every run of eight words in the texts of `value`. JSON within texts has a shape that is meant to come back."""
    found: set[str] = set()
    for one in leaves(value):
        if isinstance(one, str) and not one.startswith(("{", "[")):
            words = _WORD.findall(one.casefold())
            found.update(" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
    return frozenset(found)


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=False)
