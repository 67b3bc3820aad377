"""Held against a sample: what is alike is told to be alike, what was planted is found."""

import json
from importlib import util

import numpy as np
import pyarrow as pa
import pytest

from synth_sdk.engine import Engine
from synth_sdk.quality import classifier, comparison, privacy
from synth_sdk.quality.comparison import compare, correlation_distance
from synth_sdk.quality.pairing import pairs, some
from synth_sdk.quality.profile import Profile
from synth_sdk.schema import Schema

needs_sklearn = pytest.mark.skipif(util.find_spec("sklearn") is None, reason="scikit-learn isn't installed")

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "plan": {"enum": ["free", "pro", "team"]},
        "paid": {"type": "number", "minimum": 0, "maximum": 1000},
        "age": {"type": ["integer", "null"], "minimum": 18, "maximum": 90},
        "born": {"type": "string", "format": "date"},
        "active": {"type": "boolean"},
    },
    "required": ["name", "plan", "paid", "age", "born", "active"],
}


def sample(seed, count=1500):
    return Profile.of(Engine(Schema(SCHEMA), seed=seed).batch(range(count)).arrow(), 0, SCHEMA).sample()


@pytest.fixture(scope="module")
def like():
    return sample(1)


@pytest.fixture(scope="module")
def found(like):
    return compare(sample(2), like, SCHEMA)


def replaced(table, name, column):
    return table.set_column(table.column_names.index(name), name, pa.array(column))


@needs_sklearn
def test_two_draws_from_one_schema_can_not_be_told_apart(found):
    assert found["classifier"]["auc"] == pytest.approx(0.5, abs=0.04)
    assert "can hardly be told" in found["verdict"]
    assert found["grade"] == "hardly distinguishable"
    assert {"paid", "born", "plan", "name: length"} <= set(found["classifier"]["features"])


def test_nor_by_their_fields(found):
    assert [one["kind"] for one in found["fields"].values()] == ["text", "category", "number", "number", "date", "category"]
    assert min(one["ks"]["p"] for one in found["fields"].values() if "ks" in one) > 0.005
    assert min(one["chi_square"]["p"] for one in found["fields"].values() if "chi_square" in one) > 0.005
    assert found["correlation_distance"] < 0.06
    json.dumps(found, allow_nan=False)


def test_nor_by_how_near_they_come(found):
    assert found["privacy"]["ratio"] == pytest.approx(1, abs=0.05)
    assert found["privacy"]["nearer"] == pytest.approx(0.05, abs=0.03)
    assert found["privacy"]["exact_copies"] == 0


@needs_sklearn
def test_a_shifted_field_is_found(like):
    own = sample(2)
    shifted = compare(replaced(own, "paid", own.column("paid").to_numpy() + 150), like, SCHEMA)
    assert shifted["fields"]["paid"]["ks"]["p"] < 1e-6
    assert shifted["classifier"]["auc"] > 0.55
    assert "paid" in shifted["verdict"]
    assert shifted["grade"] in ("similar", "different", "plainly different")


def test_other_shares_of_categories_are_found(like):
    own = sample(2)
    lopsided = np.random.default_rng(0).choice(["free", "pro", "team"], len(own), p=[0.8, 0.1, 0.1])
    told = compare(replaced(own, "plan", lopsided), like, SCHEMA)["fields"]["plan"]
    shares = [like.column("plan").to_pylist().count(name) / len(like) for name in ("free", "pro", "team")]
    mine = [list(lopsided).count(name) / len(own) for name in ("free", "pro", "team")]
    assert told["tvd"] == pytest.approx(sum(abs(a - b) for a, b in zip(shares, mine, strict=True)) / 2, abs=1e-3)
    assert told["chi_square"]["p"] < 1e-9


def test_other_null_rates_are_found(like):
    own = sample(2)
    ages = [None if place % 2 else age for place, age in enumerate(own.column("age").to_pylist())]
    told = compare(replaced(own, "age", ages), like, SCHEMA)["fields"]["age"]
    truth = ages.count(None) / len(ages) - like.column("age").null_count / len(like)
    assert told["null_rate_difference"] == pytest.approx(truth, abs=1e-4)


