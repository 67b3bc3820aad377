"""A first forecast from priors: tokens from a few offline renderings, the cheapest-first cascade over the arms' quality priors.

The figures are expectations, not the guarantee: the guarantee is the ledger's cap. Source of the validity guess: with a free check a
cheapest-first cascade accepted 94-95% with a first-arm share that grows with quality (docs/decisions); here P(valid) = 0.6 + 0.4 x quality.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.core.models import ModelCard
from synth_sdk.core.money import format_usd

BYTES_PER_TOKEN = 4  # of English prose and JSON; the bound that is reserved uses 3
_TOKENS_OF_SCHEMA_AND_FRAME = 60
_TRIES = 3
_SPREAD = (
    0.25  # relative standard deviation of the per-record guess: token counts of unknown tokenizers, validity of unknown models
)
_Z90 = 1.2816


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Mean sizes in bytes over a few requests: the static prefix, one brief, one record as a model would write it."""

    prefix_bytes: float
    brief_bytes: float
    record_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be made how, by which arms, at what expected cost (micro-dollars; `low`-`high` is the 10-90% range)."""

    kind: str
    count: int
    mode: str
    written: int
    offline: int
    undelivered: int = 0
    arms: tuple[str, ...] = ()
    records_per_call: int = 1
    cap: int | None = None
    expected: int = 0
    low: int = 0
    high: int = 0
    seed: int = 0
    fingerprint: str = ""
    tokens_per_record: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "count": self.count,
            "mode": self.mode,
            "split": {"llm": self.written, "blueprint": 0, "offline": self.offline, "undelivered": self.undelivered},
            "models": list(self.arms),
            "records_per_call": self.records_per_call,
            "tokens_per_record": self.tokens_per_record,
            "budget_usd": None if self.cap is None else format_usd(self.cap),
            "cost_usd": {"expected": format_usd(self.expected), "low": format_usd(self.low), "high": format_usd(self.high)},
            "seed": self.seed,
            "fingerprint": self.fingerprint,
        }

    def __str__(self) -> str:
        noun = f"{self.count:,} {self.kind} record{'s' if self.count != 1 else ''}"
        if not self.written:
            reason = "" if self.cap is None else f", cap ${format_usd(self.cap)}"
            return f"{noun}{reason}: made offline, $0"
        parts = [f"{self.written:,} written by models ({self.records_per_call} per call; {' -> '.join(self.arms)})"]
        if self.offline:
            parts.append(f"{self.offline:,} made offline")
        if self.undelivered:
            parts.append(f"{self.undelivered:,} beyond the budget")
        cost = f"expected ${format_usd(self.expected)} ({format_usd(self.low)}-{format_usd(self.high)})"
        return f"{noun}, cap ${format_usd(self.cap or 0)}: {', '.join(parts)}; {cost}; never above ${format_usd(self.cap or 0)}"


def forecast(sample: Sample, arms: Sequence[ModelCard], records_per_call: int) -> tuple[float, dict[str, int]]:
    """Expected micro-dollars for one accepted record by the cascade over `arms` in order, and the tokens it rests on."""
    tokens_in = (
        sample.prefix_bytes / records_per_call + sample.brief_bytes
    ) / BYTES_PER_TOKEN + _TOKENS_OF_SCHEMA_AND_FRAME / records_per_call
    tokens_out = sample.record_bytes / BYTES_PER_TOKEN
    cost, reached = 0.0, 1.0
    tries = [(card, asked_again) for card in arms for asked_again in (False, True)][:_TRIES]
    for card, _ in tries:
        cost += reached * _price(card, tokens_in, tokens_out)
        reached *= 1 - (0.6 + 0.4 * card.quality)
    accepted = 1 - reached if tries else 0.0
    return (cost / accepted if accepted else math.inf), {"input": math.ceil(tokens_in), "output": math.ceil(tokens_out)}


def make_plan(
    *,
    kind: str,
    count: int,
    mode: str,
    cap: int | None,
    arms: Sequence[ModelCard],
    sample: Sample | None,
    records_per_call: int,
    rest_offline: bool,
    seed: int,
    fingerprint: str,
) -> Plan:
    """`sample` is None when the kind is made offline anyway; `rest_offline`: what the cap can't buy is made offline."""
    if sample is None or not arms or cap is None:
        return Plan(kind=kind, count=count, mode=mode, written=0, offline=count, cap=cap, seed=seed, fingerprint=fingerprint)
    each, tokens = forecast(sample, arms, records_per_call)
    affordable = count if each == 0 else min(count, int(cap / each))
    total = each * affordable
    spread = _Z90 * _SPREAD * total
    rest = count - affordable
    return Plan(
        kind=kind,
        count=count,
        mode=mode,
        written=affordable,
        offline=rest if rest_offline else 0,
        undelivered=0 if rest_offline else rest,
        arms=tuple(card.id for card in arms),
        records_per_call=records_per_call,
        cap=cap,
        expected=round(total),
        low=max(0, round(total - spread)),
        high=min(cap, round(total + spread)),
        seed=seed,
        fingerprint=fingerprint,
        tokens_per_record=tokens,
    )


def _price(card: ModelCard, tokens_in: float, tokens_out: float) -> float:
    prices = card.prices
    if prices.free or prices.input_per_m is None or prices.output_per_m is None:
        return 0.0
    return tokens_in * float(prices.input_per_m) + tokens_out * float(prices.output_per_m)
