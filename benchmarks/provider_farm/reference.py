"""The loop of the reference policies: the router's, reduced to what no policy can do without.

Reserve the worst case in the account, ask the provider, settle, check, go on - with the production account, bounds, prompts,
batching and caps on tries, the same concurrency, and the same reading of 429s (a stated delay is never shortened, unless a
policy says that it doesn't read it) and of failures (a breaker after three in a row). So what differs between two rows of the
table is which arm was asked, and when.
"""

import asyncio
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import ModelError, NoRoute, Outcome, Rejected
from synth_sdk.core.models import Call, Completion, Json, ModelCard, Provider, Reply, Request
from synth_sdk.router import Account
from synth_sdk.router.bounds import input_bound, output_bound, settled_cost, worst_case

CALLS, PAID = 12, 6  # the production caps on tries of one record
PATIENCE_S = 900.0
FREE = {Outcome.RATE_LIMITED, Outcome.UNAVAILABLE, Outcome.QUOTA}
_REASKED = {Outcome.BROKEN, Outcome.TRUNCATED}
_IN_ROW, _BREAKER_S, _LONGEST_S = 3, 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Tried:
    arm: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Job:
    """Records with the same tries behind them, and their places in the caller's list."""

    requests: tuple[Request, ...]
    places: tuple[int, ...]
    tries: tuple[Tried, ...] = ()

    def exhausted(self) -> bool:
        """No further try, as production caps them."""
        return len(self.tries) >= CALLS or sum(tried.outcome not in FREE for tried in self.tries) >= PAID

    def closed(self, arm: int) -> bool:
        """The arm has had its try, its one re-ask after a broken reply, or its one retry after a failure."""
        mine = [tried.outcome for tried in self.tries if tried.arm == arm and tried.outcome is not Outcome.RATE_LIMITED]
        read = [outcome for outcome in mine if outcome is not Outcome.UNAVAILABLE]
        return len(mine) - len(read) > 1 or len(read) > 1 or (bool(read) and read[0] not in _REASKED)


@dataclass(slots=True)
class Gates:
    """When each arm may be called again, as far as a caller can know."""

    draw: random.Random
    until: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    failures: Counter[int] = field(default_factory=Counter)
    limited: Counter[int] = field(default_factory=Counter)

    def answered(self, arm: int) -> None:
        self.failures[arm] = self.limited[arm] = 0

    def limit(self, arm: int, now: float, retry_after: float | None) -> None:
        self.limited[arm] += 1
        delay = self.draw.uniform(0, min(30, 2 ** (self.limited[arm] - 1))) if retry_after is None else retry_after
        self._close(arm, now + delay)

    def fail(self, arm: int, now: float) -> None:
        self.failures[arm] += 1
        if (over := self.failures[arm] - _IN_ROW) >= 0:
            self._close(arm, now + min(_LONGEST_S, _BREAKER_S * 2 ** min(over, 6)))

    def _close(self, arm: int, until: float) -> None:
        self.until[arm] = max(self.until[arm], until)


class Wait(float):
    """Seconds until the policy wants to be asked again."""


class Policy(Protocol):
    """Which arm next: its number, a Wait, or None to give the records up. `observe` tells what became of a call."""

    def choose(self, job: Job, gates: Gates, now: float) -> int | Wait | None: ...

    def observe(self, arm: int, tries: int, accepted: int, cost_usd: float) -> None: ...

    def reads_delay(self, arm: int) -> bool: ...


