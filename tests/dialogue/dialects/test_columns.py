"""Converted records in a format with columns, and in another process."""

import json
import pickle

import pyarrow.parquet as pq
import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import UnknownName
from synth_sdk.dialogue.dialects import DIALECTS, EXPORTS, convert, converter, record_schema, restore
from synth_sdk.sinks import Shape, format_for, open_sink
from tests.dialogue.dialects.support import PARALLEL, agent, record, user, without_ids

RECORDS = [PARALLEL, record(user(), agent())]


@pytest.mark.parametrize("name", EXPORTS)
def test_a_table_gives_back_what_was_converted(name, tmp_path):
    path = str(tmp_path / "x.parquet")
    with open_sink(path, format_for(None, "parquet"), Shape(schema=record_schema(name))) as sink:
        sink.take(Records([convert(one, name) for one in RECORDS]))
        sink.commit()
    table = pq.read_table(path)
    assert set(table.column_names) == {key for one in RECORDS for key in convert(one, name)}
    for row, one in zip(table.to_pylist(), RECORDS, strict=True):
        back = restore(_plain(row, record_schema(name)), name)
        assert without_ids(back["messages"]) == without_ids(one["messages"])
        assert back["tools"] == one["tools"]


def _plain(value, schema):
    """Cells of JSON text as values - where the schema leaves open what stands there -, without the keys that columns add."""
    if isinstance(value, str) and (schema is True or schema["type"] == "object"):
        return json.loads(value)
    if isinstance(value, dict):
        inner = schema["properties"]
        return {key: _plain(one, inner[key]) for key, one in value.items() if one is not None or key == "content"}
    return [_plain(one, schema["items"]) for one in value] if isinstance(value, list) else value


def test_schemas_fit_what_is_written():
    import jsonschema

    for name in DIALECTS:
        for one in RECORDS:
            jsonschema.validate(convert(one, name), record_schema(name))
    with pytest.raises(UnknownName, match="trl"):
        record_schema("tlr")


def test_a_converter_can_be_sent_away():
    sent = pickle.loads(pickle.dumps(converter("trl")))  # noqa: S301 - our own bytes
    assert sent(PARALLEL) == convert(PARALLEL, "trl")
    with pytest.raises(UnknownName, match="bedrock"):
        converter("bedrok")
