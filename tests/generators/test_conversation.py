"""Kind `conversation`: dictated outlines, reworded turns, their check, and what is told of a record."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from synth_sdk import Synth
from synth_sdk.core.errors import Rejected
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.conversation import ConversationGenerator
from tests.support.provider_server import ProviderServer


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


def test_a_request_guesses_how_hard_its_record_is():
    for mode in ("llm", "rewrite"):
        generator = ConversationGenerator(make_spec(kind="conversation", seed=4, mode=mode))
        hints = [generator.request(index, 0).difficulty for index in range(40)]
        assert all(0 <= hint <= 1 for hint in hints)
        assert len(set(hints)) > 10


# Mode rewrite

TURN = re.compile(r"^(\d+)\. (?:customer|agent): (.*?)(?: \| keep \[.*\])?$", re.MULTILINE)


def rewording(wire):
    """What a model might answer: each turn with a word in front, each fifth spoilt by a fact of its own."""
    records = []
    for number, text in TURN.findall(wire.prompt):
        if number == "1":
            records.append({"turns": []})
        spoilt = int(number) % 5 == 0
        records[-1]["turns"].append({"n": int(number), "text": f"{text} Code ZX-00917" if spoilt else f"Well, {text}"})
    return records


def rewritten(home, server, **wish):
    env = {**server.env("gemini"), "SYNTH_HOME": str(home)}
    wish = {"seed": 4, "count": 6, "budget": "0.50", "mode": "rewrite", **wish}
    return Synth(env=env).generate("conversation", **wish)


def spoken(record):
    return [
        message["content"] for message in record["messages"] if message["role"] in ("user", "assistant") and message["content"]
    ]


@pytest.mark.parametrize("wish", [{}, {"pack": "hotel", "locale": "es_ES"}])
def test_turns_are_reworded_over_the_wire_and_the_rest_stays_offline(home, wish):
    with ProviderServer(respond=rewording) as server:
        result = rewritten(home, server, **wish)
        asked = len(server.requests)
    assert result.report.origins == {"llm": 6}, result.report.errors
    assert asked <= 6
    twins = (
        Synth(env={"SYNTH_HOME": str(home)}).generate("conversation", mode="offline", **{"seed": 4, "count": 6, **wish}).records
    )
    for record, twin in zip(result.records, twins, strict=True):
        assert {**record, "messages": []} == {**twin, "messages": []}
        assert [message for message in record["messages"] if message["role"] in ("tool", "system")] == [
            message for message in twin["messages"] if message["role"] in ("tool", "system")
        ]
        pairs = list(zip(spoken(record), spoken(twin), strict=True))
        assert all(new in (old, f"Well, {old}") for new, old in pairs)
        assert sum(new != old for new, old in pairs) > len(pairs) / 2
        assert not any("ZX-00917" in new for new, _ in pairs)


def test_bought_and_cached_rewordings_are_the_same_bytes_and_batches_do_not_matter(home, tmp_path):
    with ProviderServer(respond=rewording) as server:
        bought = rewritten(home, server)
        asked = len(server.requests)
        cached = rewritten(home, server)
        assert len(server.requests) == asked
        alone = rewritten(tmp_path / "other", server, records_per_call=1)
    assert cached.report.origins == {"cache": 6}
    assert json.dumps(cached.records) == json.dumps(bought.records) == json.dumps(alone.records)


def test_when_no_turn_can_be_used_the_record_is_asked_for_again(home):
    replies = []

    def respond(wire):
        replies.append(wire)
        good = rewording(wire)
        return [{"turns": [{"n": 1, "text": "Code ZX-00917"}]} for _ in good] if len(replies) == 1 else good

    with ProviderServer(respond=respond) as server:
        result = rewritten(home, server, count=1)
    assert len({wire.model for wire in replies}) == len(replies) == 2
    assert result.report.origins == {"llm": 1}
    assert spoken(result.records[0])[0].startswith("Well, ")


def test_a_model_that_never_rewords_leaves_the_offline_record(home):
    with ProviderServer(respond=lambda wire: [{"turns": []} for _ in range(wire.count)]) as server:
        result = rewritten(home, server, count=2, fallback=["faker"])
    assert result.report.origins == {"offline": 2}
    assert result.records == [offline(ConversationGenerator(make_spec(kind="conversation", seed=4)), n) for n in range(2)]
