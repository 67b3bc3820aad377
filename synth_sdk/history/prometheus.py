"""The figures of runs in Prometheus' text format: for a scrape, or for the textfile collector of node_exporter."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.core.errors import OutputError, RequestError, WriteError
from synth_sdk.history.entries import RUNNING, Entry
from synth_sdk.history.statistics import Figures, percentile

if TYPE_CHECKING:
    from prometheus_client import Metric

Kinds = Mapping[str, Figures]

_PACE = "synth_seconds_per_1000_records"
_QUANTILES = (0.5, 0.95)
_COUNTERS: tuple[tuple[str, str, Callable[[Figures], float]], ...] = (
    ("synth_records", "Records delivered.", lambda told: told.records),
    ("synth_validation_failures", "Runs whose schema was refused.", lambda told: told.failures["schema"]),
    ("synth_compliance_violations", "Findings of broken rules that nothing was done about.", lambda told: told.violations),
    ("synth_spent_usd", "US dollars spent on models.", lambda told: told.spent / 1_000_000),
)
_SCORES: tuple[tuple[str, str, Callable[[Figures], list[float]]], ...] = (
    ("synth_uniqueness", "Mean uniqueness of the runs' records, from 0 to 1.", lambda told: told.uniqueness),
    ("synth_validity", "Mean validity of the runs' records, from 0 to 1.", lambda told: told.validity),
)


def exposition(entries: Iterable[Entry]) -> str:
    """The text. RequestError with the install command where prometheus-client is missing."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.registry import Collector
    except ImportError:
        told = "the text for Prometheus needs a library: install it with pip install 'synth-data-sdk[prometheus]'"
        raise RequestError(told) from None
    kinds = _by_kind(entries)

    class Runs(Collector):
        def collect(self) -> "Iterator[Metric]":
            return _metrics(kinds)

    registry = CollectorRegistry()
    registry.register(Runs())
    return generate_latest(registry).decode()


def write_exposition(path: str, entries: Iterable[Entry]) -> None:
    """Write the text to `path`, whole or not at all, as a collector that reads along needs it."""
    target = Path(path)
    new = target.with_name(f".{target.name}.part")
    if not target.parent.is_dir():
        raise OutputError(f"output {path!r}: there is no folder {str(target.parent)!r}; make it first")
    text = exposition(entries)
    try:
        new.write_text(text, "utf-8")
        new.replace(target)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise WriteError(f"output {path!r} can't be written: {error.strerror or error}") from None


def _by_kind(entries: Iterable[Entry]) -> Kinds:
    found: dict[str, Figures] = {}
    for entry in entries:
        found.setdefault(entry.kind, Figures()).add(entry)
    return dict(sorted(found.items()))


def _metrics(kinds: Kinds) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    runs = CounterMetricFamily("synth_runs", "Runs by kind and how they ended.", labels=["kind", "status"])
    running = GaugeMetricFamily("synth_runs_running", "Runs that are going on.", labels=["kind"])
    for kind, told in kinds.items():
        running.add_metric([kind], told.statuses[RUNNING])
        for status, count in sorted(told.statuses.items()):
            if status != RUNNING:
                runs.add_metric([kind, status], count)
    yield runs
    yield running
    for name, about, figure in _COUNTERS:
        counter = CounterMetricFamily(name, about, labels=["kind"])
        for kind, told in kinds.items():
            counter.add_metric([kind], figure(told))
        yield counter
    yield _paces(kinds)
    for name, about, scores in _SCORES:
        gauge = GaugeMetricFamily(name, about, labels=["kind"])
        for kind, told in kinds.items():
            if values := scores(told):
                gauge.add_metric([kind], sum(values) / len(values))
        yield gauge


def _paces(kinds: Kinds) -> "Metric":
    """A summary with quantiles, which the library's own family doesn't know how to add."""
    from prometheus_client.core import SummaryMetricFamily

    summary: Any = SummaryMetricFamily(_PACE, "Wall time of runs, per 1,000 records.", labels=["kind"])
    for kind, told in kinds.items():
        for quantile in _QUANTILES if told.paces else ():
            seconds = (percentile(told.paces, quantile) or 0) / 1000
            summary.add_sample(_PACE, {"kind": kind, "quantile": f"{quantile:g}"}, seconds)
        summary.add_metric([kind], count_value=len(told.paces), sum_value=sum(told.paces) / 1000)
    return summary  # type: ignore[no-any-return]
