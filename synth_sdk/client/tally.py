"""What a run counts while its records pass, and the report that it makes of them."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.client.wiring import Bill
from synth_sdk.core.generators import Made
from synth_sdk.core.measures import Measures
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block, Part
from synth_sdk.pipeline.manifest import manifest
from synth_sdk.pipeline.reasons import Reasons
from synth_sdk.pipeline.report import Cost, Report, Status


@dataclass(slots=True)
class Tally:
    """`arrived` counts records as they come, `delivered` those of whole blocks; `paid` what the bought ones cost, failed tries left out."""

    arrived: int = 0
    delivered: int = 0
    bought: int = 0
    cache_hits: int = 0
    saved: int = 0
    origins: Counter[str] = field(default_factory=Counter)
    missing: Reasons = field(default_factory=Reasons)
    stand_ins: Reasons = field(default_factory=Reasons)
    measures: Measures = field(default_factory=Measures)
    parts: list[Part] = field(default_factory=list)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the run was built."""
        return time.monotonic() - self.started

    def arrive(self, made: Made) -> None:
        self.arrived += 1
        origin = made.provenance.origin if made.provenance else ""
        self.bought += origin == "llm"
        self.cache_hits += origin == "cache"

    def take(self, block: Block) -> None:
        self.delivered += block.count
        self.measures.merge(block.measures)
        for _, reason in block.missing:
            self.missing.add(reason)
        for reason in block.stand_ins:
            self.stand_ins.add(reason)
        if block.provenance is None:
            self.origins[block.source.origin] += block.count
        for source in block.provenance or ():
            self.saved += source.saved_micros
            self.origins[source.origin] += 1
        if isinstance(block.content, Part):
            self.parts.append(block.content)

    def report(
        self,
        spec: Spec,
        location: str,
        bill: Bill,
        plan: dict[str, Any],
        *,
        errors: Sequence[str],
        warnings: Sequence[str],
        judge: dict[str, Any] | None = None,
    ) -> Report:
        """What happened so far."""
        status: Status = "success" if self.delivered == spec.count else "partial" if self.delivered else "failed"
        return Report(
            generation_id=self.id,
            status=status,
            records_generated=self.delivered,
            records_wanted=spec.count,
            output_location=location,
            quality=self.measures.quality(valid=self.delivered),
            execution_time_ms=round(self.seconds * 1000),
            errors=[*errors, *self.missing.lines("not delivered")],
            warnings=[*warnings, *self.stand_ins.lines("made offline instead")],
            cost=Cost(
                budget=spec.budget_micros,
                spent=bill.spent,
                held=bill.held,
                saved_by_cache=self.saved,
                by_model=dict(bill.by_arm),
            ),
            origins=self.origins,
            plan=plan,
            seed=spec.seed,
            fingerprint=spec.fingerprint,
            manifest=manifest(spec, self.measures, self.parts),
            judge=judge or {},
        )
