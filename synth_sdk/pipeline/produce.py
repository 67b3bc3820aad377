"""Have models write records in blocks of 64, in order; offline records stand in as the last resort.

Near-duplicates are judged within a block, the lower index wins, so that the verdict doesn't depend on how blocks are spread over
workers or on which reply came first.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace

from synth_sdk.core.errors import BudgetExhausted, NoRoute, SynthError
from synth_sdk.core.generators import Generator, Made, Provenance, offline_record
from synth_sdk.core.models import Model
from synth_sdk.pipeline.blocks import OFFLINE, grid

BLOCK = 64
_RETRIES_FOR_DUPLICATES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallbacks:
    """When an offline record may stand in for one that couldn't be bought."""

    when_budget_ends: bool
    when_models_fail: bool

    def allow(self, error: SynthError) -> bool:
        return self.when_budget_ends if isinstance(error, BudgetExhausted) else self.when_models_fail


async def make_with_models(
    generator: Generator,
    count: int,
    model: Model,
    fallbacks: Fallbacks,
    *,
    arms: tuple[str, ...] = (),
    blocks_ahead: int,
    on_made: Callable[[Made], None] = lambda made: None,
) -> AsyncGenerator[list[Made], None]:
    """All records through `model`, a block at a time and in order; up to `blocks_ahead` blocks are under way at once.

    `arms`: the ids of those the user pinned, in order; (): free choice.
    `on_made` is told of each record as it arrives, before its block is judged.
    """
    writer = _BlockWriter(generator, model, fallbacks, arms, on_made)
    under_way: deque[asyncio.Task[list[Made]]] = deque()
    try:
        for block in grid(range(count), BLOCK):
            under_way.append(asyncio.create_task(writer.write(block)))
            if len(under_way) >= blocks_ahead:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _BlockWriter:
    generator: Generator
    model: Model
    fallbacks: Fallbacks
    arms: tuple[str, ...]
    on_made: Callable[[Made], None]

    async def write(self, block: range) -> list[Made]:
        made = list(await _gather([self._one(index, retry=0, avoid=frozenset()) for index in block]))
        for retry in range(1, _RETRIES_FOR_DUPLICATES + 1):
            repeats = self._repeats(made)
            if not repeats:
                return made
            again = await _gather(
                [self._one(made[at].index, retry=retry, avoid=frozenset({_model_of(made[at])})) for at in repeats]
            )
            for at, attempt in zip(repeats, again, strict=True):
                made[at] = attempt
        for at in self._repeats(made):
            made[at] = self._stand_in(made[at].index, NoRoute({_model_of(made[at]): "near-duplicate of an earlier record"}))
        return made

    async def _one(self, index: int, *, retry: int, avoid: frozenset[str]) -> Made:
        request = self.generator.request(index, retry)
        if request is None:
            return self._offline(index)
        try:
            done = await self.model.complete(replace(request, arms=self.arms, avoid=avoid))
        except SynthError as error:
            made = self._stand_in(index, error)
        else:
            provenance = Provenance(
                origin=done.origin,
                model=done.model,
                cost_micros=done.cost_micros,
                saved_micros=done.saved_micros,
                attempts=done.attempts,
            )
            made = Made(index=index, record=done.value, provenance=provenance)
        if retry == 0:
            self.on_made(made)
        return made

    def _stand_in(self, index: int, error: SynthError) -> Made:
        if self.fallbacks.allow(error):
            return self._offline(index, error.message)
        return Made(index=index, reason=error.message)

    def _offline(self, index: int, reason: str = "") -> Made:
        return Made(index=index, record=offline_record(self.generator, index), provenance=OFFLINE, reason=reason)

    def _repeats(self, made: Sequence[Made]) -> list[int]:
        """Positions of bought records that repeat a lower position. Offline records are fixed by (seed, n): they stay."""
        present = [at for at, one in enumerate(made) if one.provenance is not None]
        repeats = self.generator.near_duplicates([made[at].record for at in present])
        return [present[at] for at in repeats if not _is_offline(made[present[at]])]


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


def _model_of(made: Made) -> str:
    return made.provenance.model if made.provenance else ""


def _is_offline(made: Made) -> bool:
    return made.provenance is not None and made.provenance.origin == "offline"
