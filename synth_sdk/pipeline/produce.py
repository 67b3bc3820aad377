"""Have models write records in blocks of 64, in order; records made without models fill the rest.

Near-duplicates are judged in the order of the records, block after block, with what was bought before in mind: the lower index wins,
whichever reply came first. Buying goes on meanwhile. When the money isn't enough for all, a block buys its records in a fixed order that is even at
every length: whoever repeats a run finds those that it bought before among the first.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from synth_sdk.core.errors import BudgetExhausted, NoRoute, SynthError
from synth_sdk.core.generators import Generator, Made, Provenance
from synth_sdk.core.models import Json, Model
from synth_sdk.core.similar import Seen
from synth_sdk.pipeline.blocks import OFFLINE, grid

BLOCK = 64
_RETRIES_FOR_DUPLICATES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallbacks:
    """When a record made without models may stand in for one that couldn't be bought."""

    when_budget_ends: bool
    when_turned_down: bool
    when_models_fail: bool

    def allow(self, error: SynthError) -> bool:
        if isinstance(error, BudgetExhausted):
            return self.when_budget_ends
        return self.when_turned_down if isinstance(error, NoRoute) and error.answered else self.when_models_fail


@dataclass(frozen=True, slots=True)
class Rest:
    """Who makes the records that models don't: the kind's own generator, or one that expands a blueprint."""

    generator: Generator
    provenance: Provenance = OFFLINE


class Share(Protocol):
    """What one block may spend. `admit(left)` says how many of the records that are left may be bought now, 0 for no more."""

    async def admit(self, left: int) -> int: ...

    def note(self, micros: int) -> None:
        """One was bought for so many micro-dollars, failed tries included."""

    def refuse(self) -> None:
        """The ledger had no room for one."""

    def close(self) -> None:
        """The block is done."""


class Pace(Protocol):
    """Deals the money of a run out to its blocks, as they begin."""

    def open(self, rows: int) -> Share: ...


