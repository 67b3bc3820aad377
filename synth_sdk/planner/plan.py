"""What a budget buys: how many records will be made how, by which arms, at what cost and in what time.

The figures are expectations with their 10-90% ranges, not the guarantee: the guarantee is the ledger's cap.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.core.money import format_usd
from synth_sdk.core.spec import Spec
from synth_sdk.planner.outlook import Outlook, Range

_NOTHING = Range(0.0, 0.0, 0.0)
_NAMED = 4  # arms that the line names
_FEWEST_EXPANDED = 500  # records beyond the budget for which `auto` has a blueprint written
_MOST_FOR_BLUEPRINT = 0.1  # of the cap


@dataclass(frozen=True, slots=True)
class BlueprintCost:
    """What having a blueprint written is expected to cost (micro-dollars) and how many parts it has."""

    micros: float
    parts: int


@dataclass(frozen=True, slots=True)
class Split:
    """How many records are made how; together they are all that were asked for."""

    written: int = 0
    expanded: int = 0
    offline: int = 0
    undelivered: int = 0

    def to_dict(self) -> dict[str, int]:
        return {"llm": self.written, "blueprint": self.expanded, "offline": self.offline, "undelivered": self.undelivered}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be made how. Pure data; `cost` in micro-dollars, `seconds` from the first call to the last.

    `arms` are ids, `names` what people call them. `each` is what one bought record is expected to cost, failed tries included.
    `parts`: the typed calls of its blueprint, 0 for none.
    """

    kind: str
    count: int
    mode: str
    split: Split
    arms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    records_per_call: int = 1
    cap: int | None = None
    cost: Range = _NOTHING
    seconds: Range = _NOTHING
    each: float = 0.0
    parts: int = 0
    seed: int = 0
    fingerprint: str = ""
    tokens_per_record: dict[str, int] = field(default_factory=dict)

    @property
    def expands(self) -> bool:
        """A blueprint is to be written first."""
        return self.parts > 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "count": self.count,
            "mode": self.mode,
            "split": self.split.to_dict(),
            "models": list(self.arms),
            "records_per_call": self.records_per_call,
            "blueprint_parts": self.parts,
            "tokens_per_record": self.tokens_per_record,
            "budget_usd": None if self.cap is None else format_usd(self.cap),
            "cost_usd": {name: format_usd(round(micros)) for name, micros in self.cost.named()},
            "time_s": {name: round(seconds, 1) for name, seconds in self.seconds.named()},
            "seed": self.seed,
            "fingerprint": self.fingerprint,
        }

    def __str__(self) -> str:
        noun = f"{self.count:,} {self.kind} record{'s' if self.count != 1 else ''}"
        cap = "" if self.cap is None else f", cap ${format_usd(self.cap)}"
        if not self.arms:
            return f"{noun}{cap}: {'expanded from the blueprint that is there' if self.split.expanded else 'made offline'}, $0"
        return f"{noun}{cap}: {', '.join(self._parts())}; {self.forecast()}; never above ${format_usd(self.cap or 0)}"

    def forecast(self) -> str:
        """The expected cost and time, with their ranges."""
        cost, time = self.cost, self.seconds
        dollars = f"${_dollars(cost.median)} ({_dollars(cost.low)}-{_dollars(cost.high)})"
        return f"expected {dollars} in {duration(time.median)} ({duration(time.low)}-{duration(time.high)})"

    def _chain(self) -> str:
        """The first arms in the order in which they are asked; few records get further."""
        more = len(self.names) - _NAMED
        return " -> ".join(self.names[:_NAMED]) + (f", then {more} more" if more > 0 else "")

    def _parts(self) -> list[str]:
        chain, split = self._chain(), self.split
        told = []
        if split.written:
            told.append(f"{split.written:,} written by models ({self.records_per_call} per call; {chain})")
        if split.expanded:
            who = "" if split.written else f" by {chain}"
            told.append(f"{split.expanded:,} expanded from a blueprint of {self.parts} parts{who}")
        if split.offline:
            told.append(f"{split.offline:,} made offline")
        if split.undelivered:
            told.append(f"{split.undelivered:,} beyond the budget")
        return told


def offline_plan(spec: Spec, count: int | None = None, *, expanded: bool = False) -> Plan:
    """The plan of a run that asks no model; `expanded`: it has a blueprint at hand."""
    wanted = count or spec.count
    return Plan(
        kind=spec.kind,
        count=wanted,
        mode=spec.mode,
        split=Split(expanded=wanted) if expanded else Split(offline=wanted),
        cap=spec.budget_micros if spec.spends else None,
        seed=spec.seed,
        fingerprint=spec.fingerprint,
    )


def make_plan(spec: Spec, outlook: Outlook, blueprint: Callable[[], BlueprintCost | None], *, rest_offline: bool) -> Plan:
    """The plan of a run with a budget. `rest_offline`: what the cap can't buy is made without models.

    Mode `auto` has a blueprint written for the rest where there is one to have, the rest is large and the blueprint cheap; what it
    costs is asked for only then.
    """
    cap, count = spec.budget_micros or 0, spec.count
    split = Split(expanded=count) if spec.mode == "blueprint" else _split(outlook, cap, count, rest_offline)
    wanted = blueprint() if split.expanded or split.offline >= _FEWEST_EXPANDED else None
    if wanted and split.offline and wanted.micros > _MOST_FOR_BLUEPRINT * cap:
        wanted = None
    if wanted and split.offline:
        bought = _split(outlook, cap - math.ceil(wanted.micros), count, rest_offline).written
        split = Split(written=bought, expanded=count - bought)
    extra = wanted.micros if wanted else 0.0
    return Plan(
        kind=spec.kind,
        count=count,
        mode=spec.mode,
        split=split,
        arms=outlook.arms,
        names=outlook.names,
        records_per_call=outlook.records_per_call,
        cap=cap,
        cost=outlook.cost(split.written, extra).within(cap),
        seconds=outlook.time(split.written, spec.concurrency, wanted.parts if wanted else 0),
        each=outlook.each,
        parts=wanted.parts if wanted else 0,
        seed=spec.seed,
        fingerprint=spec.fingerprint,
        tokens_per_record=outlook.tokens,
    )


def _split(outlook: Outlook, cap: int, count: int, rest_offline: bool) -> Split:
    written = count if outlook.each * count <= cap else int(cap / outlook.each)
    rest = count - written
    return Split(written=written, offline=rest) if rest_offline else Split(written=written, undelivered=rest)


def _dollars(micros: float) -> str:
    """To three figures: a forecast isn't known to the micro-dollar."""
    whole = round(micros)
    places = max(0, len(str(whole)) - 3)
    return format_usd(round(whole, -places))


def duration(seconds: float) -> str:
    """Seconds for people: "42 s", "3.5 min", "2.1 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 1 else "1 s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
