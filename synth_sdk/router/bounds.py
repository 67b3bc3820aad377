"""What a call may cost at most, and what it did cost. Micro-dollars, rounded up.

A bound is `input upper bound x dearest input price + max_tokens x dearest output price + fee`, in the dearest of the length tiers
that so much input can reach: input is dearest when it is written to the provider's cache, output where thoughts cost more. Tokens
are bounded from bytes (`utf8 // 3 + 2 x (schema // 3) + 50`, plus an allowance for each message's frame): a tokenizer of each model
would be slow or absent. A bill that passes its bound nevertheless is booked in full and raises that arm's later bounds (`Drift`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

from synth_sdk.core.envelope import wrap
from synth_sdk.core.models import Call, ModelCard, Prices, Reply, Usage
from synth_sdk.core.money import MICROS_PER_USD, micros_up, token_cost

_FIXED = 50
_PER_MESSAGE = 8
_REWRITTEN = 2  # times as long as it was, what an arm is sent of a schema with what is told in words (every 24th of 1,900: 95% below 1.8, at most 2.1)
FRAME_TOKENS = _FIXED + 2 * _PER_MESSAGE  # what a call without a correction adds to its texts
_ENVELOPE_TOKENS = 16  # brackets and the name "items" around the records of a reply


def text_tokens(text: str) -> int:
    """An upper estimate of the tokens in `text`."""
    return len(text.encode("utf-8", "surrogatepass")) // 3


def schema_tokens(schema: Mapping[str, Any], count: int) -> int:
    """An upper estimate of the tokens that `schema` costs when it travels as the envelope of `count` records, rewritten for an arm."""
    return _REWRITTEN * text_tokens(json.dumps(wrap(schema, count), ensure_ascii=False, default=str))


def input_bound(call: Call) -> int:
    """An upper estimate of the call's input tokens."""
    texts = (call.instructions, call.prompt, *(call.correction or ()))
    return sum(map(text_tokens, texts)) + schema_tokens(call.schema, call.count) + _FIXED + _PER_MESSAGE * len(texts)


def output_bound(output_tokens: int, count: int) -> int:
    """`max_tokens` for `count` records of at most `output_tokens` each."""
    return output_tokens * count + _ENVELOPE_TOKENS


def worst_case(prices: Prices, input_tokens: int, max_tokens: int) -> int:
    """The most that a call with known prices may cost, in whichever tier its input falls."""
    if prices.free:
        return 0
    return _up(max(_dearest(tier, input_tokens, max_tokens) for tier in prices.within(input_tokens)) + _fee(prices))


def cost_of(prices: Prices, usage: Usage) -> int:
    """What `usage` costs in the tier of its input. Cache reads and writes, and thoughts, cost as much as other tokens where they have no price of their own."""
    if prices.free:
        return 0
    tier = prices.within(usage.input_tokens)[-1]
    into, out = _both(tier)
    plain = max(0, usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens)
    read = token_cost(usage.cache_read_tokens, _or(tier.cache_read_per_m, into))
    written = token_cost(usage.cache_write_tokens, _or(tier.cache_write_per_m, into))
    said = max(0, usage.output_tokens - usage.reasoning_tokens)
    thought = token_cost(usage.output_tokens - said, _or(tier.reasoning_per_m, out))
    return _up(token_cost(plain, into) + read + written + token_cost(said, out) + thought + _fee(prices))


def settled_cost(card: ModelCard, reply: Reply, bound: int) -> int:
    """What to book for `reply`: the provider's own figure, else its usage priced, else the whole bound."""
    if card.prices.free:
        return 0
    if reply.cost_usd is not None:
        return max(0, micros_up(reply.cost_usd))
    if reply.usage is not None:
        return cost_of(card.prices, reply.usage)
    return bound


@dataclass(slots=True)
class Drift:
    """Bills that passed their bounds, by arm: how many, and the factor by which that arm's bounds are now raised."""

    factors: dict[str, Decimal] = field(default_factory=dict)
    bills: dict[str, int] = field(default_factory=dict)

    def raised(self, arm: str, bound: int) -> int:
        return _up(bound * self.factors.get(arm, Decimal(1)))

    def note(self, arm: str, listed: int, cost: int) -> None:
        """`listed` is the bound by the price list alone, before any raise."""
        if listed > 0 and cost > listed:
            self.bills[arm] = self.bills.get(arm, 0) + 1
            self.factors[arm] = max(self.factors.get(arm, Decimal(1)), Decimal(cost) / Decimal(listed))

    def __str__(self) -> str:
        told = (f"{arm}: {self.bills[arm]} bills up to {factor:.2f} times their bound" for arm, factor in self.factors.items())
        return "; ".join(told)


def _dearest(tier: Prices, input_tokens: int, max_tokens: int) -> Decimal:
    into, out = _both(tier)
    dearest_in = max(into, _or(tier.cache_write_per_m, into), _or(tier.cache_read_per_m, into))
    return token_cost(input_tokens, dearest_in) + token_cost(max_tokens, max(out, _or(tier.reasoning_per_m, out)))


def _fee(prices: Prices) -> Decimal:
    return (prices.per_call or Decimal(0)) * MICROS_PER_USD


def _or(price: Decimal | None, plain: Decimal) -> Decimal:
    return plain if price is None else price


def _both(prices: Prices) -> tuple[Decimal, Decimal]:
    if prices.input_per_m is None or prices.output_per_m is None:
        raise ValueError("an arm with unknown prices has no bound")
    return prices.input_per_m, prices.output_per_m


def _up(micros: Decimal) -> int:
    return int(micros.to_integral_value(ROUND_CEILING))
