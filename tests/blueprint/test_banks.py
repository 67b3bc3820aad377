"""Banks of kinds that declare them: asked for in parts, pruned, merged, expanded by the kind's own generator."""

import json
import re
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.blueprint import apply, author_for
from synth_sdk.blueprint.banks.pruning import leaves, merged, pruned
from synth_sdk.core.errors import NoRoute, Rejected, RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.agent_trace.generator import AgentTraceGenerator
from synth_sdk.generators.text import TextGenerator
from synth_sdk.generators.tool_call.generator import ToolCallGenerator
from tests.blueprint.scripted import ScriptedModel

VERBS = ["opened", "watched", "missed", "painted", "carried", "mended", "found", "sold"]
PLACES = ["harbour", "station", "workshop", "library", "orchard", "bakery", "depot", "studio"]


def theme(brief):
    """One theme, another one for each brief."""
    source = Random(brief)
    place = source.choice(PLACES)
    verbs = source.sample(VERBS, 4)
    return {
        "openings": [f"{{name}} {verb} the {place} of {{town}} that {{day}}." for verb in verbs],
        "middles": [f"Nobody {verb} more than {{n}} of the {{a}} by then." for verb in verbs],
        "closings": [f"In the end {{she}} {verb} the {{b}}." for verb in verbs],
        "a": ["boxes", "ropes", "letters"],
        "b": ["door", "boat", "gate"],
    }


def spec(**wish):
    return make_spec(kind="text", **wish)


@pytest.fixture
def author():
    return author_for(spec(), generator=TextGenerator(spec()))


def answer(request, attempt=0):
    return {"themes": [theme(request.brief)]}


def test_requests_are_the_same_for_any_count_and_seed(author):
    other = author_for(spec(), generator=TextGenerator(spec(count=9, seed=4)))
    assert [request.brief for request in other.requests()] == [request.brief for request in author.requests()]
    assert other.key == author.key
    assert len({request.brief for request in author.requests()}) == len(author.requests())


async def test_the_kind_expands_what_was_written(author, tmp_path):
    blueprint = await author.write(ScriptedModel(answer))
    (tmp_path / "blueprint.yaml").write_text(blueprint.files["blueprint.yaml"])
    assert author.review(tmp_path / "blueprint.yaml") == []
    assert len(yaml.safe_load(blueprint.files["blueprint.yaml"])["themes"]) == 8
    generator = TextGenerator(apply(spec(count=200), tmp_path))
    texts = [record["text"] for record in generator.batch(range(200)).records()]
    assert len(set(texts)) == 200
    assert all("{" not in text for text in texts)
    assert any("the harbour of" in text or "the station of" in text for text in texts)


async def test_bad_texts_are_pruned_and_mostly_bad_answers_sent_back(author):
    def some_bad(request, attempt):
        value = answer(request)
        value["themes"][0]["middles"].append("It costs {price} these days.")
        value["themes"][0]["closings"].append("Two sentences. In one text.")
        return value

    model = ScriptedModel(some_bad)
    text = (await author.write(model)).files["blueprint.yaml"]
    assert not model.reasons
    assert "{price}" not in text
    assert "Two sentences" not in text

    def all_bad(request, attempt):
        value = answer(request)
        value["themes"][0]["openings"] = ["{who} was there.", "{whom} was not."]
        return value

    with pytest.raises(NoRoute, match=r"unknown slot \{who\}.*only 0 of 8 parts"):
        await author.write(ScriptedModel(all_bad))


def test_an_edited_file_is_reviewed(author, tmp_path):
    path = tmp_path / "blueprint.yaml"
    path.write_text(json.dumps({"themes": [{**theme("x"), "closings": ["Then {someone} left.", "So it ended."]}]}))
    assert author.review(path)[0].startswith("at /themes/0/closings/0: unknown slot {someone}")
    path.write_text("themes: [")
    assert "blueprint.yaml" in author.review(path)[0]
    path.unlink()
    assert "blueprint.yaml" in author.review(path)[0]


def test_a_kind_without_banks_has_no_blueprint():
    assert author_for(make_spec(kind="timeseries")) is None
    assert author_for(make_spec(kind="timeseries"), generator=object()) is None


async def test_what_is_needed_and_missing_is_told(author):
    with pytest.raises(RequestError, match="'themes' was not written"):
        author._usable({})


