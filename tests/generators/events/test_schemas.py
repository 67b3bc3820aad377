"""What a schema of the user's makes of events: their metadata, or the whole record."""

from datetime import datetime

import pytest

from synth_sdk.core.errors import RequestError, SchemaError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.events.generator import EventsGenerator
from synth_sdk.schema import Schema
from synth_sdk.testing import check_generator

AMOUNT = {"type": "object", "properties": {"amount": {"type": "number", "minimum": 1, "maximum": 9}}, "required": ["amount"]}
OPEN = {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}, "required": ["a"]}
CLICKS = {
    "timestamp": "datetime",
    "event_type": {"type": "string", "enum": ["click", "view"], "weights": [1, 9]},
    "user_id": "string",
    "url": {"type": "string", "enum": ["/", "/buy"]},
}


def generator(document, seed=1, **constraints):
    return EventsGenerator(make_spec(kind="events", document=document, seed=seed, constraints=constraints))


def records(document, count=200, **constraints):
    made = generator(document, **constraints)
    found = made.batch(range(count)).records()
    for record in found:
        Schema(made.record_schema).validate(record)
    return found


@pytest.mark.parametrize(
    "document", [AMOUNT, OPEN, {"amount": "number", "note": "sentence"}, CLICKS], ids=["object", "rows", "words", "whole"]
)
@pytest.mark.parametrize("constraints", [{}, {"late": "0.1", "duplicates": "0.1"}], ids=str)
def test_schemas_of_all_kinds_keep_to_the_rules(document, constraints):
    check_generator(lambda seed: generator(document, seed, **constraints), count=60)


def test_a_schema_is_that_of_the_metadata():
    found = records(AMOUNT)
    assert list(found[0]) == ["id", "timestamp", "event_type", "user_id", "session_id", "metadata"]
    assert all(1 <= record["metadata"]["amount"] <= 9 for record in found)
    assert len({record["event_type"] for record in found}) > 3


def test_a_schema_with_a_timestamp_is_the_whole_record():
    found = records(CLICKS, 1000)
    assert list(found[0]) == list(CLICKS)
    assert 0.05 < sum(record["event_type"] == "click" for record in found) / 1000 < 0.15
    assert [record["timestamp"] for record in found] == sorted(record["timestamp"] for record in found)
    assert found[0]["user_id"].startswith("usr_")


def test_types_that_the_scenario_knows_are_played():
    types = EventsGenerator(make_spec(kind="events")).scenario.types
    found = records({"timestamp": "datetime", "event_type": {"type": "string", "enum": [*types, "never"]}, "metadata": "object"})
    assert {record["event_type"] for record in found} <= set(types)
    assert any("product_id" in record["metadata"] for record in found)


def test_whole_records_may_want_milliseconds_and_ids_of_their_own():
    document = {
        "timestamp": "integer",
        "event_type": "string",
        "user_id": "uuid",
        "session_id": {"type": "string", "pattern": "^s[0-9]{9}$"},
    }
    found = records(document, 3000, sessions="20", users="40")
    assert datetime.fromtimestamp(found[0]["timestamp"] / 1000).year in (2024, 2025)
    assert 20 <= len({record["user_id"] for record in found}) <= 60
    by_session = {}
    for record in found:
        by_session.setdefault(record["session_id"], set()).add(record["user_id"])
    assert all(len(users) == 1 for users in by_session.values())
    assert len(by_session) > 100


def test_late_records_get_a_time_of_arrival():
    found = records(CLICKS, late="0.1")
    assert list(found[0]) == [*CLICKS, "ingested_at"]
    assert [record["ingested_at"] for record in found] == sorted(record["ingested_at"] for record in found)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"type": "array", "items": {"type": "string"}}, "metadata of events is an object"),
        (True, "metadata of events is an object"),
        ({"timestamp": "boolean"}, "'timestamp' of events is a date-time, or an integer"),
        ({"timestamp": {"type": "string", "pattern": "^x$"}}, "'timestamp' of events is a date-time"),
    ],
)
def test_what_does_not_fit_is_told(document, told):
    with pytest.raises(RequestError, match=told):
        generator(document)


def test_a_scenario_that_was_asked_for_must_be_listed():
    with pytest.raises(RequestError, match="event_type doesn't list 'merchant_onboarded', which scenario 'payments' has"):
        generator(CLICKS, scenario="payments")


def test_a_broken_schema_is_told_as_ever():
    with pytest.raises(SchemaError):
        generator({"type": "object", "properties": {"a": {"type": "strin"}}})
