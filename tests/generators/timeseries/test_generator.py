"""Kind `timeseries`: its records, in every shape that can be asked for."""

import itertools
import json
import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from synth_sdk.core.batches import ColumnBatch
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.timeseries.generator import TimeseriesGenerator
from synth_sdk.schema import parse_schema
from synth_sdk.testing import check_generator
from tests.generators.timeseries.support import column, records, series

SHORTHAND = {
    "timestamp": "datetime",
    "temperature": {"type": "number", "min": -20, "max": 40},
    "humidity": {"type": "number", "min": 0, "max": 100},
}
MIXED = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "created_at": {"type": "string", "format": "date-time"},
        "time": {"type": "string", "format": "date-time"},
        "entity": {"type": "string"},
        "load": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "jobs": {"type": "integer", "minimum": 0, "maximum": 40},
        "even": {"type": "integer", "multipleOf": 2, "minimum": 0, "maximum": 100},
        "state": {"enum": ["ok", "warn"]},
        "level": {"enum": [1, 2, 3]},
        "spread": {"type": "number", "minimum": 0, "maximum": 10, "x-synth": {"distribution": {"uniform": {}}}},
    },
    "required": ["id", "time", "entity", "load", "jobs", "even", "state", "level", "spread"],
    "additionalProperties": False,
}
WISHES = {
    "plain": {},
    "entities": {"entities": "pump,fan", "level_spread": "5"},
    "everything": {
        "entities": "3",
        "anomalies": "0.1",
        "outliers": "0.05",
        "missing": "0.1",
        "missing_gap": "3",
        "sample_rate": "1h",
        "noise": "1",
        "noise_ar": "0.5",
        "seasonality": "1d:5,7d:2",
        "weekend": "0.5",
        "holidays": "12-25:0.2:2",
        "base": "50",
        "regime_every": "50",
        "change_points": "100:0.1,200:0:5",
        "min": "0",
        "max": "90",
        "bounds": "reflect",
        "decimals": "3",
    },
    "multivariate": {"series": "a,b,c", "correlation": "0.5", "noise": "2"},
    "counter": {"type": "counter", "reset_every": "50", "decimals": "2"},
    "integer": {"integer": "true", "sample_rate": "250ms"},
    "saturating": {"capacity": "200", "midpoint": "100", "growth": "0.1", "noise": "0.5", "sample_rate": "1500us"},
}


@pytest.mark.parametrize("wish", WISHES, ids=list(WISHES))
def test_it_keeps_to_the_protocol(wish):
    check_generator(lambda seed: series(seed=seed, **WISHES[wish]), count=60)


@pytest.mark.parametrize("document", [SHORTHAND, MIXED], ids=["shorthand", "mixed"])
def test_it_keeps_to_the_protocol_with_a_schema(document):
    check_generator(lambda seed: series(parse_schema(document).document, seed, anomalies="0.1", sample_rate="1m"), count=60)


def test_a_record_is_a_moment_and_a_value():
    found = records(series(), 3)
    assert [list(record) for record in found] == [["timestamp", "value"]] * 3
    assert [record["timestamp"] for record in found] == [f"2025-01-01T00:00:0{second}Z" for second in range(3)]
    assert isinstance(found[0]["value"], float)


@pytest.mark.parametrize(
    ("rate", "last"),
    [
        ("10s", "2025-01-02T03:46:30Z"),
        ("250ms", "2025-01-01T00:41:39.750Z"),
        ("125us", "2025-01-01T00:00:01.249875Z"),
        ("7h", "2032-12-26T09:00:00Z"),
        ("1d", "2052-05-18T00:00:00Z"),
        ("1.5s", "2025-01-01T04:09:58.500Z"),
    ],
)
def test_moments_are_a_sample_apart(rate, last):
    made = column(series(sample_rate=rate), 9_999 + 1, "timestamp")
    step = datetime.fromisoformat(made[1]) - datetime.fromisoformat(made[0])
    start = datetime(2025, 1, 1, tzinfo=UTC)
    assert made[-1] == last
    assert [datetime.fromisoformat(text) for text in made] == [start + step * place for place in range(10_000)]


