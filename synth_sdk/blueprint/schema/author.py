"""Has annotations and vocabularies for a schema written."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from synth_sdk.blueprint.model import Blueprint
from synth_sdk.blueprint.purchase import buy, key_of
from synth_sdk.blueprint.schema import asking
from synth_sdk.blueprint.schema.fields import PROSE, Field, adds_up, fields_of
from synth_sdk.blueprint.schema.judging import Judge, annotated, flaw_of
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json, Model, Request
from synth_sdk.engine import Engine
from synth_sdk.schema import Schema, parse_schema
from synth_sdk.schema.documents import read_document

MAIN = "schema.json"
_MOST_WORDED = 24  # fields that get a vocabulary
_PER_CALL = 8  # fields in one call for numbers or shares
_SAMPLES, _LONGEST_SAMPLE = 3, 40
_TOKENS_PER_WORD, _TOKENS_PER_TEXT, _TOKENS_PER_ROW = 9, 45, 45


class AnnotationsAuthor:
    """Implements `Author` for a schema. RequestError when the engine can't follow annotations in it, or nothing is left to say."""

    main = MAIN
    one_file = True

    def __init__(self, kind: str, document: Json) -> None:
        self.kind = kind
        self._schema = parse_schema(document)
        title = self._schema.document.get("title") if isinstance(self._schema.document, Mapping) else None
        self.name = str(title or "schema")
        self._engine = Engine(self._schema)
        if not self._engine.columnar:
            raise RequestError(
                "no blueprint for this schema: offline its records are made one by one, where annotations aren't followed; choose mode llm"
            )
        self._fields = fields_of(self._schema.document)
        if not self._asked:
            raise RequestError("no blueprint for this schema: it says already where every value comes from; choose mode offline")

    @property
    def key(self) -> str:
        return key_of(self.requests())

    def requests(self) -> Sequence[Request]:
        return self._asked

    async def write(self, model: Model) -> Blueprint:
        parts = await buy(model, self._asked)
        changes: list[Any] = []
        left: list[str] = []
        for value in parts.values:
            for change in value["changes"] if value else ():
                if flaw_of(self._schema, annotated(self._schema.document, [*changes, change])):
                    left.append(change["at"][-1])
                else:
                    changes.append(change)
        if not changes:
            raise RequestError("no blueprint for this schema: of what was written nothing compiles; choose mode offline or llm")
        document = annotated(self._schema.document, changes)
        return parts.blueprint(
            files={MAIN: json.dumps(document, indent=2, ensure_ascii=False) + "\n"},
            about=f"what {len(changes)} of {len(self._fields)} fields are like",
            notes=[f"left as they were: {', '.join(left)}"] if left else [],
        )

    def review(self, path: Path) -> list[str]:
        try:
            flaw = flaw_of(self._schema, parse_schema(read_document(path)).document)
        except RequestError as error:
            flaw = error.message
        return [flaw] if flaw else []

    @cached_property
    def _asked(self) -> list[Request]:
        judge = Judge(self._schema)
        told = asking.instructions(self._schema, self._fields)
        return [
            Request(
                task=f"blueprint:{self.kind}:{what}",
                instructions=told,
                brief=brief,
                schema=schema,
                check=check,
                output_tokens=tokens,
                slot="blueprint",
            )
            for what, brief, schema, check, tokens in [*self._vocabularies(judge), *self._spreads(judge)]
        ]

    def _vocabularies(self, judge: Judge) -> Iterator[tuple[str, str, dict[str, Any], Callable[[Json], Json], int]]:
        samples = _samples(self._schema, self._engine)
        for field in [field for field in self._fields if field.wants_words][:_MOST_WORDED]:
            deciding = [
                other
                for other in self._fields
                if other.owner == field.owner and other.sort == "choice" and other.key != field.key
            ]
            brief = asking.words_brief(field, deciding, samples.get(field.key, ()))
            each = _TOKENS_PER_TEXT if field.meaning in PROSE else _TOKENS_PER_WORD
            tokens = 100 + 2 * asking.WORDS * each
            yield "words", brief, asking.WORDS_SCHEMA, partial(judge.words, field, deciding), tokens

    def _spreads(self, judge: Judge) -> Iterator[tuple[str, str, dict[str, Any], Callable[[Json], Json], int]]:
        for some in _chunks([field for field in self._fields if field.wants_spread and not adds_up(field, self._fields)]):
            tokens = 100 + _TOKENS_PER_ROW * len(some)
            yield "numbers", asking.numbers_brief(some), asking.numbers_schema(some), partial(judge.numbers, some), tokens
        for some in _chunks([field for field in self._fields if field.wants_shares or field.wants_gaps]):
            shares, gaps = [field for field in some if field.wants_shares], [field for field in some if field.wants_gaps]
            rows = sum(len(field.choices) for field in shares) + len(gaps)
            tokens = 100 + _TOKENS_PER_ROW * rows
            yield (
                "shares",
                asking.shares_brief(shares, gaps),
                asking.shares_schema(shares, gaps),
                partial(judge.shares, shares, gaps),
                tokens,
            )
        for some in self._timelines():
            tokens = 100 + _TOKENS_PER_ROW * len(some)
            yield "order", asking.order_brief(some), asking.order_schema(some), partial(judge.order, some), tokens

    def _timelines(self) -> Iterator[list[Field]]:
        """The moments of each object that has at least two, and doesn't say yet how they follow."""
        owners: dict[Any, list[Field]] = {}
        for field in self._fields:
            if field.wants_order:
                owners.setdefault(field.owner, []).append(field)
        yield from (some for some in owners.values() if len(some) > 1)


def _chunks(fields: Sequence[Field]) -> Iterator[Sequence[Field]]:
    for first in range(0, len(fields), _PER_CALL):
        yield fields[first : first + _PER_CALL]


def _samples(schema: Schema, engine: Engine) -> dict[str, list[str]]:
    """What the engine makes of text fields by itself, by key."""
    try:
        records = engine.batch(range(_SAMPLES)).records()
    except RequestError:
        return {}
    found: dict[str, list[str]] = {}
    for record in records:
        for key, text in _texts(record):
            found.setdefault(key, []).append(text[:_LONGEST_SAMPLE])
    return {key: texts[:_SAMPLES] for key, texts in found.items()}


def _texts(value: Json, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key)
    elif isinstance(value, str):
        yield key, value
