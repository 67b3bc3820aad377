"""Kinds that users add: functions and classes, their constraints, schemas and seeds, and what can be wrong with them."""

import json
import statistics
from itertools import islice

import pytest

from synth_sdk import CustomGenerator, Synth, SynthError, generator
from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.custom import seen_schema
from synth_sdk.schema import Schema
from synth_sdk.testing import check_generator
from tests.sinks.support import read_csv, read_parquet
from tests.support.buying import synth_for

SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "value": {"type": "number", "maximum": 100}},
    "required": ["id", "value"],
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setitem(plugins._AT_RUN_TIME, "generators", {})


@pytest.fixture
def sensor():
    @generator("sensor")
    def sensor(row, rng, *, unit="C", mean=20.0, steps=3, hot=False):
        """Readings."""
        value = round(rng.gauss(mean + 50 * hot, 2), 3)
        return {"id": row, "value": value, "unit": unit, "step": rng.randrange(steps), "note": None if row % 2 else "even"}

    return sensor


def test_a_function_is_a_kind_from_then_on(sensor):
    synth = Synth()
    result = synth.generate("sensor", count=5, seed=1)
    assert result.report.status == "success"
    assert [record["id"] for record in result.records] == [0, 1, 2, 3, 4]
    assert result.records == list(synth.stream("sensor", count=5, seed=1))
    assert result.records != synth.generate("sensor", count=5, seed=2).records
    assert result.records[:2] == synth.generate("sensor", count=2, seed=1).records
    assert sensor.__doc__ == "Readings."  # it stays what it is
    assert (
        plugins.load("generators", "sensor")(make_spec(kind="sensor", seed=1)).batch(range(3, 4)).records() == result.records[3:4]
    )
    values = [record["value"] for record in synth.generate("sensor", count=4000).records]
    assert statistics.fmean(values) == pytest.approx(20, abs=0.2)
    assert statistics.stdev(values) == pytest.approx(2, abs=0.15)


async def test_in_a_running_loop(sensor):
    result = await Synth().agenerate("sensor", count=3)
    assert [record async for record in Synth().astream("sensor", count=3)] == result.records


def test_it_keeps_to_the_rules_of_kinds(sensor):
    check_generator(lambda seed: plugins.load("generators", "sensor")(make_spec(kind="sensor", seed=seed)))


def test_every_format_is_written_with_the_columns_that_were_seen(sensor, tmp_path):
    synth = Synth()
    records = synth.generate("sensor", count=300).records
    schema = synth.generate("sensor", count=300)._schema
    assert schema["properties"]["note"] == {"type": ["string", "null"]}
    for suffix in ("jsonl", "json", "csv", "sql", "xml", "parquet"):
        assert synth.write(str(tmp_path / f"out.{suffix}"), "sensor", count=300).status == "success"
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == records
    there = [{name: value for name, value in record.items() if value is not None} for record in records]
    assert read_csv((tmp_path / "out.csv").read_bytes(), schema) == there
    assert read_parquet((tmp_path / "out.parquet").read_bytes(), schema) == there


def test_constraints_are_parameters_with_a_default(sensor):
    def first(**constraints):
        return Synth().generate("sensor", count=1, constraints=constraints).records[0]

    assert first(unit="F")["unit"] == "F"
    assert first(mean="500")["value"] > 400
    assert first(hot="true")["value"] > 60 > first(hot="no")["value"]
    assert first(steps=1)["step"] == 0
    with pytest.raises(UnknownName, match=r"unknown sensor constraint 'unitt': did you mean unit\?"):
        first(unitt="F")
    for wrong, told in (("steps=many", "a whole number"), ("mean=warm", "a number"), ("hot=perhaps", "true or false")):
        name, _, text = wrong.partition("=")
        with pytest.raises(RequestError, match=f"constraint {name}='{text}': must be {told}"):
            first(**{name: text})


def test_a_class_may_look_at_the_wish_and_declare_a_schema():
    @generator("reading")
    class Reading(CustomGenerator):
        record_schema = SCHEMA

        def record(self, row, rng, *, base=0):
            return {"id": base + row, "value": self.spec.start.year / 100}

    result = Synth().generate("reading", count=2, start="2030-01-01", constraints={"base": 5})
    assert result.records == [{"id": 5, "value": 20.3}, {"id": 6, "value": 20.3}]
    assert result._schema == SCHEMA
    assert Reading.kind == "reading"


def test_a_schema_in_short(tmp_path):
    @generator("short", schema={"at": "datetime", "n": {"type": "integer"}})
    def short(rng):
        return {"at": "2025-01-01T00:00:00Z", "n": rng.randrange(9)}

    assert Synth().generate("short", count=1)._schema["properties"]["at"] == {"type": "string", "format": "date-time"}


