"""Profiles: what one pass finds, merging finds; what reports told before, they tell still; columns and records agree."""

import itertools
import json
import math
import pickle

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.measures import Measures, feature_of
from synth_sdk.engine import Engine
from synth_sdk.quality import sampling, thinning
from synth_sdk.quality.profile import Profile, profile_records
from synth_sdk.schema import Schema
from synth_sdk.schema.layout import Layout

SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "plan": {"enum": ["free", "pro", None]},
        "age": {"type": ["integer", "null"], "minimum": 18, "maximum": 90},
        "paid": {"type": "number", "minimum": 0, "maximum": 1000},
        "active": {"type": "boolean"},
        "born": {"type": "string", "format": "date"},
        "seen": {"type": "string", "format": "date-time"},
        "note": {"type": "string", "maxLength": 12},
        "address": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "tags": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "maxItems": 4},
        "extra": {},
    },
    "required": ["id", "name", "plan", "age", "paid", "active", "born", "seen", "address", "tags"],
    "additionalProperties": False,
}
ENGINE = Engine(Schema(SCHEMA), seed=4)
RECORDS = ENGINE.batch(range(400)).records()


def features(record):
    return {name: feature_of(value) for name, value in record.items()}


def of_records(records, first=0, schema=SCHEMA):
    return profile_records(records, [features(record) for record in records], first, schema)


def of_columns(records, first=0):
    return Profile.of(Layout.of(SCHEMA).to_arrow(records), first, SCHEMA)


@given(st.data())
@settings(max_examples=15)
def test_any_split_in_any_order_tells_the_same(data):
    cuts = sorted(data.draw(st.lists(st.integers(0, 400), max_size=4)))
    pieces = [range(start, stop) for start, stop in zip([0, *cuts], [*cuts, 400], strict=True)]
    profile = data.draw(st.sampled_from([of_records, of_columns]))
    merged = Profile(SCHEMA)
    for piece in data.draw(st.permutations(pieces)):
        part = profile(RECORDS[piece.start : piece.stop], piece.start)
        merged.merge(pickle.loads(pickle.dumps(part)) if data.draw(st.booleans()) else part)  # noqa: S301 - our own
    whole = profile(RECORDS)
    assert merged.metrics() == whole.metrics()
    assert merged.sample().equals(whole.sample())


@given(st.randoms(use_true_random=False))
@settings(max_examples=6)
def test_so_do_large_ones_where_all_is_estimated(random):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "MOST_ROWS", 3000)
        rng = np.random.default_rng(8)
        table = pa.RecordBatch.from_arrays(
            [
                pa.array([f"u{number}" for number in rng.integers(0, 9000, 12_000)]),
                pa.array(rng.lognormal(3, 2, 12_000)),
                pa.array(np.datetime_as_string(np.datetime64("1950-01-01") + rng.integers(0, 20_000, 12_000))),
            ],
            names=["name", "paid", "born"],
        )
        whole = Profile.of(table, 0, SCHEMA)
        cuts = [0, *sorted(random.sample(range(12_000), 3)), 12_000]
        pieces = list(itertools.pairwise(cuts))
        random.shuffle(pieces)
        merged = Profile(SCHEMA)
        for start, stop in pieces:
            merged.merge(Profile.of(table[start:stop], start, SCHEMA))
        told = whole.metrics()
        assert merged.metrics() == told
        assert merged.sample().equals(whole.sample())
        assert 2500 < told["rows_sampled"] <= 3000
        assert told["distribution_analysis"]["name"]["distinct_estimated"]


