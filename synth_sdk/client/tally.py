"""What a run counts while its records pass, and the report that it makes of them."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from synth_sdk.client.wiring import Bill
from synth_sdk.core.generators import Made
from synth_sdk.core.measures import Measures
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.core.stages import Stages
from synth_sdk.pipeline.blocks import Block, Part
from synth_sdk.pipeline.inspection import Inspected
from synth_sdk.pipeline.manifest import manifest
from synth_sdk.pipeline.reasons import Reasons
from synth_sdk.pipeline.report import Cost, Moment, Report, Status

_MOST_MOMENTS = 200  # of the timeline; of more, every second one is forgotten


@dataclass(slots=True)
class Tally:
    """`arrived` counts records as they come, `delivered` those of whole blocks. `known` is what was found of these, `timeline` when
    how many were there.
    """

    arrived: int = 0
    delivered: int = 0
    bought: int = 0
    cache_hits: int = 0
    saved: int = 0
    origins: Counter[str] = field(default_factory=Counter)
    missing: Reasons = field(default_factory=Reasons)
    stand_ins: Reasons = field(default_factory=Reasons)
    known: Inspected = field(default_factory=Inspected)
    timeline: list[Moment] = field(default_factory=list)
    blocks: int = 0
    parts: list[Part] = field(default_factory=list)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.monotonic)

    @property
    def measures(self) -> Measures:
        return self.known.measures

    @property
    def stages(self) -> Stages:
        return self.known.seconds

    @property
    def seconds(self) -> float:
        """Since the run was built."""
        return time.monotonic() - self.started

    def arrive(self, made: Made) -> None:
        self.arrived += 1
        origin = made.provenance.origin if made.provenance else ""
        self.bought += origin == "llm"
        self.cache_hits += origin == "cache"

    def take(self, block: Block, spent: int = 0) -> None:
        """Count a block; `spent` micro-dollars when it came."""
        self.blocks += 1
        self.delivered += block.count
        self.known.merge(block.known)
        self._remember(spent)
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

    def tell_stages(self, spec: Spec) -> None:
        """A line for people about each of the stages that were counted here."""
        fields, found = len(self.measures.fields), len(self.known.findings)
        noun = "block" if self.blocks == 1 else "blocks"
        self.stages.told |= {
            "batches": f"{self.delivered:,} of {spec.count:,} records in {self.blocks:,} {noun}",
            "validate": f"{self.delivered:,} passed, {self.missing.total:,} not delivered; {found} findings in the records",
            "metrics": f"{fields} {'field' if fields == 1 else 'fields'} measured{', and profiled' if self.known.profile else ''}",
        }

    def _remember(self, spent: int) -> None:
        self.timeline.append(Moment(round(self.seconds * 1000), self.delivered, spent))
        if len(self.timeline) > _MOST_MOMENTS:
            del self.timeline[:-1:2]

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
        request: dict[str, Any] | None = None,
        quality: dict[str, Any] | None = None,
        compliance: dict[str, Any] | None = None,
        records: Sequence[Json] = (),
    ) -> Report:
        """What happened so far. `quality` is what was found beyond the measures of every run."""
        status: Status = "success" if self.delivered == spec.count else "partial" if self.delivered else "failed"
        return Report(
            generation_id=self.id,
            kind=spec.kind,
            created_at=self.created_at,
            status=status,
            records_generated=self.delivered,
            records_wanted=spec.count,
            output_location=location if status != "failed" or location in ("-", "memory") else "",
            quality=self.measures.quality(valid=self.delivered) | (quality or {}),
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
            request=request or {},
            compliance=compliance or {},
            stages=self.stages,
            timeline=self.timeline,
            records=list(records),
        )
