"""Seeds: values depend on their path alone."""

import random

from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.seeds import derive, permuted, pick_weighted, rng


def test_a_path_has_a_fixed_value_on_every_machine():
    assert derive(0) == 4910700648362686252
    assert derive(42, "conversation", 7) == derive(42, "conversation", 7)


@given(st.integers(), st.lists(st.one_of(st.integers(0, 99), st.text(max_size=4)), max_size=4))
def test_every_part_of_the_path_matters(seed, path):
    assert derive(seed, *path) != derive(seed, *path, 0)
    assert derive(seed, *path) != derive(seed + 1, *path)


def test_text_and_number_are_different_parts():
    assert derive(0, "1") != derive(0, 1)
    assert derive(0, "ab", "c") != derive(0, "a", "bc")


@given(st.integers(1, 500), st.integers())
def test_permuted_hits_each_place_once_per_lap(size, seed):
    for lap in (0, 1):
        assert sorted(permuted(lap * size + at, size, seed) for at in range(size)) == list(range(size))


@given(st.lists(st.floats(0, 10), min_size=1, max_size=6).filter(lambda weights: sum(weights) > 0.01), st.integers())
def test_weighted_choice_never_picks_what_weighs_nothing(weights, seed):
    assert weights[pick_weighted(random.Random(seed), range(len(weights)), weights)] > 0


def test_streams_of_different_places_differ():
    assert rng(1, "a").random() != rng(1, "b").random()
