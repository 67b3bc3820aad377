"""The stages of a run, in their order: how long each took, and what it has to say for itself."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

STAGES = ("parse", "identify", "strategy", "compliance", "batches", "validate", "metrics", "write", "report")


@dataclass(slots=True)
class Stages:
    """Seconds of work by stage - added up over the processes that made the records - and a line for people about each."""

    seconds: dict[str, float] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the time until the `with` block is left for `stage`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - began)

    def add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def merge(self, seconds: Mapping[str, float]) -> None:
        for stage, more in seconds.items():
            self.add(stage, more)

    def to_list(self) -> list[dict[str, Any]]:
        """Every stage, as a report has it."""
        return [
            {"name": stage, "ms": round(self.seconds.get(stage, 0.0) * 1000, 1), "told": self.told.get(stage, "")}
            for stage in STAGES
        ]
