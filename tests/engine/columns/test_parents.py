"""Whose child is whose: counts, popularity, and that they need no memory."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.engine.columns.lanes import Rows
from synth_sdk.engine.columns.parents import Births, Earlier, Popular, Ranks


@given(st.integers(0, 40), st.integers(1, 60), st.integers(0, 2**62), st.integers(1, 300))
@settings(max_examples=40, deadline=None)
def test_counts_lie_within_their_bounds_and_every_child_finds_its_parent(least: int, most: int, lane: int, parents: int) -> None:
    births = Births(min(least, most), most, lane)
    counts = births.counts(np.arange(parents // 64 + 1))
    assert (counts.sum(axis=1) == births.total).all()
    assert births.least <= counts.min() <= counts.max() <= most
    mine = counts.reshape(-1)[:parents]
    assert births.size(parents) == mine.sum()
    found = births.of(Rows.of(range(births.size(parents))))
    assert (found == np.repeat(np.arange(parents), mine)).all()
    order = np.random.default_rng(0).permutation(len(found))
    assert (births.of(Rows.at(order)) == found[order]).all()


def test_counts_are_spread_over_the_whole_range() -> None:
    counts = Counter(Births(0, 5, 7).counts(np.arange(500)).reshape(-1).tolist())
    assert all(0.11 < counts[number] / 32_000 < 0.22 for number in range(6))
    far = Births(1, 3, 7).of(Rows.of(range(10**15, 10**15 + 100)))
    assert far[0] // 64 == 10**15 // 128


@pytest.mark.parametrize("size", [1, 2, 50, 5000, 10**6, 10**12, 2**62])
def test_popularity_follows_zipf(size: int) -> None:
    ranks = Ranks.of(1.1, size)
    assert len(ranks.starts) <= 4096
    assert ranks.starts[-1] + int(ranks.widths[-1]) == size
    drawn = ranks.draw(Rows.of(range(200_000)).draw(5))
    assert 0 <= drawn.min() <= drawn.max() < size
    if size > 50_000:
        return
    weights = np.arange(1, size + 1) ** -1.1
    wanted = 200_000 * weights / weights.sum()
    seen = np.bincount(drawn, minlength=size)
    top = slice(0, 20)
    assert (np.abs(seen[top] - wanted[top]) < 5 * np.sqrt(wanted[top]) + 1).all()
    for low, high in ((20, 200), (200, 2000), (2000, 5000)):
        assert abs(seen[low:high].sum() - wanted[low:high].sum()) <= 5 * np.sqrt(wanted[low:high].sum()) + 1


def test_popular_parents_are_anywhere_and_without_ranks_all_are_alike() -> None:
    rows = Rows.of(range(50_000))
    popular = Counter(Popular(1000, 3, Ranks.of(1.1, 1000), 9).of(rows).tolist()).most_common(20)
    assert popular[0][1] > 5 * popular[10][1] > 0
    assert max(place for place, _ in popular) > 500
    alike = Counter(Popular(10, 3, None, 9).of(rows).tolist())
    assert all(4600 < alike[place] < 5400 for place in range(10))


def test_a_row_of_the_same_table_is_an_earlier_one() -> None:
    for ranks in (None, Ranks.of(1.1, 500)):
        found = Earlier(4, ranks).of(Rows.of(range(500)))
        assert found[0] == 0
        assert (found[1:] < np.arange(1, 500)).all()
        assert found.min() == 0
        assert len(set(found.tolist())) > 50
