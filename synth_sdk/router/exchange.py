"""One exchange with one arm: reserve, ask, settle, tell the arm's health. What the reply is worth is judged elsewhere."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import ModelError, Outcome, RequestError
from synth_sdk.core.models import Call, Json, ModelCard, Provider, Reply
from synth_sdk.core.observing import UNWATCHED, CallEnd, CallFacts, RunWatch
from synth_sdk.router import bounds
from synth_sdk.router.calls import input_bound
from synth_sdk.router.health import Fleet, Flight
from synth_sdk.router.ledger import Account
from synth_sdk.router.policy import Attempt, reasons_of
from synth_sdk.router.purchase import Purchase
from synth_sdk.router.replies import Reading, failed, received
from synth_sdk.router.waiting import Lines

_GRACE = 30.0  # seconds beyond `timeout` before a provider that doesn't keep to it is cut off; the first call loads its library


@dataclass(slots=True)
class ArmStats:
    """What one arm did in this run. `failures` counts calls, or records where only some of a reply failed."""

    calls: int = 0
    accepted: int = 0
    spent_micros: int = 0
    failures: Counter[Outcome] = field(default_factory=Counter)
    last_reason: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of `call`. `bound` is the money it was admitted with, `cost` what was booked, micro-dollars."""

    call: Call
    reading: Reading
    failure: ModelError | None
    reply: Reply | None
    seconds: float
    bound: int
    cost: int

    @property
    def good(self) -> bool:
        """A whole answer that could be read."""
        return self.failure is None and len(self.reading.values) >= self.call.count


class Desk:
    """Where calls are paid and sent. `timeout` is seconds per call."""

    def __init__(
        self,
        cards: Iterable[ModelCard],
        providers: Mapping[str, Provider],
        account: Account,
        fleet: Fleet,
        lines: Lines,
        *,
        timeout: float,
        clock: Clock,
        rng: random.Random,
        watch: RunWatch = UNWATCHED,
    ) -> None:
        self._providers, self._account, self._fleet, self._lines = providers, account, fleet, lines
        self._watch = watch
        self._timeout, self._clock, self._rng = timeout, clock, rng
        self.drift = bounds.Drift()
        self.stats: dict[str, ArmStats] = {card.id: ArmStats() for card in cards}

    async def exchange(self, call: Call, task: str, journal: Callable[[Reply, int], None], attempt: int = 1) -> Exchange | None:
        """Send `call` under a hold of its worst case. BudgetExhausted when the account can't hold it. `attempt`: how many were made, this
        one included.

        None: the arm closed while the money was waited for, and nothing was sent.
        """
        card, tokens = call.card, input_bound(call)
        listed = bounds.worst_case(card.prices, tokens, call.max_tokens)
        purchase = Purchase(self._account, card, listed, self.drift, journal)
        health = self._fleet[card.id]
        flight = health.begin(task, self._clock.now(), tokens + call.max_tokens)
        try:
            await purchase.reserve(self._timeout + _GRACE + 5)
            if not health.may_send(flight, self._clock.now()):
                purchase.release()
                return None
            facts = CallFacts(card=card, task=task, records=call.count, max_tokens=call.max_tokens, attempt=attempt)
            with self._watch.call(facts) as told:
                done = await self._ask(call, flight, purchase, listed)
                told.ended(CallEnd(reply=done.reply, failure=done.failure, cost_micros=done.cost, seconds=done.seconds))
            return done
        finally:
            self.stats[card.id].spent_micros += purchase.cost
            health.leave(flight)
            self._tell(card.id, flight)

    def errors(self) -> list[str]:
        """One line for each arm that failed the run: out, unfit, or asked in vain."""
        told = {}
        for arm, stats in self.stats.items():
            health = self._fleet[arm]
            reason = (
                health.dead or "; ".join(dict.fromkeys(health.unfit.values())) or ("" if stats.accepted else stats.last_reason)
            )
            if stats.calls and reason:
                told[arm] = f"{arm}: {reason}"
        return list(told.values())

    def count(self, arm: str, task: str, asked: int, failed: Sequence[Attempt], answered: bool) -> None:
        """Book what became of the `asked` records of a call: `failed` are the tries of those that were not accepted."""
        stats = self.stats[arm]
        good = asked - len(failed)
        stats.accepted += good
        if good and answered:
            self._fleet.served(arm, task)
        for outcome, count in Counter(attempt.outcome for attempt in failed).items():
            stats.failures[outcome] += count if answered else 1
        if failed:
            stats.last_reason = reasons_of(failed[-1:])[arm]

    def _tell(self, arm: str, flight: Flight) -> None:
        """Wake all who wait if the arm has opened or closed; else as many as it has places."""
        if self._fleet.turned(arm, self._clock.now()) or flight.probe:
            self._lines.all()
            return
        health = self._fleet[arm]
        self._lines.free(arm, health.places(self._clock.now()))
        self._lines.free(None, health.limit - health.in_flight)

    async def _ask(self, call: Call, flight: Flight, purchase: Purchase, listed: int) -> Exchange:
        """Settled and observed. Errors that are no ModelError pass, and keep the money held."""
        failure: ModelError | None = None
        values: list[Json] = []
        self.stats[call.card.id].calls += 1
        sent = self._clock.now()
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
        now, reply = self._clock.now(), purchase.reply
        self._fleet.observe(flight, failure, now, self._rng.random())
        if reply is not None and reply.allowance is not None:
            self._fleet[call.card.id].pace.stated(reply.allowance, now)
        reading = failed(failure, reply) if failure else received(values, reply, call.count)
        return Exchange(call, reading, failure, reply, now - sent, listed, purchase.cost)
