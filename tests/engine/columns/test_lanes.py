"""Statistics of the hash, and the permutation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.engine.columns.lanes import Rows, Weighted, below, below_again, between, chance, label, permute

ROWS = 1 << 17
FAR = 5.5  # standard deviations that a sum over all cells may lie from what is expected: one run in 10**7 does by chance


def _chi_square(counts: np.ndarray) -> float:
    """How many standard deviations the chi-square statistic of even counts lies from its mean."""
    expected = counts.sum() / counts.size
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return (statistic - (counts.size - 1)) / np.sqrt(2 * (counts.size - 1))


@pytest.mark.parametrize("shift", [0, 24, 56])
@pytest.mark.parametrize("seed", [0, 1, 2**62])
def test_bits_are_uniform(seed: int, shift: int) -> None:
    bits = Rows.of(range(ROWS)).draw(label(seed, "/field"))
    octets = (bits >> np.uint64(shift)).astype(np.uint8)
    assert abs(_chi_square(np.bincount(octets, minlength=256))) < FAR


@pytest.mark.parametrize(("first", "second"), [("/a", "/b"), ("/a", "/aa"), ("/items/[]/a", "/items/[]/b")])
def test_fields_are_independent(first: str, second: str) -> None:
    rows = Rows.of(range(ROWS))
    pairs = below(rows.draw(label(7, first)), 32) * 32 + below(rows.draw(label(7, second)), 32)
    assert abs(_chi_square(np.bincount(pairs, minlength=1024))) < FAR


@pytest.mark.parametrize("distance", [1, 2, 64, 4096])
def test_neighbouring_rows_are_independent(distance: int) -> None:
    drawn = below(Rows.of(range(ROWS)).draw(label(3, "/field")), 32)
    pairs = drawn[:-distance] * 32 + drawn[distance:]
    assert abs(_chi_square(np.bincount(pairs, minlength=1024))) < FAR


def test_seeds_are_independent() -> None:
    rows = Rows.of(range(ROWS))
    pairs = below(rows.draw(label(1, "/field")), 32) * 32 + below(rows.draw(label(2, "/field")), 32)
    assert abs(_chi_square(np.bincount(pairs, minlength=1024))) < FAR


def test_both_halves_of_a_draw_are_independent() -> None:
    bits = Rows.of(range(ROWS)).draw(label(5, "/field"))
    pairs = below(bits, 32) * 32 + below_again(bits, 32)
    assert abs(_chi_square(np.bincount(pairs, minlength=1024))) < FAR


def test_items_of_lists_are_independent_of_their_neighbours() -> None:
    items = Rows.of(range(ROWS // 4)).items(np.full(ROWS // 4, 4), label(5, "/list"))
    drawn = below(items.draw(label(5, "/list/[]")), 32)
    assert abs(_chi_square(np.bincount(drawn[:-1] * 32 + drawn[1:], minlength=1024))) < FAR


@given(st.integers(0, 2**63 - 1), st.integers(-(2**40), 2**40), st.integers(0, 2**62))
@settings(max_examples=100, deadline=None)
def test_between_keeps_its_bounds(seed: int, low: int, span: int) -> None:
    drawn = between(Rows.of(range(50)).draw(label(seed, "/n")), low, low + span)
    assert low <= int(drawn.min())
    assert int(drawn.max()) <= low + span


def test_large_ranges_are_used_in_full() -> None:
    drawn = below(Rows.of(range(ROWS)).draw(label(0, "/n")), 2**62)
    assert abs(_chi_square(np.bincount(drawn >> 54, minlength=256))) < FAR


@given(st.integers(1, 5000), st.integers(0, 2**62))
@settings(max_examples=60, deadline=None)
def test_permute_is_a_permutation(size: int, key: int) -> None:
    images = permute(np.arange(size), size, key)
    assert sorted(images.tolist()) == list(range(size))


def test_permute_at_scale_repeats_nothing() -> None:
    far = permute(np.arange(10**12, 10**12 + ROWS), 2**61 + 12345, key=9)
    assert len(np.unique(far)) == ROWS
    assert int(far.max()) < 2**61 + 12345


def test_permute_mixes() -> None:
    images = permute(np.arange(ROWS), 10**9, key=1)
    assert abs(np.corrcoef(images[:-1], images[1:])[0, 1]) < 0.02


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50).filter(lambda weights: sum(weights) > 0))
@settings(max_examples=30, deadline=None)
def test_weighted_draws_by_weight(weights: list[float]) -> None:
    drawn = Weighted.of(weights).draw(Rows.of(range(20_000)).draw(label(1, "/w")))
    shares = np.bincount(drawn, minlength=len(weights)) / 20_000
    expected = np.array(weights) / sum(weights)
    assert np.abs(shares - expected).max() < 0.025
    assert not shares[expected == 0].any()


def test_chance() -> None:
    bits = Rows.of(range(ROWS)).draw(label(1, "/c"))
    assert chance(bits, 0.25).mean() == pytest.approx(0.25, abs=0.006)
    assert not chance(bits, 0.0).any()
    assert chance(bits, 1.0).all()


def test_values_are_the_same_on_every_machine() -> None:
    """Fixed numbers: a change here changes everybody's data."""
    bits = Rows.of(range(3)).draw(label(0, "/field"))
    assert bits.tolist() == PINNED


PINNED = [1694698806122966487, 17272896243735873268, 4260042401530812882]
