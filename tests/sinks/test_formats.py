"""Formats: what is written reads back as what it was."""

import json

import pytest

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.sinks import format_for
from synth_sdk.sinks.json import JsonFormat
from synth_sdk.sinks.jsonl import JsonlFormat
from tests.sinks.support import written


def encoded(made, records):
    return written(made, records)


def test_text_is_written_as_it_is_and_compactly():
    assert encoded(JsonlFormat(), [{"name": "Zoë", "to": ["東京", "🙂"]}]) == '{"name":"Zoë","to":["東京","🙂"]}\n'.encode()
    assert encoded(JsonFormat(), [{"b": 1, "a": None}, 2]) == b'[\n{"b":1,"a":null},\n2\n]\n'
    assert encoded(JsonFormat(), []) == b"[]\n"
    assert encoded(JsonlFormat(), []) == b""


@pytest.mark.parametrize("made", [JsonlFormat(), JsonFormat()], ids=lambda made: made.name)
def test_lone_surrogates_are_escaped_not_lost(made):
    record = {"cut": "half \ud83d emoji é", "\udc80": 1}
    data = encoded(made, [record]).decode("utf-8")
    assert "\\ud83d" in data
    assert "é" in data
    told = json.loads(data)
    assert (told if made.name == "jsonl" else told[0]) == record


def test_numbers_that_json_does_not_know_become_null():
    record = {"a": float("nan"), "b": [float("inf"), -float("inf"), 1.5], "c": {"d": float("nan")}}
    assert json.loads(encoded(JsonlFormat(), [record])) == {"a": None, "b": [None, None, 1.5], "c": {"d": None}}


@pytest.mark.parametrize(
    ("output", "name", "expected"),
    [
        (None, None, "jsonl"),
        ("-", None, "jsonl"),
        ("data", None, "jsonl"),
        ("folder.d/data", None, "jsonl"),
        ("data.jsonl", None, "jsonl"),
        ("data.NDJSON", None, "jsonl"),
        ("data.json", None, "json"),
        ("data.json", "jsonl", "jsonl"),
        ("data.xyz", "json", "json"),
        ("data.pq", None, "parquet"),
        ("data.jsonl.gz", None, "jsonl"),
        ("data.CSV.ZST", None, "csv"),
        ("data.sql.gz", None, "sql"),
        ("data.xml.zst", None, "xml"),
        ("data.gz", None, "jsonl"),
        ("data.gz", "csv", "csv"),
        ("-", "json", "json"),
    ],
)
def test_the_name_wins_over_the_suffix(output, name, expected):
    assert format_for(output, name).name == expected


def test_an_unknown_suffix_names_the_known_ones():
    with pytest.raises(
        RequestError, match=r"'\.jsno'.*\.csv, \.graphml, \.json, \.jsonl, \.ndjson, \.parquet, \.pq, \.sql, \.xml.*--format"
    ) as caught:
        format_for("data.jsno", None)
    assert caught.value.exit_code == 2


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownName, match="unknown format 'jsonlines': did you mean jsonl"):
        format_for("data.json", "jsonlines")
