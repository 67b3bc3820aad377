"""The one loop that owns every try: choose an arm, reserve, ask, settle, check, observe - then accept, re-ask or choose again.

Records that share a call share a `Job`. After the call its good records are done; the others are parted by what happens to them
next and go on as smaller jobs, each record with its own history. Libraries beneath run with their own retries off.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import cast

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import BudgetExhausted, NoRoute, Outcome
from synth_sdk.core.models import Call, Completion, Journal, ModelCard, Provider, Request
from synth_sdk.core.observing import UNWATCHED, RunWatch
from synth_sdk.router import bounds, policy
from synth_sdk.router.beliefs import Beliefs, Seen
from synth_sdk.router.calls import call_for
from synth_sdk.router.constraints import Admission, Constraints
from synth_sdk.router.exchange import ArmStats, Desk, Exchange
from synth_sdk.router.features import Features, features_of
from synth_sdk.router.health import Fleet
from synth_sdk.router.hedging import Hedges, first_good
from synth_sdk.router.jobs import Job, Record, Result, parted
from synth_sdk.router.learning import lesson_of
from synth_sdk.router.ledger import Account
from synth_sdk.router.policy import ANSWERED, Attempt, Decision, GiveUp, Try, Wait
from synth_sdk.router.purchase import share
from synth_sdk.router.replaying import Replays
from synth_sdk.router.routes import Routes
from synth_sdk.router.views import View
from synth_sdk.router.waiting import Lines, change_or_sleep, full_jitter
from synth_sdk.router.weights import WEIGHTS, Limits

Placed = tuple[int, Record]  # a record and its place in a call
_STATED_JITTER = 0.25  # seconds at most, above a stated delay, so that waiters don't return in one burst


class Router:
    """A BatchModel (and Model) over many arms, within one account.

    `key` gives the cache key of a request, by which its replies are journalled. `offline_ready`: what can't be bought soon is
    made offline by the caller, so don't wait for it. `timeout` is seconds per call. `beliefs` is what earlier runs learned;
    `frozen`: decide by it as it stands, learn and explore nothing. `records_per_call` is what the user fixed (None: as learned for
    each arm, up to what arrives together). `money_price` is how much dearer a dollar is than it looks, when money is short.
    """

    def __init__(
        self,
        cards: Sequence[ModelCard],
        providers: Mapping[str, Provider],
        account: Account,
        journal: Journal | None = None,
        *,
        key: Callable[[Request], str],
        policy_name: str = "cheapest",
        constraints: Constraints | None = None,
        limits: Limits | None = None,
        offline_ready: bool = False,
        concurrency: int = 64,
        timeout: float = 60.0,
        beliefs: Beliefs | None = None,
        frozen: bool = False,
        records_per_call: int | None = None,
        money_price: Callable[[], float] = lambda: 1.0,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        watch: RunWatch = UNWATCHED,
    ) -> None:
        self._cards, self._replays = tuple(cards), Replays(journal, key)
        self._admission = Admission(cards, providers, account.cap_micros, constraints)
        self._weights, self._offline_ready = WEIGHTS[policy_name], offline_ready
        self._timeout, self._clock, self._rng = timeout, clock or Clock(), rng or random.Random()
        self._slots, self._lines, self._hedges = asyncio.Semaphore(concurrency), Lines(), Hedges()
        self._frozen = frozen
        self.beliefs = Beliefs(cards) if beliefs is None else beliefs
        self._routes = Routes(
            self.beliefs,
            self._weights,
            limits or Limits(),
            records_per_call=records_per_call,
            money_price=money_price,
            frozen_at=self._clock.now() if frozen else None,
        )
        self.fleet = Fleet(cards, concurrency, timeout)
        self._desk = Desk(
            cards, providers, account, self.fleet, self._lines, timeout=timeout, clock=self._clock, rng=self._rng, watch=watch
        )
        self.stats: dict[str, ArmStats] = self._desk.stats

    @property
    def drift(self) -> bounds.Drift:
        """Bills that passed their bounds."""
        return self._desk.drift

    async def complete(self, request: Request) -> Completion:
        """One accepted record. Raises NoRoute, BudgetExhausted or RequestError."""
        (result,) = await self.complete_batch([request])
        if isinstance(result, Exception):
            raise result
        return result

    async def complete_batch(self, requests: Sequence[Request]) -> list[Result]:
        """Records of one family, asked for in as few calls as arms and budget allow; failures stand in their places."""
        results: list[Result | None] = [None] * len(requests)
        records = [self._replays.read(Record(request, place), results) for place, request in enumerate(requests)]
        jobs = parted([record for record in records if record is not None], results)
        await self._serve_all(jobs)
        return cast(list[Result], results)

    def errors(self) -> list[str]:
        """One line for each arm that failed the run: out, unfit, or asked in vain."""
        return self._desk.errors()

    # One job, until each of its records is accepted or given up

    async def _serve_all(self, jobs: Sequence[Job]) -> None:
        if len(jobs) == 1:
            await self._serve(jobs[0])
        elif jobs:
            await asyncio.gather(*(self._serve(each) for each in jobs))

    async def _serve(self, job: Job) -> None:
        try:
            jobs = await self._advance(job)
        except Exception as error:
            self._lines.all()
            for record in job.records:
                job.results[record.place] = error
            return
        except asyncio.CancelledError:
            self._lines.all()  # it may have been woken on behalf of others
            raise
        await self._serve_all(jobs)

    async def _advance(self, job: Job) -> list[Job]:
        """Wait for an arm and try it; the jobs that remain. None remains when there is no arm left to try."""
        features = features_of(job.requests, self._cards)
        cards, draw = self._admission.of(features), self._rng.random()
        waited: Wait | None = None
        turn = False
        while True:
            async with self._slots:
                at_head = waited.arm if waited is not None and turn else None
                decision = self._choose(job, features, cards, draw, at_head=at_head)
                if waited is not None and not (isinstance(decision, Wait) and decision.arm == waited.arm):
                    self._lines.free(waited.arm)
                if isinstance(decision, Try):
                    if decision.size < len(job.records) and not decision.reask:
                        return job.parts(decision.size)
                    return await self._try(job, features, cards, decision)
                if isinstance(decision, GiveUp):
                    self._give_up(job, decision)
                    return []
                behind = waited is None and self._lines.busy(decision.arm)
                place = self._lines.join(decision.arm, first=turn)
            turn = await self._pause(decision, place, behind)
            waited = decision

    def _choose(
        self, job: Job, features: Features, cards: Sequence[ModelCard], draw: float, *more: Attempt, at_head: str | None = None
    ) -> Decision:
        """`at_head`: the arm in whose line it is the job's turn."""
        return policy.choose(
            features,
            (*job.history, *more),
            self.fleet,
            self._clock.now(),
            cards=cards,
            routes=self._routes,
            offline_ready=self._offline_ready,
            draw=draw,
            ahead=lambda arm: 0 if arm == at_head else self._lines.waiting(arm),
        )

    def _give_up(self, job: Job, decision: GiveUp) -> None:
        """Money is the reason if an arm was only too dear; else one reason for each arm."""
        for record in job.records:
            told = dict(decision.reasons) | policy.reasons_of(record.history)
            answered = any(attempt.outcome in ANSWERED for attempt in record.history)
            refused = [attempt.reason for attempt in record.history if attempt.outcome is Outcome.UNAFFORDABLE]
            job.results[record.place] = (
                BudgetExhausted(refused[-1]) if refused else NoRoute(told, decision.hint, answered=answered)
            )

    async def _pause(self, wait: Wait, place: "asyncio.Future[bool]", behind: bool) -> bool:
        """Whether it is its turn now. Never less than what was stated; a little more, so that those who wait don't return in one burst.

        Who stands `behind` another in the line of an arm has no alarm of its own: it is woken by the one before.
        """
        seconds = wait.seconds
        if wait.arm and behind:
            seconds = None
        elif seconds is not None and not wait.arm:
            seconds += self._rng.uniform(0, _STATED_JITTER)
        try:
            await change_or_sleep(place, seconds, self._clock)
            return not place.done() or place.result()
        finally:
            place.cancel()

    # One try

    async def _try(self, job: Job, features: Features, cards: Sequence[ModelCard], decision: Try) -> list[Job]:
        """Ask the arm that was decided on, judge the answer; the jobs that remain."""
        card, reask = decision.card, decision.reask
        call = call_for(job, card, self._view(card.id, features), self._timeout, reask)
        if call is None:
            return job.halves()
        if not job.history:
            self._routes.sent(decision.worth, decision.premium)
        try:
            if self._weights.hedged and not reask:
                exchanges = await self._hedged(job, features, cards, call)
            else:
                exchanges = [await self._exchange(job, call)]
        except BudgetExhausted as refusal:
            if len(job.records) > 1:
                return job.halves()
            return [job.after(Attempt(card.id, Outcome.UNAFFORDABLE, refusal.message))]
        left: list[Placed] = list(enumerate(job.records))
        for exchange in exchanges:
            if exchange is not None and left:
                left = self._judge(job, features, exchange, reask, left)
        return parted([record for _, record in left], job.results)

    async def _exchange(self, job: Job, call: Call) -> Exchange | None:
        journal = partial(self._replays.keep, job.requests, call.card.id)
        return await self._desk.exchange(call, job.records[0].request.task, journal, 1 + job.tries)

    async def _hedged(self, job: Job, features: Features, cards: Sequence[ModelCard], call: Call) -> list[Exchange | None]:
        """The same with a second arm, if this one takes longer than nine of ten of its calls did."""
        self._hedges.calls += 1
        arm, started = call.card.id, self._clock.now()

        def second() -> Awaitable[Exchange | None] | None:
            if self._slots.locked() or not self._hedges.allowed():
                return None
            other = self._choose(job, features, cards, 1.0, Attempt(arm, Outcome.TIMEOUT, "slow"))
            spare = (
                call_for(job, other.card, self._view(other.card.id, features), self._timeout) if isinstance(other, Try) else None
            )
            if spare is None:
                return None
            self._hedges.hedged += 1
            return self._in_slot(self._exchange(job, spare))

        patience = min(self._view(arm, features).latency(call.count, 0.9), self._timeout)
        results = await first_good(lambda: self._exchange(job, call), second, patience, _is_good, self._clock)
        if not self._frozen and not any(
            each is None or each.call is call for each in results
        ):  # it was overtaken: at least so slow
            slow = Seen(arm=arm, task=features.task, size=call.count, seconds=self._clock.now() - started)
            self.beliefs.observe(slow, self._clock.now())
        return results

    async def _in_slot(self, exchange: Awaitable[Exchange | None]) -> Exchange | None:
        async with self._slots:
            return await exchange

    def _view(self, arm: str, features: Features) -> View:
        return self.beliefs.view(arm, features.task, self._routes.now(self._clock.now()))

    # What came of it

    def _judge(self, job: Job, features: Features, exchange: Exchange, reask: bool, asked: list[Placed]) -> list[Placed]:
        """Accept what passes its check; those that remain, each with its place in the call and its failed try."""
        card, reading, count = exchange.call.card, exchange.reading, exchange.call.count
        retry_at = self._clock.now() + full_jitter(1, self._rng.random()) * min(
            1.0, self.fleet[card.id].seconds.get(features.task, 1.0)
        )
        left: list[Placed] = []
        for position, record in asked:
            cost = share(exchange.cost, count, position)
            try:
                verdict = record.judged(card.id, reading, position, retry_at, cost)
            except Exception as error:  # the check itself is at fault: that record fails with it, its companions don't
                job.results[record.place] = error
                continue
            if isinstance(verdict, Attempt):
                left.append((position, record.after(verdict)))
            else:
                job.results[record.place] = record.completed(card.id, verdict[0], cost)
        tries = [record.history[-1] for _, record in left]
        self._desk.count(card.id, features.task, len(asked), tries, reading.answered)
        if not self._frozen and (seen := lesson_of(exchange, features, job.history, reask, tries)):
            self.beliefs.observe(seen, self._clock.now())
        return left


def _is_good(exchange: Exchange | None) -> bool:
    return exchange is not None and exchange.good
