"""Records leave when they are due: exactly so on a virtual clock, roughly so on the clock of a busy machine."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk import Synth
from synth_sdk.client.streaming.pacing import Pace, pace_of
from synth_sdk.core.batches import Records
from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block
from tests.client.test_streaming import VirtualTime


def block(count):
    return Block(content=Records([{"n": number} for number in range(count)]), count=count)


async def departures(rate, blocks, costs=()):
    """When each record left on a virtual clock, where making block k takes `costs[k]` seconds."""
    virtual = VirtualTime()
    pace, left, costs = Pace(rate, clock=virtual.clock), [], list(costs)

    async def made():
        for count in blocks:
            virtual.now += costs.pop(0) if costs else 0.0
            yield block(count)

    async for piece in pace.apaced(made()):
        left += [virtual.now] * piece.count
    return left


@given(st.sampled_from([0.5, 1, 7, 100, 1_000, 10_000, 250_000]), st.lists(st.integers(1, 400), min_size=1, max_size=8))
async def test_no_record_leaves_before_it_is_due_or_more_than_a_tick_after(rate, blocks):
    left = await departures(rate, blocks)
    assert len(left) == sum(blocks)
    for number, moment in enumerate(left):
        assert -1e-6 <= moment - number / rate <= 0.0101


@pytest.mark.parametrize("rate", [1, 100])
async def test_at_low_rates_each_leaves_by_itself(rate):
    left = await departures(rate, [64])
    assert [round(after - before, 6) for before, after in pairwise(left)] == [1 / rate] * 63


async def test_after_a_stall_it_catches_up_at_twice_the_rate_and_no_faster():
    left = await departures(1_000, [100] * 40, costs=[0.0] * 10 + [1.0])
    assert left[-1] == pytest.approx(3.999, abs=0.011)  # on time again
    for start in range(1_000, 3_900):
        assert left[start + 100] - left[start] >= 0.05 - 0.011
    assert left[1_000] - left[999] > 0.9


async def test_the_time_before_the_first_record_counts_for_nothing():
    left = await departures(10, [20], costs=[60.0])
    assert left[0] == 60.0
    assert left[-1] == pytest.approx(61.9)


async def test_while_it_waits_it_looks_around():
    virtual, looks = VirtualTime(), []

    def look():
        looks.append(virtual.now)
        if len(looks) > 5:
            raise BrokenPipeError

    pace = Pace(0.001, clock=virtual.clock, look=look)
    await pace.turn(1)
    with pytest.raises(BrokenPipeError):
        await pace.turn(1)
    assert virtual.now < 3


def test_events_have_a_rate_of_their_own_and_others_leave_as_they_are_made():
    assert pace_of(Spec(kind="events", stream=True)).rate == 100
    assert pace_of(Spec(kind="events", stream=True, options={"default_rate": "5/min"})).rate == pytest.approx(1 / 12)
    assert pace_of(Spec(kind="text", stream=True, rate=7)).rate == 7
    assert pace_of(Spec(kind="text", stream=True)) is None
    assert pace_of(Spec(kind="events", rate=7)) is None


def test_a_stream_in_python_is_paced_by_the_clock_on_the_wall():
    began = time.monotonic()
    records = list(Synth().stream("user_profile", count=100, rate="100/sec", stream=True))
    assert len(records) == 100
    assert 0.98 <= time.monotonic() - began < 4
    assert records == Synth().generate("user_profile", count=100, rate="100/sec").records


async def test_so_is_its_asynchronous_twin():
    began = time.monotonic()
    records = [record async for record in Synth().astream("text", count=50, rate=100, stream=True)]
    assert len(records) == 50
    assert 0.48 <= time.monotonic() - began < 3


def test_ten_thousand_a_second_take_their_time():
    began = time.monotonic()  # not when the first one came: on a busy machine that may be late
    first, *rest = (time.monotonic() for _ in Synth().stream("user_profile", count=10_000, rate="10000/sec", stream=True))
    assert rest[-1] - began >= 0.95
    assert rest[-1] - first < 2.5


def test_sets_and_folders_are_written_as_wholes(tmp_path):
    tables = {"tables": {"a": {"count": 3, "schema": {"id": "integer"}}}}
    for wish in ({"stream": True}, {"stream_to": "redis://h/0?stream=x"}):
        with pytest.raises(RequestError, match="folder of parts can't be streamed"):
            Synth().write(f"{tmp_path}/parts/", "text", **wish)
        with pytest.raises(RequestError, match="the tables of a set"):
            Synth().write(f"{tmp_path}/set/", "json", schema=tables, **wish)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wish", [{"stream_to": "http://localhost:9/x"}, {"vectorize_with": "lancedb"}])
def test_records_that_are_handed_out_go_nowhere_else(wish):
    with pytest.raises(RequestError, match="hands records to you alone"):
        next(Synth(env={}).stream("text", count=1, **wish))
