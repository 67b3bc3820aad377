"""One run: a Spec made into a plan, records and a report."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from collections.abc import Generator as Yields
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from synth_sdk.client.background import iterate, wait_for
from synth_sdk.client.examining import Examination, fields_told
from synth_sdk.client.expanding import Expansion, build, expansion_for
from synth_sdk.client.planning import Buying, blueprint_cost, look_ahead
from synth_sdk.client.plugins import only_here, rivals
from synth_sdk.client.settings import Settings
from synth_sdk.client.tally import Tally
from synth_sdk.client.telemetry import observer
from synth_sdk.client.wiring import Bill, ModelStack, open_stack
from synth_sdk.core.errors import RequestError, SynthError
from synth_sdk.core.generators import Made
from synth_sdk.core.models import Json
from synth_sdk.core.money import format_usd
from synth_sdk.core.observing import UNWATCHED, RunEnd, RunFacts, RunWatch
from synth_sdk.core.spec import Spec
from synth_sdk.core.stages import Stages
from synth_sdk.pipeline.blocks import Block, block_of, grid, growing_grid
from synth_sdk.pipeline.inspection import Inspected, TableKeys
from synth_sdk.pipeline.judging import Judge
from synth_sdk.pipeline.offline import Make, Work
from synth_sdk.pipeline.produce import BLOCK, Fallbacks, Rest, Writing
from synth_sdk.pipeline.report import Report
from synth_sdk.pipeline.rules import Rules, load_rules
from synth_sdk.planner.outlook import Outlook
from synth_sdk.planner.pacing import PILOT, Pacer
from synth_sdk.planner.plan import BlueprintCost, Plan, make_plan, offline_plan
from synth_sdk.runners import run as run_blocks

T = TypeVar("T")
_FEWEST_BATCHES = 16  # for which processes are started: below it, this one is done before they have imported what they need
_SPARE_BLOCKS = 4  # under way beyond those that fill the calls in flight: a block's last records must not keep arms idle
_FEWEST_REPLANNED = 200  # records; a shorter run is over before its pilot could change anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of a run; money in micro-dollars, `budget` None when nothing can be spent."""

    arrived: int
    wanted: int
    spent: int
    budget: int | None
    cache_hits: int


