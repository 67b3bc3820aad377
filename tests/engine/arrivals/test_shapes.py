"""Intensities that change: in order, with the right mean, dense where they should be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.engine.arrivals.gaps import SECOND, TICKS, Poisson, gap_of
from synth_sdk.engine.arrivals.process import Arrivals
from synth_sdk.engine.arrivals.shapes import HOUR, Bursts, Week

HOURS = [1.0] * 8 + [4.0] * 10 + [2.0] * 6
DAYS = [1.0] * 5 + [0.5] * 2


def counts(shapes, rate, count, seconds, seed=1):
    micros = Arrivals(Poisson(gap_of(rate), seed), shapes).at(np.arange(count))
    return np.bincount(micros // (seconds * 1_000_000))[:-1]


@pytest.mark.parametrize("factor", [2.0, 8.0, 50.0])
def test_bursts_are_denser_than_poisson_and_keep_the_mean_rate(factor):
    shape = Bursts(10 * SECOND, 0.1, factor, 99)
    seen = counts([shape], 100, 400_000, 1)
    assert seen.var() / seen.mean() > 1 + factor
    assert abs(seen[:3900].mean() / 100 - 1) < 0.02  # whole cycles of 100 s
    hot = seen > 100 * (1 + factor) / 2 / (0.9 + 0.1 * factor)
    assert 0.05 < hot.mean() < 0.15


def test_a_burst_of_factor_one_is_no_burst():
    ticks = np.arange(0, 10**9, 12_345)
    assert np.abs(Bursts(SECOND, 0.2, 1.0, 3).bend(ticks) - ticks).max() <= 1


def test_a_week_follows_its_profile():
    seen = counts([Week.of(HOURS, DAYS, 0)], 1, 86_400 * 15, 3600)[: 24 * 14]
    weights = np.array([day * hour for day in DAYS for hour in HOURS])
    expected = np.tile(weights / weights.sum() * 3600 * 168, 2)
    middle = np.tile([hour == HOURS[(n + 1) % 24] for n, hour in enumerate(HOURS)], 14)  # others pass into the next hour
    assert np.abs(seen[middle] / expected[middle] - 1).max() < 0.15
    assert abs(seen.mean() / 3600 - 1) < 0.01


def test_a_week_begins_where_the_start_is():
    """At noon on a Saturday the log begins with the middle of a Saturday."""
    noon = (5 * 24 + 12) * HOUR
    seen = counts([Week.of(HOURS, DAYS, noon)], 1, 86_400 * 2, 3600)
    whole = counts([Week.of(HOURS, DAYS, 0)], 1, 86_400 * 9, 3600)
    assert np.abs(seen[:30] / whole[132:162] - 1).max() < 0.25


def test_hours_without_anything_are_empty():
    seen = counts([Week.of([0.0] * 12 + [1.0] * 12, [1.0] * 5 + [0.0] * 2, 0)], 1, 86_400 * 7, 3600)
    assert seen[:11].sum() == 0
    assert seen[24 : 24 + 11].sum() == 0
    assert seen[120:167].sum() == 0


@given(
    st.integers(1, 3600),
    st.floats(0.001, 0.5),
    st.floats(1, 1000),
    st.lists(st.integers(0, 10**15), min_size=2, max_size=60),
    st.integers(0, 168),
)
@settings(max_examples=60, deadline=None)
def test_order_is_kept_and_every_tick_alone_is_bent_alike(length, share, factor, ticks, phase):
    ticks = np.sort(np.array([*ticks, *(tick + 1 for tick in ticks)]))
    for shape in (Bursts(length * SECOND, share, factor, 7), Week.of(HOURS, DAYS, phase * HOUR)):
        bent = shape.bend(ticks)
        assert (np.diff(bent) >= 0).all()
        assert (bent >= 0).all()
        assert bent[:2].tolist() == shape.bend(ticks[:2]).tolist()


def test_shapes_bend_one_after_the_other():
    process = Arrivals(Poisson(gap_of(50), 2), [Bursts(30 * SECOND, 0.1, 10, 4), Week.of(HOURS, DAYS, 0)])
    micros = process.at(np.arange(100_000))
    assert (np.diff(micros) >= 0).all()
    seen = np.bincount(micros // 1_000_000)[:-1]
    assert seen.var() / seen.mean() > 5


def test_time_is_bent_alike_on_every_machine():
    ticks = np.array([0, 10**9, 10**11, 10**13])
    bursts, week = Bursts(30 * SECOND, 0.1, 8.0, 5), Week.of([1.0] * 12 + [3.0] * 12, [1.0] * 5 + [0.5] * 2, 50 * HOUR)
    assert (bursts.bend(ticks) // TICKS).tolist() == [0, 106250000, 6214999999, 625070000000]
    assert (week.bend(ticks) // TICKS).tolist() == [0, 107142857, 10714285714, 638730612244]
