"""Has the banks of a kind written: each property of its blueprint schema in calls of its own, merged into one file."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from synth_sdk.blueprint.banks.pruning import merged, pruned
from synth_sdk.blueprint.model import Blueprint
from synth_sdk.blueprint.purchase import buy, key_of
from synth_sdk.blueprint.yamltext import to_yaml
from synth_sdk.core.errors import Rejected, RequestError
from synth_sdk.core.models import Json, Model, Request
from synth_sdk.schema import Schema
from synth_sdk.schema.documents import read_document

MAIN = "blueprint.yaml"
CALLS = 8  # for a property that is needed, and at least for one with subjects
_FEWER = 2  # for any other
_MANNERS = (
    "Plain and everyday.",
    "From another walk of life than usual; other ages, other work.",
    "Short and casual.",
    "Careful and formal.",
    "Of an unusual, but real, kind.",
    "With a little more detail than most.",
    "As somebody in a hurry would.",
    "Dry and to the point.",
)
_TEXTS = 8  # in each list of one answer
_OUTPUT_TOKENS = 1600


@runtime_checkable
class Banked(Protocol):
    """A kind whose generator reads `spec.blueprint`: the schema of what it reads, what a model has to know, and what is wrong with a value.

    Flaws begin with the JSON pointer of their place (`at /themes/0/closings/2: ...`). A kind may also have `blueprint_subjects`: for
    a property that is a list of objects what each of them is about, for which one call each is made.
    """

    @property
    def kind(self) -> str: ...

    @property
    def blueprint_schema(self) -> Json: ...

    @property
    def blueprint_rules(self) -> str: ...

    def blueprint_flaws(self, value: Json) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class _Part:
    """One call: which property it is for, and what it is about."""

    property: str
    brief: str
    schema: Mapping[str, Json]


class BanksAuthor:
    """Implements `Author` for a kind that declares its banks."""

    main = MAIN
    one_file = True

    def __init__(self, banked: Banked) -> None:
        self.kind = self.name = banked.kind
        self._banked = banked
        self._schema: Mapping[str, Any] = banked.blueprint_schema
        self._needed = frozenset(self._schema.get("required", ()))

    @property
    def key(self) -> str:
        return key_of(self.requests())

    def requests(self) -> Sequence[Request]:
        return self._asked

    async def write(self, model: Model) -> Blueprint:
        parts = await buy(model, self._asked)
        value: dict[str, Any] = {}
        for part in parts.values:
            value = merged(value, part or {})
        value, left = self._usable(value)
        return parts.blueprint(
            files={MAIN: to_yaml(value)},
            about=f"banks of kind {self.kind}: {', '.join(value)}",
            notes=left,
        )

    def review(self, path: Path) -> list[str]:
        try:
            return self._banked.blueprint_flaws(read_document(path))
        except RequestError as error:
            return [error.message]

    def _usable(self, value: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """What of the merged value can be expanded, and what had to go. RequestError when something that is needed is missing."""
        if missing := [name for name in self._needed if name not in value]:
            raise RequestError(f"no blueprint for kind {self.kind!r}: {missing[0]!r} was not written; choose mode offline or llm")
        usable = {name: value[name] for name in self._schema["properties"] if name in self._needed}
        left: list[str] = []
        for name in [None, *(name for name in self._schema["properties"] if name in value and name not in self._needed)]:
            tried = usable if name is None else {**usable, name: value[name]}
            try:
                usable = pruned(tried, self._banked.blueprint_flaws)
            except Rejected as reason:
                if name is None:
                    raise RequestError(
                        f"no blueprint for kind {self.kind!r}: {reason.message}; choose mode offline or llm"
                    ) from None
                left.append(f"{name} was left out: {reason.message}")
        return usable, left

    @cached_property
    def _asked(self) -> list[Request]:
        schema = json.dumps(self._schema, ensure_ascii=False)
        told = f"{self._banked.blueprint_rules.strip()}\n\nThe whole is valid under this JSON Schema; each brief asks for one part of it.\n{schema}\nAnswer with JSON alone."
        return [
            Request(
                task=f"blueprint:{self.kind}:{part.property}",
                instructions=told,
                brief=part.brief,
                schema=part.schema,
                check=partial(self._check, part),
                output_tokens=_OUTPUT_TOKENS,
                slot="blueprint",
            )
            for name in self._schema["properties"]
            for part in self._parts(name)
        ]

    def _parts(self, name: str) -> list[_Part]:
        """The calls for one property."""
        inner = self._schema["properties"][name]
        subjects: Mapping[str, Sequence[str]] = getattr(self._banked, "blueprint_subjects", None) or {}
        is_list_of_objects = inner.get("type") == "array" and "properties" in inner.get("items", {})
        briefs = _briefs(subjects.get(name, ()), CALLS if name in self._needed or name in subjects else _FEWER)
        one = is_list_of_objects and (name in subjects or name in self._needed)
        schema = _wrapped(name, _limited(inner, 1) if one else inner)
        what = "exactly one item" if one else f"about {_TEXTS} items" if inner.get("type") == "array" else "all of it"
        return [
            _Part(name, f'Write "{name}": {what}, about {_TEXTS} texts in each list of texts.\n{brief}', schema)
            for brief in briefs
        ]

    def _check(self, part: _Part, value: Json) -> Json:
        """The part without its unfit texts; Rejected when too few are left."""
        whole = Schema(part.schema)

        def flaws(candidate: Json) -> list[str]:
            try:
                whole.validate(candidate)
            except Rejected as reason:
                return [reason.message]
            return self._banked.blueprint_flaws(candidate) if self._needed <= {part.property} else []

        return pruned(value, flaws)


def _briefs(subjects: Sequence[str], fewest: int) -> list[str]:
    """What each call is about: every subject as often as it takes to make `fewest` calls, each time in another manner."""
    rounds = -(-fewest // max(1, len(subjects)))
    return [
        f"{f'It is about {subject} (its exact name, where it has one). ' if subject else ''}Part {turn + 1} of {rounds}. {_MANNERS[turn % len(_MANNERS)]}"
        for turn in range(rounds)
        for subject in subjects or ("",)
    ]


def _wrapped(name: str, inner: Json) -> dict[str, Any]:
    return {"type": "object", "properties": {name: inner}, "required": [name], "additionalProperties": False}


def _limited(inner: Mapping[str, Any], most: int) -> dict[str, Any]:
    """A list schema for at most so many items."""
    return {**deepcopy(dict(inner)), "minItems": 1, "maxItems": most}
