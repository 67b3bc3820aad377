"""The judge of one run: it is shown finished blocks, asks about a sample, and tells the report and the router what it found."""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from synth_sdk.core.errors import BudgetExhausted, SynthError
from synth_sdk.core.generators import Generator, Made, offline_record
from synth_sdk.core.models import Json, Model, ModelCard, Request
from synth_sdk.core.money import format_usd
from synth_sdk.pipeline.judging.arms import family, family_named, judge_arms
from synth_sdk.pipeline.judging.question import Better, question
from synth_sdk.pipeline.judging.sample import RATE, sampled
from synth_sdk.pipeline.judging.verdicts import Score, Verdicts
from synth_sdk.router.bounds import FRAME_TOKENS, output_bound, schema_tokens, text_tokens, worst_case

SHARE = 0.1  # of the cap, at most
_MOST_FAILURES = 6  # asks in a row, after which no more are made

OnVerdict = Callable[[str, str, float, int], None]


def _unheard(arm: str, task: str, win_rate: float, pairs: int) -> None: ...


class Judge:
    """Compares bought records with their offline twins, in both orders.

    `arms` are those that may be asked: each record is judged by those of another family than its writer's. `cap_micros` is the cap
    of the run (None: none): at most a tenth of it goes to judging, worst cases counted. `on_verdict(arm, task, win_rate, pairs)` is
    told what each block adds. What goes wrong with a judge never fails the run: it stands in the summary.
    """

    def __init__(
        self,
        model: Model,
        generator: Generator,
        arms: Sequence[ModelCard],
        *,
        count: int,
        seed: int,
        cap_micros: int | None = None,
        rate: float = RATE,
        on_verdict: OnVerdict | None = None,
    ) -> None:
        self._model, self._generator, self._arms = model, generator, tuple(arms)
        self._count, self._seed, self._rate, self._on_verdict = count, seed, rate, on_verdict or _unheard
        self._purse = None if cap_micros is None else int(cap_micros * SHARE)
        self._verdicts = Verdicts()
        self._asked: set[str] = set()
        self._spent = self._held = self._failed = self._failures_in_a_row = 0
        self._notes: dict[str, None] = {}
        self._stopped = False

    async def judged(self, made: Sequence[Made]) -> None:
        """Judge a sample of one finished block."""
        found: dict[tuple[str, str], Score] = {}
        sample = sampled(made, self._seed, self._count, self._rate)
        for (arm, task), said in filter(None, await asyncio.gather(*(self._pair(one) for one in sample))):
            found.setdefault((arm, task), Score()).add(said)
        for (arm, task), score in found.items():
            self._on_verdict(arm, task, score.win_rate, score.pairs)

    def summary(self) -> dict[str, Any]:
        """What a report tells: `arms` are the writers, `judges` who was asked."""
        told: dict[str, Any] = {
            "judges": sorted(self._asked),
            "pairs": self._verdicts.positions.pairs,
            "failed": self._failed,
            "spent_usd": format_usd(self._spent),
            **self._verdicts.positions.to_dict(),
            "arms": {arm: score.to_dict() for arm, score in sorted(self._verdicts.by_arm.items())},
        }
        return told | ({"notes": list(self._notes)} if self._notes else {})

    async def _pair(self, one: Made) -> tuple[tuple[str, str], str] | None:
        """One record against its twin: its writer and task, and win, tie or loss; None when it wasn't judged."""
        arm = one.provenance.model if one.provenance else ""
        judges = self._judges_of(arm)
        if self._stopped or not judges:
            return None
        try:
            forward, backward = await self._both(self._asks(one, judges), judges)
        except BudgetExhausted as end:
            self._stop(f"judging stopped: {end.message}")
            return None
        except SynthError as failure:
            self._fail(failure)
            return None
        self._failures_in_a_row = 0
        return (arm, self._task), self._verdicts.add(arm, forward, backward)

    @cached_property
    def _task(self) -> str:
        """What the records of a run are asked for as, all of them."""
        written = self._generator.request(0, 0)
        return written.task if written else ""

    def _judges_of(self, arm: str) -> list[ModelCard]:
        line = family_named(arm, self._arms)
        others = [card for card in self._arms if family(card) != line]
        judges = judge_arms(others, [card for card in self._arms if card.id == arm])
        if not judges:
            self._notes[f"no usable arm is of another family than {line}: what {arm} wrote was not judged"] = None
        return judges

    def _asks(self, one: Made, judges: Sequence[ModelCard]) -> tuple[Request, Request]:
        twin = offline_record(self._generator, one.index)
        pinned = tuple(card.id for card in judges)

        def ask(first: Json, second: Json, order: str) -> Request:
            return question(self._generator.kind, first, second, f"{self._seed}/{one.index}/{order}", pinned)

        return ask(one.record, twin, "forward"), ask(twin, one.record, "backward")

    async def _both(self, asks: Sequence[Request], judges: Sequence[ModelCard]) -> list[Better]:
        """The answers to both orders, one after the other: in one call they would be answered with an eye on one another.

        BudgetExhausted when the judge's share of the cap can't hold both.
        """
        bounds = [_bound(ask, judges) for ask in asks]
        if self._purse is not None and self._spent + self._held + sum(bounds) > self._purse:
            raise BudgetExhausted(f"{SHARE:.0%} of the budget is the most that a judge may use")
        self._held += sum(bounds)
        try:
            return [await self._answer(ask, bound) for ask, bound in zip(asks, bounds, strict=True)]
        finally:
            self._held -= sum(bounds)

    async def _answer(self, ask: Request, bound: int) -> Better:
        cost = bound  # of an ask that fails no bill is known here
        try:
            done = await self._model.complete(ask)
            cost = done.cost_micros + done.failed_micros
        except BudgetExhausted:
            cost = 0
            raise
        finally:
            self._spent += cost
        self._asked.add(done.model)
        better: Better = done.value["better"]
        return better

    def _fail(self, failure: SynthError) -> None:
        self._failed += 1
        self._failures_in_a_row += 1
        self._notes[f"a pair could not be judged: {failure.message}"] = None
        if self._failures_in_a_row >= _MOST_FAILURES:
            self._stop(f"judging stopped after {_MOST_FAILURES} failures in a row")

    def _stop(self, note: str) -> None:
        self._stopped = True
        self._notes[note] = None


def _bound(ask: Request, judges: Sequence[ModelCard]) -> int:
    """The most that one try of `ask` may cost, at the dearest of its judges."""
    tokens = text_tokens(ask.instructions) + text_tokens(ask.brief) + schema_tokens(ask.schema, 1) + FRAME_TOKENS
    return max(worst_case(card.prices, tokens, output_bound(ask.output_tokens, 1)) for card in judges)