class Run:
    """Built from a Spec: whatever can be wrong with a request is found here, before anything is spent or written.

    `asked` is what the report says was asked for. `notices` are lines for people that come up on the way: a blueprint that was written, a new plan after the pilot.
    """

    def __init__(self, spec: Spec, settings: Settings, rules: Rules | None = None, keys: TableKeys | None = None) -> None:
        self.spec, self._settings = spec, settings
        self.asked: dict[str, Any] = {}
        self._tally = Tally()
        self._rules = load_rules(spec.rules) if rules is None else rules
        with self.stages.timed("identify"):
            self._generator = build(spec)
        self.stages.told["identify"] = fields_told(self._generator.record_schema)
        with self.stages.timed("compliance"):
            self._examination = Examination(spec, self._generator, settings, keys)
            self._rules = self._examination.guarding(self._rules)
            if self._examination.spec is not spec:
                self._generator = build(self._examination.spec)
        self.stages.told["compliance"] = self._examination.told
        if spec.dialect is not None and getattr(self._generator, "convert", None) is None:
            raise RequestError(f"dialect {spec.dialect!r}: records of kind {spec.kind!r} have no dialects; leave --dialect out")
        self.warnings = [*getattr(self._generator, "warnings", ()), *self._examination.warnings, *rivals(spec)]
        if spec.workers > 1 and (alone := self._only_here):
            self.warnings.append(
                f"workers {spec.workers}: other processes don't know {', '.join(alone)}; the records are made in this one"
            )
        self.notices: list[str] = []
        _check_mode(spec, there=spec.mode == "blueprint" and self._expansion is not None and self._expansion.there)
        with self.stages.timed("strategy"):
            self._buying = self._look_ahead()
            self.plan = self._make_plan()
        self.stages.told["strategy"] = str(self.plan)
        self._replanned: Plan | None = None
        self._rest = Rest(self._generator)
        self._stack: ModelStack | None = None
        self._ended = False  # the models have made what they were to make
        self._judge: Judge | None = None
        self._watch: RunWatch = UNWATCHED

    @cached_property
    def _expansion(self) -> Expansion | None:
        """The blueprint that this wish has or may have; looked for only where it matters, since that takes a second."""
        return expansion_for(self._examination.spec, self._generator, self._settings)

    @property
    def id(self) -> str:
        """The report's generation_id."""
        return self._tally.id

    @property
    def known(self) -> Inspected:
        """What was found of the records so far."""
        return self._tally.known

    @property
    def stages(self) -> Stages:
        """How long each stage took so far."""
        return self._tally.stages

    @property
    def asks(self) -> bool:
        """Models will be asked."""
        return bool(self._buying)

    @property
    def buys(self) -> bool:
        """Models write records; otherwise they write a blueprint at most."""
        return self.asks and self.spec.mode != "blueprint"

    @property
    def workers(self) -> int:
        """How many processes make the records: the wanted ones if there are enough batches to be worth their start, and no model to ask."""
        few = self.spec.count < _FEWEST_BATCHES * self._generator.rows_per_batch
        return 1 if self.buys or few or self._only_here else self.spec.workers

    @cached_property
    def _only_here(self) -> list[str]:
        """What other processes couldn't load: parts registered at run time, rules that nobody registered."""
        return list(dict.fromkeys([*only_here(self.spec), *self._rules.own]))

    @property
    def record_schema(self) -> Json:
        """The JSON Schema of one record (True: unknown)."""
        return self._generator.record_schema

    def blocks(self, work: Work | None = None, rows_per_block: int | None = None) -> Yields[Block, None, None]:
        """All records in order, a block at a time.

        `work`, of `rows_per_block` rows at once (None: few at first, then as many as suit the kind), is what is done with records that
        models don't write: by default they are made and measured. Bought records always come as a batch.
        """
        with self._watched(), closing(self._blocks(work, rows_per_block)) as blocks:
            for block in blocks:
                self._watch.delivered(self._tally.origins)
                yield block

    async def ablocks(self, work: Work | None = None, rows_per_block: int | None = None) -> AsyncGenerator[Block, None]:
        """The async twin of `blocks`."""
        with self._watched():
            async with aclosing(self._ablocks(work, rows_per_block)) as blocks:
                async for block in blocks:
                    self._watch.delivered(self._tally.origins)
                    yield block

    def finish(self) -> None:
        """The records are where they were wanted: the account closes, the journal is emptied. A process that is killed before that
        finds both as they were, and pays for nothing again.
        """
        if self._stack and self._ended:
            self._stack.finish()

    def progress(self) -> Progress:
        tally = self._tally
        return Progress(
            arrived=max(tally.arrived, tally.delivered),
            wanted=self.spec.count,
            spent=self._stack.bill.spent if self._stack else 0,
            budget=self.spec.budget_micros if self.buys else None,
            cache_hits=tally.cache_hits,
        )

    def report(self, location: str) -> Report:
        """What happened so far; complete once all blocks were taken."""
        stack, tally = self._stack, self._tally
        looked_at = self._examination.report(tally, self._generator)
        tally.tell_stages(self.spec)
        bill = stack.bill if stack else Bill(0, 0, {})
        plan = self.plan.to_dict()
        if self._replanned:
            plan["replanned"] = self._replanned.to_dict()
        if stack:
            spent = stack.spent_here if self.spec.account else bill.spent  # a shared account has others' spending in it
            plan["fact"] = {"cost_usd": format_usd(spent), "time_s": round(tally.seconds, 1), "split": dict(tally.origins)}
        return tally.report(
            self.spec,
            location,
            bill,
            plan,
            errors=stack.errors() if stack else [],
            warnings=[*self.warnings, *(stack.warnings() if stack else [])],
            judge=self._judge.summary() if self._judge else None,
            request=self.asked,
            **looked_at,
        )

    def check(self) -> None:
        """SynthError for records that may not be delivered; called once all blocks were taken."""
        self._examination.check(self._tally)

    # As it is watched

    @contextmanager
    def _watched(self) -> Yields[None, None, None]:
        """From the first record to the last one, or to where the reader leaves."""
        spec, tally, status = self.spec, self._tally, "stopped"
        facts = RunFacts(kind=spec.kind, count=spec.count, seed=spec.seed, mode=spec.mode, fingerprint=spec.fingerprint)
        with observer().run(facts) as self._watch:
            try:
                yield
                status = "success" if tally.delivered == spec.count else "partial" if tally.delivered else "failed"
            except Exception:
                status = "failed"
                raise
            finally:
                spent = self._stack.spent_here if self._stack else 0
                self._watch.ended(RunEnd(status=status, records=tally.delivered, spent_micros=spent, saved_micros=tally.saved))

    def _blocks(self, work: Work | None, rows_per_block: int | None) -> Yields[Block, None, None]:
        if self.buys:
            yield from iterate(self._bought())
            return
        wait_for(self._prepare())
        for block in self._offline(work, rows_per_block):
            self._take(block)
            yield block

    async def _ablocks(self, work: Work | None, rows_per_block: int | None) -> AsyncGenerator[Block, None]:
        if self.buys:
            async with aclosing(self._bought()) as bought:
                async for block in bought:
                    yield block
            return
        await self._prepare()
        with closing(self._offline(work, rows_per_block)) as blocks:
            for block in blocks:
                self._take(block)
                yield block
                await asyncio.sleep(0)

    def _take(self, block: Block, spent: int = 0) -> None:
        self._tally.take(block, spent)
        self._examination.show(block)

    # Before the first record

    def _look_ahead(self) -> Buying | None:
        """The arms and what they will cost; None when no model is asked."""
        spec = self.spec
        if not spec.spends:
            if spec.chain and spec.budget_micros is None:
                self.warnings.append(
                    "no budget, no spending: models were named but no --budget was given, so the records are made offline"
                )
            return None
        if spec.mode == "blueprint":
            first = None if self._expansion is None or self._expansion.there else self._expansion.author.requests()[0]
        else:
            first = self._generator.request(0, 0)
            if first is None:
                self.warnings.append(f"kind {spec.kind!r} is always made offline: the budget is not touched")
        buying = look_ahead(spec, self._settings, self._generator, first) if first else None
        self.warnings += buying.warnings if buying else []
        if buying and spec.workers > 1 and spec.mode != "blueprint":
            self.warnings.append(f"workers {spec.workers}: records that models write are made in this process")
        return buying if buying and buying.arms else None

    def _make_plan(self) -> Plan:
        if self._buying is None:
            return offline_plan(self.spec, expanded=self.spec.mode == "blueprint")
        return self._planned(self._buying.outlook)

    def _planned(self, outlook: Outlook) -> Plan:
        return make_plan(self.spec, outlook, lambda: self._blueprint_cost, rest_offline=self._rest_offline)

    @cached_property
    def _blueprint_cost(self) -> BlueprintCost | None:
        assert self._buying is not None  # noqa: S101 - nobody else plans
        return blueprint_cost(self._expansion, self._buying, self.spec) if self._expansion else None

    # Records that models don't write

    async def _prepare(self) -> None:
        """Bring the blueprint of mode `blueprint`: from its files, or from a model. Once for a run."""
        if self.spec.mode != "blueprint" or self._expansion is None:
            return
        if self._buying is not None and not self._expansion.there:
            async with open_stack(self.spec, self._settings, self._buying.arms, self._buying.beliefs, self._watch) as stack:
                self._stack = stack
                await self._bring(stack, self.spec.count)
                self._ended = True
        elif self._expansion.there:
            self._rest = self._expansion.rest(self.spec.count)
            self.notices.append(self._expansion.told())

    async def _bring(self, stack: ModelStack, records: int) -> None:
        """Have the blueprint written for `records`; without it they are made offline, where the wish allows that."""
        assert self._expansion is not None  # noqa: S101 - a plan that expands has one
        try:
            await self._expansion.bring(stack.model)
        except SynthError as error:
            if not self._fallbacks.allow(error) and self.spec.mode == "blueprint":
                raise
            self.warnings.append(f"no blueprint: {error.message}; the records are made offline")
            return
        self._rest = self._expansion.rest(records)
        self.notices.append(self._expansion.told())

    def _offline(self, work: Work | None, rows_per_block: int | None = None) -> Yields[Block, None, None]:
        count, workers, rest = self.spec.count, self.workers, self._rest
        work = self._examination.looking(work or Make())
        if workers > 1 and isinstance(work, Make):
            work = replace(work, plain=True)
        ranges = grid(range(count), rows_per_block) if rows_per_block else growing_grid(count, rest.generator.rows_per_batch)
        spec = self._expansion.spec if rest.provenance.origin == "blueprint" and self._expansion else self._examination.spec
        with closing(run_blocks(spec, rest.generator, self._rules.sift(work), ranges, workers)) as blocks:
            for block in blocks:
                yield replace(block, source=rest.provenance)

    # Records that models write

    async def _bought(self) -> AsyncGenerator[Block, None]:
        buying = self._buying
        assert buying is not None  # noqa: S101 - `buys` says so
        async with open_stack(self.spec, self._settings, buying.all_arms, buying.beliefs, self._watch) as stack:
            self._stack = stack
            if self.plan.expands:
                await self._bring(stack, self.plan.split.expanded)
            writing = self._writing(stack, buying)
            async with aclosing(self._rules.make_with_models(self._generator, self.spec.count, writing)) as made:
                async for records in self._waited_for(made):
                    block = block_of(self._generator, records, self._examination.inspection)
                    self._take(block, stack.spent_here)
                    yield block
            self._ended = True

    async def _waited_for(self, made: AsyncIterator[T]) -> AsyncIterator[T]:
        """`made`, with the time that the records took counted."""
        began = time.perf_counter()
        async for records in made:
            self.stages.add("batches", time.perf_counter() - began)
            yield records
            began = time.perf_counter()

    def _writing(self, stack: ModelStack, buying: Buying) -> Writing:
        spec = self.spec
        self._judge = self._make_judge(stack, buying)
        pacer = Pacer(stack.money_left, spec.count, buying.outlook.each) if self._rest_offline else None
        if pacer:
            stack.price = pacer.price
        return Writing(
            model=stack.model,
            fallbacks=self._fallbacks,
            rest=self._rest,
            blocks_ahead=_SPARE_BLOCKS + spec.concurrency * buying.outlook.records_per_call // BLOCK,
            arms=tuple(card.id for card in buying.arms) if self._pinned else (),
            pace=pacer,
            auditor=self._judge,
            on_made=self._arrive,
        )

    def _make_judge(self, stack: ModelStack, buying: Buying) -> Judge | None:
        spec = self.spec
        if not spec.judge:
            return None
        return Judge(
            stack.model,
            self._generator,
            buying.judges,
            count=spec.count,
            seed=spec.seed,
            cap_micros=spec.budget_micros,
            on_verdict=None if spec.seeded else buying.beliefs.judged,
        )

    @property
    def _pinned(self) -> bool:
        """Records are asked of the run's own arms only, in their order: the user named them, or the judges' arms are there too."""
        return bool(self.spec.chain) or (self.spec.judge and self.spec.fallback == ())

    @property
    def _rest_offline(self) -> bool:
        """What the budget can't buy is made without models: asked for by the fallback, or left to modes that have it at hand."""
        return self.spec.ends_offline or (self.spec.mode in ("auto", "rewrite") and self.spec.fallback is None)

    @property
    def _fallbacks(self) -> Fallbacks:
        """An outage isn't made up for unasked, except that a record that couldn't be reworded keeps its offline wording."""
        rest = self._rest_offline
        kept = self.spec.mode == "rewrite" and self.spec.fallback is None
        return Fallbacks(when_budget_ends=rest, when_turned_down=rest, when_models_fail=self.spec.ends_offline or kept)

    def _arrive(self, made: Made) -> None:
        self._tally.arrive(made)
        if self._replanned is None and self._tally.arrived >= PILOT * self.spec.count >= PILOT * _FEWEST_REPLANNED:
            self._replan()

    def _replan(self) -> None:
        """The plan again, with what the pilot really cost."""
        buying, stack, bought = self._buying, self._stack, self._tally.bought
        if buying is None or stack is None or not bought:
            return
        told = self._replanned = self._planned(buying.outlook.measured(stack.spent_here / bought, bought))
        self.notices.append(f"after {bought:,} bought records: {told.forecast()}")


def _check_mode(spec: Spec, *, there: bool) -> None:
    """RequestError for a mode that doesn't fit the wish. `there`: its blueprint needn't be bought."""
    if spec.mode == "rewrite" and spec.kind != "conversation":
        raise RequestError(f"mode 'rewrite' is for conversations: kind {spec.kind!r} takes auto, offline, blueprint or llm")
    told = {"llm": "buys every record", "rewrite": "has models reword every record", "blueprint": "has a model write one first"}
    if spec.mode in told and spec.budget_micros is None and not there:
        raise RequestError(
            f"mode {spec.mode!r} {told[spec.mode]} and needs a budget: add --budget USD"
            " (0 admits only free arms, such as a local server)"
        )