def test_the_start_may_be_any_moment():
    spec = make_spec(kind="timeseries", start=datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=UTC))
    made = [record["timestamp"] for record in TimeseriesGenerator(spec).batch(range(3)).records()]
    assert made == ["1969-12-31T23:59:58.500Z", "1969-12-31T23:59:59.500Z", "1970-01-01T00:00:00.500Z"]


def test_what_is_left_out_of_a_shape_is_nothing():
    assert column(series(base="50")) == [50.0] * 200
    assert column(series(trend="0.5"), 4) == [0, 0.5, 1, 1.5]
    wave = np.array(column(series(period="24", amplitude="5"), 48))
    assert wave == pytest.approx(5 * np.sin(2 * np.pi * np.arange(48) / 24), abs=0.006)


def test_durations_keep_to_the_clock():
    spec = make_spec(
        kind="timeseries",
        start=datetime(2025, 3, 1, 9, 30, tzinfo=UTC),
        constraints={"seasonality": "1d:10", "sample_rate": "30m"},
    )
    made = TimeseriesGenerator(spec).batch(range(48)).records()
    assert max(made, key=lambda record: record["value"])["timestamp"] == "2025-03-02T06:00:00Z"


def test_entities_are_interleaved_by_time():
    found = records(series(entities="b,a", sample_rate="1m"), 6)
    assert [record["entity"] for record in found] == ["b", "a"] * 3
    assert [record["timestamp"][14:16] for record in found] == ["00", "00", "01", "01", "02", "02"]
    assert {record["entity"] for record in records(series(entities="12"), 12)} == {f"entity-{n:02}" for n in range(1, 13)}
    assert list(records(series(entities="2", entity_field="device"), 1)[0]) == ["timestamp", "device", "value"]


def test_series_of_their_own_definitions():
    options = {
        "series": {"load": {"base": 5, "noise": 0}, "jobs": {"type": "counter", "base": 3}},
        "noise": 0,
        "sample_rate": "5m",
    }
    made = series(options=options)
    assert records(made, 3) == [
        {"timestamp": f"2025-01-01T00:{minute:02}:00Z", "load": 5.0, "jobs": jobs} for minute, jobs in ((0, 3), (5, 6), (10, 9))
    ]
    assert column(series(options=options, base="7"), 2, "load") == [7.0, 7.0]  # constraints win


def test_correlation_is_recovered():
    told = {"series": {"a": {"base": 10}, "b": {"base": -3}, "c": {}}, "noise": 1, "decimals": 4, "noise_ar": 0.5}
    told["correlation"] = {"a": {"b": 0.8}, "c": {"a": -0.4}}
    found = records(series(options=told), 30_000)
    matrix = np.corrcoef([[record[name] for record in found] for name in "abc"])
    assert matrix == pytest.approx(np.array([[1, 0.8, -0.4], [0.8, 1, 0], [-0.4, 0, 1]]), abs=0.03)


def test_labels_are_null_where_nothing_is_wrong():
    made = column(series(anomalies="0.2", outliers="0.05", anomaly_kinds="spike,dropout"), 5000, "anomaly")
    assert set(made) == {None, "outlier", "spike", "dropout"}
    assert sum(label is not None for label in made) / 5000 == pytest.approx(0.24, abs=0.05)
    assert "anomaly" not in records(series(anomalies="0.2", labels="false"), 1)[0]


def test_decimals_show_the_smallest_movement():
    assert all(round(value, 5) == value for value in column(series(noise="0.0001")))
    assert len(set(column(series(noise="0.0001")))) > 30
    assert all(value == round(value, 2) for value in column(series(noise="3")))
    assert all(isinstance(value, int) for value in column(series(decimals="0")))