@needs_sklearn
def test_fields_that_no_longer_go_together_are_found():
    rng = np.random.default_rng(4)
    x = rng.normal(size=2000)
    like = pa.table({"x": x, "y": x + rng.normal(0, 0.3, 2000)})
    own = pa.table({"x": rng.permutation(x), "y": like.column("y")})
    told = compare(own, like, True)
    assert told["correlation_distance"] == pytest.approx(abs(np.corrcoef(x, like.column("y"))[0, 1]), abs=0.06)
    assert told["classifier"]["auc"] > 0.8
    assert max(one["ks"]["statistic"] for one in told["fields"].values()) < 0.01
    assert correlation_distance(own.select(["x"]), like, {}) is None


def test_copies_are_found(like):
    own = sample(2)
    copied = pa.concat_tables([own.slice(0, 750), like.slice(0, 750)])
    told = compare(copied, like, SCHEMA)
    assert told["privacy"]["exact_copies"] == 0.5
    assert told["privacy"]["nearer"] > 0.45
    assert "exact copies" in told["verdict"]
    assert told["grade"] == "copies of the sample"


def test_near_copies_are_found(like):
    nearly = replaced(like, "paid", like.column("paid").to_numpy() + 0.5)
    nearly = replaced(nearly, "name", [f"{name}s" for name in like.column("name").to_pylist()])
    told = compare(nearly, like, SCHEMA)["privacy"]
    assert told["exact_copies"] == 0
    assert told["ratio"] < 0.6
    assert told["nearer"] > 0.9


def test_distances_are_those_of_the_nearest():
    rng = np.random.default_rng(0)
    asked, known = rng.normal(size=(40, 5)).astype(np.float32), rng.normal(size=(60, 5)).astype(np.float32)
    every = np.sqrt(((asked[:, None].astype(float) - known[None]) ** 2).sum(axis=2))
    assert privacy.distances(asked, known) == pytest.approx(every.min(axis=1), rel=1e-5)
    inside = np.sqrt(((known[:, None].astype(float) - known[None]) ** 2).sum(axis=2)) + np.diag([np.inf] * 60)
    assert privacy.distances(known[:50], known, itself=True) == pytest.approx(inside.min(axis=1)[:50], rel=1e-5)
    assert privacy.distances(known, known).max() == 0


def test_without_scikit_learn_the_rest_is_told(like, monkeypatch):
    monkeypatch.setattr(comparison, "has_sklearn", lambda: False)
    told = compare(sample(2, 300), like, SCHEMA)
    assert told["classifier"] == {"auc": None}
    assert classifier.MISSING in told["notes"]
    assert "[eval]" in classifier.MISSING
    assert "greatest distance of a field" in told["verdict"]
    assert told["privacy"]["ratio"] > 0


def test_tables_that_have_little_in_common():
    own = pa.table({"a": list(range(30)), "b": ["x"] * 30, "n": pa.nulls(30)})
    like = pa.table({"a": [str(number) for number in range(30)], "c": [1] * 30, "n": [1] * 30})
    told = compare(own, like, True)
    assert told["fields"] == {"a": {"kind": "differing types"}}
    assert (told["missing_fields"], told["additional_fields"]) == (["c"], ["b"])
    assert told["privacy"] == {}
    assert told["correlation_distance"] is None
    assert compare(own.slice(0, 3), like, True)["verdict"] == "too few rows to compare"


def test_rows_that_all_have_an_equal_one():
    own = pa.table({"plan": ["a", "b"] * 60})
    told = compare(own, own, True)
    assert told["privacy"]["ratio"] is None
    assert told["privacy"]["exact_copies"] == 1
    assert "copies" not in told["verdict"]


def test_nulls_are_values_of_their_own_in_distances():
    own = pa.table({"x": [1.0, None], "s": pa.array([None, "b"], pa.string())})
    both, _ = pairs(own, own, {})
    places = privacy.vectors(both)
    assert privacy.distances(places[:2], places[2:]).tolist() == [0, 0]
    assert len({*privacy.row_digests(both).tolist()}) == 2


def test_the_rows_that_are_looked_at_are_the_same_each_time(like):
    assert some(like, 100).equals(some(like, 100))
    assert len(some(like, 100)) == 100
    assert some(like, 5000).equals(like)
