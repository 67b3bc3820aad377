"""The simulated farm: its clock, coins, limits and bills, and the programme of its oracle."""

import asyncio
import itertools
import math
import time
from dataclasses import replace
from statistics import fmean, pstdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.provider_farm.__main__ import main
from benchmarks.provider_farm.arms import EFFECT_SD, NODES, Arm, Limits
from benchmarks.provider_farm.draws import Draws
from benchmarks.provider_farm.farm import Farm, Outage, make_farm
from benchmarks.provider_farm.limits import Bucket
from benchmarks.provider_farm.oracle import Plan
from benchmarks.provider_farm.provider import FarmState
from benchmarks.provider_farm.records import Noise, request
from benchmarks.provider_farm.run import ORACLE, POLICIES, ROUTER, Score, play
from benchmarks.provider_farm.scenarios import HELD_OUT, SCENARIOS, TUNING, World, worlds
from benchmarks.provider_farm.table import table
from benchmarks.provider_farm.virtual_time import START, run_virtual
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import ModelError, Outcome, Rejected
from synth_sdk.core.models import Call, Reply
from synth_sdk.router.bounds import cost_of

WORLD = World(farm=3, seed=4)
STEADY = SCENARIOS["steady"]
RECORDS = 70  # of a whole run


def small_farm(scenario: str = "steady", world: World = WORLD, count: int = 200) -> Farm:
    return make_farm(SCENARIOS[scenario], world, count, 64)


def only(farm: Farm, **facts: object) -> Farm:
    """`farm` with nothing but its first arm, of which `facts` are true."""
    calm = {"failures": 0.0, "stalls": 0.0, "broken": 0.0, "latency_sd": 0.0}
    arm = replace(farm.arms[0], **{**calm, **facts})  # type: ignore[arg-type]
    return replace(farm, arms=(arm,), outages=((),))


def call(farm: Farm, *numbers: int, max_tokens: int = 4_000) -> Call:
    wanted = [request(farm.records[number], farm.noise.check) for number in numbers or (0,)]
    return Call(
        card=farm.arms[0].card,
        instructions=wanted[0].instructions,
        prompt="\n".join(each.brief for each in wanted),
        schema=wanted[0].schema,
        count=len(wanted),
        max_tokens=max_tokens,
        timeout=60.0,
    )


def ask(state: FarmState, call: Call, pauses: tuple[float, ...] = (0.0,)) -> list[tuple[float, Reply | ModelError]]:
    """What came of asking after each of the pauses, and when."""
    provider = state.providers()[call.card.provider]

    async def asked(clock: Clock) -> list[tuple[float, Reply | ModelError]]:
        told: list[tuple[float, Reply | ModelError]] = []
        for pause in pauses:
            await clock.sleep(pause)
            replies: list[Reply] = []
            try:
                await provider.ask(call, replies.append)
                told.append((clock.now(), replies[0]))
            except ModelError as error:
                told.append((clock.now(), error))
        return told

    return run_virtual(asked)


# Time and coins


def test_an_hour_passes_at_once_and_in_order() -> None:
    async def naps(clock: Clock) -> tuple[list[float], float]:
        woken: list[float] = []

        async def nap(seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append(seconds)

        await asyncio.gather(*map(nap, (3600.0, 1.0, 60.0)))
        return woken, clock.now()

    started = time.perf_counter()
    woken, now = run_virtual(naps)
    assert woken == [1.0, 60.0, 3600.0]
    assert now == pytest.approx(START + 3600)
    assert time.perf_counter() - started < 600


def test_a_deadlock_is_told_instead_of_waited_for() -> None:
    async def waits(clock: Clock) -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="never happens"):
        run_virtual(waits)


def test_coins_depend_on_their_place_alone() -> None:
    first, again, other = Draws(1, 2, 3), Draws(1, 2, 3), Draws(1, 3, 2)
    assert [first.uniform() for _ in range(5)] == [again.uniform() for _ in range(5)]
    assert first.uniform() != other.uniform()
    normals = [Draws(5, place).normal() for place in range(4000)]
    assert abs(fmean(normals)) < 0.06
    assert abs(pstdev(normals) - 1) < 0.05


# Limits


