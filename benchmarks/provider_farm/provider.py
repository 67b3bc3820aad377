"""Providers that answer from the farm's truth, keep its limits and write its bills: they implement `core.models.Provider`."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NoReturn

from benchmarks.provider_farm.arms import EFFECT_SD, Arm
from benchmarks.provider_farm.draws import Draws
from benchmarks.provider_farm.farm import CACHE_HITS, Farm, OutageKind, arms_by_id
from benchmarks.provider_farm.limits import Limiter
from benchmarks.provider_farm.records import BRIEF_TOKENS, PREFIX_TOKENS, numbers_in
from synth_sdk.core.envelope import unwrap
from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Call, Json, Provider, Reply, Usage

_REFUSAL_S, _DOWN_S, _FAILURE_S = 0.15, 0.3, 0.8  # seconds until a 429, a 503 of an outage, a sporadic 5xx arrives
_ROUNDING = 1e-6  # micro-dollars: sums of floats that stand a hair above a whole one
_CORRECTED = 0.3  # what remains of the chance of a broken reply when told of the last one


@dataclass(slots=True)
class Books:
    """What the farm saw: `billed` in US dollars is what it really charged, whatever the caller has booked."""

    billed: float = 0.0
    calls: int = 0
    violations: int = 0  # calls sent to an arm before its stated delay was over


@dataclass(frozen=True, slots=True)
class Bill:
    """What a call used and costs, and how many tokens it would have written without `max_tokens`."""

    usage: Usage
    needed: int
    usd: Decimal


class ArmState:
    """What changes about one arm during a run."""

    __slots__ = ("asked", "limiter", "told_until", "warm_until")

    def __init__(self, arm: Arm) -> None:
        self.limiter = Limiter(arm.limits)
        self.told_until = -math.inf
        self.warm_until = -math.inf
        self.asked: Counter[int] = Counter()


class FarmState:
    """The books and the state of all arms of one run."""

    def __init__(self, farm: Farm) -> None:
        self.farm, self.books = farm, Books()
        self.arms = arms_by_id(farm)
        self.states = {name: ArmState(arm) for name, arm in self.arms.items()}

    def providers(self) -> dict[str, Provider]:
        names = {arm.card.provider for arm in self.farm.arms}
        return {name: FarmProvider(name, self) for name in sorted(names)}

    def weight(self, arm: Arm, count: int, max_tokens: int) -> float:
        """The tokens that a call counts against the limit of its arm."""
        asked = arm.input_factor * (PREFIX_TOKENS + count * BRIEF_TOKENS)
        return asked + (max_tokens if arm.limits.counts_max_tokens else arm.output_factor * 290 * count)


class FarmProvider:
    """One provider of the farm."""

    def __init__(self, name: str, state: FarmState) -> None:
        self.name, self._farm, self._all = name, state.farm, state

    def missing(self) -> None:
        return None

    async def aclose(self) -> None:
        return None

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Json]:
        arm, state, books = self._all.arms[call.card.id], self._all.states[call.card.id], self._all.books
        now = asyncio.get_running_loop().time()
        books.calls += 1
        books.violations += now < state.told_until
        if outage := self._farm.outage(arm, now):
            await self._suffer(outage.kind, call)
        await self._let_in(arm, state, call, now)
        numbers = numbers_in(call.prompt)
        draws = self._coins(arm, state, numbers)
        bill = await self._work(arm, state, call, numbers, draws)
        text, finish = self._written(arm, state, call, numbers, bill, draws)
        stated = bill.usd if arm.states_cost else None
        on_reply(Reply(text=text, finish=finish, usage=bill.usage, cost_usd=stated))
        if finish == "length":
            _fail(Outcome.TRUNCATED)
        return unwrap(text)

    def _coins(self, arm: Arm, state: ArmState, numbers: list[int]) -> Draws:
        """Those of this call; the next one for the same records has others."""
        draws = Draws(self._farm.seed, numbers[0], arm.number + 2, state.asked[numbers[0]])
        for number in numbers:
            state.asked[number] += 1
        return draws

    async def _work(self, arm: Arm, state: ArmState, call: Call, numbers: list[int], draws: Draws) -> Bill:
        """The time that the answer takes, and its bill; or a sporadic failure, or a stall that may be billed all the same."""
        fate = draws.uniform()
        if fate < arm.failures:
            await asyncio.sleep(_FAILURE_S)
            _fail(Outcome.UNAVAILABLE, status=500)
        bill = self._billed(arm, state, call, numbers, draws)
        seconds = arm.seconds(bill.usage.output_tokens, draws.normal())
        if fate < arm.failures + arm.stalls or seconds >= call.timeout:
            await asyncio.sleep(call.timeout)
            self._all.books.billed += float(bill.usd) * (draws.uniform() < arm.stalls_billed)
            _fail(Outcome.TIMEOUT, may_be_billed=True)
        await asyncio.sleep(seconds)
        self._all.books.billed += float(bill.usd)
        state.warm_until = asyncio.get_running_loop().time() + arm.cache_s
        return bill

    def _written(
        self, arm: Arm, state: ArmState, call: Call, numbers: list[int], bill: Bill, draws: Draws
    ) -> tuple[str, Literal["stop", "length"]]:
        """The text of the reply: cut off, no JSON, or the records, good or bad."""
        if bill.needed > call.max_tokens:
            return '{"items": [', "length"
        if draws.uniform() < arm.broken * (_CORRECTED if call.correction else 1):
            return '{"items"', "stop"
        return json.dumps({"items": [self._value(arm, number, len(numbers), state) for number in numbers]}), "stop"

    async def _suffer(self, kind: OutageKind, call: Call) -> NoReturn:
        """An outage: an error soon, or nothing until the caller's patience ends."""
        if kind == "hang":
            await asyncio.sleep(call.timeout)
            _fail(Outcome.TIMEOUT, may_be_billed=True)
        await asyncio.sleep(_DOWN_S)
        if kind == "quota":
            _fail(Outcome.QUOTA, status=429)
        _fail(Outcome.UNAVAILABLE, status=503)

    async def _let_in(self, arm: Arm, state: ArmState, call: Call, now: float) -> None:
        """Past the limits, or a 429 that states how long (whole seconds, from its arrival) or doesn't."""
        weight = self._all.weight(arm, call.count, call.max_tokens)
        opens = state.limiter.opens(weight, now)
        if opens <= now:
            state.limiter.take(weight, now)
            return
        await asyncio.sleep(_REFUSAL_S)
        if not arm.limits.states_delay:
            _fail(Outcome.RATE_LIMITED, status=429)
        delay = float(math.ceil(opens - now))
        state.told_until = max(state.told_until, asyncio.get_running_loop().time() + delay)
        _fail(Outcome.RATE_LIMITED, status=429, retry_after=delay)

    def _billed(self, arm: Arm, state: ArmState, call: Call, numbers: list[int], draws: Draws) -> Bill:
        prefix = round(arm.input_factor * PREFIX_TOKENS)
        corrected = sum(map(len, call.correction)) / 4 if call.correction else 0
        asked = prefix + round(arm.input_factor * (BRIEF_TOKENS * len(numbers) + corrected))
        hit = asyncio.get_running_loop().time() < state.warm_until and draws.uniform() < CACHE_HITS
        writes = arm.cache_s and not hit and call.card.prices.cache_write_per_m is not None
        thoughts = round(arm.thoughts * (0.5 + draws.uniform()))
        phase = self._farm.phase(numbers[0])
        text = arm.output_factor * sum(self._farm.records[number].tokens for number in numbers) + thoughts
        needed = round(text if arm.states_cost else text * arm.phases[phase].cost)
        usage = Usage(
            input_tokens=asked,
            output_tokens=min(needed, call.max_tokens),
            cache_read_tokens=prefix if hit else 0,
            cache_write_tokens=prefix if writes else 0,
            reasoning_tokens=thoughts,
        )
        return Bill(usage, needed, self._cost_usd(arm, usage, phase))

    def _cost_usd(self, arm: Arm, usage: Usage, phase: int) -> Decimal:
        """The bill: the listed prices, times the phase's factor where the provider states what it charges."""
        prices = arm.card.prices
        into, out = float(prices.input_per_m or 0), float(prices.output_per_m or 0)
        read = into if prices.cache_read_per_m is None else float(prices.cache_read_per_m)
        write = into if prices.cache_write_per_m is None else float(prices.cache_write_per_m)
        plain = usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens
        micros = plain * into + usage.cache_read_tokens * read + usage.cache_write_tokens * write + usage.output_tokens * out
        micros *= arm.phases[phase].cost if arm.states_cost else 1
        return Decimal(math.ceil(micros - _ROUNDING)) / 1_000_000

    def _value(self, arm: Arm, number: int, count: int, state: ArmState) -> Json:
        """A record, good or bad as the coin falls; the effect of this arm with this record is the same at each asking."""
        farm = self._farm
        effect = EFFECT_SD * Draws(farm.seed, number, arm.number + 2, 1 << 32).normal()
        draws = Draws(farm.seed, number, arm.number + 2, state.asked[number] + (1 << 33))
        chance = arm.validity(farm.records[number].difficulty, effect, farm.phase(number), count)
        return {"record": number, "good": draws.uniform() < chance, "draw": draws.uniform()}


def _fail(
    outcome: Outcome, *, status: int | None = None, retry_after: float | None = None, may_be_billed: bool = False
) -> NoReturn:
    raise ModelError(
        f"simulated: {outcome.value}", outcome=outcome, status=status, retry_after=retry_after, may_be_billed=may_be_billed
    )