class TestSchema:
    def test_the_numbers_of_a_schema_are_series_within_their_bounds(self):
        made = series(parse_schema(SHORTHAND).document, sample_rate="10m")
        found = records(made, 6 * 24 * 60)
        assert list(found[0]) == list(SHORTHAND)
        for name, low, high in (("temperature", -20, 40), ("humidity", 0, 100)):
            values = np.array([record[name] for record in found])
            assert low <= values.min() < low + 0.45 * (high - low)
            assert low + 0.55 * (high - low) < values.max() <= high
            assert np.abs(np.fft.rfft(values))[1:].argmax() + 1 == 60  # a day's wave
            assert np.corrcoef(values[1:], values[:-1])[0, 1] > 0.9

    def test_other_fields_are_made_as_ever(self):
        made = series(parse_schema(MIXED).document, sample_rate="1h", entities="a,b")
        found = records(made, 400)
        Draft202012Validator(made.record_schema).validate(found[0])
        assert len({record["id"] for record in found}) == 400
        assert [record["time"][11:13] for record in found[:6]] == ["00", "00", "01", "01", "02", "02"]
        assert [record["entity"] for record in found[:3]] == ["a", "b", "a"]
        assert {record["state"] for record in found} == {"ok", "warn"}
        assert {record["level"] for record in found} == {1, 2, 3}
        assert any("created_at" in record and record["created_at"] != record["time"] for record in found)
        assert any(record["load"] is None for record in found)
        assert {record["even"] % 2 for record in found} == {0}
        assert abs(np.diff([record["jobs"] for record in found[::2]])).mean() < 4

    def test_shapes_are_told_by_name(self):
        told = {"series": {"temperature": {"base": 10, "noise": 0, "seasonality": []}}}
        made = series(parse_schema(SHORTHAND).document, options=told)
        assert column(made, 5, "temperature") == [10.0] * 5
        assert len(set(column(made, 50, "humidity"))) > 5

    def test_the_label_joins_the_schema(self):
        made = series(parse_schema(SHORTHAND).document, outliers="0.5")
        assert made.record_schema["properties"]["anomaly"]["enum"] == [None, "outlier"]
        assert set(column(made, 100, "anomaly")) == {None, "outlier"}

    def test_a_times_own_format_is_kept(self):
        fields = [
            {"name": "day", "type": "datetime", "constraints": {"format": "%d.%m.%Y %H:%M"}},
            {"name": "v", "type": "number"},
        ]
        made = series(parse_schema({"fields": fields}).document, sample_rate="90m")
        assert column(made, 3, "day") == ["01.01.2025 00:00", "01.01.2025 01:30", "01.01.2025 03:00"]


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ({"constraints": {"duration": "10m"}}, 600),
        ({"constraints": {"duration": "1h", "sample_rate": "10s"}}, 360),
        ({"constraints": {"duration": "1h", "sample_rate": "10s", "entities": "3"}}, 1080),
        ({"options": {"duration": "1h", "entities": ["a", "b"]}}, 7200),
        ({"options": {"duration": "1h"}, "constraints": {"duration": "1m"}}, 60),
        ({"constraints": {"sample_rate": "10s"}}, None),
        ({}, None),
    ],
)
def test_the_count_follows_from_the_duration(told, count):
    assert TimeseriesGenerator.count_of(told) == count


@pytest.mark.parametrize("wish", [{}, {"entities": "7", "anomalies": "0.1"}, {"type": "counter"}, {"trend": "5", "noise": "1"}])
def test_bytes_are_the_same_under_any_split(wish):
    made = series(**wish)
    whole = made.batch(range(3000)).lines()
    cuts = [0, 1, 2, 700, 701, 2999, 3000]
    assert b"".join(made.batch(range(*cut)).lines() for cut in itertools.pairwise(cuts)) == whole
    assert b"".join(series(**wish).batch(range(*cut)).lines() for cut in itertools.pairwise(cuts)) == whole
    assert list(made.batch(range(5, 5)).records()) == []


