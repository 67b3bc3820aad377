"""Kinds that users add: a class with a `record` method, or a function, known by name from then on.

    from synth_sdk import Synth, generator

    @generator("sensor")
    def sensor(row, rng, *, unit="C"):
        return {"id": row, "value": round(rng.gauss(20, 2), 1), "unit": unit}

    Synth().generate("sensor", count=5, seed=1, constraints={"unit": "F"})

A record depends on the seed and its number alone, since each has a source of random numbers of its own: any part of the records can be
made anywhere, and in any order.
"""

import inspect
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from synth_sdk.core import plugins
from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import Rejected, RequestError, SynthError
from synth_sdk.core.measures import feature_of
from synth_sdk.core.models import Json, Request
from synth_sdk.core.seeds import rng
from synth_sdk.core.spec import Spec
from synth_sdk.generators.constraints import check_keys
from synth_sdk.generators.written import EXAMPLE_SEED, Desk, Draft, hints, initials, validation

T = TypeVar("T")
_GIVEN = ("row", "rng", "spec")
_LOOKED_AT = 64  # records from which the columns of a kind without a schema are told
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", dict: "object", list: "array"}


class CustomGenerator(ABC):
    """Base of a kind of your own. Name `kind` and write `record`; all else may stay as it is.

    `record_schema` is what a record must satisfy, as anything that `--schema` takes: without one, types and columns are those of the
    first 64 records. Parameters of `record` that have a default are constraints, of the default's type. With `writing_rules`, what
    models are told, they may write the records too; otherwise the kind is always made offline. `spec` is the whole wish.
    """

    kind: str
    record_schema: Json = None
    rows_per_batch: int = 256
    writing_rules: str = ""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        recipe = _Recipe.of(self.kind, self.record)
        self.constraint_keys = frozenset(recipe.defaults)
        check_keys(self.kind, spec.constraints, self.constraint_keys)
        for name, given in (("schema", spec.document), ("pack", spec.pack), ("blueprint", spec.blueprint)):
            if given is not None:
                raise RequestError(f"a {name} doesn't fit kind {self.kind!r}: leave --{name} out, or choose another kind")
        self._recipe = replace(recipe, defaults=recipe.defaults | _told(recipe.defaults, spec.constraints))
        self._validate: Callable[[Json], None] = _check_json
        self.record_schema = self._declared(type(self).record_schema)

    @abstractmethod
    def record(self, row: int, rng: Random) -> Json:
        """Record `row`, by numbers from `rng` alone. It may also take `spec`, leave out what it doesn't need, and have constraints."""

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        """What the distribution analysis counts: the fields."""
        fields = record if isinstance(record, dict) else {"value": record}
        return {name: feature_of(value) for name, value in fields.items()}

    def said(self, record: Json) -> str | None:
        """The words by which near-duplicates are judged where models write; None where repeats are legitimate."""
        return None

    def batch(self, rows: range) -> Batch:
        return Records([self._made(row) for row in rows])

    def request(self, index: int, retry: int) -> Request | None:
        return self._desk.request(index, retry) if self.writing_rules else None

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        """What a model is told of record `row`: its offline twin's fields, and letters that lead it to names of its own."""
        record = self._made(row)
        lead = ", ".join(f"{name} {value}" for name, value in self.features(record).items())
        letters = initials(hints(self.spec.seed, self.kind, row, retry))
        brief = f"Record {row + 1}, in the manner of: {lead}. Where names occur: {letters}."
        return Draft(brief=brief, words=lambda: record, assemble=lambda words: words)

    @property
    def writing_schema(self) -> Json:
        """What a model writes: the whole record."""
        return self.record_schema

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self, self.spec, self.record_schema, self._example, repeatable=True)

    def _example(self) -> Draft:
        return type(self)(self.spec.model_copy(update={"seed": EXAMPLE_SEED})).draft(0)

    def _made(self, row: int) -> Json:
        try:
            record = self._recipe(row, rng(self.spec.seed, self.kind, row), self.spec)
            self._validate(record)
        except Rejected as flaw:
            raise SynthError(f"kind {self.kind!r}, record {row}: {flaw.message}") from None
        except SynthError:
            raise
        except Exception as error:
            told = " ".join(str(error).split())[:300]
            raise SynthError(f"kind {self.kind!r} fails on record {row}: {type(error).__name__}: {told}") from error
        return record

    def _declared(self, schema: Json) -> Json:
        """The schema of a record. RequestError when the first one can't be made: nothing has been written then."""
        try:
            if schema is None:
                return seen_schema([self._made(row) for row in range(min(self.spec.count, _LOOKED_AT))])
            from synth_sdk.schema import parse_schema

            checked = parse_schema(schema)
            self._validate = validation(checked)
            self._made(0)
        except RequestError:
            raise
        except SynthError as error:
            raise RequestError(error.message) from error.__cause__
        return checked.document


