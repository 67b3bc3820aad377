"""Orders that are remembered, frozen, bent by the price of money; and exploration within its bounds."""

import random

import pytest

from synth_sdk.router.beliefs import Beliefs, Seen
from synth_sdk.router.features import Features
from synth_sdk.router.routes import Routes
from synth_sdk.router.weights import WEIGHTS, Limits
from tests.router.fakes import card

CARDS = [card(name, price, price, quality=0.5) for name, price in (("a", "1"), ("b", "1.3"), ("c", "1.6"), ("d", "9"))]
WANT = Features(task="t", input_tokens=400, output_tokens=400)


def taught(records: int = 60, accepted_of_ten: int = 2, arm: str = "a") -> Beliefs:
    beliefs = Beliefs(CARDS)
    for at in range(records):
        beliefs.observe(Seen(arm=arm, task="t", size=1, tried=1, accepted=int(at % 10 < accepted_of_ten)), at)
    return beliefs


def order(routes: Routes, now: float = 60.0, failed: tuple[str, ...] = ()) -> str:
    return "".join(each.id for each in routes.route(CARDS, WANT, failed, len(failed), now).order)


def test_an_order_follows_what_is_learned() -> None:
    beliefs = Beliefs(CARDS)
    routes = Routes(beliefs, WEIGHTS["cheapest"], Limits())
    assert order(routes, 0.0) == "abcd"
    for at in range(80):
        beliefs.observe(Seen(arm="a", task="t", size=1, tried=1, accepted=0), at)
    assert order(routes, 80.0)[0] == "b"


def test_frozen_routes_do_not_follow_and_do_not_explore() -> None:
    beliefs = taught(records=0)
    routes = Routes(beliefs, WEIGHTS["cheapest"], Limits(), frozen_at=0.0)
    assert order(routes, 0.0) == "abcd"
    for at in range(80):
        beliefs.observe(Seen(arm="a", task="t", size=1, tried=1, accepted=0), at)
    assert order(routes, 80.0) == "abcd"
    assert routes.explored(routes.route(CARDS, WANT, (), 0, 80.0), WANT, 80.0, 0.0) is None


def test_exploration_keeps_to_its_share_and_its_price() -> None:
    routes, draws = Routes(taught(accepted_of_ten=6), WEIGHTS["cheapest"], Limits()), random.Random(4)
    explored, premium, worth = 0, 0.0, 0.0
    for number in range(3000):
        route = routes.route(CARDS, WANT, (), 0, 60.0 + number)
        found = routes.explored(route, WANT, 60.0 + number, draws.random())
        extra = found[1] if found else 0.0
        routes.sent(route.value, extra)
        explored, premium, worth = explored + bool(found), premium + extra, worth + route.value
    assert 5 < explored < 0.05 * 3000
    assert 0 < premium <= 0.0101 * worth


def test_nothing_is_explored_in_the_first_calls_of_a_task() -> None:
    routes = Routes(taught(records=10), WEIGHTS["cheapest"], Limits())
    for _ in range(100):
        routes.sent(1.0, 0.0)
    assert routes.explored(routes.route(CARDS, WANT, (), 0, 10.0), WANT, 10.0, 0.0) is None


@pytest.mark.parametrize(("price", "first"), [(1.0, "fast"), (200.0, "slow")])
def test_when_money_is_short_its_price_outweighs_time(price: float, first: str) -> None:
    cards = [card("slow", "1", "1"), card("fast", "3", "3")]
    beliefs = Beliefs(cards)
    for at in range(40):
        beliefs.observe(Seen(arm="slow", task="t", size=1, tried=1, accepted=1, seconds=20.0), at)
        beliefs.observe(Seen(arm="fast", task="t", size=1, tried=1, accepted=1, seconds=1.0), at)
    routes = Routes(beliefs, WEIGHTS["fastest"], Limits(), money_price=lambda: price)
    assert routes.route(cards, WANT, (), 0, 40.0).order[0].id == first
