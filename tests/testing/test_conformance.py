"""Our own parts keep to the rules that strangers are held to - and a part that breaks one is found out."""

import json
import random

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.conversation import ConversationGenerator
from synth_sdk.generators.json import JsonGenerator
from synth_sdk.generators.text import TextGenerator
from synth_sdk.sinks import Shape
from synth_sdk.sinks.csv import CsvFormat
from synth_sdk.sinks.json import JsonFormat
from synth_sdk.sinks.jsonl import JsonlEncoder, JsonlFormat
from synth_sdk.sinks.parquet import ParquetFormat
from synth_sdk.sinks.sql import SqlFormat
from synth_sdk.sinks.xml import XmlFormat
from synth_sdk.testing import check_format, check_generator
from tests.sinks.support import read_csv, read_parquet, read_sqlite, read_xml

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "email": {"type": "string", "format": "email"}},
    "required": ["name"],
}
RECORDS = [{"a": 1, "b": None}, {"text": "line\nbreak \u2028 \u00e9"}, [1, 2], "x"]


def lines(data):
    return [json.loads(line) for line in data.decode().split("\n") if line]


@pytest.mark.parametrize(
    ("make", "wish"),
    [
        (ConversationGenerator, {}),
        (ConversationGenerator, {"pack": "research_assistant"}),
        (JsonGenerator, {"document": SCHEMA}),
        (TextGenerator, {}),
    ],
)
def test_built_in_generators_conform(make, wish):
    check_generator(lambda seed: make(make_spec(kind=make.kind, seed=seed, **wish)))


def test_built_in_formats_conform():
    check_format(JsonlFormat(), lines, RECORDS)
    check_format(JsonFormat(), json.loads, RECORDS)
    shape = Shape(SCHEMA, name="user")
    people = [{"name": "Zoë", "email": "z@example.com"}, {"name": ""}, {"name": 'it\'s "so"\r\n'}]
    check_format(CsvFormat(), lambda data: read_csv(data, SCHEMA), people, shape)
    check_format(ParquetFormat(), lambda data: read_parquet(data, SCHEMA), people, shape)
    check_format(SqlFormat(), lambda data: read_sqlite(data, SCHEMA, "user"), people, shape)
    check_format(XmlFormat(), lambda data: read_xml(data, SCHEMA, "user"), people, shape)


def test_a_generator_with_a_memory_is_found_out():
    class Drifting(TextGenerator):
        def batch(self, rows):
            return Records([{"text": str(random.random())} for _ in rows])

    with pytest.raises(AssertionError, match="depends on what was made before"):
        check_generator(lambda seed: Drifting(make_spec(kind="text", seed=seed)))


def test_a_generator_whose_batches_matter_is_found_out():
    class Grouped(TextGenerator):
        def batch(self, rows):
            return Records([{"text": f"{rows.start} {row} {self._source.record(0)}"} for row in rows])

    with pytest.raises(AssertionError, match="or with it"):
        check_generator(lambda seed: Grouped(make_spec(kind="text", seed=seed)))


def test_a_generator_with_a_wrong_schema_is_found_out():
    class Wrong(TextGenerator):
        record_schema = {"required": ["words"]}

    with pytest.raises(AssertionError, match="doesn't fit record_schema"):
        check_generator(lambda seed: Wrong(make_spec(kind="text", seed=seed)))


def test_a_format_that_loses_something_is_found_out():
    with pytest.raises(AssertionError, match="differs"):
        check_format(JsonlFormat(), lambda data: lines(data)[1:], RECORDS)


class BlankLines(JsonlEncoder):
    """An empty line behind each batch."""

    def encode(self, batch, start):
        return JsonlEncoder.encode(self, batch, start) + b"\n"


def test_a_format_whose_batches_matter_is_found_out():
    class Spacing(JsonlFormat):
        def encoder(self, shape):
            return BlankLines()

    with pytest.raises(AssertionError, match="how records are batched"):
        check_format(Spacing(), lines, RECORDS)
