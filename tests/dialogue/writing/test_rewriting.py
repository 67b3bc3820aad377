"""Turns in other words: what is kept, what falls back, and that the record stays whole whatever a model answers."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import validate

from synth_sdk.core.errors import Rejected
from synth_sdk.dialogue import (
    TURNS_SCHEMA,
    check,
    load_pack,
    rewrite_brief,
    rewrite_instructions,
    rewrite_leaks,
    rewriting,
)
from synth_sdk.dialogue.writing.facts import holds
from synth_sdk.dialogue.writing.rewrite_prompts import _otherwise

ALL = [("code_assistant", "en_US"), ("travel", "en_US"), ("hotel", "es_ES")]


def answered(plan, change=lambda line: line.text):
    return [{"n": line.number, "text": change(line)} for line in plan.lines]


def well(line):
    """A careless rewording that keeps everything: a word in front."""
    return f"Well, {line.text}"


def traffic(record):
    return [message for message in record["messages"] if message["role"] == "tool" or message.get("tool_calls")]


def spoken(record):
    return [
        message["content"] for message in record["messages"] if message["role"] in ("user", "assistant") and message["content"]
    ]


@pytest.fixture(scope="module")
def plans(support, start):
    return [rewriting(support, 5, index, start) for index in range(30)]


@pytest.fixture(scope="module")
def marks(support):
    return rewrite_leaks(support)


@pytest.mark.parametrize(("name", "locale"), ALL)
def test_every_pack_is_reworded_by_its_own_frames(name, locale, start):
    pack = load_pack(name, locale)
    for index in range(6):
        plan = rewriting(pack, 3, index, start)
        validate({"turns": answered(plan)}, TURNS_SCHEMA)
        words = {line.number: _otherwise(plan, line) for line in plan.lines}
        record = plan.rewritten(answered(plan, lambda line, words=words: words[line.number]), rewrite_leaks(pack))
        assert spoken(record) != spoken(plan.offline)
        assert traffic(record) == traffic(plan.offline)
        assert record["meta"] == plan.offline["meta"]
        assert check(record) == record


@pytest.mark.parametrize(("name", "locale"), ALL)
def test_the_worked_example_keeps_the_rules_it_goes_with(name, locale):
    text = rewrite_instructions(load_pack(name, locale))
    assert text == rewrite_instructions(load_pack(name, locale))
    brief, answer = text.split("Example brief\n")[1].split("\nExample answer\n")
    turns = json.loads(answer)
    validate(turns, TURNS_SCHEMA)
    asked = [row for row in brief.split("\n") if row[0].isdigit()]
    assert [turn["n"] for turn in turns["turns"]] == list(range(1, len(asked) + 1))
    assert sum(turn["text"] not in brief for turn in turns["turns"]) >= len(asked) - 1
    for row, turn in zip(asked, turns["turns"], strict=True):
        kept = json.loads(row.split(" | keep ")[1]) if " | keep " in row else []
        assert all(holds(turn["text"], value) for value in kept)


def test_the_brief_lists_every_turn_and_what_it_keeps(plans):
    for plan in plans:
        rows = rewrite_brief(plan).split("\n")[1:]
        assert len(rows) == len(plan.lines)
        for row, line in zip(rows, plan.lines, strict=True):
            assert row.startswith(f"{line.number}. {line.speaker}: {line.text}")
            assert all(json.dumps(value, ensure_ascii=False) in row for value in line.kept)


def test_a_turn_that_fails_keeps_its_offline_line(plans, marks):
    for plan in plans[:10]:
        for broken in plan.lines:
            change = lambda line, broken=broken: "AB-99999 it is" if line is broken else well(line)  # noqa: E731
            said = spoken(plan.rewritten(answered(plan, change), marks))
            assert said[broken.number - 1] == broken.text
            assert sum(one.startswith("Well, ") for one in said) >= len(said) - 2  # a greeting may ask or end otherwise


def pick(plans, wanted):
    return next((plan, line) for plan in plans for line in plan.lines if wanted(line))


@pytest.mark.parametrize(
    ("wanted", "words", "reason"),
    [
        (lambda line: line.kept, lambda line: "Something else altogether", "as written"),
        (lambda line: not line.kept, lambda line: f"{line.text} Ask for Wilhelmina", "Wilhelmina"),
        (lambda line: True, lambda line: f"{line.text} In 47 days", "47"),
        (lambda line: line.speaker == "agent" and "?" in line.text, lambda line: line.text.replace("?", "."), "must ask"),
        (lambda line: line.speaker == "agent" and "?" not in line.text, lambda line: f"{line.text} Right?", "must not ask"),
        (lambda line: True, lambda line: f"{line.text} {'and so on ' * 40}", "words, where"),
        (
            lambda line: line.speaker == "customer" and len(line.text.split()) > 8 and not line.kept,
            lambda line: "Ok",
            "words, where",
        ),
        (lambda line: not line.kept and "?" not in line.text, lambda line: "eso no puede ser verdad señora", "not in English"),
        (
            lambda line: not line.kept and "?" not in line.text,
            lambda line: "my dog likes cheese and long walks",
            "something else",
        ),
        (lambda line: True, lambda line: f"{line.text} [your name]", "gap"),
        (lambda line: True, lambda line: 7, "not written"),
        (lambda line: True, lambda line: "", "empty"),
    ],
)
def test_what_speaks_against_a_rewording(plans, wanted, words, reason):
    plan, line = pick(plans, wanted)
    with pytest.raises(Rejected, match=reason):
        plan.worded(line, words(line))


def test_words_of_the_prompt_are_a_leak_unless_the_line_has_them(support, plans, marks):
    leaked = "What happens in it is fixed, how it is said is yours"
    plan, line = pick(plans, lambda line: not line.kept and line.speaker == "customer" and len(line.text.split()) > 6)
    with pytest.raises(Rejected, match="instructions"):
        plan.worded(line, leaked, marks)
    assert marks.names
    for one in plans:
        for each in one.lines:
            assert one.worded(each, each.text, marks) == each.text


@pytest.mark.parametrize("turns", [None, "text", 3, {}, [], [None], [{"n": "1", "text": "Hi"}], [{"n": 99, "text": "Hi"}]])
def test_a_reply_without_a_usable_turn_is_rejected(plans, marks, turns):
    with pytest.raises(Rejected):
        plans[0].rewritten(turns, marks)


def test_the_offline_words_again_are_no_rewording(plans, marks):
    with pytest.raises(Rejected, match="as it was"):
        plans[0].rewritten(answered(plans[0]), marks)


def test_of_a_number_given_twice_the_first_counts(plans, marks):
    plan = plans[0]
    twice = [*answered(plan, well), *answered(plan, lambda line: f"So, {line.text}")]
    assert plan.rewritten(twice, marks) == plan.rewritten(answered(plan, well), marks)


def test_difficulty_grows_with_turns_facts_and_faults(support, start):
    found = [rewriting(support, 5, index, start) for index in range(120)]
    assert all(0 <= plan.difficulty <= 1 for plan in found)
    short = [plan.difficulty for plan in found if len(plan.lines) <= 6]
    long = [plan.difficulty for plan in found if len(plan.lines) >= 12]
    assert max(short) < sorted(long)[len(long) // 2]


MISTAKES = [
    lambda line: well(line),
    lambda line: line.text[::-1],
    lambda line: line.text.upper(),
    lambda line: f"{line.text} Yours, Wilhelmina",
    lambda line: line.text.replace("1", "2"),
    lambda line: f"**Agent:** {line.text}",
    lambda line: "",
    lambda line: None,
    lambda line: line.text + " ok" * 60,
    lambda line: f"Let me put it this way: {line.text}",
]


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_whatever_a_model_answers_the_record_is_whole_or_rejected(plans, marks, seed):
    rng = Random(seed)
    plan = plans[rng.randrange(len(plans))]
    turns = answered(plan, lambda line: rng.choice(MISTAKES)(line))
    turns = [turn for turn in turns if rng.random() < 0.9]
    try:
        record = plan.rewritten(turns, marks)
    except Rejected:
        return
    assert check(record) == record
    assert record == plan.rewritten(json.loads(json.dumps(turns)), marks)
    assert traffic(record) == traffic(plan.offline)
    assert {**record, "messages": ()} == {**plan.offline, "messages": ()}
    for said, line in zip(spoken(record), plan.lines, strict=True):
        assert all(holds(said, value) for value in line.kept)
