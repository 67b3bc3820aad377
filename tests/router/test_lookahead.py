"""The order of arms: the value of an order, the best one, and when the price list's is kept."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.router import difficulty
from synth_sdk.router.evidence import TaskEvidence
from synth_sdk.router.lookahead import Prospect, best, follow

ALONE = [1.0]  # one node: arms that fail independently


def prospect(arm: str, cost: float, chance: float, *, proven: bool = True, doubt: float = 0.0, reward: float = 0.0) -> Prospect:
    low, high = max(0.0, chance - doubt), min(1.0, chance + doubt)
    return Prospect(arm, cost, cost, 1.0, reward, (chance,), (low,), (high,), (cost, 0.0, arm), proven)


@settings(max_examples=60)
@given(arms=st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 0.95)), min_size=1, max_size=5))
def test_for_independent_arms_the_order_found_is_within_its_margin_of_the_best_of_all(arms: list[tuple[float, float]]) -> None:
    prospects = [prospect(f"{number}", cost, chance) for number, (cost, chance) in enumerate(arms)]
    least = min(follow(order, ALONE, 6, 50.0).value for order in itertools.permutations(prospects))
    assert follow(best(prospects, ALONE, 6, 50.0).order, ALONE, 6, 50.0).value <= least / 0.98 + 1e-9


def test_the_value_of_an_order_counts_each_try_as_often_as_it_is_reached() -> None:
    path = follow([prospect("a", 1.0, 0.5), prospect("b", 4.0, 0.8)], ALONE, 6, 100.0)
    assert path.value == pytest.approx(1 + 0.5 * 4 + 0.1 * 100)
    assert (path.usd, path.seconds, path.accepted) == (pytest.approx(3.0), pytest.approx(1.5), pytest.approx(0.9))  # type: ignore[comparison-overlap]
    assert follow(path.order, ALONE, 1, 100.0).accepted == pytest.approx(0.5)


def names(*prospects: Prospect, tries: int = 6, miss: float = 10.0) -> str:
    return "".join(each.arm for each in best(prospects, ALONE, tries, miss).order)


def test_without_evidence_the_order_is_the_price_lists() -> None:
    assert names(prospect("a", 1.0, 0.1, proven=False), prospect("b", 1.1, 0.99, proven=False)) == "ab"


def test_an_arm_overtakes_on_evidence_and_not_on_a_hope() -> None:
    bad, good = prospect("a", 1.0, 0.1), prospect("c", 1.5, 0.95)
    assert names(bad, good) == "ca"
    assert names(bad, prospect("b", 1.2, 0.5, proven=False), prospect("c", 1.5, 0.95, proven=False))[0] != "c"


def test_what_is_little_known_keeps_its_place() -> None:
    assert names(prospect("a", 1.0, 0.6), prospect("b", 1.5, 0.95)) == "ba"
    assert names(prospect("a", 1.0, 0.6, doubt=0.25), prospect("b", 1.5, 0.95)) == "ab"


def test_a_reward_for_quality_reorders() -> None:
    assert names(prospect("a", 1.0, 0.9), prospect("b", 2.0, 0.9, reward=5.0)) == "ba"


def test_arms_that_would_fail_alike_are_skipped_after_a_failure() -> None:
    task = TaskEvidence(alike=[-50.0, -50.0, 0.0])
    state = difficulty.prior(task)

    def arm(name: str, cost: float, log_odds: float) -> Prospect:
        chance = tuple(difficulty.chances(log_odds))
        return Prospect(name, cost, cost, 1.0, 0.0, chance, chance, chance, (cost, 0.0, name), True)

    a, b, c = arm("a", 1.0, 1.0), arm("b", 1.4, 1.1), arm("c", 3.0, 4.0)
    harder = difficulty.after_failure(state, a.chance)
    assert best([b, c], state, 6, 20.0).order[0] is b
    assert best([b, c], harder, 6, 20.0).order[0] is c
