"""The learning router against the fixed cascade in scripted worlds: never much worse, and better where there is something to learn."""

import math

import pytest

from synth_sdk.router.beliefs import Beliefs
from tests.router.fakes import card
from tests.router.worlds import Arm, cascade, coin, difficulty, play

PRICES = {"a": "1", "b": "2", "c": "4", "d": "8", "e": "16", "f": "32"}
CARDS = {name: card(name, price, price, quality=0.5) for name, price in PRICES.items()}


def steady(**chances: float) -> list[Arm]:
    return [Arm(CARDS[name], lambda record, hard, chance=chance: chance) for name, chance in chances.items()]  # type: ignore[misc]


def item_response(**abilities: float) -> list[Arm]:
    def chance(ability: float, hard: float) -> float:
        return 1 / (1 + math.exp(-2 * (ability - hard)))

    return [Arm(CARDS[name], lambda record, hard, a=ability: chance(a, hard)) for name, ability in abilities.items()]  # type: ignore[misc]


def drifting(record: int, before: float, after: float) -> float:
    return before if record < 400 else after


WORLDS = {
    "all alike": steady(a=0.8, b=0.8, c=0.8, d=0.8),
    "the dearer the better": steady(a=0.5, b=0.7, c=0.9, d=0.97),
    "the cheapest is good": steady(a=0.95, b=0.6, c=0.7, d=0.9),
    "all weak": steady(a=0.35, b=0.4, c=0.45, d=0.5, e=0.6, f=0.7),
    "alike failures": item_response(a=0.3, b=0.8, c=1.4, d=2.5),
    "one useless arm first": steady(a=0.02, b=0.85, c=0.9),
    "a useless arm in between": steady(a=0.7, b=0.05, c=0.9),
    "the cheapest breaks midway": [Arm(CARDS["a"], lambda record, hard: drifting(record, 0.9, 0.05)), *steady(b=0.85, c=0.9)],
    "the cheapest recovers midway": [Arm(CARDS["a"], lambda record, hard: drifting(record, 0.05, 0.9)), *steady(b=0.85, c=0.9)],
    "bills above the list": [
        Arm(CARDS["a"], lambda record, hard: 0.8, cost=5.0),
        Arm(CARDS["b"], lambda record, hard: 0.85),
        Arm(CARDS["c"], lambda record, hard: 0.9),
    ],
}


@pytest.mark.parametrize("name", WORLDS)
def test_never_more_than_3_percent_worse_than_the_fixed_cascade(name: str) -> None:
    records = 800
    learned, fixed = play(WORLDS[name], records), cascade(WORLDS[name], records)
    assert learned.usd / learned.accepted <= 1.03 * fixed.usd / fixed.accepted
    assert learned.accepted >= fixed.accepted - 0.01 * records


@pytest.mark.parametrize(
    ("name", "saved"), [("one useless arm first", 0.2), ("bills above the list", 0.3), ("the cheapest breaks midway", 0.1)]
)
def test_what_was_learned_pays(name: str, saved: float) -> None:
    learned, fixed = play(WORLDS[name], 800), cascade(WORLDS[name], 800)
    assert learned.usd / learned.accepted < (1 - saved) * fixed.usd / fixed.accepted


def test_it_starts_as_the_cascade() -> None:
    assert set(play(WORLDS["one useless arm first"], 8).firsts) == {"a"}


def test_a_broken_arm_is_left_and_found_again_when_it_recovers() -> None:
    left = play(WORLDS["the cheapest breaks midway"], 800).firsts
    assert left[300:400].count("a") > 90
    assert left[700:].count("a") < 15


def test_an_uninformative_hint_costs_nothing_and_a_true_one_pays() -> None:
    world = item_response(a=0.0, b=1.0, c=3.0)
    none = play(world, 800)
    noise = play(world, 800, hint=lambda record: coin("hint", record))
    true = play(world, 800, hint=lambda record: 1 / (1 + math.exp(-difficulty(record))))
    assert noise.usd / noise.accepted < 1.02 * none.usd / none.accepted
    assert true.usd / true.accepted < 0.99 * none.usd / none.accepted


def test_a_warm_start_saves_what_learning_costs() -> None:
    world = WORLDS["one useless arm first"]
    beliefs = Beliefs([arm.card for arm in world])
    cold = play(world, 60, beliefs=beliefs)
    warm = play(world, 60, beliefs=beliefs)
    assert warm.usd < 0.95 * cold.usd
    assert set(warm.firsts) <= {"b", "c"}
