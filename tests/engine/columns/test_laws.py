"""Laws of the columnar engine: rows depend on nothing but themselves, and every face of a batch shows the same records."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.measures import Measures
from synth_sdk.engine.columns import NotColumnarError
from synth_sdk.schema import parse_schema
from tests.engine.columns.support import compiled, of

SHOP = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "x-synth": {"unique": True}},
        "token": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "nickname": {"type": ["string", "null"], "maxLength": 12},
        "balance": {"type": "number", "minimum": -500, "maximum": 90_000},
        "latitude": {"type": "number"},
        "created_at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"enum": ["new", "sale", 'odd "one"', "zürich"]}, "uniqueItems": True},
        "address": {"type": "object", "properties": {"city": {"type": "string"}, "geo": {"type": "array", "items": {"type": "number"}}}},
        "lines": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "required": ["sku", "price", "quantity", "total"],
                "properties": {"sku": {"type": "string"}, "price": {"type": "number"}, "quantity": {"type": "integer"}, "total": {"type": "number"}},
            },
        },
        "mixed": {"enum": [1, "one", None, [1], {"a": 1}]},
        "active": {"type": "boolean"},
    },
    "required": ["id", "name", "lines"],
}  # fmt: skip


def test_rows_do_not_depend_on_how_they_are_batched() -> None:
    engine = compiled(SHOP, seed=3)
    whole = engine.batch(range(300)).lines()
    for sizes in ((1, 2, 297), (100, 200), (299, 1)):
        start, parts = 0, []
        for size in sizes:
            parts.append(engine.batch(range(start, start + size)).lines())
            start += size
        assert b"".join(parts) == whole
    assert compiled(SHOP, seed=3).batch(range(100, 300)).lines() == b"".join(whole.splitlines(keepends=True)[100:])


SPACED = {
    "type": "object",
    "properties": {
        "opened_at": {"type": "string", "format": "date-time", "x-synth": {"every": "6h"}},
        "closed_at": {"type": "string", "format": "date-time", "x-synth": {"from": "opened_at", "within": "2d"}},
        "day": {"type": "string", "format": "date", "x-synth": {"every": "6h"}},
    },
    "required": ["opened_at", "closed_at", "day"],
}


def test_moments_that_go_on_for_years_are_the_same_in_any_batches() -> None:
    whole, parts = compiled(SPACED).batch(range(6000)), compiled(SPACED)
    ranges = [range(5500, 6000), range(100), range(100, 5500)]
    told = {rows.start: parts.batch(rows) for rows in ranges}
    assert b"".join(told[start].lines() for start in sorted(told)) == whole.lines()
    merged = Measures()
    for batch in told.values():
        merged.merge(batch.measures())
    assert merged.row_digest == whole.measures().row_digest
    for record in whole.records():
        assert record["opened_at"] < record["closed_at"]
    assert len({record["day"] for record in whole.records()}) > 1400


def test_seeds_differ() -> None:
    assert compiled(SHOP, seed=1).batch(range(20)).lines() != compiled(SHOP, seed=2).batch(range(20)).lines()


def test_far_rows_are_made_at_once() -> None:
    batch = compiled(SHOP).batch(range(10**12, 10**12 + 3))
    assert [record["id"] for record in batch.records()] == [10**12 + 1, 10**12 + 2, 10**12 + 3]


def test_lines_records_and_arrow_agree() -> None:
    batch = compiled(SHOP).batch(range(500))
    records = batch.records()
    assert [json.loads(line) for line in batch.lines().decode().split("\n")[:-1]] == records
    for record, row in zip(records, batch.arrow().to_pylist(), strict=True):
        assert json.loads(row.pop("mixed") or "null") == record.get("mixed")
        assert _without_nulls(row) == _without_nulls({name: value for name, value in record.items() if name != "mixed"})


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def test_a_record_stays_one_line_for_every_reader() -> None:
    document = {
        "type": "object",
        "properties": {"odd\u2028name": {"enum": ["next\x85line", "line\u2028end", 1]}},
        "required": ["odd\u2028name"],
    }
    batch = compiled(document).batch(range(40))
    assert len(batch.lines().decode().splitlines()) == 40
    assert {record["odd\u2028name"] for record in batch.records()} == {"next\x85line", "line\u2028end", 1}


@pytest.mark.parametrize("count", [50, 3000])
def test_measures_tell_what_counting_would(count: int) -> None:
    batch = compiled(SHOP).batch(range(count))
    counted = Measures()
    for record in batch.records():
        counted.add(record, {name: _feature(value) for name, value in record.items()})
    assert batch.measures().quality(valid=count) == counted.quality(valid=count)


def _feature(value: Any) -> Any:
    return f"{type(value).__name__} of {len(value)}" if isinstance(value, dict | list) else value


def test_equal_records_have_equal_digests() -> None:
    batch = compiled(of(x={"enum": [1, 2]}, y={"type": "boolean"})).batch(range(1000))
    assert batch.measures().quality(valid=1000)["uniqueness_score"] == 4 / 1000


_SCALARS = st.one_of(
    st.builds(lambda low, span: {"type": "integer", "minimum": low, "maximum": low + span}, st.integers(-(10**9), 10**9), st.integers(0, 10**6)),
    st.builds(lambda low, span: {"type": "number", "exclusiveMinimum": low, "maximum": low + span}, st.integers(-1000, 1000), st.floats(0.5, 1e5)),
    st.builds(lambda low, span: {"type": "string", "minLength": low, "maxLength": low + span}, st.integers(0, 30), st.integers(0, 60)),
    st.builds(lambda step: {"type": "number", "multipleOf": step, "minimum": 0, "maximum": 50}, st.sampled_from([0.5, 0.01, 3, 0.1])),
    st.sampled_from([{"type": "string", "format": kind} for kind in (
        *("date", "date-time", "time", "email", "uuid", "uri", "hostname", "ipv4", "ipv6", "duration", "regex", "json-pointer"),
        *("iban", "phone", "idn-email", "uri-reference", "relative-json-pointer", "uri-template"),
    )]),
    st.sampled_from([{"type": "string", "pattern": pattern} for pattern in ("^[A-Z]{3}-\\d{4}$", "^(a|bc)+$", "\\d", "^x{2,5}y*$")]),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"const": "only"}, {"enum": ["a", 1, None]}, {"type": ["integer", "null"]}]),
)  # fmt: skip
_SCHEMAS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, st.integers(0, 3)),
        st.builds(
            lambda properties, required: {"type": "object", "properties": properties, "required": [name for name in properties if name in required]},
            st.dictionaries(st.sampled_from(["name", "email", "city", "price", "total", "quantity", "id", 'odd "name"', "größe"]), inner, min_size=1),
            st.sets(st.sampled_from(["name", "city", "price", "id"])),
        ),
    ),
    max_leaves=6,
)  # fmt: skip


@given(_SCHEMAS, st.integers(0, 2**32), st.sampled_from(["en_US", "de_DE", "ja_JP"]))
@settings(max_examples=120, deadline=None)
def test_every_record_is_valid(document: Any, seed: int, locale: str) -> None:
    try:
        engine = compiled(document, seed=seed, locale=locale)
    except NotColumnarError:
        return
    schema = parse_schema(document)
    batch = engine.batch(range(1000, 1030))
    for record in batch.records():
        schema.validate(record)
    assert batch.arrow().num_rows == 30
