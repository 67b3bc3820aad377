"""Pacing: a tight cap lasts to the end of the run and is used up; with enough money everything is bought."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.planner.pacing import Pacer

BLOCK = 64


class Shop:
    """Sells records at random prices, some after a failed try that is paid as well; refuses when the cap is reached."""

    def __init__(self, cap, price, failing, seed):
        self.cap, self.price, self.failing, self.rng, self.spent = cap, price, failing, random.Random(seed), 0

    async def buy(self):
        await asyncio.sleep(0)
        paid = 0
        while True:
            cost = round(self.price * self.rng.uniform(0.6, 1.4))
            if self.spent + cost > self.cap:
                return None
            self.spent += cost
            paid += cost
            if self.rng.random() >= self.failing:
                return paid


async def run(shop, count, guess, ahead=4):
    """How many records each block bought."""
    pacer = Pacer(shop.cap - shop.spent, count, guess)
    bought = []

    async def write(rows):
        share, left, got = pacer.open(rows), rows, 0
        while admitted := await share.admit(left):
            left -= admitted
            for cost in await asyncio.gather(*(shop.buy() for _ in range(admitted))):
                if cost is None:
                    share.refuse()
                else:
                    share.note(cost)
                    got += 1
        share.close()
        bought.append(got)

    under_way = []
    for start in range(0, count, BLOCK):
        under_way.append(asyncio.create_task(write(min(BLOCK, count - start))))
        if len(under_way) >= ahead:
            await under_way.pop(0)
    await asyncio.gather(*under_way)
    return bought, pacer


@settings(max_examples=40)
@given(
    share=st.floats(0.1, 0.8),
    off=st.floats(0.4, 2.5),
    failing=st.sampled_from([0.0, 0.3]),
    blocks=st.integers(6, 40),
    seed=st.integers(0, 999),
)
def test_a_tight_cap_is_used_up_and_lasts_to_the_end(share, off, failing, blocks, seed):
    count, price = blocks * BLOCK, 1000
    each = price / (1 - failing)
    shop = Shop(round(count * each * share), price, failing, seed)
    bought, _ = asyncio.run(run(shop, count, each * off))
    assert shop.spent <= shop.cap
    assert shop.spent >= 0.95 * shop.cap
    if blocks >= 12:  # else most blocks have begun before the pilot is over
        third = blocks // 3
        assert sum(bought[-third:]) >= 0.4 * sum(bought) / 3


def test_with_enough_money_everything_is_bought_at_once():
    shop = Shop(10_000_000, 1000, 0.0, 1)
    bought, pacer = asyncio.run(run(shop, 640, 1000))
    assert bought == [BLOCK] * 10
    assert pacer.price() == 1.0


def test_free_arms_buy_everything():
    shop = Shop(0, 0, 0.0, 1)
    bought, _ = asyncio.run(run(shop, 130, 0.0))
    assert bought == [64, 64, 2]


def test_less_money_than_one_record_a_block_is_still_spent_here_and_there():
    shop = Shop(20_000, 1000, 0.0, 3)
    bought, _ = asyncio.run(run(shop, 64 * 40, 1000))
    assert 18 <= sum(bought) <= 22
    assert max(bought) <= 3


def test_what_was_spent_before_a_kill_counts():
    shop = Shop(100_000, 1000, 0.0, 4)
    shop.spent = 60_000
    bought, _ = asyncio.run(run(shop, 640, 1000))
    assert 36 <= sum(bought) <= 41


def test_the_shadow_price_rises_while_money_is_short_and_is_one_otherwise():
    shop = Shop(100_000, 1000, 0.0, 5)
    _, pacer = asyncio.run(run(shop, 64 * 20, 1000))
    tight = Pacer(100_000, 64 * 20, 1000)
    prices = []
    for _ in range(5):
        tight.open(64)
        prices.append(tight.price())
    assert prices == sorted(prices)
    assert prices[-1] > 4
    assert pacer.each == pytest.approx(1000, rel=0.1)