@given(
    st.floats(30, 6000),
    st.floats(1, 20),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0.5, 3)), min_size=1, max_size=60),
)
@settings(max_examples=40, deadline=None)
def test_a_bucket_lets_no_more_through_than_its_rate_and_one_burst(
    per_minute: float, burst_s: float, calls: list[tuple[float, float]]
) -> None:
    bucket, now, passed = Bucket(per_minute, burst_s), 0.0, 0.0
    for pause, units in calls:
        now += pause
        opens = bucket.opens(units, now)
        assert opens >= now
        if opens <= now:
            bucket.take(units, now)
            passed += units
            most = (now + burst_s) * per_minute / 60 + max(units for _, units in calls)
            assert passed <= most * (1 + 1e-9)
        else:
            assert bucket.opens(units, opens + 1e-9) <= opens + 1e-9


def test_a_limited_arm_says_when_to_come_back_and_notices_who_comes_sooner() -> None:
    farm = only(small_farm(), limits=Limits(requests=6, burst_s=10.0))
    state = FarmState(farm)
    (_, first), (_, second), (_, third), (_, fourth) = ask(state, call(farm), (0.0, 0.0, 1.0, 30.0))
    assert isinstance(first, Reply)
    assert isinstance(second, ModelError)
    assert second.outcome is Outcome.RATE_LIMITED
    assert second.retry_after is not None
    assert second.retry_after >= 1
    assert isinstance(third, ModelError)
    assert isinstance(fourth, Reply)
    assert state.books.violations == 1


def test_an_arm_may_keep_its_delay_to_itself() -> None:
    farm = only(small_farm(), limits=Limits(requests=6, burst_s=10.0, states_delay=False))
    state = FarmState(farm)
    _, (_, second), *_ = ask(state, call(farm), (0.0, 0.0, 0.0))
    assert isinstance(second, ModelError)
    assert second.retry_after is None
    assert state.books.violations == 0


# Faults and bills


def test_outages_end_and_a_used_up_quota_does_not() -> None:
    farm = only(small_farm())
    down = replace(farm, outages=((Outage(START, START + 5, "down"),),))
    (_, refused), (_, answered) = ask(FarmState(down), call(farm), (0.0, 10.0))
    assert isinstance(refused, ModelError)
    assert refused.outcome is Outcome.UNAVAILABLE
    assert isinstance(answered, Reply)
    black_hole = replace(farm, outages=((Outage(START, START + 5, "hang"),),))
    ((when, lost),) = ask(FarmState(black_hole), call(farm))
    assert when == pytest.approx(START + 60)
    assert isinstance(lost, ModelError)
    assert lost.may_be_billed
    out = replace(farm, outages=((Outage(START, math.inf, "quota"),),))
    (_, used_up), (_, still) = ask(FarmState(out), call(farm), (0.0, 9_999.0))
    assert isinstance(used_up, ModelError)
    assert isinstance(still, ModelError)
    assert {used_up.outcome, still.outcome} == {Outcome.QUOTA}


@pytest.mark.parametrize(("billed", "times"), [(0.0, 0), (1.0, 1)])
def test_a_call_that_stalls_is_billed_or_not(billed: float, times: int) -> None:
    farm = only(small_farm(), stalls=1.0, stalls_billed=billed)
    state = FarmState(farm)
    ((when, lost),) = ask(state, call(farm))
    assert when == pytest.approx(START + 60)
    assert isinstance(lost, ModelError)
    assert (lost.outcome, lost.may_be_billed) == (Outcome.TIMEOUT, True)
    assert (state.books.billed > 0) == bool(times)


def test_a_bill_is_that_of_the_usage_at_the_listed_prices() -> None:
    farm = only(small_farm(), states_cost=False)
    state = FarmState(farm)
    ((_, reply),) = ask(state, call(farm, 0, 1, 2))
    assert isinstance(reply, Reply)
    assert reply.usage is not None
    assert state.books.billed * 1e6 == pytest.approx(cost_of(farm.arms[0].card.prices, reply.usage), abs=1.01)


