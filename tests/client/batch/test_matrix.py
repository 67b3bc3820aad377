"""Combinations, with `include` and `exclude`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.client.batch.matrix import combinations
from synth_sdk.core.errors import RequestError

AXES = st.dictionaries(
    st.sampled_from(["locale", "seed", "count"]), st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True), min_size=1
)


@given(AXES)
def test_every_combination_comes_once_under_a_name_of_its_own(axes):
    found = combinations(axes)
    size = 1
    for values in axes.values():
        size *= len(values)
    assert len(found) == size == len({label for label, _ in found}) == len({tuple(one.items()) for _, one in found})
    for label, one in found:
        assert label == "-".join(str(one[key]) for key in axes)


def test_labels_are_fit_for_file_names():
    found = combinations({"pack": ["a/b.yaml", "c d"], "judge": [True], "constraints": [{"a": 1}, {"a": 2}]})
    assert [label for label, _ in found] == ["a_b_yaml-true-1", "a_b_yaml-true-2", "c_d-true-1", "c_d-true-2"]


def test_excluded_ones_are_left_out():
    found = combinations({"locale": ["a", "b"], "seed": [1, 2], "exclude": [{"locale": "a", "seed": 2}, {"seed": 1, "count": 3}]})
    assert [label for label, _ in found] == ["a-1", "b-1", "b-2"]


def test_included_ones_add_to_those_they_do_not_change_or_stand_alone():
    found = combinations(
        {"locale": ["a", "b"], "include": [{"count": 5}, {"locale": "b", "count": 7}, {"locale": "c", "count": 1}]}
    )
    assert found == [("a", {"locale": "a", "count": 5}), ("b", {"locale": "b", "count": 7}), ("c", {"locale": "c", "count": 1})]


def test_include_alone_is_a_list_of_combinations():
    assert combinations({"include": [{"seed": 1}, {"seed": 2, "count": 3}]}) == [
        ("1", {"seed": 1}),
        ("2-3", {"seed": 2, "count": 3}),
    ]


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ({"seed": 3}, r"seed must be a list of values"),
        ({"seed": []}, r"seed must be a list of values"),
        ({"seed": [1], "exclude": [{"seed": 1}]}, "no combination"),
        ({"seed": [1], "include": {"seed": 2}}, "include must be a list of mappings"),
        ({"seed": list(range(200)), "count": list(range(200))}, "40,000 combinations: 10,000 are the most"),
    ],
)
def test_what_is_wrong_is_said(matrix, said):
    with pytest.raises(RequestError, match=said):
        combinations(matrix)
