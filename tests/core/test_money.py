"""Money: amounts as users write them, micro-dollars inside, strings outside."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.errors import RequestError
from synth_sdk.core.money import format_usd, micros_up, parse_budget


@pytest.mark.parametrize(
    ("text", "micros"), [("0.50", 500_000), ("$2", 2_000_000), (1.5, 1_500_000), ("0", 0), (".25", 250_000), ("0.0000019", 1)]
)
def test_budgets_are_read_and_rounded_down(text, micros):
    assert parse_budget(text) == micros


@pytest.mark.parametrize("text", ["-1", "abc", "", "nan", "inf", "1e5", "1,50", "$", True, "1_000", "9999999999999"])
def test_what_is_no_amount_is_refused_with_the_value(text):
    with pytest.raises(RequestError) as caught:
        parse_budget(text)
    assert repr(str(text)) in caught.value.message


@given(st.integers(0, 10**15))
def test_format_and_parse_are_inverse(micros):
    assert micros_up(format_usd(micros)) == micros


@given(st.decimals(0, 1000, allow_nan=False, places=9))
def test_costs_never_round_down(usd):
    assert Decimal(micros_up(usd)) >= usd * 1_000_000
