"""What a cap buys: the split is whole, the range lies within the cap, a blueprint is written only where it pays."""

from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.spec import make_spec
from synth_sdk.planner.outlook import Outlook, quantile
from synth_sdk.planner.plan import BlueprintCost, duration, make_plan, offline_plan

OUTLOOK = Outlook(
    arms=("maker/a", "maker/b"),
    names=("a", "b"),
    records_per_call=4,
    draws=[80.0, 90.0, 100.0, 110.0, 150.0],
    seconds=1.5,
    call_seconds=6.0,
    tokens={"input": 300, "output": 250},
)


def plan(outlook=OUTLOOK, blueprint=None, rest_offline=True, **wish):
    return make_plan(
        make_spec(**({"kind": "conversation", "count": 100, "budget_micros": 500_000} | wish)),
        outlook,
        lambda: blueprint,
        rest_offline=rest_offline,
    )


@given(st.integers(1, 10**6), st.integers(0, 10**7), st.booleans(), st.floats(0, 1000))
def test_the_split_is_whole_and_the_range_lies_within_the_cap(count, cap, rest_offline, each):
    outlook = Outlook(
        arms=("a",), records_per_call=2, draws=[each * share for share in (0.7, 1.0, 1.6)], seconds=1.0, call_seconds=2.0
    )
    told = plan(outlook, BlueprintCost(900.0, 12), rest_offline, count=count, budget_micros=cap)
    split = told.split
    assert split.written + split.expanded + split.offline + split.undelivered == count
    assert 0 <= told.cost.low <= told.cost.median <= told.cost.high <= cap
    assert 0 <= told.seconds.low <= told.seconds.median <= told.seconds.high
    assert not (split.expanded and not rest_offline)


def test_a_tight_cap_is_split_as_the_line_says():
    told = plan(count=10_000, budget_micros=10_000)
    assert (told.split.written, told.split.offline) == (100, 9_900)
    line = str(told)
    assert line.startswith(
        "10,000 conversation records, cap $0.01: 100 written by models (4 per call; a -> b), 9,900 made offline; expected $0.01"
    )
    assert line.endswith("never above $0.01")
    assert plan(count=10_000, budget_micros=10_000, rest_offline=False).split.undelivered == 9_900


def test_auto_has_a_blueprint_written_for_a_large_rest_if_it_is_cheap():
    cheap, dear = BlueprintCost(2_000.0, 20), BlueprintCost(60_000.0, 20)
    told = plan(blueprint=cheap, count=10_000)
    assert told.split.offline == 0
    assert told.split.expanded == 10_000 - told.split.written
    assert told.split.written == int((500_000 - 2_000) / 100)
    assert "expanded from a blueprint of 20 parts" in str(told)
    assert plan(blueprint=dear, count=10_000).split.expanded == 0
    assert plan(blueprint=cheap, count=5_100).split.expanded == 0, "a rest of a hundred isn't worth it"
    assert plan(blueprint=cheap, count=10_000, rest_offline=False).split.expanded == 0


def test_the_cost_of_mode_blueprint_does_not_grow_with_the_count():
    one, many = (plan(blueprint=BlueprintCost(3_000.0, 20), mode="blueprint", count=count) for count in (10, 1_000_000))
    assert one.cost == many.cost
    assert (one.split.expanded, many.split.expanded) == (10, 1_000_000)
    assert one.expands


def test_the_range_is_that_of_what_all_records_have_in_common():
    cost = OUTLOOK.cost(1000)
    assert cost.median == 100_000
    assert 80_000 <= cost.low < cost.median < cost.high <= 150_000


def test_a_pilot_narrows_the_range_around_its_own_figure():
    before, few, many = OUTLOOK.cost(1000), OUTLOOK.measured(120.0, 10).cost(1000), OUTLOOK.measured(120.0, 1000).cost(1000)
    assert round(many.median) == 120_000
    assert many.high - many.low < few.high - few.low
    assert many.high - many.low < before.high - before.low


def test_more_in_flight_is_faster_until_one_call_is_all_there_is():
    slow, fast = OUTLOOK.time(1000, 4), OUTLOOK.time(1000, 64)
    assert fast.median < slow.median
    assert OUTLOOK.time(1, 64).median >= 6.0
    assert OUTLOOK.time(0, 64).median == 0
    assert OUTLOOK.time(0, 8, rounds=20).median == 3 * 6.0


def test_without_models_all_is_offline_and_free():
    told = offline_plan(make_spec(kind="conversation", count=100))
    assert told.split.offline == 100
    assert str(told) == "100 conversation records: made offline, $0"


def test_free_arms_buy_everything():
    free = Outlook(arms=("local",), records_per_call=1, draws=[0.0], seconds=1.0, call_seconds=1.0)
    assert plan(free, budget_micros=0).split.written == 100


def test_quantiles_lie_between_the_draws():
    assert quantile([1.0, 2.0, 3.0], 0.5) == 2.0
    assert quantile([1.0, 2.0], 0.25) == 1.25
    assert quantile([7.0], 0.9) == 7.0


def test_durations_are_told_for_people():
    assert [duration(seconds) for seconds in (0.2, 42, 210, 7560)] == ["1 s", "42 s", "3.5 min", "2.1 h"]
