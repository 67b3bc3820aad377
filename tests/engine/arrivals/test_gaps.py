"""Constant intensity: exactly Poisson, whichever rows are asked for, and cheap far away."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.engine.arrivals.gaps import EPOCH, SECOND, Poisson, Regular, gap_of

MEAN = gap_of(100)


def gaps(seed, first, count):
    """Gaps in units of their mean."""
    return np.diff(Poisson(MEAN, seed).at(np.arange(first, first + count + 1))) / float(MEAN)


def distance(sample, cumulative):
    """Kolmogorov and Smirnov's distance times the root of the number: above 1.63 in one honest sample of a hundred."""
    ordered, size = np.sort(sample), len(sample)
    steps = np.arange(size + 1) / size
    expected = cumulative(ordered)
    return max((steps[1:] - expected).max(), (expected - steps[:-1]).max()) * size**0.5


@pytest.mark.parametrize(("seed", "first"), [(1, 0), (2, 123_456), (3, 10**12), (4, 2**40 - 3 * EPOCH)])
def test_gaps_are_exponential_and_independent(seed, first):
    sample = gaps(seed, first, 100_000)
    assert distance(sample, lambda x: -np.expm1(-x)) < 1.63
    assert abs(sample.mean() - 1) < 0.01
    assert abs(np.corrcoef(sample[:-1], sample[1:])[0, 1]) < 0.01


@pytest.mark.parametrize("window", [0.05, 1.0, 30.0])
def test_counts_are_poisson(window):
    ticks = Poisson(MEAN, 5).at(np.arange(400_000))
    counts = np.bincount(ticks // round(window * SECOND))[:-1]
    tolerance = 4 * (2 / len(counts)) ** 0.5
    assert abs(counts.var() / counts.mean() - 1) < tolerance


def test_counts_fit_the_distribution_by_chi_square():
    ticks = Poisson(MEAN, 6).at(np.arange(200_000))
    counts = np.bincount(ticks // (SECOND // 50))[:-1]  # two a window on average
    seen = np.bincount(np.minimum(counts, 8), minlength=9)
    odds = np.array([np.exp(-2.0) * 2.0**k / float(np.prod(np.arange(1, k + 1))) for k in range(8)])
    expected = np.append(odds, 1 - odds.sum()) * len(counts)
    assert ((seen - expected) ** 2 / expected).sum() < 20.1  # 8 degrees of freedom, 1 in a hundred


def test_the_length_of_an_epoch_is_gamma():
    lengths = np.array([Poisson(MEAN, seed)._run(0, 200)[1] for seed in range(2000)]) / 2**32
    scaled = (lengths - EPOCH) / EPOCH**0.5
    assert abs(scaled.mean()) < 0.09
    assert abs(scaled.std() - 1) < 0.06


def test_the_runs_of_epochs_lie_one_behind_the_other():
    process = Poisson(MEAN, 7)
    for level in (0, 1, 5):
        runs = [process._run(level, place) for place in range(9)]
        assert [begin for begin, _ in runs[1:]] == [begin + length for begin, length in runs[:-1]]
    begin, length = process._run(4, 1)
    assert process._run(3, 2)[0] == begin
    assert sum(process._run(3, 3)) == begin + length


@given(st.integers(0, 2**41), st.lists(st.integers(0, 20_000), min_size=1, max_size=30), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_an_arrival_depends_on_its_number_alone_and_order_holds(first, offsets, seed):
    rows = first + np.array(offsets)
    together = Poisson(MEAN, seed).at(rows)
    assert together.tolist() == [int(Poisson(MEAN, seed).at(np.array([row]))[0]) for row in rows[:3]] + together[3:].tolist()
    ordered = Poisson(MEAN, seed).at(np.sort(rows))
    assert (np.diff(ordered) >= 0).all()


def test_far_rows_are_cheap():
    begin = time.process_time()
    process = Poisson(MEAN, 8)
    far = process.at(np.arange(10**13, 10**13 + 1000))
    assert time.process_time() - begin < 2
    assert abs(far[0] / float(MEAN) / 1e13 - 1) < 1e-6


def test_regular_arrivals_are_equally_far_apart():
    assert Regular(Fraction(160, 3)).at(np.array([0, 3, 6, 3 * 10**12])).tolist() == [0, 160, 320, 160 * 10**12]


@pytest.mark.parametrize("rate", [1e-7, 1 / 3600, 1.0, 100.0, 1e6, 1e9])
def test_rates_from_one_a_season_to_a_billion_a_second(rate):
    ticks = Poisson(gap_of(rate), 1).at(np.arange(8 * EPOCH))
    assert (np.diff(ticks) >= 0).all()
    assert abs(ticks[-1] / SECOND * rate / len(ticks) - 1) < 0.05


def test_the_same_seed_gives_the_same_times_on_every_machine():
    micros = Poisson(MEAN, 1).at(np.array([0, 1, 2, 4095, 4096, 10**9])) // 16
    assert micros.tolist() == [12086, 36301, 89053, 40724032, 40730421, 9999929887230]