class Auditor(Protocol):
    """Is shown every finished block, and may ask models about it."""

    async def judged(self, made: Sequence[Made]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How the records of one run are written.

    `arms`: the ids of those the user pinned, in order; (): free choice. `blocks_ahead` blocks are under way at once. `pace` None: all
    are bought. `on_made` is told of each record as it arrives, before its block is judged.
    """

    model: Model
    fallbacks: Fallbacks
    rest: Rest
    blocks_ahead: int
    arms: tuple[str, ...] = ()
    pace: Pace | None = None
    auditor: Auditor | None = None
    on_made: Callable[[Made], None] = lambda made: None


async def make_with_models(generator: Generator, count: int, writing: Writing) -> AsyncGenerator[list[Made], None]:
    """All records, a block at a time and in order."""
    under_way: deque[asyncio.Task[list[Made]]] = deque()
    seen, before = Seen(), None
    try:
        for block in grid(range(count), BLOCK):
            writer = _BlockWriter(generator, writing, block, seen, before)
            before = writer.judged
            under_way.append(asyncio.create_task(writer.write()))
            if len(under_way) >= writing.blocks_ahead:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


class _BlockWriter:
    """`seen`: what was bought before this block; complete when `before` is set."""

    def __init__(self, generator: Generator, writing: Writing, block: range, seen: Seen, before: asyncio.Event | None) -> None:
        self._generator, self._writing, self._block = generator, writing, block
        self._seen, self._before, self.judged = seen, before, asyncio.Event()
        self._share = writing.pace.open(len(block)) if writing.pace else _Everything()
        self._rest: Sequence[Json] | None = None

    async def write(self) -> list[Made]:
        try:
            made = await self._first_tries()
            made = await self._without_repeats(made)
        finally:
            self._share.close()
            self.judged.set()
        if self._writing.auditor:
            await self._writing.auditor.judged(made)
        return made

    async def _first_tries(self) -> list[Made]:
        """Every record once: bought as far as the share goes, the rest made without models."""
        waiting = deque(_evenly(self._block))
        made: dict[int, Made] = {}
        while admitted := await self._share.admit(len(waiting)):
            chosen = sorted(waiting.popleft() for _ in range(admitted))
            made |= zip(chosen, await _gather([self._one(index) for index in chosen]), strict=True)
        for index in waiting:
            made[index] = self._unbought(index)
            self._writing.on_made(made[index])
        return [made[index] for index in self._block]

    async def _without_repeats(self, made: list[Made]) -> list[Made]:
        """`made` with near-duplicates bought again, from other arms; those that still are ones are made without models."""
        if not any(_is_bought(one) and self._generator.said(one.record) is not None for one in made):
            return made
        if self._before:
            await self._before.wait()
        for retry in range(1, _RETRIES_FOR_DUPLICATES + 1):
            repeats = await self._repeats(made)
            if not repeats:
                break
            again = await _gather([self._again(made[at], retry) for at in repeats])
            for at, attempt in zip(repeats, again, strict=True):
                made[at] = attempt
        else:
            for at in await self._repeats(made):
                made[at] = self._stand_in(made[at].index, _repeat(made[at]))
        self._seen.remember(self._texts([one for one in made if _is_bought(one)]))
        return made

    async def _one(self, index: int) -> Made:
        made = await self._bought(index, 0, frozenset())
        self._writing.on_made(made)
        return made

    async def _again(self, before: Made, retry: int) -> Made:
        return await self._bought(before.index, retry, frozenset({_model_of(before)}))

    async def _bought(self, index: int, retry: int, avoid: frozenset[str]) -> Made:
        request = self._generator.request(index, retry)
        if request is None:
            return self._unbought(index)
        try:
            done = await self._writing.model.complete(replace(request, arms=self._writing.arms, avoid=avoid))
        except SynthError as error:
            if isinstance(error, BudgetExhausted):
                self._share.refuse()
            return self._stand_in(index, error)
        self._share.note(done.cost_micros + done.failed_micros)
        provenance = Provenance(
            origin=done.origin,
            model=done.model,
            cost_micros=done.cost_micros,
            saved_micros=done.saved_micros,
            attempts=done.attempts,
        )
        return Made(index=index, record=done.value, provenance=provenance)

    def _stand_in(self, index: int, error: SynthError) -> Made:
        if self._writing.fallbacks.allow(error):
            return self._unbought(index, error.message)
        return Made(index=index, reason=error.message)

    def _unbought(self, index: int, reason: str = "") -> Made:
        rest = self._writing.rest
        if self._rest is None:
            self._rest = rest.generator.batch(self._block).records()
        record = self._rest[index - self._block.start]
        return Made(index=index, record=record, provenance=rest.provenance, reason=reason)

    async def _repeats(self, made: Sequence[Made]) -> list[int]:
        """Positions of bought records that repeat an earlier one. Records made without models are fixed by (seed, n): they stay."""
        present = [at for at, one in enumerate(made) if one.provenance is not None]
        repeats = await asyncio.to_thread(self._seen.repeats, self._texts([made[at] for at in present]))
        return [present[at] for at in repeats if _is_bought(made[present[at]])]

    def _texts(self, made: Sequence[Made]) -> list[str]:
        return [self._generator.said(one.record) or "" for one in made]


class _Everything:
    """The share of a block whose records are all bought."""

    async def admit(self, left: int) -> int:
        return left

    def note(self, micros: int) -> None: ...

    def refuse(self) -> None: ...

    def close(self) -> None: ...


def _evenly(block: range) -> list[int]:
    """The rows of `block` in the order of their bits reversed: any number of the first ones is spread evenly over the block."""
    bits = (BLOCK - 1).bit_length()
    return sorted(block, key=lambda row: int(f"{row - block.start:0{bits}b}"[::-1], 2))


async def _gather(coroutines: Sequence[Coroutine[object, object, Made]]) -> list[Made]:
    """Like asyncio.gather, but a failure or a cancellation ends the others before it goes on."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _repeat(made: Made) -> NoRoute:
    return NoRoute({_model_of(made): "near-duplicate of an earlier record"}, answered=True)


def _model_of(made: Made) -> str:
    return made.provenance.model if made.provenance else ""


def _is_bought(made: Made) -> bool:
    return made.provenance is not None and made.provenance.origin in ("llm", "cache")
