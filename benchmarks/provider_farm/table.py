"""Scores of all worlds as one table a scenario: medians, and the range over the worlds in brackets."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from benchmarks.provider_farm.farm import HOUR_USD, MISS_USD
from benchmarks.provider_farm.run import CASCADE, ORACLE, ROUTER, Score

_HEAD = (
    "policy",
    "$ per 1,000 accepted",
    "accepted %",
    "regret %",
    "on cost alone %",
    "makespan s",
    "tries",
    "delays violated",
    "us/decision",
)
LEGEND = f"""\
Medians over the worlds, their range in brackets. `$ per 1,000 accepted`: what the farm billed. `regret`: that bill, ${MISS_USD:g} for every
record that nobody made and ${HOUR_USD:g} for an hour of the run, against the oracle's in the same world; `on cost alone`: dollars per accepted record
against the oracle's. `makespan`: virtual seconds. `tries`: calls per record. `delays violated`: calls sent to an arm before its stated delay
was over, in all worlds together."""

Scores = Mapping[str, Sequence[Score]]


def table(scores: Scores) -> str:
    """`scores` holds, for each policy, its score in each world; the oracle's is among them."""
    oracle = scores[ORACLE]
    rows = [_HEAD, *(_row(policy, runs, oracle) for policy, runs in scores.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join("  ".join(_placed(row, widths)).rstrip() for row in rows)


def _placed(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def _row(policy: str, runs: Sequence[Score], oracle: Sequence[Score]) -> tuple[str, ...]:
    def spread(of: Callable[[Score], float], form: str) -> str:
        return _spread([of(run) for run in runs], form)

    decisions = sum(run.decisions for run in runs)
    return (
        policy,
        spread(lambda run: 1000 * run.usd_per_accepted, ".3f"),
        spread(lambda run: 100 * run.accepted / run.records, ".1f"),
        _against(runs, oracle, lambda run: run.loss_usd),
        _against(runs, oracle, lambda run: run.usd_per_accepted),
        spread(lambda run: run.makespan_s, ".0f"),
        spread(lambda run: run.calls / run.records, ".2f"),
        str(sum(run.violations for run in runs)),
        f"{1e6 * sum(run.deciding_s for run in runs) / decisions:.0f}" if decisions else "-",
    )


def duel(scores: Scores) -> str:
    """The router against the cascade, world by world; "" unless both were played."""
    if not {ROUTER, CASCADE} <= set(scores):
        return ""
    told = _against(scores[ROUTER], scores[CASCADE], lambda run: run.loss_usd)
    return f"\n{ROUTER} against the {CASCADE}, all charges included: {told} %"


def _against(runs: Sequence[Score], others: Sequence[Score], of: Callable[[Score], float]) -> str:
    """By how many percent more than `others` in the same worlds."""
    return _spread([100 * (of(run) / of(other) - 1) for run, other in zip(runs, others, strict=True)], "+.1f")


def _spread(values: Sequence[float], form: str) -> str:
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def speed(scores: Scores) -> str:
    """How fast the simulation itself went, in records and decisions for each second of CPU."""
    runs = [run for each in scores.values() for run in each]
    cpu = sum(run.cpu_s for run in runs)
    records, calls = sum(run.records for run in runs), sum(run.calls for run in runs)
    return f"{records:,} records, {calls:,} calls in {cpu:.1f} CPU s: {records / cpu:,.0f} records/s, {calls / cpu:,.0f} calls/s"
