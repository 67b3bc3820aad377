"""Late and repeated events: each arrives once, however rows are asked for; repeats lead to an original."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.engine.arrivals.delivery import Duplicates, Late, Places
from synth_sdk.engine.arrivals.gaps import Poisson, gap_of
from synth_sdk.engine.arrivals.process import Arrivals
from synth_sdk.engine.arrivals.timeline import Timeline

ROWS = np.arange(120_000)
shares = st.floats(0.001, 0.5)


@given(shares, st.integers(8, 4096), st.integers(0, 10**12))
@settings(max_examples=30, deadline=None)
def test_repeats_lead_to_originals_which_are_counted_without_gaps(share, reach, first):
    repeats = Duplicates(Places.of(share, 3), reach)
    rows = first + np.arange(5000)
    originals = repeats.original(rows)
    assert (originals <= rows).all()
    assert (originals >= 0).all()
    assert not repeats.places.chosen(originals).any()
    own = rows[originals == rows]
    numbers = repeats.number(own)
    assert (np.diff(numbers) == 1).all()
    assert np.array_equal(repeats.row(numbers), own)


def test_the_first_row_is_never_a_repeat_and_shares_are_kept():
    for share in (0.01, 0.123, 0.5):
        repeats = Duplicates(Places.of(share, 3), 50)
        again = repeats.original(ROWS) != ROWS
        assert not again[0]
        assert abs(again.mean() - share) < 0.001


@pytest.mark.parametrize(
    ("share", "delay"), [(0.02, 30_000), (0.02, 40), (0.3, 5), (1.0, 50), (0.013, 200), (0.02, 10), (0.001, 300), (0.004, 1)]
)
def test_every_event_arrives_once_and_a_share_late(share, delay):
    late = Late(Places.of(share, 5), delay)
    events, is_late = late.events(ROWS)
    assert len(set(events.tolist())) == len(events)
    longest = int((ROWS - events).max())
    settled = set(events[: len(events) - 1].tolist())
    assert set(range(max(0, len(ROWS) - 4 * longest - 2000))) <= settled  # nothing gets lost
    assert abs(is_late.mean() - share) < 0.002
    assert (events[is_late] < ROWS[is_late]).all()
    assert (np.diff(events[~is_late]) > 0).all()
    mean = (ROWS - events)[is_late].mean()
    assert 0.55 * delay < mean < 1.9 * delay


@given(shares, st.floats(1, 3000), st.integers(0, 10**12))
@settings(max_examples=30, deadline=None)
def test_what_arrives_at_a_row_depends_on_the_row_alone(share, delay, first):
    timeline = Timeline(
        Arrivals(Poisson(gap_of(100), 1)), 11, Duplicates(Places.of(share, 3), 50), Late(Places.of(share / 2, 5), delay)
    )
    rows = first + np.arange(3000)
    lines = timeline.of(rows)
    for part in (slice(0, 1), slice(7, 40), slice(2990, 3000)):
        some = timeline.of(rows[part])
        assert np.array_equal(some.events, lines.events[part])
        assert np.array_equal(some.happened, lines.happened[part])
        assert np.array_equal(some.arrived, lines.arrived[part])
    assert (np.diff(lines.arrived) >= 0).all()
    assert (lines.happened <= lines.arrived).all()


@pytest.mark.parametrize(("share", "delay"), [(0.05, 500), (0.01, 5)])
def test_events_happen_in_the_order_of_their_numbers(share, delay):
    timeline = Timeline(
        Arrivals(Poisson(gap_of(100), 1)), 11, Duplicates(Places.of(0.02, 3), 50), Late(Places.of(share, 5), delay)
    )
    lines = timeline.of(np.arange(40_000))
    order = np.argsort(lines.events, kind="stable")
    assert (np.diff(lines.happened[order]) >= 0).all()
    again = np.diff(lines.events[order]) == 0
    assert abs(again.mean() - 0.02) < 0.001
    assert (np.diff(lines.happened[order])[again] == 0).all()  # a repeat tells the same time


def test_without_either_an_event_happens_when_it_arrives():
    lines = Timeline(Arrivals(Poisson(gap_of(100), 1)), 11).of(np.arange(100))
    assert lines.happened is lines.arrived
    assert lines.events.tolist() == list(range(100))
