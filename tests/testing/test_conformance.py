"""Our own parts keep to the rules that strangers are held to - and a part that breaks one is found out."""

import json
import random

import pytest

from synth_sdk.core.spec import make_spec
from synth_sdk.generators.conversation import ConversationGenerator
from synth_sdk.generators.json import JsonGenerator
from synth_sdk.generators.text import TextGenerator
from synth_sdk.sinks.json import JsonFormat
from synth_sdk.sinks.jsonl import JsonlFormat
from synth_sdk.testing import check_format, check_generator

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


def test_a_generator_with_a_memory_is_found_out():
    class Drifting(TextGenerator):
        def offline(self, index):
            return {"text": str(random.random())}

    with pytest.raises(AssertionError, match="depends on what was made before"):
        check_generator(lambda seed: Drifting(make_spec(kind="text", seed=seed)))


def test_a_format_that_loses_something_is_found_out():
    with pytest.raises(AssertionError, match="differs"):
        check_format(JsonlFormat(), lambda data: lines(data)[1:], RECORDS)
