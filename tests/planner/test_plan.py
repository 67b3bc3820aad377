"""The first forecast: what a cap buys, and that it never promises more than the cap."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.models import ModelCard, Prices
from synth_sdk.planner.plan import Sample, forecast, make_plan

SAMPLE = Sample(prefix_bytes=4000, brief_bytes=900, record_bytes=1500)


def card(name="a", into="0.10", out="0.40", quality=0.5, free=False):
    prices = Prices(input_per_m=Decimal(into), output_per_m=Decimal(out), free=free)
    return ModelCard(
        id=name, provider="p", model=name, prices=prices, context_tokens=10**6, max_output_tokens=9999, quality=quality, quality_sd=0.1,
        source="s", quality_source="s", as_of="2026-01-01",
    )  # fmt: skip


def plan(**changes):
    told = {
        "kind": "conversation", "count": 100, "mode": "auto", "cap": 500_000, "arms": [card()], "sample": SAMPLE, "records_per_call": 4,
        "rest_offline": True, "seed": 0, "fingerprint": "f",
    }  # fmt: skip
    return make_plan(**(told | changes))


def test_a_better_model_needs_fewer_tries():
    assert forecast(SAMPLE, [card(quality=0.9)], 1)[0] < forecast(SAMPLE, [card(quality=0.2)], 1)[0]


def test_sharing_a_call_shares_the_prefix():
    assert forecast(SAMPLE, [card()], 4)[0] < forecast(SAMPLE, [card()], 1)[0]


@given(st.integers(1, 10**6), st.integers(0, 10**7), st.booleans(), st.integers(1, 8))
def test_the_split_is_whole_and_the_range_lies_within_the_cap(count, cap, rest_offline, k):
    told = plan(count=count, cap=cap, rest_offline=rest_offline, records_per_call=k)
    assert told.written + told.offline + told.undelivered == count
    assert 0 <= told.low <= told.expected <= cap
    assert told.high <= cap


def test_a_tight_cap_is_split_as_the_line_says():
    told = plan(count=10_000, cap=10_000)
    assert told.written > 0
    assert told.offline > 0
    line = str(told)
    assert line.startswith("10,000 conversation records, cap $0.01: ")
    assert line.endswith("never above $0.01")
    assert plan(count=10_000, cap=10_000, rest_offline=False).undelivered == told.offline


def test_without_models_all_is_offline_and_free():
    told = plan(sample=None, arms=[], cap=None)
    assert (told.written, told.offline) == (0, 100)
    assert str(told) == "100 conversation records: made offline, $0"


def test_free_arms_buy_everything():
    assert plan(arms=[card(free=True)], cap=0).written == 100
