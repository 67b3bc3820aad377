"""Blueprints of kinds made from wordings: what is wrong with one, and what becomes of a good one."""

import copy
import json

import pytest

from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.banks import sentences, slots_of
from synth_sdk.schema import Schema
from synth_sdk.testing import check_generator

TEXT = {
    "themes": [
        {
            "openings": ["{name} keeps {n} hives near {town}.", "In {town}, {name} sells {a} on {day}."],
            "middles": ["The bees fly out in {month}.", "{other} lends {her} van.", "A jar of {b} costs little."],
            "closings": ["{first} likes it so.", "Then {she} locks the shed."],
            "a": ["honey", "wax"],
            "b": ["pollen", "mead"],
        }
    ]
}
TOOLS = {
    "tools": [
        {
            "name": "web_search",
            "requests": ["Dig up {query} for me.", "What is known about {query}? Show {num_results}."],
            "values": [{"parameter": "query", "values": ["rare alpine mosses", "how foghorns work"]}],
            "replies": ["That is all on {query}."],
        }
    ],
    "no_call": [{"request": "Hush now.", "reply": "Not a word.", "why": "not_yet"}],
}
TRACE = {
    "thoughts": {
        "plan": ["Aim: {goal}.", "{tool} it is.", "So, {goal}."],
        "next": ["{what} {seen}, on to {tool}.", "Got {seen}.", "Then {goal}."],
        "done": ["{seen}, fine.", "Closed with {what}.", "Over, {seen}."],
        "retry": ["{code}, again.", "Once more, {tool}.", "{message} Again."],
        "correct": ["{argument} was off.", "{message} Mended.", "{tool} anew."],
        "give_up": ["No {goal}.", "{code} ends it.", "{message} Enough."],
    },
    "passing_errors": [{"code": "busy_line", "message": "The line is busy."}],
    "final_errors": [{"code": "gone_for_good", "message": "It is no more."}],
    "tools": TOOLS["tools"],
}
GOOD = {"text": TEXT, "tool_call": TOOLS, "agent_trace": TRACE}
each_kind = pytest.mark.parametrize("kind", sorted(GOOD))


def generator(kind, seed=3, **wish):
    return plugins.load("generators", kind)(make_spec(kind=kind, seed=seed, **wish))


@each_kind
def test_a_good_blueprint_has_no_flaws_and_keeps_the_promises_of_a_kind(kind):
    assert generator(kind).blueprint_flaws(GOOD[kind]) == []
    Schema(generator(kind).blueprint_schema)
    assert generator(kind).blueprint_rules
    make = plugins.load("generators", kind)
    check_generator(lambda seed: make(make_spec(kind=kind, seed=seed, blueprint=GOOD[kind])))


def test_paragraphs_are_made_of_the_given_sentences_in_any_locale():
    for locale in ("en_US", "de_DE"):
        made = generator("text", blueprint=TEXT, locale=locale)
        texts = [record["text"] for record in made.batch(range(40)).records()]
        assert all(any(word in text for word in ("hives", "honey", "wax")) for text in texts)
        assert len(set(texts)) > 35


def test_requests_values_and_replies_are_those_of_the_blueprint():
    made = generator("tool_call", blueprint=TOOLS, constraints={"scenario": "mixed"})
    records = made.batch(range(120)).records()
    queries = {
        json.loads(record["function"]["arguments"]).get("query") for record in records if record["meta"]["label"] == "correct"
    }
    assert queries == {"rare alpine mosses", "how foghorns work"}
    singles = [record["meta"] for record in records if record["meta"]["scenario"] == "single"]
    assert all(meta["request"].startswith(("Dig up", "What is known about")) for meta in singles)
    told = [
        (json.loads(record["function"]["arguments"]), record["meta"])
        for record in records
        if record["meta"]["label"] == "correct"
    ]
    assert all(str(arguments.get("num_results", "")) in meta["request"] for arguments, meta in told)
    assert all(meta["messages"][-1]["content"].startswith("That is all on") for meta in singles)
    assert "Hush now." in {record["meta"]["request"] for record in records if record["function"] is None}


def test_thoughts_and_errors_are_those_of_the_blueprint():
    records = generator("agent_trace", blueprint=TRACE).batch(range(150)).records()
    thoughts = {step["content"] for record in records for step in record["steps"] if step["type"] == "thought"}
    assert any(thought.startswith("Aim: ") for thought in thoughts)
    assert not any(thought.startswith("The user wants me to") for thought in thoughts)
    assert {record["meta"]["error"] for record in records} == {None, "gone_for_good", "busy_line"}
    assert {tool for record in records for tool in record["meta"]["tools"]} >= {"web_search"}


def spoiled(kind, change):
    value = copy.deepcopy(GOOD[kind])
    change(value)
    return value


@pytest.mark.parametrize(
    ("kind", "change", "flaw"),
    [
        ("text", lambda value: value["themes"][0]["openings"].__setitem__(1, "Nobody is here."), "at /themes/0/openings/1: "),
        ("text", lambda value: value["themes"][0]["middles"].__setitem__(0, "In {mounth} it rains."), "did you mean {month}?"),
        ("text", lambda value: value["themes"][0]["middles"].__setitem__(2, "One. Two."), "must be one sentence"),
        ("text", lambda value: value["themes"][0]["closings"].__setitem__(0, "Odd {brace."), "at /themes/0/closings/0"),
        ("text", lambda value: value.pop("themes"), "at /: 'themes' is a required property"),
        (
            "tool_call",
            lambda value: value["tools"][0].__setitem__("name", "web_serch"),
            "at /tools/0: no tool is called 'web_serch'",
        ),
        (
            "tool_call",
            lambda value: value["tools"][0]["requests"].__setitem__(0, "Find {topic}."),
            "at /tools/0/requests/0: unknown slot {topic}",
        ),
        ("tool_call", lambda value: value["tools"][0]["values"][0].__setitem__("parameter", "topic"), "has no parameter 'topic'"),
        (
            "tool_call",
            lambda value: value["tools"][0]["values"][0]["values"].append(7),
            "at /tools/0/values/0/values/2: 7 is not valid",
        ),
        (
            "agent_trace",
            lambda value: value["thoughts"]["done"].__setitem__(0, "Why {goal}?"),
            "at /thoughts/done/0: unknown slot {goal}",
        ),
        ("agent_trace", lambda value: value["final_errors"][0].__setitem__("code", "No Good"), "at /final_errors/0/code"),
    ],
)
def test_a_flaw_is_told_with_its_place_and_stops_the_run(kind, change, flaw):
    value = spoiled(kind, change)
    assert any(flaw in told for told in generator(kind).blueprint_flaws(value))
    with pytest.raises(RequestError, match=f"the blueprint of kind '{kind}' can't be used: at /"):
        generator(kind, blueprint=value)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One", 1),
        ("One.", 1),
        ("One. Two!", 2),
        ("Is it? Yes.", 2),
        ("It costs 3.50 a day.", 1),
        ('He said "no." Then he left.', 2),
    ],
)
def test_sentences_are_counted(text, count):
    assert sentences(text) == count


def test_slots_are_names_in_braces():
    assert slots_of("{a} and {b_c}") == {"a", "b_c"}
    for odd in ("{", "{}", "{a.b}", "{a!r}", "{0}", "{a:>3}"):
        with pytest.raises(ValueError, match=r"."):
            slots_of(odd)
