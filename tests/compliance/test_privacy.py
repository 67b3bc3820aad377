"""Who could be singled out, and copies of a sample's rows: those that are made are found, those that aren't, aren't."""

import itertools
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.compliance.privacy import CopyGuard, KAnonymity, quasi_identifiers
from synth_sdk.compliance.privacy import k_anonymity as room
from synth_sdk.core.batches import Records
from synth_sdk.core.plugins import load
from synth_sdk.core.spec import make_spec


def profiles(count, seed):
    return load("generators", "user_profile")(make_spec(kind="user_profile", count=count, seed=seed)).batch(range(count))


PEOPLE = [
    {"zip": "10115", "sex": "f", "born": 1980},
    {"zip": "10115", "sex": "f", "born": 1980},
    {"zip": "10117", "sex": "m", "born": 1971},
]


def test_classes_are_counted():
    told = KAnonymity.of(PEOPLE, ["zip", "sex", "born"]).report()
    assert told == {
        "quasi_identifiers": ["zip", "sex", "born"],
        "records": 3,
        "k": 1,
        "classes": 2,
        "alone": 0.333333,
        "records_in_classes_below": {"2": 1, "5": 3, "10": 3, "20": 3},
        "estimated": False,
    }
    assert KAnonymity.of(PEOPLE[:2], ["zip"]).report()["k"] == 2
    assert KAnonymity.of([], ["zip"]).report()["k"] == 0


def test_columns_and_records_are_counted_alike():
    batch = profiles(300, 1)
    fields = ["address.state", "gender", "plan"]
    assert KAnonymity.of(batch, fields).report() == KAnonymity.of(Records(batch.records()), fields).report()
    assert KAnonymity.of(batch.arrow(), fields).report() == KAnonymity.of(batch.records(), fields).report()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))), st.lists(st.integers(1, 60), max_size=4))
def test_merging_in_any_order_tells_the_same_even_when_it_is_an_estimate(rows, cuts):
    records = [{"a": a, "b": b} for a, b in rows]
    known, room.MOST_CLASSES = room.MOST_CLASSES, 16
    try:
        whole = KAnonymity.of(records, ["a", "b"])
        edges = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
        parts = [KAnonymity.of(records[start:stop], ["a", "b"]) for start, stop in itertools.pairwise(edges)]
        for order in (parts, parts[::-1]):
            merged = KAnonymity(("a", "b"))
            for part in order:
                merged.merge(part)
            assert merged.report() == whole.report()
        assert len(whole.classes) <= 16
    finally:
        room.MOST_CLASSES = known


def test_beyond_its_memory_it_estimates_and_says_so(monkeypatch):
    monkeypatch.setattr(room, "MOST_CLASSES", 1000)
    dice = random.Random(1)
    told = KAnonymity.of([{"n": dice.randrange(20_000)} for _ in range(40_000)], ["n"]).report()
    real = 20_000 * (1 - (1 - 1 / 20_000) ** 40_000)
    assert told["estimated"]
    assert "estimated from" in told["note"]
    assert abs(told["classes"] - real) / real < 0.15


def test_quasi_identifiers_follow_from_the_schema():
    schema = load("generators", "user_profile")(make_spec(kind="user_profile", count=1)).record_schema
    assert quasi_identifiers(schema) == [
        "gender",
        "birth_date",
        "age",
        "address.city",
        "address.state",
        "address.postcode",
        "address.country",
        "job_title",
    ]


@pytest.fixture(scope="module")
def sample():
    return profiles(1500, 1).records()


def test_a_generator_that_copies_is_caught_every_time(sample):
    guard = CopyGuard.of(sample)
    flaws = guard.flaws_of(Records(sample))
    assert len(flaws) == len(sample)
    assert {told for _, told in flaws} == {"it is a copy of a row of the sample"}
    assert guard.flaws(sample[7]) == ["it is a copy of a row of the sample"]
    assert guard.report()["exact_copies"] == len(sample) + 1


def test_one_that_changes_a_little_is_caught_too(sample):
    dice = random.Random(3)
    changed = [
        {**row, "id": f"new-{dice.random()}", "plan": "basic", "balance": row["balance"] * 1.02, "age": row["age"] + 1}
        for row in sample
    ]
    guard = CopyGuard.of(sample)
    flaws = guard.flaws_of(changed)
    assert len(flaws) == len(sample)
    assert all("nearly a copy" in told for _, told in flaws)
    assert guard.report()["near_copies"] == len(sample)


def test_an_independent_one_is_not(sample):
    guard = CopyGuard.of(sample)
    assert guard.flaws_of(profiles(3000, 2)) == []
    told = guard.report()
    assert (told["exact_copies"], told["near_copies"], told["records"]) == (0, 0, 3000)
    assert told["distances"]["p5"] > 0.5
    assert told["distances_within_sample"]["p5"] > 0.5


def test_numbers_alone_can_be_copied():
    dice = random.Random(5)
    rows = [{f"x{place}": dice.gauss(0, 1) for place in range(8)} for _ in range(1500)]
    noisy = [{name: value + dice.gauss(0, 0.005) for name, value in row.items()} for row in rows]
    fresh = [{name: dice.gauss(0, 1) for name in rows[0]} for _ in range(3000)]
    guard = CopyGuard.of(rows)
    assert len(guard.flaws_of(rows)) == 1500
    assert len(guard.flaws_of(noisy)) > 1450
    assert len(guard.flaws_of(fresh)) <= 3  # fewer than one in a thousand


def test_rows_of_few_values_are_nobody_s():
    dice = random.Random(7)
    rows = [
        {"plan": dice.choice("ab"), "country": dice.choice("xyz"), "seats": dice.randrange(5), "active": True} for _ in range(800)
    ]
    guard = CopyGuard.of(rows)
    assert guard.flaws_of(rows) == []
    assert guard.report()["identifying_rows"] == 0


def test_columns_and_records_are_judged_alike_and_halves_merge(sample):
    batch = profiles(200, 1)
    guard, again = CopyGuard.of(sample), pickle.loads(pickle.dumps(CopyGuard.of(sample)))  # noqa: S301
    assert guard.flaws_of(batch) == again.flaws_of(batch.records()[:90]) + [
        (at + 90, told) for at, told in again.flaws_of(batch.records()[90:])
    ]
    assert guard.report() == again.report()
    half, rest = CopyGuard.of(sample), CopyGuard.of(sample)
    half.flaws_of(batch.records()[:50]), rest.flaws_of(batch.records()[50:])
    half.merge(rest)
    assert half.report() == guard.report()


def test_a_long_sample_is_cut_and_that_is_told(monkeypatch):
    from synth_sdk.compliance.privacy import copies

    monkeypatch.setattr(copies, "MOST_ROWS", 100)
    guard = CopyGuard.of([{"a": f"x{place}", "b": place * 7.3, "c": f"y{place}"} for place in range(101)])
    assert guard.report()["note"] == "compared with the first 100 rows of the sample"


def test_samples_and_records_of_other_shapes_do_no_harm():
    for rows in ([], [{}], [1, 2], ["x"], [{"a": [1]}], [{"a": None}]):
        guard = CopyGuard.of(rows)
        assert guard.flaws_of([{"a": 1}, {"b": "x"}, 5, None]) == []
        guard.report()
