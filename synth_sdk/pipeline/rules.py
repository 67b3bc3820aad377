"""Rules at work: every delivered record passes those that were asked for.

A record that a model wrote and a rule turns down is asked for again, like one that fails a check of its kind. One that is made without
models is the same whenever it is made, so it is left out, with the reason. Rules see a record as its kind makes it.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from synth_sdk.core import plugins
from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import NoRoute, Outcome, Rejected, RequestError, SynthError
from synth_sdk.core.generators import Generator, Made
from synth_sdk.core.models import Completion, Json, Model, Request
from synth_sdk.core.rules import Rule
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.inspection import Inspection
from synth_sdk.pipeline.offline import Encode, Make, Work
from synth_sdk.pipeline.produce import Writing, make_with_models

_MOST_FLAWS, _LONGEST_FLAW = 5, 200
_TRIES_BEHIND_CACHE = 3  # for a record whose cached values were accepted before a rule was there, or was what it is now
_BOUGHT = ("llm", "cache")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one run, in the order in which they were asked for. Pickles as their names: other processes load their own.

    `own` are the names of those that nobody registered: no other process could load them.
    """

    names: tuple[str, ...] = ()
    checks: tuple[Rule, ...] = ()
    own: tuple[str, ...] = ()

    def and_also(self, name: str, check: Rule) -> "Rules":
        """These, and a rule that nobody registered."""
        return Rules((*self.names, name), (*self.checks, check), (*self.own, name))

    def flaws(self, record: Json, index: int) -> list[str]:
        """What the rules have against record number `index`, a text for each that turns it down. SynthError when a rule fails itself."""
        return [flaw for name, check in zip(self.names, self.checks, strict=True) for flaw in _flaws(name, check, record, index)]

    def flaws_in(self, batch: Batch, records: Callable[[], Sequence[Json]], rows: range) -> dict[int, list[str]]:
        """The same of each of the records `rows` that is turned down. A rule that has `flaws_of`, which gives places and texts of a batch, looks at it
        as a whole; `records` gives those of the batch to the others.
        """
        found: dict[int, list[str]] = {}
        for name, check in zip(self.names, self.checks, strict=True):
            of_many = getattr(check, "flaws_of", None)
            if of_many is not None:
                told = ((rows[place], _worded(name, [flaw])) for place, flaw in of_many(batch))
            else:
                told = ((index, _flaws(name, check, record, index)) for index, record in zip(rows, records(), strict=True))
            for index, flaws in told:
                if flaws:
                    found.setdefault(index, []).extend(flaws)
        return found

    def sift(self, work: Work) -> Work:
        """`work`, done with those records that pass; the others are missing from its blocks."""
        if not self.names:
            return work
        if isinstance(work, Encode):  # how many records stand before a block isn't known while others are made
            work = Make(work.inspection, plain=True)
        return Sift(work, self)

    async def make_with_models(self, generator: Generator, count: int, writing: Writing) -> AsyncGenerator[list[Made], None]:
        """As `pipeline.produce.make_with_models`, under these rules."""
        if self.names:
            generator, writing = _asking(generator, self), replace(writing, model=_Rechecked(writing.model))
        try:
            async with aclosing(make_with_models(generator, count, writing)) as made:
                async for records in made:
                    yield [self._judged(one) for one in records]
        except _Broken as broken:
            raise broken.told from broken.told.__cause__

    def _judged(self, made: Made) -> Made:
        """`made`, or its lack if it was made without models and doesn't pass."""
        if made.provenance is None or made.provenance.origin in _BOUGHT:
            return made
        flaws = self.flaws(made.record, made.index)
        return Made(index=made.index, reason="; ".join(flaws)) if flaws else made

    def __reduce__(self) -> tuple[Any, ...]:
        return load_rules, (self.names,)


def load_rules(names: Sequence[str], own: Mapping[str, Rule] | None = None) -> Rules:
    """The rules called `names`; `own` are such as nobody registered. UnknownName, or RequestError for a part that is no rule."""
    own = own or {}
    return Rules(tuple(names), tuple(own[name] if name in own else _rule(name) for name in names), tuple(own))


def named_rules(wanted: str | Iterable[str | Rule] | None) -> tuple[tuple[str, ...] | None, dict[str, Rule]]:
    """Rules as users give them: their names, and by name those that are functions nobody registered."""
    if wanted is None:
        return None, {}
    names: list[str] = []
    own: dict[str, Rule] = {}
    for item in (wanted,) if isinstance(wanted, str) or callable(wanted) else wanted:
        if isinstance(item, str):
            names.append(item)
            continue
        if not callable(item):
            raise RequestError(f"rules: {item!r} is neither the name of a rule nor a function")
        name = plugins.registered_as("rules", item) or _free_name(item, own)
        if not plugins.at_run_time("rules", name):
            own[name] = _instance(name, item)
        names.append(name)
    return tuple(dict.fromkeys(names)), own


