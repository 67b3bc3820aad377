"""Measures merge: the whole equals the sum of its parts, to the last digit and in bounded memory."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core import distinct, measures
from synth_sdk.core.distinct import DistinctSample
from synth_sdk.core.measures import FieldMeasure, Measures, exact_total

records = st.lists(
    st.fixed_dictionaries(
        {"n": st.integers(-50, 50), "s": st.sampled_from("abc"), "b": st.booleans(), "x": st.none() | st.floats(-1e300, 1e300)}
    )
)


def measured(items):
    told = Measures()
    for item in items:
        told.add(item, item)
    return told


@given(records, records, records)
def test_merging_is_associative_and_equals_one_pass(first, second, third):
    left = measured(first)
    left.merge(measured(second))
    left.merge(measured(third))
    tail = measured(second)
    tail.merge(measured(third))
    right = measured(first)
    right.merge(tail)
    whole = measured(first + second + third)
    valid = len(first + second + third)
    assert left.quality(valid=valid) == right.quality(valid=valid) == whole.quality(valid=valid)
    assert left.row_digest == right.row_digest == whole.row_digest


def test_uniqueness_ignores_a_conversations_labels_but_not_its_words():
    turn = {"role": "user", "content": "hi"}
    told = Measures()
    for number, words in enumerate(["hi", "hi", "hello"]):
        told.add({"id": number, "messages": [turn | {"content": words}], "meta": {"index": number}}, {})
    assert told.quality(valid=3)["uniqueness_score"] == round(2 / 3, 6)


@given(st.permutations(range(6)))
def test_the_row_digest_is_of_the_content_in_any_order(order):
    items = [{"n": number} for number in range(6)]
    assert measured([items[place] for place in order]).row_digest == measured(items).row_digest
    assert measured(items[:-1]).row_digest != measured(items).row_digest
    assert measured([*items, items[0]]).row_digest != measured([*items, items[1]]).row_digest


def test_a_field_with_too_many_values_says_so_in_any_grouping():
    def field(numbers):
        told = FieldMeasure()
        for number in numbers:
            told.add(f"v{number}")
        return told

    many, few = field(range(1500)), field(range(10))
    assert many.summary() == {"count": 1500, "nulls": 0, "distinct": ">1000"}
    few.merge(many)
    assert few.summary() == {"count": 1510, "nulls": 0, "distinct": ">1000"}
    assert not few.values
    assert FieldMeasure.of_values(1500, 0, Counter(f"v{number}" for number in range(1500))).summary() == many.summary()


def test_only_the_first_fields_by_name_are_told_of(monkeypatch):
    monkeypatch.setattr(measures, "_MOST_FIELDS", 3)
    items = [{f"f{number % 7}": 1.5} for number in range(100)]
    whole = measured(items).quality(valid=100)["distribution_analysis"]
    assert sorted(whole) == ["f0", "f1", "f2"]
    backward = measured(items[50:])
    backward.merge(measured(items[:50]))
    assert backward.quality(valid=100)["distribution_analysis"] == whole


def test_numbers_that_no_double_holds_are_averaged():
    told = FieldMeasure()
    for value in (10**400, 2 * 10**400, float("nan"), float("inf")):
        told.add(value)
    assert told.summary() == {"count": 4, "nulls": 2, "min": 10**400, "max": 2 * 10**400, "mean": 3 * 10**400 // 2}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_exact_totals_of_floats(numbers):
    one_by_one = FieldMeasure()
    for number in numbers:
        one_by_one.add(number)
    total = exact_total(np.array(numbers, dtype=np.float64))
    assert total == one_by_one.total == sum(map(Fraction, numbers)) * 2**1074


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_exact_totals_of_integers(numbers):
    assert exact_total(np.array(numbers, dtype=np.int64)) == sum(numbers) << 1074
    assert exact_total(np.array([abs(number) for number in numbers], dtype=np.uint64)) == sum(map(abs, numbers)) << 1074
    small = [number % 100 for number in numbers]
    assert exact_total(np.array(small, dtype=np.int8)) == sum(small) << 1074


# Uniform digests, some of them often: what the sample promises to judge.
digests = st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([1, 2**40, 2**63]), max_size=60)


def sampled(values, *, many):
    sample = DistinctSample()
    if many:
        sample.add_many(np.array(values, dtype=np.uint64))
    else:
        for value in values:
            sample.add(value)
    return sample


@settings(max_examples=60)
@given(st.lists(st.tuples(digests, st.booleans()), max_size=6), st.randoms(use_true_random=False))
def test_a_sample_does_not_depend_on_order_grouping_or_vectors(parts, shuffler):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "_BOUND", 8)
        whole = sampled([value for values, _ in parts for value in values], many=False)
        merged = DistinctSample()
        shuffled = list(parts)
        shuffler.shuffle(shuffled)
        for values, many in shuffled:
            merged.merge(sampled(values, many=many))
        assert merged.uniqueness() == whole.uniqueness()
        assert (merged.level, merged.counts) == (whole.level, whole.counts)
        assert len(merged.counts) <= 8


def test_uniqueness_is_exact_when_all_are_unique_and_close_when_some_repeat():
    every = np.random.default_rng(1).integers(0, 2**64, 300_000, dtype=np.uint64)
    sample = sampled(every, many=True)
    assert sample.uniqueness() == 1.0
    assert len(sample.counts) <= 65_536
    sample.add_many(every[:100_000])
    assert abs(sample.uniqueness() - 0.75) < 0.01


def test_columns_tell_what_their_records_tell():
    items = [{"n": number, "s": "ab"[number % 2]} for number in range(9)]
    one_by_one = measured(items)
    columns = Measures.of_columns(
        9,
        np.array([measures._digest(item) for item in items], dtype=np.uint64),
        {
            "n": FieldMeasure.of_numbers(9, 0, 9, exact_total(np.arange(9)), 0, 8),
            "s": FieldMeasure.of_values(9, 0, Counter("abababab" + "a")),
        },
    )
    assert columns.quality(valid=9) == one_by_one.quality(valid=9)
    assert columns.row_digest == one_by_one.row_digest
