"""Kind `json`: the request that is dictated to models, and the check of what they write."""

import pytest

from synth_sdk.core.errors import Rejected, RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.json import JsonGenerator

SCHEMA = {"type": "object", "properties": {"n": {"type": "number", "maximum": 9}, "s": {"type": "string"}}, "required": ["n"]}


@pytest.fixture
def generator():
    return JsonGenerator(make_spec(kind="json", document=SCHEMA, seed=3))


def test_the_static_part_leaves_the_schema_to_the_provider_and_the_brief_is_the_records_own(generator):
    first, second = generator.request(0, 0), generator.request(1, 0)
    assert first.instructions == second.instructions
    assert '"maximum": 9' not in first.instructions
    assert first.schema["properties"]["n"]["maximum"] == 9
    assert first.brief != second.brief
    assert first.schema == SCHEMA
    assert len({first.slot, second.slot, generator.request(0, 1).slot}) == 3


@pytest.mark.parametrize("value", [{"n": 10}, {"s": "x"}, [], {"n": float("nan")}, {"n": float("inf")}, {"n": "1"}])
def test_what_breaks_the_schema_is_rejected_with_a_reason(generator, value):
    with pytest.raises(Rejected) as caught:
        generator.request(0, 0).check(value)
    assert caught.value.message


def test_what_fits_is_kept_as_it_is(generator):
    value = {"n": 8.5, "s": "x"}
    assert generator.request(0, 0).check(value) is value


def test_a_schema_that_only_a_model_can_fill_still_gives_requests():
    document = {"type": "string", "pattern": "^(?=.*a)(?=.*b)[ab]{3}$", "not": {"pattern": "^a"}}
    request = JsonGenerator(make_spec(kind="json", document=document)).request(0, 0)
    assert request.output_tokens > 0


def test_features_are_scalars_whatever_the_record(generator):
    assert generator.features({"n": 1, "s": None, "l": [1, 2]}) == {"n": 1, "s": None, "l": "list of 2"}
    assert generator.features([1, 2, 3]) == {"value": "list of 3"}


def test_a_pack_does_not_fit():
    with pytest.raises(RequestError, match="doesn't fit"):
        JsonGenerator(make_spec(kind="json", document=SCHEMA, pack="customer_support"))