@dataclass(frozen=True, slots=True)
class Sift:
    """Does `work` with the records that pass; the others are missing from the block, with the reason."""

    work: Work
    rules: Rules

    @property
    def inspection(self) -> Inspection:
        return self.work.inspection

    def __call__(self, generator: Generator, rows: range) -> Block:
        sieve = _Sieve(generator, self.rules)
        block = self.work(cast(Generator, sieve), rows)
        return replace(block, count=len(rows) - len(sieve.missing), missing=[*block.missing, *sieve.missing])


class _Sieve:
    """`generator` without the records that don't pass; `missing` are their numbers and the reasons."""

    def __init__(self, generator: Generator, rules: Rules) -> None:
        self._generator, self._rules = generator, rules
        self.missing: list[tuple[int, str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def batch(self, rows: range) -> Batch:
        """A batch of columns stays one as long as all of it passes."""
        batch = self._generator.batch(rows)
        records = cache(batch.records)  # a batch of columns makes them anew whenever it is asked
        flaws = self._rules.flaws_in(batch, records, rows)
        self.missing += [(index, "; ".join(flaws[index])) for index in sorted(flaws)]
        return Records([record for index, record in zip(rows, records(), strict=True) if index not in flaws]) if flaws else batch


@dataclass(frozen=True, slots=True)
class _Check:
    """The check of record number `index`: its kind's, then the rules."""

    request: Request
    rules: Rules
    index: int

    def __call__(self, words: Json) -> Json:
        record = self.request.check(words)
        if flaws := self.flaws(record):
            raise Rejected("; ".join(flaws), Outcome.BROKEN)  # the outcome after which the same model hears what was wrong
        return record

    def flaws(self, record: Json) -> list[str]:
        try:
            return self.rules.flaws(record, self.index)
        except SynthError as error:
            raise _Broken(error) from error


def _asking(generator: Generator, rules: Rules) -> Generator:
    """`generator`, whose requests are checked by `rules` too."""

    class Asking:
        def __getattr__(self, name: str) -> Any:
            return getattr(generator, name)

        def request(self, index: int, retry: int) -> Request | None:
            asked = generator.request(index, retry)
            return asked and replace(asked, check=_Check(asked, rules, index))

    return cast(Generator, Asking())


class _Rechecked:
    """`model` before whose cache nobody knew of the rules: a cached record that doesn't pass is asked for under another slot."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def complete(self, request: Request) -> Completion:
        flaws: list[str] = []
        done: Completion | None = None
        for again in range(_TRIES_BEHIND_CACHE):
            slot = f"{request.slot}/rules/{again}" if again else request.slot
            done = await self._model.complete(replace(request, slot=slot))
            if done.origin != "cache" or not isinstance(request.check, _Check):
                return done
            if not (flaws := request.check.flaws(done.value)):
                return done
        raise NoRoute({done.model if done else "cache": "; ".join(flaws)}, answered=True)


class _Broken(Exception):
    """A rule failed itself. No error of ours until it has left the models behind: they would take it for one of a record."""

    def __init__(self, told: SynthError) -> None:
        super().__init__(told.message)
        self.told = told


def _flaws(name: str, check: Rule, record: Json, index: int) -> list[str]:
    try:
        found = check(record)
        texts = [found] if isinstance(found, str) else [] if found is None else list(found)
    except Exception as error:
        told = " ".join(str(error).split())[:_LONGEST_FLAW]
        raise SynthError(f"rule {name!r} fails on record {index}: {type(error).__name__}{f': {told}' if told else ''}") from error
    for text in texts:
        if not isinstance(text, str):
            raise SynthError(f"rule {name!r} fails on record {index}: it gave {text!r} where the words of a flaw are expected")
    return _worded(name, texts)


def _worded(name: str, texts: Sequence[str]) -> list[str]:
    words = [" ".join(text.split())[:_LONGEST_FLAW] for text in texts[:_MOST_FLAWS] if text.strip()]
    return [f"rule {name}: {'; '.join(words)}"] if words else []


def _rule(name: str) -> Rule:
    return _instance(name, plugins.load("rules", name))


def _instance(name: str, part: Any) -> Rule:
    """The rule itself, where a part is the class of one."""
    try:
        made = part() if isinstance(part, type) else part
    except Exception as error:
        raise RequestError(f"rule {name!r} can't be made: {type(error).__name__}: {' '.join(str(error).split())}") from error
    if not callable(made):
        raise RequestError(f"rule {name!r} can't be used: it is a {type(made).__name__}, not a function")
    return cast(Rule, made)


def _free_name(item: Any, taken: Mapping[str, Rule]) -> str:
    name = getattr(item, "__name__", type(item).__name__)
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
