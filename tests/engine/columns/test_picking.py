"""Columns laid out for some rows alone say of them what the whole batch says."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.batches import ColumnBatch, PickableBatch
from synth_sdk.core.plugins import load
from synth_sdk.core.spec import Spec
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema
from tests.quality.test_profile import SCHEMA

TEXT = {"type": "string"}
MORE = {
    "type": "object",
    "properties": {
        "when": {"type": "string", "x-synth": {"strftime": "%d.%m.%Y %H:%M", "every": "90s"}},
        "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        "price": {"type": "number", "minimum": 0, "maximum": 9, "multipleOf": 0.25},
        "kind": {"enum": ["a", 1, None, True]},
        "person": {
            "type": "object",
            "properties": {"name": TEXT, "email": {"type": "string", "format": "email"}},
            "required": ["name"],
        },
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"n": {"type": "integer"}, "tags": {"type": "array", "items": TEXT}}},
        },
        "odd": {"type": "string", "x-synth": {"edge_cases": 0.3}},
        "note": {"type": ["string", "null"], "x-synth": {"null_rate": 0.4}},
    },
    "required": ["when", "code", "price", "kind", "lines", "odd"],
}
BATCHES = [Engine(parse_schema(schema), seed=2).batch(range(300)) for schema in (SCHEMA, MORE)]
BATCHES += [
    load("generators", kind)(Spec(kind=kind)).batch(range(300))
    for kind in ("user_profile", "transaction", "events", "timeseries")
]


@pytest.mark.parametrize("batch", BATCHES, ids=["json", "more", "user_profile", "transaction", "events", "timeseries"])
@given(data=st.data())
@settings(max_examples=8)
def test_some_rows_are_those_of_the_whole(batch, data):
    assert isinstance(batch, ColumnBatch)
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, 299), min_size=1))), np.int64)
    if not isinstance(batch, PickableBatch):
        pytest.skip("made a record at a time")
    picked = batch.arrow_of(rows)
    assert texts(picked) == texts(batch.arrow().take(pa.array(rows)))
    assert picked.schema.names == batch.arrow().schema.names


def texts(table):
    return [json.dumps(row, default=str) for row in table.to_pylist()]