TEXTS = st.lists(st.sampled_from(["good", "fine", "bad"]), min_size=1, max_size=8)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b/c", "d~"]), TEXTS, min_size=1))
def test_pruning_takes_out_exactly_what_is_complained_of(value):
    def flaws(candidate):
        return [
            f"at /{key.replace('~', '~0').replace('/', '~1')}/{place}: bad"
            for key, texts in candidate.items()
            for place, text in enumerate(texts)
            if text == "bad"
        ]

    good = {key: [text for text in texts if text != "bad"] for key, texts in value.items()}
    if leaves(good) < leaves(value) / 2:
        with pytest.raises(Rejected):
            pruned(value, flaws)
    else:
        assert pruned(value, flaws) == good


@pytest.mark.parametrize("flaw", ["at /: wrong", "at /a: too short", "nothing can be done", "at /x/0: unknown"])
def test_a_flaw_that_is_about_no_element_is_sent_back(flaw):
    with pytest.raises(Rejected, match=flaw):
        pruned({"a": ["x"]}, lambda candidate: [flaw])


def test_merging_appends_lists_and_keeps_first_values():
    assert merged(
        {"a": ["x", "y"], "b": {"c": ["x"]}, "d": 1}, {"a": ["y", "z"], "b": {"c": ["y"], "e": []}, "d": 2, "f": []}
    ) == {
        "a": ["x", "y", "z"],
        "b": {"c": ["x", "y"], "e": []},
        "d": 1,
        "f": [],
    }
    mine = [{"name": "x", "requests": ["a"], "values": [{"parameter": "p", "values": [1]}]}, {"name": "y", "requests": ["b"]}]
    theirs = [{"name": "y", "requests": ["c"]}, {"name": "x", "requests": ["d"], "values": [{"parameter": "p", "values": [2]}]}]
    assert merged(mine, theirs) == [
        {"name": "x", "requests": ["a", "d"], "values": [{"parameter": "p", "values": [1, 2]}]},
        {"name": "y", "requests": ["b", "c"]},
    ]


GOALS = ["plan my week", "sort this out", "get going", "finish early", "be sure", "save a trip", "settle a bet", "stop guessing"]
SLOTS = {"plan": "tool", "next": "seen", "done": "seen", "retry": "code", "correct": "argument", "give_up": "code"}


def tool_bank(brief, tools):
    source = Random(brief)
    name = re.search(r"It is about (\S+) \(", brief).group(1)
    needed = tools[name].parameters.get("required", [])
    said = " and ".join(f"{{{slot}}}" for slot in needed)
    wishes = source.sample(GOALS, 4)
    return {
        "name": name,
        "requests": [f"I want to {wish}, so think of {said}." for wish in wishes],
        "replies": [f"That is done, so you can {wish}." for wish in wishes],
    }


@pytest.mark.parametrize(("kind", "generator"), [("tool_call", ToolCallGenerator), ("agent_trace", AgentTraceGenerator)])
async def test_kinds_with_tools_are_asked_tool_by_tool(kind, generator, tmp_path):
    made = generator(make_spec(kind=kind))
    tools = {tool.name: tool for tool in made.tools}
    author = author_for(make_spec(kind=kind), generator=made)

    def answer(request, attempt):
        source = Random(request.brief)
        if request.task.endswith(":tools"):
            return {"tools": [tool_bank(request.brief, tools)]}
        if request.task.endswith(":thoughts"):
            return {
                "thoughts": {
                    name: [f"Since I have {{{slot}}} I can {goal}." for goal in source.sample(GOALS, 4)]
                    for name, slot in SLOTS.items()
                }
            }
        return {}

    model = ScriptedModel(answer)
    blueprint = await author.write(model)
    told = {request.brief for request in author.requests() if request.task.endswith(":tools")}
    assert len(told) >= 8
    assert all(any(f"It is about {name} (" in brief for brief in told) for name in tools)
    (tmp_path / "blueprint.yaml").write_text(blueprint.files["blueprint.yaml"])
    assert author.review(tmp_path / "blueprint.yaml") == []
    banks = yaml.safe_load(blueprint.files["blueprint.yaml"])["tools"]
    assert sorted(bank["name"] for bank in banks) == sorted(tools)
    expanded = generator(apply(make_spec(kind=kind), tmp_path))
    text = json.dumps(expanded.batch(range(60)).records())
    assert any(goal in text for goal in GOALS)
    assert "{" + SLOTS["done"] + "}" not in text