def generator(kind: str, *, schema: Any = None, writing_rules: str = "") -> Callable[[T], T]:
    """Make the decorated function, or class, known as `kind` in this process; it stays what it is. See the head of this file.

    The function takes what it needs of `row`, `rng` and `spec` by these names; its further parameters need a default and are
    constraints. A class is a CustomGenerator, or anything that keeps to `core.generators.Generator`. RequestError for a kind that is
    built in, or a function that can't be called so.
    """
    if plugins.builtin("generators", kind):
        raise RequestError(f"kind {kind!r} is built in: choose another name")

    def keep(part: T) -> T:
        plugins.register("generators", kind, _class_of(kind, part, schema, writing_rules))
        return part

    return keep


def seen_schema(values: Sequence[Json]) -> dict[str, Json]:
    """The types of `values`, down to properties and items, and no more: a value of several types may be anything."""
    types = {_TYPES.get(type(value), "") for value in values}
    if "number" in types:
        types.discard("integer")
    (name,) = types - {"null"} if len(types - {"null"}) == 1 else ("",)
    if not name:
        return {}
    found: dict[str, Json] = {"type": [name, "null"] if "null" in types else name}
    there = [value for value in values if value is not None]
    if name == "object":
        keys = dict.fromkeys(key for value in there for key in value)
        found["properties"] = {key: seen_schema([value[key] for value in there if key in value]) for key in keys}
    elif name == "array":
        found["items"] = seen_schema([item for value in there for item in value])
    return found


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How a record is made: `wants` are those of row, rng and spec that `make` takes, `defaults` its further arguments."""

    make: Callable[..., Json]
    wants: tuple[str, ...]
    defaults: dict[str, Any]

    @classmethod
    def of(cls, kind: str, make: Callable[..., Json]) -> "_Recipe":
        if inspect.iscoroutinefunction(make) or inspect.isgeneratorfunction(make):
            raise RequestError(
                f"kind {kind!r}: records are made by a plain function that returns one, not by an async one or a generator"
            )
        wants: list[str] = []
        defaults: dict[str, Any] = {}
        for name, parameter in inspect.signature(make).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if name in _GIVEN and parameter.kind is not parameter.POSITIONAL_ONLY:
                wants.append(name)
            elif parameter.default is parameter.empty or parameter.kind is parameter.POSITIONAL_ONLY:
                raise RequestError(
                    f"kind {kind!r}: what is parameter {name!r}? Take row, rng and spec by these names, and give others a default"
                )
            elif not isinstance(parameter.default, str | int | float | None):
                raise RequestError(f"kind {kind!r}: the default of {name!r} must be a text, a number, True, False or None")
            else:
                defaults[name] = parameter.default
        return cls(make, tuple(wants), defaults)

    def __call__(self, row: int, rng: Random, spec: Spec) -> Json:
        given = {"row": row, "rng": rng, "spec": spec}
        return self.make(**{name: given[name] for name in self.wants}, **self.defaults)


def _class_of(kind: str, part: Any, schema: Any, writing_rules: str) -> type:
    if not callable(part):
        raise RequestError(f"kind {kind!r}: a {type(part).__name__} makes no records; decorate a function or a class")
    if isinstance(part, type):
        part.kind = kind  # type: ignore[attr-defined]  # of a class that is to have one
        return part
    _Recipe.of(kind, part)
    body = {
        "kind": kind,
        "record": staticmethod(part),
        "record_schema": schema,
        "writing_rules": writing_rules,
        "__doc__": part.__doc__,
        "__module__": part.__module__,
    }
    return type(part.__name__, (CustomGenerator,), body)


def _told(defaults: Mapping[str, Any], constraints: Mapping[str, str]) -> dict[str, Any]:
    """The constraints as values of the types that their defaults have."""
    return {name: _converted(name, text, defaults[name]) for name, text in constraints.items()}


def _converted(name: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return _TRUTHS[text.casefold()]
        return type(default)(text) if isinstance(default, int | float) else text
    except (KeyError, ValueError):
        wanted = {"bool": "true or false", "int": "a whole number"}.get(type(default).__name__, "a number")
        raise RequestError(f"constraint {name}={text!r}: must be {wanted}") from None


def _check_json(value: Json) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as problem:
        raise Rejected(f"it is not JSON: {problem}") from None
