"""Kind `conversation`: dictated outlines, their check, and what is told of a record."""

import pytest
from jsonschema import Draft202012Validator

from synth_sdk.core.errors import Rejected
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.conversation import ConversationGenerator


@pytest.fixture(scope="module")
def generator():
    return ConversationGenerator(make_spec(kind="conversation", seed=4))


def offline(generator, index):
    return generator.batch(range(index, index + 1)).records()[0]


def words(record):
    """The spoken turns of an offline record, as a model would return them."""
    said = [message for message in record["messages"] if message["role"] in ("user", "assistant") and message.get("content")]
    return {
        "exchanges": [
            {"customer": user["content"], "agent": agent["content"]} for user, agent in zip(said[::2], said[1::2], strict=True)
        ]
    }


def test_the_words_of_the_offline_twin_pass_the_check(generator):
    for index in range(20):
        made = generator.request(index, 0).check(words(offline(generator, index)))
        assert made["meta"] == offline(generator, index)["meta"]


@pytest.mark.parametrize("value", [None, [], {}, {"exchanges": []}, {"exchanges": "x"}, {"exchanges": [{"customer": "hi"}]}])
def test_what_has_not_the_shape_is_rejected(generator, value):
    with pytest.raises(Rejected):
        generator.request(0, 0).check(value)


def test_a_fact_without_a_source_is_rejected(generator):
    told = words(offline(generator, 0))
    told["exchanges"][-1]["agent"] += " Your voucher is worth $731.19."
    with pytest.raises(Rejected, match=r"731\.19"):
        generator.request(0, 0).check(told)


def test_the_instructions_are_the_same_for_every_record_and_the_briefs_differ(generator):
    requests = [generator.request(index, 0) for index in range(8)]
    assert len({request.instructions for request in requests}) == 1
    assert len({request.brief for request in requests}) == 8


def test_features_name_the_labels(generator):
    features = generator.features(offline(generator, 1))
    assert {"goal", "persona", "success", "faults", "messages", "tool_results"} == set(features)


@pytest.mark.parametrize("pack", ["customer_support", "code_assistant", "research_assistant"])
def test_the_record_schema_describes_what_every_pack_makes(pack):
    generator = ConversationGenerator(make_spec(kind="conversation", pack=pack))
    validator = Draft202012Validator(generator.record_schema)
    for record in generator.batch(range(30)).records():
        validator.validate(record)