def test_a_warm_prefix_is_cheaper_and_grows_cold() -> None:
    farm = small_farm(world=next(w for w in worlds("tuning", 20) if any(arm.cache_s for arm in small_farm(world=w).arms)))
    cached = next(arm for arm in farm.arms if arm.cache_s)
    farm = only(replace(farm, arms=(cached,)), number=0)
    replies = [reply for _, reply in ask(FarmState(farm), call(farm), (0.0, 1.0, 1.0, 1.0, 1.0, 4000.0))]
    reads = [reply.usage.cache_read_tokens for reply in replies if isinstance(reply, Reply) and reply.usage]
    assert reads[0] == reads[-1] == 0
    assert max(reads) > 1000


def test_a_reply_without_room_is_truncated() -> None:
    farm = only(small_farm())
    ((_, failure),) = ask(FarmState(farm), call(farm, max_tokens=20))
    assert isinstance(failure, ModelError)
    assert failure.outcome is Outcome.TRUNCATED


@given(st.floats(0, 0.3), st.floats(0, 0.3))
@settings(max_examples=10, deadline=None)
def test_the_check_is_as_noisy_as_it_says(false_reject: float, false_accept: float) -> None:
    noise = Noise(false_reject=false_reject, false_accept=false_accept)

    def passes(good: bool, place: int) -> bool:
        try:
            noise.check({"good": good, "draw": (place + 0.5) / 500})
        except Rejected:
            return False
        return True

    assert fmean(passes(True, place) for place in range(500)) == pytest.approx(noise.accepted(1.0), abs=0.003)
    assert fmean(passes(False, place) for place in range(500)) == pytest.approx(noise.accepted(0.0), abs=0.003)


# Farms


def test_a_world_is_a_function_of_its_seeds_and_the_splits_share_none() -> None:
    assert small_farm() == small_farm()
    assert small_farm() != small_farm(world=replace(WORLD, farm=4))
    assert not {farm for farm, _ in TUNING} & {farm for farm, _ in HELD_OUT}
    assert not {seed for _, seed in TUNING} & {seed for _, seed in HELD_OUT}
    with pytest.raises(ValueError, match="21 worlds"):
        worlds("held-out", 21)


def test_scenarios_differ_in_what_they_are_about() -> None:
    steady, drift, tight = small_farm(), small_farm("drift"), small_farm("tight")
    assert [arm.card for arm in steady.arms] == [arm.card for arm in drift.arms]
    assert all(arm.phases[0] == arm.phases[1] and arm.limits == Limits() for arm in steady.arms)
    assert any(arm.phases[0] != arm.phases[1] for arm in drift.arms)
    assert {drift.phase(0), drift.phase(199)} == {0, 1}
    assert any(arm.limits.requests < 500 for arm in tight.arms)
    assert fmean(each.difficulty for each in small_farm("hard").records) > 1


@pytest.mark.parametrize("strength", [0.0, 0.4, 0.8])
def test_a_hint_tells_as_much_of_the_difficulty_as_its_strength(strength: float) -> None:
    farm = make_farm(replace(STEADY, hints=(strength,)), WORLD, 3000, 64)
    hints, difficulties = ([each.hint for each in farm.records], [each.difficulty for each in farm.records])
    assert np.corrcoef(hints, difficulties)[0, 1] == pytest.approx(strength, abs=0.06)


@given(st.floats(-3, 3), st.floats(0.05, 2))
@settings(max_examples=20, deadline=None)
def test_validity_falls_with_difficulty_and_with_companions(level: float, step: float) -> None:
    for arm in small_farm().arms:
        assert arm.mean_validity(level, 0) > arm.mean_validity(level + step, 0)
        assert arm.mean_validity(level, 0) > arm.mean_validity(level, 0, count=5) > 0


# The oracle


def _expected_loss(farm: Farm, order: tuple[int, ...], prior: np.ndarray, grid: np.ndarray) -> float:
    """By the book: the arms in this order, one try each, then the charge for a miss."""
    left, loss = prior.copy(), 0.0
    for number in order:
        arm = farm.arms[number]
        readable = (1 - arm.broken) * (1 - arm.failures) * (1 - arm.stalls)
        loss += farm.call_usd(arm, 0) * float(left.sum())
        left = left * (1 - readable * np.array([_mean(farm, arm, level) for level in grid]))
    return loss + farm.miss_usd * float(left.sum())


