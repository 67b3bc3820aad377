import json

import pytest
from jsonschema import validate

from synth_sdk.core.errors import Rejected
from synth_sdk.dialogue import EXCHANGES_SCHEMA, check, instructions, leaks, outline, play


def words_of(record):
    spoken = [
        message["content"] for message in record["messages"] if message["role"] in ("user", "assistant") and message["content"]
    ]
    return [{"customer": customer, "agent": agent} for customer, agent in zip(spoken[::2], spoken[1::2], strict=True)]


def test_offline_words_assemble_to_the_offline_record(support, start):
    for index in range(40):
        record = play(support, 5, index, start)
        validate({"exchanges": words_of(record)[:12]}, EXCHANGES_SCHEMA)
        assert outline(support, 5, index, start).assemble(words_of(record)) == record


def test_the_brief_tells_what_happens(support, start):
    for index in range(40):
        plan, record = outline(support, 5, index, start), play(support, 5, index, start)
        for message in record["messages"]:
            for call in message.get("tool_calls") or ():
                assert f"Tool {call['function']['name']}(" in plan.brief
                for value in json.loads(call["function"]["arguments"]).values():
                    assert json.dumps(value) in plan.brief
        first = words_of(record)[0]["customer"].split()[:3]
        assert f'First words: "{" ".join(first)}"' in plan.brief
        assert f"\n{len(plan.exchanges)}. " in plan.brief
        assert "{" not in plan.brief.replace("({", "").replace("returned {", "").replace('": {', "").replace("[{", "").replace(
            ", {", ""
        )


def pick(support, start, wanted):
    for index in range(400):
        plan = outline(support, 5, index, start)
        if wanted(plan):
            return plan, words_of(play(support, 5, index, start))
    raise AssertionError("no such outline")


def test_fewer_exchanges_carry_the_remaining_traffic(support, start):
    plan, words = pick(
        support, start, lambda plan: len(plan.exchanges) == 4 and plan.exchanges[2].traffic and not plan.exchanges[3].traffic
    )
    merged = [*words[:2], {"customer": words[2]["customer"], "agent": words[3]["agent"]}]
    record = plan.assemble(merged)
    used = [call["function"]["name"] for message in record["messages"] for call in message.get("tool_calls") or ()]
    assert used == [use.tool for exchange in plan.exchanges for use in exchange.traffic]
    assert check(record) == record


def test_extra_exchanges_are_kept(support, start):
    plan, words = pick(support, start, lambda plan: len(plan.exchanges) == 4)
    record = plan.assemble([*words, {"customer": "One more thing", "agent": "Sure?"}])
    assert record["messages"][-1]["content"] == "Sure?"
    assert check(record) == record


def test_an_agent_that_says_the_same_again_is_rejected(support, start):
    plan, words = pick(support, start, lambda plan: len(plan.exchanges) == 4)
    again = {
        "customer": "You must not leave the house!",
        "agent": "I'm sorry; you're going to have a very bad day with this one.",
    }
    with pytest.raises(Rejected, match="exchange 6: the agent says again what exchange 5 said"):
        plan.assemble([*words, again, again])
    short = {"customer": "And now?", "agent": "Just a moment, please."}
    assert check(plan.assemble([*words, short, short]))


def test_a_fact_that_the_words_lack_is_told_by_the_system_message(support, start):
    plan, words = pick(support, start, lambda plan: plan.exchanges[1].traffic and not plan.exchanges[0].traffic)
    whole = plan.assemble(words)
    record = plan.assemble([words[0], {"customer": "I forgot", "agent": "Let me look."}, *words[2:]])
    used = next(iter(plan.exchanges[1].traffic[0].args.values()))
    assert "chat form" not in whole["messages"][0]["content"]
    assert record["messages"][0]["role"] == "system"
    assert f"chat form: {next(iter(plan.exchanges[1].traffic[0].args))} {used}" in record["messages"][0]["content"]
    assert check(record) == record


@pytest.mark.parametrize(
    "words", [[], [{"customer": "hi"}], [{"customer": "hi", "agent": " "}], ["hi"], [{"customer": 1, "agent": "x"}]]
)
def test_missing_words_are_rejected(support, start, words):
    with pytest.raises(Rejected):
        outline(support, 5, 0, start).assemble(words)


def test_the_labels_are_those_of_the_offline_record(support, start):
    plan, record = outline(support, 5, 3, start), play(support, 5, 3, start)
    words = [{"customer": f"{pair['customer']} hm", "agent": f"Right. {pair['agent']}"} for pair in words_of(record)]
    made = plan.assemble(words)
    assert made["meta"] == record["meta"]
    assert made["id"] == record["id"]
    assert made["tools"] == record["tools"]


def test_instructions_are_static_and_hold_an_example_of_the_packs_own(support):
    assert instructions(support) == instructions(support)
    assert support.description in instructions(support)
    example = json.loads(instructions(support).split("Example answer\n")[1])
    validate(example, EXCHANGES_SCHEMA)


def test_what_repeats_the_example_or_the_rules_is_a_leak(support, start):
    example = json.loads(instructions(support).split("Example answer\n")[1])["exchanges"]
    copied = max((turn for pair in example for turn in pair.values()), key=len)
    name = next(iter(leaks(support).names))
    plan, own = outline(support, 5, 0, start), words_of(play(support, 5, 0, start))
    check(plan.assemble(own), leaks(support))
    for leaked in (copied, f"My number is {name.upper()}.", "The agent states only what the customer wrote or a tool returned"):
        with pytest.raises(Rejected, match="instructions"):
            check(plan.assemble([{**own[0], "customer": leaked}, *own[1:]]), leaks(support))
