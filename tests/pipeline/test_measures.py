"""Measures merge: the whole equals the sum of its parts."""

from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.pipeline.measures import Measures

records = st.lists(
    st.fixed_dictionaries(
        {"n": st.integers(-50, 50), "s": st.sampled_from("abc"), "b": st.booleans(), "x": st.none() | st.integers(0, 3)}
    )
)


def measured(items):
    measures = Measures()
    for item in items:
        measures.add(item, item)
    return measures


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


def test_uniqueness_ignores_a_conversations_labels_but_not_its_words():
    turn = {"role": "user", "content": "hi"}
    measures = Measures()
    for number, words in enumerate(["hi", "hi", "hello"]):
        measures.add({"id": number, "messages": [turn | {"content": words}], "meta": {"index": number}}, {})
    assert measures.quality(valid=3)["uniqueness_score"] == round(2 / 3, 6)


def test_a_field_with_too_many_values_says_so():
    measures = Measures()
    for number in range(1500):
        measures.add(number, {"name": f"v{number}"})
    assert measures.quality(valid=1500)["distribution_analysis"]["name"]["distinct"] == ">1000"