def _mean(farm: Farm, arm: Arm, level: float) -> float:
    return sum(weight * farm.noise.accepted(arm.validity(level, EFFECT_SD * node, 0)) for node, weight in NODES)


@pytest.mark.parametrize("scenario", ["steady", "hard"])
def test_the_oracle_finds_the_best_of_all_orders(scenario: str) -> None:
    whole = small_farm(scenario)
    farm = replace(whole, arms=tuple(replace(arm, number=place) for place, arm in enumerate(whole.arms[:4])))
    grid = np.linspace(-3.5, 3.5, 29)
    prior = np.exp(-0.5 * grid**2)
    prior /= prior.sum()
    plan = Plan(farm, prior, 0, 1, most=1)
    planned = min(plan.miss, *(plan.loss(0, place) for place in range(4)))
    orders = (order for size in range(5) for order in itertools.permutations(range(4), size))
    by_hand = min(_expected_loss(farm, order, prior, grid + farm.shift) for order in orders)
    assert planned == pytest.approx(by_hand, rel=1e-9)


def test_who_may_ask_an_arm_again_expects_no_more_loss() -> None:
    whole = small_farm()
    farm = replace(whole, arms=tuple(replace(arm, number=place) for place, arm in enumerate(whole.arms[:5])))
    prior = np.full(29, 1 / 29)
    once, again = (Plan(farm, prior, 0, 1, most) for most in (1, 3))
    best = [min(plan.loss(0, place) for place in range(5)) for plan in (once, again)]
    assert best[1] <= best[0] * (1 + 1e-12)


# Whole runs


def _facts(score: Score) -> Score:
    return replace(score, cpu_s=0.0, deciding_s=0.0)


@pytest.mark.parametrize("policy", [ORACLE, ROUTER, "thompson"])
def test_a_run_can_be_repeated(policy: str) -> None:
    scenario = SCENARIOS["drift"]
    first, again = (play(policy, scenario, WORLD, RECORDS) for _ in range(2))
    assert _facts(first) == _facts(again)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_policy_plays_every_scenario(policy: str, scenario: str) -> None:
    score = play(policy, SCENARIOS[scenario], WORLD, RECORDS)
    assert 0 < score.accepted <= score.records == RECORDS
    assert score.calls <= 12 * RECORDS
    assert 0 < score.usd <= score.booked_usd * (1 + 1e-9) + 1e-6  # what may be owed is booked
    assert score.loss_usd >= score.usd
    assert score.good == score.accepted or SCENARIOS[scenario].false_accept
    assert score.decisions > 0
    if policy != "litellm cost-based":  # it doesn't read Gemini's
        assert score.violations == 0


def test_the_oracle_is_not_beaten_by_who_knows_less() -> None:
    chosen, hard = worlds("tuning", 2), SCENARIOS["hard"]
    oracle, cascade, chain = (
        sum(play(policy, hard, world, 300).loss_usd for world in chosen) for policy in (ORACLE, "cascade", "fixed chain")
    )
    assert oracle < cascade
    assert oracle < chain


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--records", "60", "--seeds", "2", "--scenario", "steady", "--policy", "cascade", "--tuning"])
    told = capsys.readouterr().out
    assert "60 records, 64 in flight, 2 tuning worlds" in told
    assert "steady: nothing changes" in told
    rows = [line.split()[0] for line in told.splitlines() if line.startswith(("policy", "oracle", "cascade"))]
    assert rows == ["policy", "oracle", "cascade"]


def test_regret_is_against_the_oracle_of_the_same_world() -> None:
    run = Score(
        records=10,
        accepted=10,
        good=10,
        usd=1.0,
        loss_usd=1.0,
        makespan_s=5.0,
        calls=10,
        violations=0,
        booked_usd=1.0,
        cpu_s=1.0,
        decisions=10,
        deciding_s=0.001,
    )
    dearer, worse = replace(run, usd=1.5, loss_usd=1.5), replace(run, usd=2.2, loss_usd=2.2)
    text = table({ORACLE: [run, replace(run, usd=2.0, loss_usd=2.0)], "other": [dearer, worse]})
    assert "+30.0 (+10.0 to +50.0)" in text.splitlines()[2]
