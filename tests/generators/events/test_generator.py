"""Kind `events`: records, order, laws, options and formats."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk import Synth
from synth_sdk.core.batches import ColumnBatch
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.measures import Measures
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.events.generator import EventsGenerator
from synth_sdk.schema.layout import Layout
from synth_sdk.testing import check_generator

WISHES = [
    {},
    {"scenario": "payments"},
    {"scenario": "iot_fleet", "opening": "whole"},
    {"late": "0.1", "late_by": "5s", "duplicates": "0.05"},
    {"late": "0.01", "late_by": "100ms"},
    {"arrivals": "bursty+diurnal"},
    {"arrivals": "regular", "users": "5"},
]
START = datetime(2025, 1, 1, tzinfo=UTC)


def generator(count=1000, seed=1, **wish):
    constraints = {key: str(value) for key, value in wish.pop("constraints", {}).items()}
    return EventsGenerator(make_spec(kind="events", count=count, seed=seed, constraints=constraints, **wish))


def seconds(text):
    return (datetime.fromisoformat(text) - START) / timedelta(seconds=1)


def times(made, count):
    stamps = [text[:-1] for text in made.batch(range(count)).arrow().column("timestamp").to_pylist()]
    return (np.array(stamps, "datetime64[us]") - np.datetime64("2025-01-01", "us")) / np.timedelta64(1, "s")


@pytest.mark.parametrize("constraints", WISHES, ids=str)
def test_it_keeps_to_the_rules_of_generators(constraints):
    check_generator(lambda seed: generator(seed=seed, constraints=constraints), count=200)


def test_a_record_tells_who_did_what_when():
    made = generator()
    records = made.batch(range(500)).records()
    assert list(records[0]) == ["id", "timestamp", "event_type", "user_id", "session_id", "metadata"]
    assert records[0]["timestamp"].endswith("Z")
    assert seconds(records[0]["timestamp"]) > 0
    assert all(isinstance(record["metadata"], dict) for record in records)
    assert len({record["id"] for record in records}) == 500
    assert {record["event_type"] for record in records} <= set(made.scenario.types)
    stamps = [record["timestamp"] for record in records]
    assert stamps == sorted(stamps)
    assert made.said(records[0]) is None
    assert made.features(records[0])["event_type"] == records[0]["event_type"]


@given(st.integers(0, 10**12), st.integers(1, 60), st.sampled_from(WISHES), st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_rows_are_the_same_however_they_are_asked_for(first, size, constraints, seed):
    rows = range(first, first + size)
    whole = generator(seed=seed, count=10**12 + 100, constraints=constraints).batch(rows).lines()
    again = generator(seed=seed, count=10**12 + 100, constraints=constraints)
    parts = [again.batch(range(row, min(row + 7, rows.stop))).lines() for row in reversed(range(first, rows.stop, 7))]
    assert b"".join(reversed(parts)) == whole


def test_far_ranges_are_cheap():
    made = generator(count=50_000_000)
    made.batch(range(10)).lines()
    begin = process_time()
    made.batch(range(49_999_000, 50_000_000)).lines()
    assert process_time() - begin < 1.5


@pytest.mark.parametrize("constraints", WISHES, ids=str)
def test_lines_columns_and_measures_tell_the_same(constraints):
    made = generator(constraints=constraints)
    batch = made.batch(range(300))
    assert isinstance(batch, ColumnBatch)
    records = batch.records()
    layout = Layout.of(made.record_schema)
    assert layout.to_records(layout.arrange(batch)) == records
    expected = Measures()
    for record in records:
        expected.add(record, made.features(record))
    told = batch.measures()
    assert {name: field.summary() for name, field in told.fields.items()} == {
        name: field.summary() for name, field in expected.fields.items()
    }
    parts = [made.batch(range(100)).measures(), made.batch(range(100, 300)).measures()]
    parts[0].merge(parts[1])
    assert parts[0].row_digest == told.row_digest


def test_digests_do_not_depend_on_what_was_made_before():
    """Years come into the tables of texts as they occur: no digest may tell in which order."""
    rows, far = range(50), range(10**9, 10**9 + 50)
    one, other = generator(count=2 * 10**9), generator(count=2 * 10**9)
    forward = [one.batch(part).measures().row_digest for part in (rows, far)]
    assert [other.batch(part).measures().row_digest for part in (far, rows)] == forward[::-1]


@pytest.mark.parametrize(("rate", "seed"), [(100.0, 1), (2.5, 2), (5000.0, 3)])
def test_the_rate_is_kept_and_gaps_are_exponential(rate, seed):
    stamps = times(generator(count=100_000, seed=seed, rate=rate), 100_000)
    assert abs(100_000 / stamps[-1] / rate - 1) < 0.01
    gaps = np.sort(np.diff(stamps) * rate)
    place = (np.arange(len(gaps)) + 0.5) / len(gaps)
    assert np.abs(-np.expm1(-gaps) - place).max() * len(gaps) ** 0.5 < 1.63 + (rate > 1000)  # microseconds are a grid there


def test_bursts_and_days_show_in_the_counts():
    bursty = times(generator(count=60_000, rate=20.0, constraints={"arrivals": "bursty", "burst_length": "20s"}), 60_000)
    seen = np.bincount(bursty.astype(int))[:-1]
    assert seen.var() / seen.mean() > 5
    assert abs(60_000 / bursty[-1] / 20 - 1) < 0.03
    wish = {"arrivals": "diurnal", "profile": "office", "weekend": "0.3"}
    daily = times(generator(count=66_000, rate=0.1, constraints=wish), 66_000)
    hours = np.bincount((daily // 3600).astype(int))[:168].reshape(7, 24)  # the start is a Wednesday
    assert hours[:, 9:12].sum() > 8 * hours[:, 1:4].sum()
    assert 0.2 < hours[3].sum() / hours[2].sum() < 0.42


def test_rates_come_from_the_spec_the_options_or_a_default():
    for wish, rate in (({}, 100), ({"options": {"rate": "20/sec"}}, 20), ({"options": {"rate": "20/sec"}, "rate": 4.0}, 4)):
        assert abs(2000 / times(generator(count=2000, **wish), 2000)[-1] / rate - 1) < 0.1
    assert abs(500 / times(generator(options={"default_rate": "600/min"}), 500)[-1] / 10 - 1) < 0.2


def test_a_duration_says_how_many():
    synth = Synth(env={})
    assert len(synth.generate("events", rate="5/sec", constraints={"duration": "10s"}).records) == 50
    assert len(synth.generate("events", options={"duration": "2s", "rate": "30/sec"}).records) == 60
    assert len(synth.generate("events", count=3, constraints={"duration": "10s"}).records) == 3
    assert len(synth.generate("events").records) == 10


def test_late_events_are_in_the_order_of_arrival():
    records = generator(count=20_000, constraints={"late": "0.02", "late_by": "30s"}).batch(range(20_000)).records()
    arrived = [record["ingested_at"] for record in records]
    assert arrived == sorted(arrived)
    delays = np.array([seconds(record["ingested_at"]) - seconds(record["timestamp"]) for record in records])
    late = delays > 0.2
    assert abs(late.mean() - 0.02) < 0.002
    assert 20 < delays[late].mean() < 40
    assert delays.min() > 0
    assert any(seconds(second["timestamp"]) < seconds(first["timestamp"]) for first, second in pairwise(records))
    assert len({record["id"] for record in records}) == len(records)


def test_sessions_follow_the_scenario_in_the_order_of_event_time():
    made = generator(count=30_000, constraints={"late": "0.05", "late_by": "3s", "sessions": "100", "scenario": "server_auth"})
    after = {}
    for node in made.scenario.nodes:
        after[node.type] = {made.scenario.nodes[to].type for to, _ in node.moves if to >= 0}
    sessions = {}
    records = sorted(made.batch(range(30_000)).records(), key=lambda record: record["timestamp"])
    for record in records[2000:-2000]:
        sessions.setdefault(record["session_id"], []).append(record["event_type"])
    pairs = [pair for types in sessions.values() for pair in pairwise(types) if pair[0] != "account_created"]
    assert sum(second in after[first] for first, second in pairs) / len(pairs) > 0.999


def test_duplicates_repeat_an_earlier_record():
    records = generator(count=20_000, constraints={"duplicates": "0.01"}).batch(range(20_000)).records()
    seen, again = {}, 0
    for record in records:
        told = {name: value for name, value in record.items() if name != "ingested_at"}
        known = seen.setdefault(record["id"], told)
        again += known is not told
        assert known == told
    assert abs(again / len(records) - 0.01) < 0.001


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"constraints": {"lat": 1}}, "unknown events constraint 'lat': did you mean late?"),
        ({"options": {"user": 1}}, "unknown events option 'user': did you mean users"),
        ({"options": [1]}, "must be a mapping"),
        ({"constraints": {"late": "2"}}, "late=2: must be a number from 0 to 1"),
        ({"constraints": {"late": "nan"}}, "late=nan: must be a number"),
        ({"constraints": {"duplicates": "0.7"}}, "duplicates=0.7: must be a number from 0 to 0.5"),
        ({"constraints": {"late_by": "soon"}}, "late_by 'soon': write a duration"),
        ({"constraints": {"arrivals": "burst"}}, "unknown arrivals 'burst': did you mean bursty?"),
        ({"constraints": {"arrivals": "poisson+regular"}}, "poisson or regular"),
        ({"constraints": {"profile": "ofice"}}, "unknown profile 'ofice': did you mean office?"),
        ({"constraints": {"profile": "1,2,3"}}, "24 numbers"),
        ({"constraints": {"opening": "hole"}}, "did you mean whole?"),
        ({"constraints": {"users": "0"}}, "users=0: must be a whole number from 1"),
        ({"constraints": {"users": "5", "sessions": "6"}}, "sessions=6 and users=5 clash"),
        ({"constraints": {"burst_share": "0.9"}}, "burst_share=0.9"),
        ({"options": {"rate": "0/sec"}}, "rate '0/sec'"),
        ({"rate": 1e-9}, "at least one event a year"),
        ({"rate": 1.0, "count": 10**13}, "end after the year"),
        ({"pack": "hotel"}, "pack 'hotel' doesn't fit kind 'events'"),
        ({"locale": "xx_XX"}, "xx_XX"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(wish, told):
    with pytest.raises(RequestError) as caught:
        generator(**wish)
    assert told in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2


def test_unknown_keys_name_the_nearest():
    with pytest.raises(UnknownName):
        generator(constraints={"arival": "x"})


@pytest.mark.parametrize("suffix", ["json", "csv", "sql", "xml", "parquet"])
def test_every_format_takes_them(suffix, tmp_path):
    path = tmp_path / f"log.{suffix}"
    report = Synth(env={}).write(str(path), "events", count=200, constraints={"late": "0.05", "duplicates": "0.02"})
    assert report.records_generated == 200
    assert path.stat().st_size > 10_000
    if suffix == "parquet":
        from pyarrow import parquet

        table = parquet.read_table(path)
        assert table.num_rows == 200
        assert {field.name for field in table.schema.field("metadata").type} >= {"product_id", "total", "load_ms"}
    if suffix == "json":
        assert len(json.loads(path.read_text())) == 200


def test_workers_do_not_change_a_byte(tmp_path, monkeypatch):
    monkeypatch.setattr(EventsGenerator, "rows_per_batch", 64)
    paths = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    wish = {"count": 2048, "constraints": {"duplicates": "0.01", "late": "0.01", "late_by": "1s"}}
    reports = [Synth(env={}).write(str(path), "events", workers=workers, **wish) for workers, path in enumerate(paths, 1)]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert reports[0].to_dict()["data_quality_metrics"] == reports[1].to_dict()["data_quality_metrics"]
