"""What is remembered is small, plain, and holds no secrets."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.redact import register_secrets
from synth_sdk.history.bounds import LARGEST_DOCUMENT, LARGEST_REPORT, bounded, scrubbed, size_of, without_secrets
from tests.history.support import JSON, OBJECTS


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=5), JSON | JSON.map(lambda one: [one] * 300), max_size=8))
def test_any_report_becomes_small_json(told):
    small = bounded(told, 2_000)
    assert size_of(small) <= 2_000
    assert json.loads(json.dumps(small)) == small


@given(OBJECTS)
def test_what_is_small_stays_as_it_is(told):
    assert bounded(told, LARGEST_REPORT) == told


def test_what_was_cut_is_said():
    told = {"errors": [f"error {number}" for number in range(1000)], "records": [{"a": 1}] * 40, "note": "x" * 5000, "n": 1}
    small = bounded(told, LARGEST_REPORT)
    assert (len(small["errors"]), len(small["records"]), small["n"]) == (256, 5, 1)
    assert small["note"] == "x" * 2000 + "..."
    assert small["cut"] == ["errors: 256 of 1,000 kept", "records: 5 of 40 kept", "note: a text of 5,000 characters"]


def test_a_report_of_many_fields_is_cut_further():
    fields = {f"field_{number}": {"top": {str(value): 1 for value in range(50)}, "bins": [1.5] * 60} for number in range(500)}
    small = bounded({"status": "success", "data_quality_metrics": {"distribution_analysis": fields}}, LARGEST_REPORT)
    assert size_of(small) <= LARGEST_REPORT
    assert small["status"] == "success"
    assert any("of 500 members kept" in line for line in small["cut"])


def test_nothing_but_json_is_left():
    told = bounded({"when": datetime(2025, 1, 1, tzinfo=UTC), "where": Path("a/b"), "what": dict, "which": (1, {2})}, 1000)
    assert told == {"when": "2025-01-01T00:00:00+00:00", "where": "a/b", "what": "dict", "which": [1, [2]]}


def test_a_circle_ends():
    told: dict = {}
    told["self"] = told
    assert "nested too deeply" in str(bounded(told, 10_000)["cut"])


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            "postgresql://me:hunter2@db:5432/x?table=t&password=geheim",
            "postgresql://[redacted]@db:5432/x?table=t&password=[redacted]",
        ),
        ("s3://bucket/key.parquet?sse=aws:kms", "s3://bucket/key.parquet?sse=aws:kms"),
        ("out/me@home.jsonl", "out/me@home.jsonl"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [redacted]"),
        ("sk-or-v1-0123456789abcdef", "[redacted]"),
        ("could not connect to redis://u:pw@h/0 now", "could not connect to redis://[redacted]@h/0 now"),
    ],
)
def test_credentials_are_masked(given, shown):
    assert without_secrets(given) == shown


def test_registered_secrets_and_secret_names_are_masked():
    register_secrets(["a-registered-secret"])
    told = bounded(
        {
            "x": "has a-registered-secret in it",
            "a-registered-secret": 1,
            "constraints": {"db_password": "p", "apiKey": "k", "tokens": "3"},
        },
        10_000,
    )
    assert told == {
        "x": "has [redacted] in it",
        "[redacted]": 1,
        "constraints": {"db_password": "[redacted]", "apiKey": "[redacted]", "tokens": "3"},
    }


def test_schemas_keep_their_names_and_lose_their_secrets():
    schema = {"properties": {"password": "string", "url": {"default": "https://u:pw@h/"}}, "enum": list(range(1000))}
    told = scrubbed(schema)
    assert told == {**schema, "properties": {"password": "string", "url": {"default": "https://[redacted]@h/"}}}


def test_huge_schemas_are_not_kept():
    assert scrubbed({"enum": ["x" * 100] * (LARGEST_DOCUMENT // 100)}) is None
    deep: list = []
    for _ in range(2000):
        deep = [deep]
    assert scrubbed(deep) is None
