"""What a record costs at an arm, by the price list and by what was learned; in floats, for comparing (the ledger counts exactly)."""

from functools import lru_cache
from typing import NamedTuple

from synth_sdk.core.models import Prices, Usage
from synth_sdk.router.features import Features
from synth_sdk.router.views import View

_INPUT_USED, _OUTPUT_USED = 0.75, 0.5  # the shares of the bounds that price comparisons assume


class Rates(NamedTuple):
    """US dollars per token, and for each call."""

    into: float
    out: float
    cached: float
    fee: float


@lru_cache(maxsize=1024)
def _rates(prices: Prices) -> Rates:
    if prices.free:
        return Rates(0.0, 0.0, 0.0, 0.0)
    into, out = float(prices.input_per_m or 0), float(prices.output_per_m or 0)
    cached = into if prices.cache_read_per_m is None else float(prices.cache_read_per_m)
    return Rates(into / 1e6, out / 1e6, cached / 1e6, float(prices.per_call or 0))


_by_arm: dict[int, tuple[Prices, Rates]] = {}


def rates_of(prices: Prices, input_tokens: float) -> Rates:
    """`prices` for a call with so much input. Looked up by identity: hashing a price list costs more than the decision."""
    if prices.tiers:
        return _rates(prices.within(int(input_tokens))[-1])
    known = _by_arm.get(id(prices))
    if known is None or known[0] is not prices:
        if len(_by_arm) > 4096:
            _by_arm.clear()
        known = _by_arm[id(prices)] = (prices, _rates(prices))
    return known[1]


def listed_usd(prices: Prices, features: Features, size: int = 1) -> float:
    """What a record is taken to cost by the price list alone: three quarters of the input bound, half of the output bound."""
    rates = rates_of(prices, features.input_tokens)
    used = _INPUT_USED * features.input_of(size) * rates.into + _OUTPUT_USED * features.output_tokens * rates.out
    return used + rates.fee / size


def expected_usd(prices: Prices, view: View, features: Features, size: int) -> float:
    """What a record's share of one call is believed to cost, whether it is accepted or not."""
    rates = rates_of(prices, features.input_tokens)
    into = rates.into + view.cached * (rates.cached - rates.into)
    used = view.input * features.input_of(size) * into + view.output * features.output_tokens * rates.out
    return (used + rates.fee / size) * view.price * (1 + view.lost)


def usage_usd(prices: Prices, usage: Usage) -> float:
    """What `usage` costs by the price list."""
    rates = rates_of(prices, usage.input_tokens)
    plain = usage.input_tokens - usage.cache_read_tokens
    return plain * rates.into + usage.cache_read_tokens * rates.cached + usage.output_tokens * rates.out + rates.fee
