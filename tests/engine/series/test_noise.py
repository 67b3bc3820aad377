"""Noise: normal, white or autoregressive, correlated; any tick without those before it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.engine.columns.lanes import Rows
from synth_sdk.engine.series.frame import Frame
from synth_sdk.engine.series.noise import CorrelatedNoise, Noise, cholesky
from synth_sdk.engine.series.normal import normal

FAR = 49_999_000
COUNT = 200_000
PINNED = ["-0x1.1ffbde87c4000p+2", "0x0.0p+0", "0x1.1ffbde87c3fffp+2", "-0x1.77acfffcf2fc9p+0"]


def drawn(ar: float = 0.0, lane: int = 7) -> np.ndarray:
    return Noise.of(lane, ar).draw(Frame(0, COUNT, 0, 1))[:, 0]


def test_normal_numbers_have_the_moments_of_the_normal_distribution():
    numbers = normal(Rows.of(range(1_000_000)).draw(5))
    assert abs(numbers.mean()) < 0.004
    assert abs(numbers.std() - 1) < 0.003
    assert abs((numbers**3).mean()) < 0.02
    assert abs((numbers**4).mean() - 3) < 0.05
    for deviations, share in ((1, 0.6827), (2, 0.9545), (3, 0.9973)):
        assert abs((np.abs(numbers) < deviations).mean() - share) < 0.002


def test_the_table_of_quantiles_is_pinned():
    """To the last bit: these are what every CPU must give."""
    ends = np.array([0, 1 << 63, (1 << 64) - 1, 0x123456789ABCDEF0], np.uint64)
    assert [number.hex() for number in normal(ends).tolist()] == PINNED


@pytest.mark.parametrize("ar", [0.3, 0.7, 0.95, -0.6, 0.999])
def test_the_coefficient_of_autoregressive_noise_is_recovered(ar):
    noise = drawn(ar)
    room = 6 * np.sqrt((1 - ar * ar) / COUNT) + 0.003
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1] - ar) < room
    assert abs(np.corrcoef(noise[3:], noise[:-3])[0, 1] - ar**3) < 4 * room
    slope = np.linalg.lstsq(noise[:-1, None], noise[1:], rcond=None)[0][0]
    assert abs(slope - ar) < room
    assert abs(noise.std() - 1) < (0.02 if abs(ar) < 0.99 else 0.25)


def test_what_is_left_of_autoregressive_noise_is_white():
    noise = drawn(0.8)
    left = noise[1:] - 0.8 * noise[:-1]
    assert abs(left.std() - np.sqrt(1 - 0.64)) < 0.01
    for lag in range(1, 40):  # no trace of the halvings
        assert abs(np.corrcoef(left[lag:], left[:-lag])[0, 1]) < 0.015


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([0.0, 0.5, -0.9, 0.99]),
    st.integers(0, 10**15),
    st.integers(1, 300),
    st.data(),
)
def test_a_tick_depends_on_no_other(ar, first, count, data):
    noise = Noise.of(3, ar)
    whole = noise.draw(Frame(first, first + count, 2, 5))
    begin = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(begin + 1, count))
    part = noise.draw(Frame(first + begin, first + stop, 3, 4))
    assert (part[:, 0] == whole[begin:stop, 1]).all()


def test_lanes_and_entities_have_nothing_to_do_with_each_other():
    both = Noise.of(3, 0.5).draw(Frame(FAR, FAR + 20_000, 0, 2))
    other = Noise.of(4, 0.5).draw(Frame(FAR, FAR + 20_000, 0, 1))
    assert abs(np.corrcoef(both[:, 0], both[:, 1])[0, 1]) < 0.04
    assert abs(np.corrcoef(both[:, 0], other[:, 0])[0, 1]) < 0.04


def test_correlations_are_recovered():
    matrix = [[1.0, 0.8, -0.3], [0.8, 1.0, 0.1], [-0.3, 0.1, 1.0]]
    noise = CorrelatedNoise(tuple(Noise.of(lane, 0.6) for lane in (1, 2, 3)), cholesky(matrix))
    found = np.corrcoef([one[:, 0] for one in noise.draw(Frame(0, COUNT, 0, 1))])
    assert np.abs(found - np.array(matrix)).max() < 0.02


@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_factor_times_its_transpose_is_the_matrix(size, source):
    rows = np.array([[source.uniform(-1, 1) for _ in range(size + 2)] for _ in range(size)])
    matrix = rows @ rows.T + np.eye(size) * 0.1
    factor = np.zeros((size, size))
    for place, row in enumerate(cholesky(matrix.tolist())):
        factor[place, : place + 1] = row
    assert np.allclose(factor @ factor.T, matrix)


@pytest.mark.parametrize("matrix", [[[1, 1], [1, 1]], [[1, -0.9, -0.9], [-0.9, 1, -0.9], [-0.9, -0.9, 1]]])
def test_what_is_no_correlation_matrix_is_refused(matrix):
    with pytest.raises(ValueError, match="positive definite"):
        cholesky(matrix)
