"""Sums that merge and fade."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.router.evidence import ArmEvidence, TaskEvidence
from synth_sdk.router.stats import Line, Mean, Sketch

VALUES = st.lists(st.floats(0.01, 1000), min_size=1, max_size=30)


@settings(max_examples=40)
@given(first=VALUES, second=VALUES)
def test_merging_is_noting_both(first: list[float], second: list[float]) -> None:
    one, two, both = (Mean(), Sketch()), (Mean(), Sketch()), (Mean(), Sketch())
    for values, sums in ((first, one), (second, two), (first + second, both)):
        for value in values:
            sums[0].note(value)
            sums[1].note(value)
    one[0].merge(two[0])
    one[1].merge(two[1])
    assert one[0].total == pytest.approx(both[0].total)
    assert one[0].squares == pytest.approx(both[0].squares)
    assert one[1].buckets == pytest.approx(both[1].buckets)


@settings(max_examples=40)
@given(values=VALUES, share=st.sampled_from([0.1, 0.5, 0.9, 0.995]))
def test_a_quantile_of_a_sketch_lies_within_a_bucket_above_the_true_one(values: list[float], share: float) -> None:
    sketch = Sketch()
    for value in values:
        sketch.note(value)
    rank = max(0, -(-round(share * len(values) * 1000) // 1000) - 1)
    true = sorted(values)[min(rank, len(values) - 1)]
    assert true * 0.999 <= sketch.quantile(share) <= true * 1.101
    assert max(values) * 0.999 <= sketch.largest <= max(values) * 1.101


def test_a_fit_starts_at_its_prior_and_ends_at_the_evidence() -> None:
    line, source = Line(), random.Random(1)
    assert line.fit(2.0, 1.0, -0.5, 0.1)[:2] == pytest.approx((2.0, -0.5))
    for _ in range(2000):
        x = source.choice([0, 1, 2])
        line.note(x, 1.0 + 0.3 * x + source.gauss(0, 0.1))
    fit = line.fit(2.0, 1.0, -0.5, 0.1)
    assert fit[:2] == pytest.approx((1.0, 0.3), abs=0.03)
    assert fit.variance(1.0) < 0.01
    assert line.fit(2.0, 1.0, -0.5, 0.1, fade=1e-6).level == pytest.approx(2.0, abs=0.05)
    assert line.deviation(1.0, 0.3, 1.0, 1.0) == pytest.approx(0.1, abs=0.02)


def test_evidence_survives_writing_and_refuses_what_it_did_not_write() -> None:
    evidence, task = ArmEvidence(), TaskEvidence()
    evidence.validity.note(1.0, 2.0)
    evidence.shares.note(0.4)
    evidence.records = 3.0
    task.pull[1] = 0.5
    assert ArmEvidence.load(evidence.dump()) == evidence
    assert TaskEvidence.load(task.dump()) == task
    for broken in ({}, evidence.dump() | {"price": [1.0]}, evidence.dump() | {"price": ["x", 0, float("nan")]}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            ArmEvidence.load(broken)
    with pytest.raises(ValueError, match="another version"):
        TaskEvidence.load(task.dump() | {"pull": [0.0]})
