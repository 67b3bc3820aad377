import subprocess
import sys

import pytest

from synth_sdk.dialogue import builtin_packs, load_pack
from synth_sdk.dialogue.loading.parameters import schema_flaw


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "^[A-Z]+$"}}}, ""),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "integer"}}}, ""),
        ({"type": "objct"}, "not a JSON Schema"),
        ({"type": "object", "required": "a"}, "not a JSON Schema"),
        ({"type": "object", "properties": {"a": {"$ref": "https://example.com/x"}}}, "same schema"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}, "can't be used"),
        ({"type": "object", "properties": {"a": {"pattern": "("}}}, "can't be used"),
        ({"type": "array"}, "of type object"),
        ({}, "of type object"),
    ],
)
def test_flaws_are_told_in_one_line(parameters, told):
    flaw = schema_flaw(parameters)
    assert told in flaw
    assert bool(flaw) == bool(told)
    assert "\n" not in flaw


def test_built_in_tools_have_none():
    assert {schema_flaw(tool.parameters) for name in builtin_packs() for tool in load_pack(name).tools.values()} == {""}


def test_it_needs_no_jsonschema():
    code = "import sys; from synth_sdk.dialogue.loading.parameters import schema_flaw; schema_flaw({'type': 'object'}); print('jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
