"""The kind `trajectory`: what agents did to solve a task, as a graph."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick_weighted, rng
from synth_sdk.core.spec import Spec
from synth_sdk.generators.offline import OfflineGenerator
from synth_sdk.generators.trajectory.anomalies import ANOMALIES, inject
from synth_sdk.generators.trajectory.banks import Matter, between
from synth_sdk.generators.trajectory.config import Config, Pattern, read_config
from synth_sdk.generators.trajectory.draft import Draft
from synth_sdk.generators.trajectory.patterns import FEWEST, PATTERNS
from synth_sdk.generators.trajectory.record import RECORD_SCHEMA, to_record

_SPAN_SECONDS = 30 * 86400  # trajectories begin within so many seconds after the start


class TrajectoryGenerator(OfflineGenerator):
    """Records `{task_description, nodes, edges, metadata}`. The Spec's `options` are the configuration (docs/trajectories.md)."""

    kind = "trajectory"
    constraint_keys = frozenset({"pattern", "anomaly_rate"})
    record_schema = RECORD_SCHEMA

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._config = _constrained(read_config(spec.options, FEWEST, tuple(ANOMALIES)), spec.constraints)
        self.warnings: Sequence[str] = self._config.warnings

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        told, metrics = record["metadata"], record["metadata"]["metrics"]
        return {
            "pattern": told["pattern"],
            "anomaly": ",".join(told["anomaly_types"]) or "none",
            "nodes": metrics["node_count"],
            "edges": metrics["edge_count"],
            "tool_calls": metrics["tool_calls"],
            "errors": metrics["errors"],
            "total_duration": metrics["total_duration"],
        }

    def record(self, row: int) -> Json:
        source = rng(self._spec.seed, self.kind, row)
        patterns = self._config.patterns
        chosen = pick_weighted(source, patterns, [pattern.weight for pattern in patterns])
        name = chosen.name if chosen.name in PATTERNS else "simple_linear"
        draft = Draft(source, self._config, Matter.draw(source, self._config.templates))
        PATTERNS[name](draft, between(source, chosen.min_nodes, chosen.max_nodes))
        anomaly = inject(draft, chosen.max_nodes)
        begin = self._spec.start + timedelta(seconds=int(source.random() * _SPAN_SECONDS))
        return to_record(draft, str(UUID(int=source.getrandbits(128), version=4)), name, begin, anomaly)


def _constrained(config: Config, constraints: Mapping[str, str]) -> Config:
    if "pattern" in constraints:
        config = replace(config, patterns=_only(config, constraints["pattern"]))
    if "anomaly_rate" in constraints:
        config = replace(config, anomaly_rate=_rate(constraints["anomaly_rate"]))
    return config


def _only(config: Config, name: str) -> tuple[Pattern, ...]:
    found = [pattern for pattern in config.patterns if pattern.name == name]
    if not found:
        raise UnknownName("trajectory pattern", name, [pattern.name for pattern in config.patterns])
    return (Pattern(name, found[0].min_nodes, found[0].max_nodes, 1.0),)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise RequestError(f"constraint anomaly_rate={text!r}: must be a number from 0 to 1")
    return rate
