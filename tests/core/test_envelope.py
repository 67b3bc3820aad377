"""The envelope of a reply: several records, fences and local references."""

import json

import jsonschema
import pytest

from synth_sdk.core.envelope import unwrap, wrap
from synth_sdk.core.errors import ModelError, Outcome

SCHEMA = {
    "$schema": "x",
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/A"}},
    "required": ["a"],
    "$defs": {"A": {"type": "integer"}},
}


def test_references_hold_inside_the_envelope():
    wrapped = wrap(SCHEMA, 2)
    jsonschema.validate({"items": [{"a": 1}, {"a": 2}]}, wrapped)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"items": [{"a": "x"}, {"a": 2}]}, wrapped)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"items": [{"a": 1}]}, wrapped)


def test_a_schema_may_refer_to_itself():
    tree = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "kids": {"type": "array", "items": {"$ref": "#"}},
            "alias": {"$ref": "#/properties/name"},
        },
    }
    wrapped = wrap(tree, 1)
    jsonschema.validate({"items": [{"name": "a", "kids": [{"name": "b", "alias": "c"}]}]}, wrapped)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"items": [{"kids": [{"kids": [{"alias": 3}]}]}]}, wrapped)


@pytest.mark.parametrize("frame", ["{}", "```json\n{}\n```", "  ```\n{}```  "])
def test_a_fence_around_the_reply_is_no_fault(frame):
    assert unwrap(frame.replace("{}", json.dumps({"items": [1]}))) == [1]


@pytest.mark.parametrize("text", ["", "not json", "[1]", '{"items": 3}', '{"item": []}'])
def test_anything_else_is_broken(text):
    with pytest.raises(ModelError) as caught:
        unwrap(text)
    assert caught.value.outcome is Outcome.BROKEN
