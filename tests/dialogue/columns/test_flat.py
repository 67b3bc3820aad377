"""Sums and digests of stretches of flat arrays."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.dialogue.columns.flat import Growing, digests_of_lists, run, summed

LISTS = st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=5), max_size=8)


def laid(lists):
    return np.array([number for one in lists for number in one], np.uint64), np.array([len(one) for one in lists], np.int64)


@settings(max_examples=60)
@given(LISTS)
def test_each_stretch_is_summed_up(lists):
    values, counts = laid(lists)
    assert summed(values, counts).tolist() == [sum(one) % 2**64 for one in lists]


@settings(max_examples=60)
@given(LISTS, LISTS)
def test_a_digest_depends_on_its_own_list_alone(before, lists):
    values, counts = laid(before + lists)
    together = digests_of_lists(values, np.cumsum(counts))
    values, counts = laid(lists)
    assert digests_of_lists(values, np.cumsum(counts)).tolist() == together[len(before) :].tolist()


def test_a_digest_tells_orders_apart():
    digests = digests_of_lists(np.array([5, 9, 9, 5, 5, 9], np.uint64), np.array([2, 4, 6]))
    assert digests[0] != digests[1]
    assert digests[0] == digests[2]


def test_positions_of_stretches():
    assert run(np.array([7, 0, 3]), np.array([2, 0, 3])).tolist() == [7, 8, 3, 4, 5]


@settings(max_examples=20)
@given(st.lists(st.lists(st.integers(0, 99), max_size=400), max_size=6))
def test_growing_keeps_what_was_added(parts):
    grown, all_of_it = Growing(np.int64), []
    for part in parts:
        assert grown.extend(part) == len(all_of_it)
        all_of_it += part
        assert grown.add(len(part)) == len(all_of_it)
        all_of_it.append(len(part))
    assert grown.view.tolist() == all_of_it