def test_far_rows_are_as_near_ones():
    far = range(49_999_000, 50_000_000)
    for wish in WISHES.values():
        made = series(**wish, count=50_000_000)
        lines = made.batch(far).lines()
        assert lines.count(b"\n") == 1000
        assert lines.endswith(made.batch(range(49_999_990, 50_000_000)).lines())


@pytest.mark.parametrize("wish", WISHES.values(), ids=list(WISHES))
def test_the_faces_of_a_batch_agree(wish):
    batch = series(**wish).batch(range(100, 2500))
    assert isinstance(batch, ColumnBatch)
    found = batch.records()
    assert batch.lines() == b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in found)
    assert batch.arrow().to_pylist() == found
    measured = batch.measures()
    for name in found[0]:
        values = [record[name] for record in found if record[name] is not None]
        field = measured.fields[name]
        assert (field.count, field.nulls) == (len(found), len(found) - len(values))
        if isinstance(values[0], int | float):
            assert (field.low, field.high) == (min(values), max(values))
            assert field.summary()["mean"] == pytest.approx(sum(values) / len(values), abs=1e-5)
        else:
            assert field.overflowed or sum(field.values.values()) == len(values)
    assert measured.records == 2400


def test_measures_don_t_depend_on_how_rows_are_batched():
    made = series(entities="3", anomalies="0.1")
    whole = made.batch(range(4000)).measures()
    parts = series(entities="3", anomalies="0.1").batch(range(2000, 4000)).measures()
    parts.merge(made.batch(range(2000)).measures())
    assert parts.row_digest == whole.row_digest
    assert parts.fields["value"].total == whole.fields["value"].total


def test_the_spec_travels():
    spec = make_spec(kind="timeseries", constraints={"entities": "3"}, options={"series": {"a": {"noise": 1}}})
    again = pickle.loads(pickle.dumps(spec))  # noqa: S301 - our own
    assert records(TimeseriesGenerator(again)) == records(TimeseriesGenerator(spec))


def test_asking_for_more_changes_nothing_before():
    assert records(series(count=10), 10) == records(series(count=10_000), 10_000)[:10]


def test_a_day_of_seconds_is_found_again():
    """The example of the README: what was put in comes out."""
    made = np.array(column(series(base="100", trend="0.001", seasonality="1h:10", noise="2", noise_ar="0.6"), 86_400))
    ticks = np.arange(86_400)
    wave = 2 * np.pi * ticks / 3600
    columns = np.stack([np.ones(86_400), ticks, np.sin(wave), np.cos(wave)], axis=1)
    found, *_ = np.linalg.lstsq(columns, made, rcond=None)
    assert found == pytest.approx([100, 0.001, 10, 0], abs=0.15)
    left = made - columns @ found
    assert np.corrcoef(left[1:], left[:-1])[0, 1] == pytest.approx(0.6, abs=0.02)
    assert left.std() == pytest.approx(2, abs=0.05)


def test_holidays_of_every_year():
    made = records(series(base="100", holidays="12-25:0.3:2,2025-07-04:2", sample_rate="1d"), 730)
    by_day = {record["timestamp"][:10]: record["value"] for record in made}
    assert by_day["2025-12-25"] == by_day["2025-12-26"] == by_day["2026-12-25"] == 30
    assert by_day["2025-07-04"] == 200
    assert by_day["2025-12-27"] == by_day["2026-07-04"] == 100
    assert timedelta(days=729) == datetime.fromisoformat(made[-1]["timestamp"]) - datetime(2025, 1, 1, tzinfo=UTC)


def test_a_long_run_keeps_to_the_texts_it_has():
    made = series(series=",".join(f"s{place}" for place in range(100)), base="5", noise="0.3", sample_rate="1m")
    sizes = []
    for start in range(0, 40_000, 4000):
        made.batch(range(start, start + 200)).lines()
        sizes.append(len(made._records.table))
    assert sizes[-1] == sizes[-4] < 500_000
