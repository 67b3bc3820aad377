"""A bound is never below what the same tokens cost; costs follow the provider's figure, then usage, then the bound."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.models import Call, Prices, Usage
from synth_sdk.router.bounds import Drift, cost_of, input_bound, settled_cost, worst_case
from tests.router.fakes import SCHEMA, card, reply

money = st.decimals("0.01", "30", places=3)
maybe = st.none() | money


def stated(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Prices]:
    return st.builds(
        Prices,
        input_per_m=money,
        output_per_m=money,
        cache_read_per_m=maybe,
        cache_write_per_m=maybe,
        reasoning_per_m=maybe,
        per_call=maybe,
        **more,
    )


def in_order(tiers: list[tuple[int, Prices]]) -> tuple[tuple[int, Prices], ...]:
    return tuple(sorted(tiers, key=lambda tier: tier[0]))


TIERS = st.lists(st.tuples(st.integers(1, 10**6), stated()), max_size=3, unique_by=lambda tier: tier[0]).map(in_order)
PRICES = stated(tiers=TIERS)


@given(prices=PRICES, data=st.data(), tokens=st.integers(0, 10**6), room=st.integers(0, 10**5))
def test_no_usage_within_the_tokens_costs_more_than_the_bound(
    prices: Prices, data: st.DataObject, tokens: int, room: int
) -> None:
    used = data.draw(st.integers(0, tokens))
    read = data.draw(st.integers(0, used))
    written = data.draw(st.integers(0, used - read))
    said = data.draw(st.integers(0, room))
    usage = Usage(
        input_tokens=used,
        output_tokens=said,
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=data.draw(st.integers(0, said)),
    )
    assert cost_of(prices, usage) <= worst_case(prices, tokens, room)


def test_a_cost_rounds_up_and_prices_cache_reads_and_writes() -> None:
    prices = Prices(
        input_per_m=Decimal(1), output_per_m=Decimal(4), cache_read_per_m=Decimal("0.1"), cache_write_per_m=Decimal("1.25")
    )
    usage = Usage(input_tokens=100, output_tokens=10, cache_read_tokens=50, cache_write_tokens=20, reasoning_tokens=7)
    assert cost_of(prices, usage) == 30 + 5 + 25 + 40
    assert cost_of(prices, Usage(input_tokens=1, output_tokens=0, cache_read_tokens=1)) == 1


def test_the_providers_figure_wins_then_usage_then_the_bound() -> None:
    arm = card("a", "1", "1")
    assert settled_cost(arm, reply(cost_usd=Decimal("0.0000071")), 99) == 8
    assert settled_cost(arm, reply(cost_usd=Decimal(0)), 99) == 0
    assert settled_cost(arm, reply(), 99) == 20
    assert settled_cost(arm, reply(usage=None), 99) == 99
    assert settled_cost(card("a", free=True), reply(cost_usd=Decimal(1)), 0) == 0


def test_the_input_bound_counts_everything_that_is_sent() -> None:
    call = Call(card=card("a"), instructions="i" * 300, prompt="p" * 300, schema=SCHEMA, count=1, max_tokens=5, timeout=1)
    plain = input_bound(call)
    assert plain > 200 + len(str(SCHEMA)) // 3
    longer = Call(card=card("a"), instructions="i" * 300, prompt="ü" * 300, schema=SCHEMA, count=1, max_tokens=5, timeout=1)
    assert input_bound(longer) == plain + 100
    asked_again = Call(
        card=card("a"),
        instructions="i" * 300,
        prompt="p" * 300,
        schema=SCHEMA,
        count=1,
        max_tokens=5,
        timeout=1,
        correction=("x" * 90, "y" * 90),
    )
    assert input_bound(asked_again) >= plain + 60


def test_a_bill_above_its_bound_raises_that_arms_later_bounds() -> None:
    drift = Drift()
    drift.note("a", 100, 100)
    assert drift.raised("a", 100) == 100
    assert str(drift) == ""
    drift.note("a", 100, 250)
    drift.note("a", 100, 150)
    assert (drift.raised("a", 100), drift.raised("b", 100)) == (250, 100)
    assert str(drift) == "a: 2 bills up to 2.50 times their bound"


def test_a_prompt_that_is_written_to_the_cache_is_bounded_at_the_dearer_price() -> None:
    prices = Prices(input_per_m=Decimal(1), output_per_m=Decimal(1), cache_write_per_m=Decimal("1.25"))
    assert worst_case(prices, 1000, 100) == 1350


LONG = Prices(input_per_m=Decimal(4), output_per_m=Decimal(18), cache_read_per_m=Decimal("0.4"))
PRO = Prices(input_per_m=Decimal(2), output_per_m=Decimal(12), cache_read_per_m=Decimal("0.2"), tiers=((200_000, LONG),))


def test_a_call_costs_the_prices_of_the_tier_that_its_input_falls_in() -> None:
    assert cost_of(PRO, Usage(input_tokens=200_000, output_tokens=100)) == 200_000 * 2 + 100 * 12
    assert cost_of(PRO, Usage(input_tokens=200_001, output_tokens=100)) == 200_001 * 4 + 100 * 18
    assert cost_of(PRO, Usage(input_tokens=300_000, output_tokens=0, cache_read_tokens=250_000)) == 50_000 * 4 + 100_000


def test_a_bound_is_that_of_the_dearest_tier_within_reach() -> None:
    assert worst_case(PRO, 200_000, 1000) == 412_000
    assert worst_case(PRO, 200_001, 1000) == 818_004
    cheaper_when_long = Prices(
        input_per_m=Decimal(2),
        output_per_m=Decimal(12),
        tiers=((1000, Prices(input_per_m=Decimal(1), output_per_m=Decimal(1))),),
    )
    assert (
        worst_case(cheaper_when_long, 5000, 100) == 5000 * 2 + 100 * 12
    )  # the input is an upper estimate: it may turn out short


def test_thoughts_and_calls_may_have_a_price_of_their_own() -> None:
    prices = Prices(input_per_m=Decimal(1), output_per_m=Decimal(2), reasoning_per_m=Decimal(5), per_call=Decimal("0.005"))
    assert cost_of(prices, Usage(input_tokens=10, output_tokens=30, reasoning_tokens=20)) == 10 + 10 * 2 + 20 * 5 + 5000
    assert worst_case(prices, 10, 30) == 10 + 30 * 5 + 5000
