"""One run: a Spec made into a plan, records and a report."""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from collections.abc import Generator as Yields
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace
from typing import Any

from synth_sdk.client.background import iterate
from synth_sdk.client.settings import Settings
from synth_sdk.client.wiring import Bill, ModelStack, choose_arms, open_stack
from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError
from synth_sdk.core.generators import Generator, Made, offline_record
from synth_sdk.core.measures import Measures
from synth_sdk.core.models import Json, ModelCard
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block, Part, block_of, grid, growing_grid
from synth_sdk.pipeline.manifest import manifest
from synth_sdk.pipeline.offline import Make, Work
from synth_sdk.pipeline.produce import BLOCK, Fallbacks, make_with_models
from synth_sdk.pipeline.reasons import Reasons
from synth_sdk.pipeline.report import Cost, Report, Status
from synth_sdk.planner.plan import Plan, Sample, make_plan
from synth_sdk.runners import run as run_blocks

_AUTO_RECORDS_PER_CALL = 4
_SAMPLES = 5
_FEWEST_BATCHES = 16  # for which processes are started: below it, this one is done before they have imported what they need
_MODES_TO_COME = ("blueprint", "rewrite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of a run; money in micro-dollars, `budget` None when nothing can be spent."""

    arrived: int
    wanted: int
    spent: int
    budget: int | None
    cache_hits: int


@dataclass(slots=True)
class _Tally:
    arrived: int = 0
    delivered: int = 0
    cache_hits: int = 0
    saved: int = 0
    origins: Counter[str] = field(default_factory=Counter)
    missing: Reasons = field(default_factory=Reasons)
    stand_ins: Reasons = field(default_factory=Reasons)
    measures: Measures = field(default_factory=Measures)
    parts: list[Part] = field(default_factory=list)


class Run:
    """Built from a Spec: whatever can be wrong with a request is found here, before anything is spent or written."""

    def __init__(self, spec: Spec, settings: Settings) -> None:
        _check_available(spec)
        self.spec = spec
        self._settings = settings
        self._generator: Generator = plugins.load("generators", spec.kind)(spec)
        if spec.dialect is not None and getattr(self._generator, "convert", None) is None:
            raise RequestError(f"dialect {spec.dialect!r}: records of kind {spec.kind!r} have no dialects; leave --dialect out")
        self.warnings = list(getattr(self._generator, "warnings", ()))
        self._arms = self._choose_arms()
        self.plan = self._make_plan()
        self._tally = _Tally()
        self._stack: ModelStack | None = None
        self._id = str(uuid.uuid4())
        self._started = time.monotonic()

    @property
    def buys(self) -> bool:
        """Models will be asked."""
        return bool(self._arms)

    @property
    def workers(self) -> int:
        """How many processes make the records: the wanted ones if there are enough batches to be worth their start, and no model to ask."""
        few = self.spec.count < _FEWEST_BATCHES * self._generator.rows_per_batch
        return 1 if self.buys or few else self.spec.workers

    @property
    def record_schema(self) -> Json:
        """The JSON Schema of one record (True: unknown)."""
        return self._generator.record_schema

    def blocks(self, work: Work | None = None, rows_per_block: int | None = None) -> Yields[Block, None, None]:
        """All records in order, a block at a time: the synchronous face of `ablocks`.

        `work`, of `rows_per_block` rows at once (None: few at first, then as many as suit the kind), is what is done with offline
        rows: by default they are made and measured. Bought records always come as a batch.
        """
        if self.buys:
            yield from iterate(self.ablocks())
            return
        for block in self._offline(work, rows_per_block):
            self._count(block)
            yield block

    async def ablocks(self, work: Work | None = None) -> AsyncGenerator[Block, None]:
        """All records in order, a block at a time."""
        if not self.buys:
            with closing(self._offline(work)) as blocks:
                for block in blocks:
                    self._count(block)
                    yield block
                    await asyncio.sleep(0)
            return
        async with open_stack(self.spec, self._settings, self._arms, self._records_per_call) as stack:
            self._stack = stack
            made = make_with_models(
                self._generator,
                self.spec.count,
                stack.model,
                self._fallbacks,
                arms=tuple(card.id for card in self._arms) if self.spec.chain else (),
                blocks_ahead=2 + self.spec.concurrency * self._records_per_call // BLOCK,
                on_made=self._arrive,
            )
            async with aclosing(made):
                async for records in made:
                    block = block_of(self._generator, records)
                    self._count(block)
                    yield block
            stack.finish()

    def _offline(self, work: Work | None, rows_per_block: int | None = None) -> Yields[Block, None, None]:
        count, workers = self.spec.count, self.workers
        work = work or Make()
        if workers > 1 and isinstance(work, Make):
            work = replace(work, plain=True)
        ranges = grid(range(count), rows_per_block) if rows_per_block else growing_grid(count, self._generator.rows_per_batch)
        return run_blocks(self.spec, self._generator, work, ranges, workers)

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
        tally, stack = self._tally, self._stack
        status: Status = "success" if tally.delivered == self.spec.count else "partial" if tally.delivered else "failed"
        bill = stack.bill if stack else Bill(0, 0, {})
        cost = Cost(
            budget=self.spec.budget_micros,
            spent=bill.spent,
            held=bill.held,
            saved_by_cache=tally.saved,
            by_model=dict(bill.by_arm),
        )
        errors = [*(stack.errors() if stack else []), *tally.missing.lines("not delivered")]
        warnings = [*self.warnings, *(stack.warnings() if stack else []), *tally.stand_ins.lines("made offline instead")]
        return Report(
            generation_id=self._id,
            status=status,
            records_generated=tally.delivered,
            records_wanted=self.spec.count,
            output_location=location,
            quality=tally.measures.quality(valid=tally.delivered),
            execution_time_ms=round((time.monotonic() - self._started) * 1000),
            errors=errors,
            warnings=warnings,
            cost=cost,
            origins=tally.origins,
            plan=self.plan.to_dict(),
            seed=self.spec.seed,
            fingerprint=self.spec.fingerprint,
            manifest=manifest(self.spec, tally.measures, tally.parts),
        )

    @property
    def _records_per_call(self) -> int:
        return self.spec.records_per_call or _AUTO_RECORDS_PER_CALL

    @property
    def _rest_offline(self) -> bool:
        """What the budget can't buy is made offline: asked for by the fallback, or left to mode auto."""
        return self.spec.ends_offline or (self.spec.mode == "auto" and self.spec.fallback is None)

    @property
    def _fallbacks(self) -> Fallbacks:
        return Fallbacks(when_budget_ends=self._rest_offline, when_models_fail=self.spec.ends_offline)

    def _choose_arms(self) -> list[ModelCard]:
        """The arms to ask, in the order of the chain or the policy; none when the run is offline."""
        if not self.spec.spends:
            if self.spec.chain and self.spec.budget_micros is None:
                self.warnings.append(
                    "no budget, no spending: models were named but no --budget was given, so the records are made offline"
                )
            return []
        first = self._generator.request(0, 0)
        if first is None:
            self.warnings.append(f"kind {self.spec.kind!r} is always made offline: the budget is not touched")
            return []
        arms, warnings = choose_arms(self.spec, self._settings, first)
        self.warnings += warnings
        if arms and self.spec.workers > 1:
            self.warnings.append(f"workers {self.spec.workers}: records that models write are made in this process")
        return arms

    def _make_plan(self) -> Plan:
        return make_plan(
            kind=self.spec.kind,
            count=self.spec.count,
            mode=self.spec.mode,
            cap=self.spec.budget_micros if self.spec.spends else None,
            arms=self._arms,
            sample=self._sample() if self._arms else None,
            records_per_call=self._records_per_call,
            rest_offline=self._rest_offline,
            seed=self.spec.seed,
            fingerprint=self.spec.fingerprint,
        )

    def _sample(self) -> Sample:
        """Mean sizes over a few requests; the length of a written record is guessed from its offline twin."""
        indices = range(min(_SAMPLES, self.spec.count))
        requests = [request for index in indices if (request := self._generator.request(index, 0)) is not None]
        sizes = [len(request.brief.encode()) for request in requests]
        try:
            records = [_spoken_bytes(offline_record(self._generator, index)) for index in indices]
        except RequestError:  # a schema that only a model can fill
            records = [request.output_tokens * 2 for request in requests]
        return Sample(
            prefix_bytes=len(requests[0].instructions.encode()),
            brief_bytes=sum(sizes) / len(sizes),
            record_bytes=sum(records) / len(records),
        )

    def _arrive(self, made: Made) -> None:
        self._tally.arrived += 1
        if made.provenance and made.provenance.origin == "cache":
            self._tally.cache_hits += 1

    def _count(self, block: Block) -> None:
        tally = self._tally
        tally.delivered += block.count
        tally.measures.merge(block.measures)
        for _, reason in block.missing:
            tally.missing.add(reason)
        for reason in block.stand_ins:
            tally.stand_ins.add(reason)
        if block.provenance is None:
            tally.origins["offline"] += block.count
        for source in block.provenance or ():
            tally.saved += source.saved_micros
            tally.origins[source.origin] += 1
        if isinstance(block.content, Part):
            tally.parts.append(block.content)


def _spoken_bytes(record: Any) -> int:
    """The size of what a model would write: the spoken turns of a conversation, all of any other record."""
    if isinstance(record, dict) and "messages" in record:
        spoken = [message["content"] or "" for message in record["messages"] if message["role"] in ("user", "assistant")]
        return sum(len(text.encode()) + 20 for text in spoken)
    return len(json.dumps(record, ensure_ascii=False, default=str).encode())


def _check_available(spec: Spec) -> None:
    if spec.policy == "fastest":
        raise RequestError("policy 'fastest' isn't part of this version: choose cheapest, balanced or best")
    if spec.mode in _MODES_TO_COME:
        raise RequestError(f"mode {spec.mode!r} isn't part of this version: choose auto, offline or llm")
    if spec.mode == "llm" and spec.budget_micros is None:
        raise RequestError(
            "mode 'llm' buys every record and needs a budget: add --budget USD (0 admits only free arms, such as a local server)"
        )
