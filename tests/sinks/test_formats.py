"""Formats: what is written reads back as what it was."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.sinks import format_for
from synth_sdk.sinks.json import JsonFormat
from synth_sdk.sinks.jsonl import JsonlFormat

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def encoded(made, records):
    stream = io.BytesIO()
    writer = made.open(stream)
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue()


@given(st.lists(JSON_VALUES, max_size=5))
def test_jsonl_reads_back(records):
    data = encoded(JsonlFormat(), records)
    assert [json.loads(line) for line in data.decode("utf-8").split("\n")[:-1]] == records
    assert [json.loads(line) for line in data.decode("utf-8").splitlines()] == records  # whatever a reader takes for a line end


@given(st.lists(JSON_VALUES, max_size=5))
def test_json_reads_back(records):
    data = encoded(JsonFormat(), records)
    assert json.loads(data.decode("utf-8")) == records
    assert len(data.decode("utf-8").splitlines()) == (len(records) + 2 if records else 1)  # a record on each line


def test_text_is_written_as_it_is_and_compactly():
    assert encoded(JsonlFormat(), [{"name": "Zoë", "to": ["東京", "🙂"]}]) == '{"name":"Zoë","to":["東京","🙂"]}\n'.encode()
    assert encoded(JsonFormat(), [{"b": 1, "a": None}, 2]) == b'[\n{"b": 1, "a": null},\n2\n]\n'
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
        ("-", "json", "json"),
    ],
)
def test_the_name_wins_over_the_suffix(output, name, expected):
    assert format_for(output, name).name == expected


def test_an_unknown_suffix_names_the_known_ones():
    with pytest.raises(RequestError, match=r"'\.jsno'.*\.json, \.jsonl, \.ndjson.*--format") as caught:
        format_for("data.jsno", None)
    assert caught.value.exit_code == 2


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownName, match="unknown format 'jsonlines': did you mean jsonl"):
        format_for("data.json", "jsonlines")