@given(st.data())
@settings(max_examples=15)
def test_so_do_long_ones_of_which_a_part_is_looked_at(data):
    cuts = sorted(data.draw(st.lists(st.integers(0, 400), max_size=4)))
    pieces = [range(start, stop) for start, stop in itertools.pairwise([0, *cuts, 400])]
    profile = data.draw(st.sampled_from([of_records, of_columns]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinning, "ALL", 50)
        patch.setattr(sampling, "ALL", 50)
        merged = Profile(SCHEMA)
        for piece in data.draw(st.permutations(pieces)):
            merged.merge(profile(RECORDS[piece.start : piece.stop], piece.start))
        whole = profile(RECORDS)
        told = whole.metrics()
        assert merged.metrics() == told
    assert 90 <= told["rows_looked_at"] <= 97
    measures = Measures()
    for record in RECORDS:
        measures.add(record, features(record))
    with_measures = whole.metrics(measures)["distribution_analysis"]
    for name, field in measures.quality(valid=400)["distribution_analysis"].items():
        assert {key: with_measures[name][key] for key in field} == field
        there = sum(record.get(name) is not None for record in RECORDS)
        assert with_measures[name]["completeness"] == pytest.approx(there / 400, abs=1e-6)


def test_what_is_looked_at_stands_for_the_rest():
    table = pa.RecordBatch.from_arrays(
        [pa.array(np.arange(400_000.0)), pa.array([f"{n % 8000}" for n in range(400_000)])], names=["n", "s"]
    )
    told = Profile.of(table, 0, True).metrics()
    assert told["rows_looked_at"] == 32_768 + (400_000 - 32_768) // 8
    field = told["distribution_analysis"]["n"]
    for share, value in field["quantiles"].items():  # it grows along the run: the hardest case
        assert value == pytest.approx(400_000 * float(share), rel=0.005, abs=16)
    assert sum(field["histogram"]["counts"]) == 400_000
    assert max(field["histogram"]["counts"]) < 1.1 * min(field["histogram"]["counts"])  # no comb
    assert field["shape"] == "unique"
    assert field["distinct_values"] == 400_000
    assert field["uniqueness"] == 1
    assert field["entropy_bits"] == pytest.approx(math.log2(400_000), abs=0.01)
    text = told["distribution_analysis"]["s"]
    assert text["distinct_values"] == pytest.approx(8000, rel=0.05)
    assert text["uniqueness"] == pytest.approx(0.02, rel=0.05)
    assert text["looked_at"] == told["rows_looked_at"]
    assert any("come from" in note for note in told["notes"])


def test_a_run_a_little_longer_than_what_is_all_looked_at_is_told_to_its_end():
    told = Profile.of(pa.RecordBatch.from_arrays([pa.array(np.arange(40_000.0))], names=["n"]), 0, True).metrics()
    field = told["distribution_analysis"]["n"]
    assert field["quantiles"]["0.5"] == pytest.approx(20_000, rel=0.005)
    assert field["quantiles"]["0.99"] == pytest.approx(39_600, rel=0.005)


def test_texts_that_are_counted_in_all_records_are_told_of_exactly():
    words = ["often"] * 60_000 + ["seldom"] * 3 + ["never"]
    table, measures = pa.RecordBatch.from_arrays([pa.array(words)], names=["word"]), Measures()
    for word in words:
        measures.add({"word": word}, {"word": word})
    field = Profile.of(table, 0, True).metrics(measures)["distribution_analysis"]["word"]
    shares = [count / len(words) for count in (60_000, 3, 1)]
    assert (field["distinct_values"], field["distinct_estimated"]) == (3, False)
    assert field["entropy_bits"] == pytest.approx(-sum(share * math.log2(share) for share in shares), rel=1e-4)
    assert "looked_at" not in field


def test_figures_of_nested_fields_say_of_how_many_places_they_are():
    records = [{"address": {"city": f"c{row % 7}"}, "id": row} for row in range(40_000)]
    measures = Measures()
    for record in records:
        measures.add(record, features(record))
    told = of_records(records, schema=True).metrics(measures)
    assert told["distribution_analysis"]["address.city"]["looked_at"] == told["rows_looked_at"] == 32_768 + 7232 // 8
    assert told["distribution_analysis"]["id"]["count"] == 40_000
    assert "of fields within objects and lists only of those looked at" in told["notes"][0]


def test_one_of_eight_is_looked_at_of_what_comes_later():
    def rows(first, count):
        return [first + row for some, _ in thinning.looked_at(first, count) for row in some.tolist()]

    whole = rows(0, 600_000)
    assert whole[: thinning.ALL] == list(range(thinning.ALL))
    assert [row // 8 for row in whole[thinning.ALL :]] == list(range(thinning.ALL // 8, 75_000))
    assert {row % 8 for row in whole[thinning.ALL :]} == set(range(8))
    assert [row for start in range(0, 600_000, 7000) for row in rows(start, min(7000, 600_000 - start))] == whole
    assert rows(10**12, 0) == []
    assert len(rows(10**12 + 3, 80)) in (9, 10, 11)


def test_what_is_absent_from_a_whole_batch_is_missing_all_the_same():
    records = [
        {"id": row, "address": {"city": "x"} | ({"zip": "1"} if row < 10 else {}), **({"note": "n"} if row % 100 == 0 else {})}
        for row in range(400)
    ]
    whole, merged = of_records(records, schema=True), Profile(True)
    for row, record in enumerate(records):
        merged.merge(of_records([record], row, schema=True))
    assert merged.metrics() == whole.metrics()
    told = merged.metrics()["distribution_analysis"]
    assert told["address.zip"]["completeness"] == 10 / 400
    assert told["note"]["completeness"] == 4 / 400


def test_a_sample_of_a_longer_run_has_as_much_of_its_end_as_of_its_beginning():
    table = pa.RecordBatch.from_arrays([pa.array(range(60_000))], names=["n"])
    assert np.mean(Profile.of(table, 0, True).sample().column("n").to_pylist()) == pytest.approx(30_000, rel=0.03)


def test_merging_leaves_the_other_as_it_was():
    one, other = of_columns(RECORDS[:100]), of_columns(RECORDS[100:200], 100)
    before = other.metrics()
    one.merge(other)
    one.merge(of_columns(RECORDS[200:], 200))
    assert other.metrics() == before


def test_what_reports_told_before_is_told_still():
    measures = Measures()
    for record in RECORDS:
        measures.add(record, features(record))
    before = measures.quality(valid=400)["distribution_analysis"]
    by_values = of_records(RECORDS).metrics()["distribution_analysis"]
    assert {name: {key: by_values[name][key] for key in told} for name, told in before.items()} == before
    by_columns = of_columns(RECORDS).metrics()["distribution_analysis"]
    sure = before.keys() - {"extra"}  # absent or null: columns can't tell
    assert {name: {key: by_columns[name][key] for key in before[name]} for name in sure} == {name: before[name] for name in sure}
    with_measures = of_columns(RECORDS).metrics(measures)["distribution_analysis"]
    assert {name: {key: with_measures[name][key] for key in told} for name, told in before.items()} == before


def test_columns_and_records_tell_the_same():
    left, right = of_columns(RECORDS).metrics(), of_records(RECORDS).metrics()
    assert left["distribution_analysis"].keys() == right["distribution_analysis"].keys()
    for name in left["distribution_analysis"].keys() - {"extra"}:
        assert left["distribution_analysis"][name] == right["distribution_analysis"][name], name


def test_the_columns_of_the_engine_tell_what_its_records_do():
    schema = {"type": "object", "properties": dict(list(SCHEMA["properties"].items())[:8]), "additionalProperties": False}
    schema["required"] = list(schema["properties"])
    batch = Engine(Schema(schema), seed=1).batch(range(300))
    left, right = Profile.of(batch.arrow(), 0, schema), of_records(batch.records(), schema=schema)
    assert left.metrics() == right.metrics()
    assert left.sample().equals(right.sample())


def test_everything_told_is_finite_json():
    def finite(value):
        if isinstance(value, dict):
            return all(map(finite, value.values()))
        if isinstance(value, list):
            return all(map(finite, value))
        return not isinstance(value, float) or math.isfinite(value)

    wild = [
        {"id": None, "x": 1e300, "y": -1e300},
        {"x": -1e308, "y": 5e-324, "z": [1, "a", {"b": [None]}]},
        {"x": 10**400, "y": float("nan"), "z": "\ud800"},
        {"x": 2**63, "y": 1.5, "z": True},
        {},
    ]
    wild += [{"x": 1.7976931348623157e308}, {"x": -1.7976931348623157e308}]
    told = of_records(wild, schema=True).metrics()
    json.dumps(told, allow_nan=False)
    assert finite(told)
    assert told["distribution_analysis"]["y"]["nulls"] == 1
    assert "std" in told["distribution_analysis"]["x"]


def test_no_records_and_no_columns():
    for profile in (Profile(SCHEMA), of_records([]), Profile.of(pa.RecordBatch.from_arrays([], names=[]), 0, SCHEMA)):
        told = profile.metrics()
        assert told["completeness_score"] == 0.0
        assert told["rows_sampled"] == 0
        assert told["correlations"] == {}
        assert profile.sample().num_rows == 0


def test_bare_values_are_told_as_value():
    told = profile_records([3, 4, 5], [{"value": number} for number in (3, 4, 5)], 0, {"type": "integer"}).metrics()
    assert told["distribution_analysis"]["value"]["mean"] == 4.0


def test_kinds_without_columns_are_told_by_their_features():
    records = [{"id": number, "messages": [{"role": "user"}] * number} for number in range(5)]
    told = profile_records(records, [{"turns": number} for number in range(5)], 0, {"type": "object"})
    assert list(told.metrics()["distribution_analysis"]) == ["turns"]
    assert told.sample().column_names == ["turns"]


def test_nested_fields_and_items_have_names():
    told = of_columns(RECORDS).metrics()["distribution_analysis"]
    assert {"address", "address.city", "address.zip", "tags", "tags[]"} <= told.keys()
    assert told["tags[]"]["count"] == sum(len(record["tags"]) for record in RECORDS)
    zips = [record["address"].get("zip") for record in RECORDS]
    assert told["address.zip"]["completeness"] == pytest.approx(sum(one is not None for one in zips) / 400, abs=1e-6)


@pytest.mark.parametrize(
    "properties",
    [{"": {"type": "integer"}}, {"a": {"type": "object", "properties": {"b": {"type": "integer"}}}, "a.b": {"type": "integer"}}],
)
def test_paths_of_one_name_are_one_column(properties):
    schema = {"type": "object", "properties": properties, "required": [*properties]}
    records = Engine(Schema(schema)).batch(range(20)).records()
    told = of_records(records, schema=schema)
    assert set(told.metrics()["distribution_analysis"]) >= {"" if "" in properties else "a.b"}
    assert len(set(told.sample().column_names)) == len(told.sample().column_names)


def test_a_sample_holds_the_rows_whose_hash_is_low_and_grows_thinner(monkeypatch):
    monkeypatch.setattr(sampling, "MOST_ROWS", 500)
    table = pa.RecordBatch.from_arrays([pa.array(range(4000))], names=["n"])
    whole = Profile.of(table, 0, True).sample().column("n").to_pylist()
    assert 400 < len(whole) <= 500
    assert whole == sorted(whole)
    assert Profile.of(table[:500], 0, True).sample().num_rows == 500
    assert set(Profile.of(table[:1000], 0, True).sample().column("n").to_pylist()) >= {one for one in whole if one < 1000}
    assert np.mean(whole) == pytest.approx(2000, abs=200)


def test_wide_tables_are_sampled_more_thinly(monkeypatch):
    monkeypatch.setattr(sampling, "MOST_CELLS", 1000)
    table = pa.RecordBatch.from_arrays([pa.array(range(900))] * 10, names=[f"c{place}" for place in range(10)])
    assert Profile.of(table, 0, True).sample().num_rows <= 100


def test_columns_that_change_their_type_become_text():
    one = of_records([{"a": 1}, {"a": None}], schema=True)
    one.merge(of_records([{"a": "x"}, {"b": True}], 2, schema=True))
    assert one.sample().to_pydict() == {"a": ["1", None, "x", None], "b": [None, None, None, True]}


def test_only_so_many_fields_are_told_of():
    records = [{f"f{number:04}": number for number in range(start, start + 400)} for start in (800, 0, 400)]
    told = of_records(records, schema=True).metrics()
    assert sorted(told["distribution_analysis"]) == [f"f{number:04}" for number in range(1000)]
    assert "only the first 1,000 fields by name are told of" in told["notes"]


def test_a_profile_is_small_when_it_is_sent():
    table = pa.RecordBatch.from_arrays([pa.array(np.random.default_rng(1).normal(size=16_384))], names=["x"])
    assert len(pickle.dumps(Profile.of(table, 10_000_000, True))) < 150_000


def test_what_may_be_null_or_absent_is_not_said_to_have_been_null():
    schema = {
        "type": "object",
        "properties": {
            "a": {
                "type": "object",
                "properties": {"zip": {"type": ["string", "null"]}, "must": {"type": ["string", "null"]}},
                "required": ["must"],
            }
        },
    }
    table = pa.RecordBatch.from_pylist([{"a": {"zip": "1", "must": None}}, {"a": {"zip": None, "must": "x"}}])
    told = Profile.of(table, 0, schema).metrics()["distribution_analysis"]
    assert "null" not in told["a.zip"]["edge_cases"]["possible"]
    assert "null or absent" in told["a.zip"]["edge_cases"]["covered"]
    assert "null" in told["a.must"]["edge_cases"]["covered"]
