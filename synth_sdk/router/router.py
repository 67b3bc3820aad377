"""The one loop that owns every try: choose an arm, reserve, ask, settle, check, observe - then accept, re-ask or choose again.

Records that share a call share a `Job`. After the call its good records are done; the others are parted by what happens to them
next and go on as smaller jobs, each record with its own history. Libraries beneath run with their own retries off.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import BudgetExhausted, ModelError, NoRoute, Outcome, RequestError
from synth_sdk.core.models import Call, Completion, Journal, Json, ModelCard, Provider, Reply, Request
from synth_sdk.router import bounds, policy
from synth_sdk.router.catalogue import resolve
from synth_sdk.router.health import Fleet, Flight
from synth_sdk.router.jobs import Job, Record, Result, parted
from synth_sdk.router.ledger import Account
from synth_sdk.router.policy import Attempt, Constraints, Features, GiveUp, Limits, Try, Wait
from synth_sdk.router.prompts import correction_for, prompt_for
from synth_sdk.router.purchase import Purchase, share
from synth_sdk.router.replies import Reading, failed, read, received
from synth_sdk.router.waiting import Changes, change_or_sleep, full_jitter

_GRACE = 30.0  # seconds beyond `timeout` before a provider that doesn't keep to it is cut off; the first call loads its library
_STATED_JITTER = 0.25  # seconds at most, above a stated delay, so that waiters don't return in one burst
_MOST_DOUBLINGS = 2  # of max_tokens, one for each time that the record was truncated


@dataclass(slots=True)
class ArmStats:
    """What one arm did in this run. `failures` counts calls, or records where only some of a reply failed."""

    calls: int = 0
    accepted: int = 0
    spent_micros: int = 0
    failures: Counter[Outcome] = field(default_factory=Counter)
    last_reason: str = ""


class Router:
    """A BatchModel (and Model) over many arms, within one account.

    `key` gives the cache key of a request, by which its replies are journalled. `offline_ready`: what can't be bought soon is
    made offline by the caller, so don't wait for it. `timeout` is seconds per call.
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
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._cards, self._providers, self._account, self._journal, self._key = tuple(cards), providers, account, journal, key
        usable = {name: provider.missing() for name, provider in providers.items()}
        self._rules = replace(constraints or Constraints(usable, 0), usable=usable, cap_micros=account.cap_micros)
        self._weights, self._limits = policy.WEIGHTS[policy_name], limits or Limits()
        self._offline_ready = offline_ready
        self._timeout, self._clock, self._rng = timeout, clock or Clock(), rng or random.Random()
        self._slots = asyncio.Semaphore(concurrency)
        self._changes = Changes()
        self._replayed: dict[str, int] = {}
        self.fleet = Fleet(cards, concurrency, timeout)
        self.drift = bounds.Drift()
        self.stats: dict[str, ArmStats] = {card.id: ArmStats() for card in cards}

    async def complete(self, request: Request) -> Completion:
        """One accepted record. Raises NoRoute, BudgetExhausted or RequestError."""
        (result,) = await self.complete_batch([request])
        if isinstance(result, Exception):
            raise result
        return result

    async def complete_batch(self, requests: Sequence[Request]) -> list[Result]:
        """Records of one family, asked for in as few calls as arms and budget allow; failures stand in their places."""
        results: list[Result | None] = [None] * len(requests)
        records = [self._replay(Record(request, place), results) for place, request in enumerate(requests)]
        jobs = parted([record for record in records if record is not None], results)
        await asyncio.gather(*(self._serve(job) for job in jobs))
        return cast(list[Result], results)

    def errors(self) -> list[str]:
        """One line for each arm that failed the run: out, unfit, or asked in vain."""
        told = {}
        for arm, stats in self.stats.items():
            health = self.fleet[arm]
            reason = (
                health.dead or "; ".join(dict.fromkeys(health.unfit.values())) or ("" if stats.accepted else stats.last_reason)
            )
            if stats.calls and reason:
                told[arm] = f"{arm}: {reason}"
        return list(told.values())

    # One job, until each of its records is accepted or given up

    async def _serve(self, job: Job) -> None:
        try:
            jobs = await self._advance(job)
        except Exception as error:
            for record in job.records:
                job.results[record.place] = error
            return
        if len(jobs) == 1:
            await self._serve(jobs[0])
        elif jobs:
            await asyncio.gather(*(self._serve(each) for each in jobs))

    async def _advance(self, job: Job) -> list[Job]:
        """Wait for an arm and try it; the jobs that remain. None remains when there is no arm left to try."""
        features = features_of(job.requests, self._cards)
        cards = policy.admitted(self._cards, features, self._rules)
        while True:
            async with self._slots:
                decision = policy.choose(
                    features,
                    job.history,
                    self.fleet,
                    self._clock.now(),
                    cards=cards,
                    weights=self._weights,
                    limits=self._limits,
                    offline_ready=self._offline_ready,
                )
                if isinstance(decision, Try):
                    return await self._try(job, decision)
                if isinstance(decision, GiveUp):
                    self._give_up(job, decision)
                    return []
                change = self._changes.next()
            await self._pause(decision, change)

    def _give_up(self, job: Job, decision: GiveUp) -> None:
        """Money is the reason if an arm was only too dear; else one reason for each arm."""
        for record in job.records:
            told = dict(decision.reasons) | policy.reasons_of(record.history)
            refused = [attempt.reason for attempt in record.history if attempt.outcome is Outcome.UNAFFORDABLE]
            job.results[record.place] = BudgetExhausted(refused[-1]) if refused else NoRoute(told, decision.hint)

    async def _pause(self, wait: Wait, change: "asyncio.Future[None]") -> None:
        """Never less than what was stated; a little more, so that those who wait don't return in one burst."""
        seconds = None if wait.seconds is None else wait.seconds + self._rng.uniform(0, _STATED_JITTER)
        await change_or_sleep(change, seconds, self._clock)

    # One call

    async def _try(self, job: Job, decision: Try) -> list[Job]:
        """Reserve, ask, settle, judge; the jobs that remain."""
        card = decision.card
        call = self._call(job, card, decision.reask)
        if call is None:
            return job.halves()
        listed = bounds.worst_case(card.prices, bounds.input_bound(call), call.max_tokens)
        purchase = Purchase(self._account, card, listed, self.drift, partial(self._journalled, job, card.id))
        health = self.fleet[card.id]
        flight = health.begin(job.records[0].request.task, self._clock.now())
        try:
            await purchase.reserve(self._timeout + _GRACE + 5)
            if not health.may_send(flight, self._clock.now()):  # its arm closed while the money was waited for
                purchase.release()
                return [job]
            return self._judge(job, card, await self._ask(call, flight, purchase), purchase)
        except BudgetExhausted as refusal:
            if len(job.records) > 1:
                return job.halves()
            return [job.after(Attempt(card.id, Outcome.UNAFFORDABLE, refusal.message))]
        finally:
            self.stats[card.id].spent_micros += purchase.cost
            health.leave(flight)
            self._changes.tell()

    def _call(self, job: Job, card: ModelCard, reask: bool) -> Call | None:
        """The call for all records of `job`; None when the arm can't take so many at once."""
        requests, first = job.requests, job.records[0].request
        faults = [record.fault(card.id) for record in job.records] if reask else []
        truncated = sum(attempt.outcome is Outcome.TRUNCATED for attempt in job.history)
        wanted = bounds.output_bound(sum(request.output_tokens for request in requests), 1) << min(truncated, _MOST_DOUBLINGS)
        call = Call(
            card=card,
            instructions=first.instructions,
            prompt=prompt_for([request.brief for request in requests]),
            schema=first.schema,
            count=len(requests),
            max_tokens=wanted,
            timeout=self._timeout,
            correction=correction_for([(fault.outcome, fault.reason, fault.previous) for fault in faults]) if faults else None,
        )
        room = min(card.max_output_tokens, card.context_tokens - bounds.input_bound(call))
        if wanted <= room:
            return call
        return None if len(requests) > 1 else replace(call, max_tokens=max(1, room))

    async def _ask(self, call: Call, flight: Flight, purchase: Purchase) -> Reading:
        """The reading of one exchange, settled and observed. Errors that are no ModelError pass, and keep the money held."""
        failure: ModelError | None = None
        values: list[Json] = []
        self.stats[call.card.id].calls += 1
        try:
            async with asyncio.timeout(call.timeout + _GRACE):
                values = await self._providers[call.card.provider].ask(call, purchase.take)
        except ModelError as error:
            failure = error
        except TimeoutError:
            failure = ModelError(f"no answer within {call.timeout:g} s", outcome=Outcome.TIMEOUT, may_be_billed=True)
        except RequestError:
            purchase.release()
            raise
        except BaseException:
            purchase.keep()
            raise
        purchase.close(failure)
        self.fleet.observe(flight, failure, self._clock.now(), self._rng.random())
        return failed(failure, purchase.reply) if failure else received(values, purchase.reply, call.count)

    def _judge(self, job: Job, card: ModelCard, reading: Reading, purchase: Purchase) -> list[Job]:
        """Accept what passes its check; the rest, parted by outcome."""
        retry_at = self._clock.now() + full_jitter(1, self._rng.random())
        left: list[Record] = []
        for position, record in enumerate(job.records):
            try:
                verdict = record.judged(card.id, reading, position, retry_at)
            except Exception as error:  # the check itself is at fault: that record fails with it, its companions don't
                job.results[record.place] = error
                continue
            if isinstance(verdict, Attempt):
                left.append(record.after(verdict))
            else:
                cost = share(purchase.cost, len(job.records), position)
                job.results[record.place] = record.completed(card.id, verdict[0], cost)
        self._count(card.id, job, left, reading.answered)
        return parted(left, job.results)

    def _count(self, arm: str, job: Job, left: Sequence[Record], answered: bool) -> None:
        stats = self.stats[arm]
        good = len(job.records) - len(left)
        stats.accepted += good
        if answered:
            self.fleet.judge(arm, job.records[0].request.task, len(job.records), good)
        for outcome, count in Counter(record.history[-1].outcome for record in left).items():
            stats.failures[outcome] += count if answered else 1
        if left:
            stats.last_reason = policy.reasons_of(left[-1].history)[arm]

    # What was paid for before

    def _replay(self, record: Record, results: list[Result | None]) -> Record | None:
        """Read the replies that are journalled for `record`: None if one is accepted, else the record with them as its history.

        Each is read once in a run: when the caller asks for the same record again (a near-duplicate), the next one counts.
        """
        if self._journal is None:
            return record
        key = self._key(record.request)
        seen = self._replayed.get(key, 0)
        for number, entry in enumerate(self._journal.replies(key)[seen:], start=seen):
            self._replayed[key] = number + 1
            if number == 0 and entry.arm in record.request.avoid:
                continue  # it stands in the cache, and the caller has turned it down
            verdict = record.judged(entry.arm, read(entry.reply, entry.count), entry.position)
            if not isinstance(verdict, Attempt):
                cost = share(entry.cost_micros, entry.count, entry.position)
                results[record.place] = record.completed(entry.arm, verdict[0], cost)
                return None
            record = record.after(verdict)
        return record

    def _journalled(self, job: Job, arm: str, reply: Reply, cost: int) -> None:
        if self._journal is None:
            return
        keys = [self._key(request) for request in job.requests]
        for key in keys:
            self._replayed[key] = self._replayed.get(key, 0) + 1
        self._journal.record(keys, arm, reply, cost)


def features_of(requests: Sequence[Request], cards: Sequence[ModelCard]) -> Features:
    """What the most demanding of `requests` (of one family) needs in a call of its own. RequestError: unknown pinned arm."""
    first = requests[0]
    shared = bounds.text_tokens(first.instructions) + bounds.schema_tokens(first.schema, 1) + bounds.FRAME_TOKENS
    return Features(
        task=first.task,
        input_tokens=shared + max(bounds.text_tokens(request.brief) for request in requests),
        output_tokens=bounds.output_bound(max(request.output_tokens for request in requests), 1),
        pinned=tuple(dict.fromkeys(resolve(name, cards).id for name in first.arms)),
        avoid=first.avoid,
    )


def ranking(cards: Sequence[ModelCard], request: Request, rules: Constraints, policy_name: str = "cheapest") -> list[ModelCard]:
    """The arms that may make `request`, in the order in which a new run would try them. RequestError names what left none."""
    features = features_of([request], cards)
    return policy.ranked(policy.admitted(cards, features, rules), features, Fleet(cards, 1), policy.WEIGHTS[policy_name])