class Reference:
    """A BatchModel that leaves every choice to `policy`."""

    def __init__(
        self,
        cards: Sequence[ModelCard],
        providers: dict[str, Provider],
        account: Account,
        policy: Policy,
        clock: Clock,
        *,
        concurrency: int,
        timeout: float,
        draw: random.Random,
    ) -> None:
        self._cards, self._providers, self._account, self._policy = cards, providers, account, policy
        self._clock, self._timeout, self._draw = clock, timeout, draw
        self._slots = asyncio.Semaphore(concurrency)
        self._gates = Gates(draw)

    async def complete_batch(self, requests: Sequence[Request]) -> list[Completion | Exception]:
        results: list[Completion | Exception] = [NoRoute({})] * len(requests)
        await self._serve(Job(tuple(requests), tuple(range(len(requests)))), results)
        return results

    async def _serve(self, job: Job, results: list[Completion | Exception]) -> None:
        jobs = [job]
        while len(jobs) == 1:
            jobs = await self._advance(jobs[0], results)
        await asyncio.gather(*(self._serve(each, results) for each in jobs))

    async def _advance(self, job: Job, results: list[Completion | Exception]) -> list[Job]:
        while not job.exhausted():
            async with self._slots:
                choice = self._policy.choose(job, self._gates, self._clock.now())
                if choice is None:
                    return []
                if not isinstance(choice, Wait):
                    return await self._try(job, choice, results)
            await self._clock.sleep(choice)
        return []

    async def _try(self, job: Job, arm: int, results: list[Completion | Exception]) -> list[Job]:
        """One call; the jobs that remain."""
        values, failure, cost = await self._exchange(self._call(job, arm))
        self._book(arm, failure)
        outcomes = [self._judged(request, values, position, failure) for position, request in enumerate(job.requests)]
        left: dict[Outcome, list[int]] = {}
        for position, outcome in enumerate(outcomes):
            if outcome is Outcome.ACCEPTED:
                results[job.places[position]] = self._completed(job, arm, values[position])
            else:
                left.setdefault(outcome, []).append(position)
        if cost:
            self._policy.observe(arm, len(outcomes), outcomes.count(Outcome.ACCEPTED), cost / 1e6)
        return [self._rest(job, positions, Tried(arm, outcome)) for outcome, positions in left.items()]

    async def _exchange(self, call: Call) -> tuple[Sequence[Json], ModelError | None, int]:
        """Reserve, ask, settle: the values, what went wrong, and the micro-dollars of the reply (0: none came)."""
        card, replies = call.card, list[Reply]()
        bound = worst_case(card.prices, input_bound(call), call.max_tokens)
        hold = await self._account.reserve(bound, deadline_s=self._timeout, arm=card.id)
        failure: ModelError | None = None
        values: list[Json] = []
        try:
            values = await self._providers[card.provider].ask(call, replies.append)
        except ModelError as error:
            failure = error
        cost = settled_cost(card, replies[0], bound) if replies else 0
        if failure and failure.may_be_billed:
            self._account.keep(hold)
        else:
            self._account.settle(hold, cost)
        return values, failure, cost

    def _completed(self, job: Job, arm: int, value: Json) -> Completion:
        return Completion(value=value, origin="llm", model=self._cards[arm].id, attempts=len(job.tries) + 1)

    def _call(self, job: Job, arm: int) -> Call:
        first = job.requests[0]
        broken = any(tried.arm == arm and tried.outcome is Outcome.BROKEN for tried in job.tries)
        doublings = min(2, sum(tried.outcome is Outcome.TRUNCATED for tried in job.tries))
        return Call(
            card=self._cards[arm],
            instructions=first.instructions,
            prompt="\n\n".join(request.brief for request in job.requests),
            schema=first.schema,
            count=len(job.requests),
            max_tokens=output_bound(first.output_tokens, len(job.requests)) << doublings,
            timeout=self._timeout,
            correction=("{", "That was not accepted: it is not JSON.") if broken else None,
        )

    def _book(self, arm: int, failure: ModelError | None) -> None:
        now = self._clock.now()
        match failure.outcome if failure else Outcome.ACCEPTED:
            case Outcome.RATE_LIMITED:
                stated = failure.retry_after if failure and self._policy.reads_delay(arm) else None
                self._gates.limit(arm, now, stated)
            case Outcome.UNAVAILABLE | Outcome.TIMEOUT:
                self._gates.fail(arm, now)
            case Outcome.QUOTA:
                self._gates.until[arm] = math.inf
            case _:
                self._gates.answered(arm)

    def _judged(self, request: Request, values: Sequence[Json], position: int, failure: ModelError | None) -> Outcome:
        if failure:
            return failure.outcome
        try:
            request.check(values[position])
        except Rejected as rejection:
            return rejection.outcome
        return Outcome.ACCEPTED

    def _rest(self, job: Job, positions: Sequence[int], tried: Tried) -> Job:
        return replace(
            job,
            requests=tuple(job.requests[each] for each in positions),
            places=tuple(job.places[each] for each in positions),
            tries=(*job.tries, tried),
        )