def test_the_last_definition_counts_and_built_in_kinds_stay(sensor):
    @generator("sensor")
    def again():
        return "bare"

    assert Synth().generate("sensor", count=2).records == ["bare", "bare"]
    with pytest.raises(RequestError, match="kind 'json' is built in: choose another name"):
        generator("json")


def test_the_schema_that_was_seen_holds_for_what_was_seen():
    records = [
        {"a": 1, "b": [1, 2.5], "c": {"d": None}},
        {"a": None, "b": [], "e": True},
        {"a": 2, "c": {"d": "x"}, "mixed": 1},
        {"mixed": "x"},
    ]
    schema = seen_schema(records)
    assert schema["properties"]["b"] == {"type": "array", "items": {"type": "number"}}
    assert schema["properties"]["mixed"] == {}
    assert all(Schema(schema).accepts(record) for record in records)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda row: 1 / 0, "kind 'bad' fails on record 0: ZeroDivisionError: division by zero"),
        (lambda row: {"at": object()}, "kind 'bad', record 0: it is not JSON: Object of type object"),
        (lambda row: {"x": float("nan")}, "kind 'bad', record 0: it is not JSON"),
    ],
)
def test_a_first_record_that_cant_be_made_is_found_before_anything_is_written(make, told, tmp_path):
    generator("bad")(make)
    with pytest.raises(RequestError, match=told) as caught:
        Synth().write(str(tmp_path / "out.jsonl"), "bad")
    assert caught.value.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_later_record_that_cant_be_made_is_one_line(tmp_path):
    @generator("late")
    def late(row):
        return {"n": 1 // (100 - row)}

    with pytest.raises(SynthError, match="kind 'late' fails on record 100: ZeroDivisionError") as caught:
        Synth().write(str(tmp_path / "out.jsonl"), "late", count=200)
    assert caught.value.exit_code == 1
    assert not list(tmp_path.iterdir())
    assert len(list(islice(Synth().stream("late", count=200), 64))) == 64


def test_a_record_that_breaks_the_declared_schema_is_one_line():
    @generator("high", schema=SCHEMA)
    def high(row):
        return {"id": row, "value": 99 + row}

    assert len(Synth().generate("high", count=2).records) == 2
    with pytest.raises(SynthError, match="kind 'high', record 2: at /value: 101 is greater than the maximum of 100"):
        Synth().generate("high", count=3)


def test_functions_that_are_no_kind_are_refused_at_once():
    async def asynchronous(row):
        return row

    def yielding(row):
        yield row

    def unknown(row, place):
        return row

    def listed(row, *, names=("a",)):
        return row

    def positional(row, /):
        return row

    for part, told in (
        (asynchronous, "a plain function that returns one"),
        (yielding, "a plain function that returns one"),
        (unknown, "what is parameter 'place'?"),
        (listed, "the default of 'names' must be a text"),
        (positional, "what is parameter 'row'?"),
        (3, "a int makes no records"),
    ):
        with pytest.raises(RequestError, match=told.replace("?", r"\?")):
            generator("wrong")(part)
    assert "wrong" not in plugins.names("generators")


def test_what_doesnt_fit_such_a_kind_is_refused(sensor):
    for wish, told in (
        ({"schema": SCHEMA}, "a schema doesn't fit"),
        ({"pack": "hotel"}, "a pack doesn't fit"),
        ({"mode": "blueprint", "budget": 0}, "no blueprints"),
    ):
        with pytest.raises(RequestError, match=told):
            Synth().generate("sensor", **wish)


def test_other_processes_dont_know_it_and_the_bytes_are_the_same(sensor, tmp_path):
    told = Synth().write(str(tmp_path / "two.jsonl"), "sensor", count=6000, workers=2)
    assert told.warnings == ["workers 2: other processes don't know sensor; the records are made in this one"]
    assert Synth().write(str(tmp_path / "one.jsonl"), "sensor", count=6000).warnings == []
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_models_write_it_where_they_are_told_how(server, home):
    @generator("written", schema=SCHEMA, writing_rules="You write readings of a sensor.")
    def written(row, rng):
        return {"id": row, "value": rng.randrange(90)}

    result = synth_for(server, home, "gemini", budget="0.20").generate("written", count=6, mode="llm")
    assert result.report.status == "success", result.report.errors
    assert result.report.origins == {"llm": 6}
    assert "You write readings of a sensor." in server.requests[0].system
    again = synth_for(server, home, "gemini", budget="0.20").generate("written", count=6, mode="llm")
    assert again.report.origins == {"cache": 6}


def test_models_dont_write_it_otherwise(sensor, server, home):
    result = synth_for(server, home, "gemini", budget="0.20").generate("sensor", count=3)
    assert result.report.origins == {"offline": 3}
    assert "kind 'sensor' is always made offline: the budget is not touched" in result.report.warnings
