"""Events in models' words, and scenarios that a model writes once: what is told, what is refused, and whole runs over real sockets."""

import copy
import json
import re
from random import Random

import pytest
import yaml

from synth_sdk.blueprint import apply, author_for
from synth_sdk.core.errors import Rejected, RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.events.generator import EventsGenerator
from synth_sdk.schema import Schema
from tests.blueprint.scripted import ScriptedModel
from tests.support.buying import synth_for
from tests.support.provider_server import ProviderServer, briefs_of
from tests.support.sample_content import sample

OWN = {"amount": {"type": "integer", "minimum": 1, "maximum": 9}, "kind": {"enum": ["a", "b"]}}
SIMPLE = {
    "name": "orders",
    "gap": "1s",
    "session": {"channel": {"enum": ["web", "shop"]}},
    "states": {
        "ordered": {"next": "paid", "payload": {**OWN, "channel": "session.channel"}},
        "paid": {"payload": {"channel": "session.channel"}},
    },
}
LIBRARY = {
    "name": "loan",
    "description": "A reader borrows books and brings them back.",
    "gap_seconds": 30,
    "start": [{"to": "visit", "weight": 1}],
    "states": [
        {
            "name": "visit",
            "next": [{"to": "loan_made", "weight": 3}, {"to": "end", "weight": 1}],
            "payload": [{"name": "branch", "scope": "session", "kind": "choice", "values": ["north", "south", "mill lane"]}],
        },
        {
            "name": "loan_made",
            "new_subject": True,
            "next": [{"to": "loan_made", "weight": 1}, {"to": "end", "weight": 2}],
            "payload": [
                {"name": "book", "scope": "subject", "kind": "code", "code": "BK-#####"},
                {"name": "days", "scope": "event", "kind": "whole", "low": 7, "typical": 14, "high": 60},
                {"name": "fee", "scope": "event", "kind": "decimal", "low": 0, "typical": 0.5, "high": 9},
                {"name": "renewed", "scope": "event", "kind": "flag"},
            ],
        },
    ],
}


def generator(count=10, **wish):
    return EventsGenerator(make_spec(kind="events", count=count, seed=3, **wish))


def simple():
    return generator(options={"scenario": SIMPLE})


def settled(brief):
    return json.loads(re.search(r"Settled: (\{.*?\})\. Where", brief)[1])


def heeding(brief, schema):
    """What a model that reads its brief answers."""
    told = settled(brief)
    words = {name: sample(part, Random(brief)) for name, part in schema["properties"].items()}
    return {name: told.get(name, word) for name, word in words.items()}


def test_each_type_has_a_schema_of_its_own_and_instructions_are_static():
    made = simple()
    asked = {}
    for row in range(40):
        node, told = made.told(row)
        request = made.request(row, 0)
        assert set(request.schema["properties"]) == ({"amount", "kind"} if told.type == "ordered" else {"channel"})
        assert asked.setdefault(node, request.task) == request.task
        assert told.type in request.brief
        assert told.record["timestamp"] in request.brief
        assert made.request(row, 1).brief != request.brief
    assert len(set(asked.values())) == 2


def test_a_model_writes_what_is_the_events_own():
    made = simple()
    for row in range(30):
        request, offline = made.request(row, 0), made.batch(range(row, row + 1)).records()[0]
        record = request.check(heeding(request.brief, request.schema))
        Schema(made.record_schema).validate(record)
        assert {name: value for name, value in record.items() if name != "metadata"} == {
            name: value for name, value in offline.items() if name != "metadata"
        }
        assert list(record["metadata"]) == list(offline["metadata"])
        assert record["metadata"]["channel"] == offline["metadata"]["channel"]


def test_what_is_settled_stays_so():
    made = simple()
    row = next(row for row in range(40) if made.told(row)[1].type == "paid")
    request = made.request(row, 0)
    other = {"web": "shop", "shop": "web"}[settled(request.brief)["channel"]]
    with pytest.raises(Rejected, match="channel must be"):
        request.check({"channel": other})


@pytest.mark.parametrize(
    "words", [None, [], {}, {"amount": 99, "kind": "a"}, {"amount": 1}, {"amount": 1, "kind": "a", "more": 1}]
)
def test_what_breaks_the_payloads_schema_is_rejected(words):
    made = simple()
    row = next(row for row in range(40) if made.told(row)[1].type == "ordered")
    with pytest.raises(Rejected):
        made.request(row, 0).check(words)


def test_whole_records_keep_time_and_type():
    document = {
        "timestamp": "datetime",
        "event_type": {"type": "string", "enum": ["up", "down"]},
        "load": {"type": "integer", "min": 0, "max": 9},
    }
    made = generator(document=document)
    request, offline = made.request(0, 0), made.batch(range(1)).records()[0]
    record = request.check({"event_type": "down", "load": 3})
    assert record == {"timestamp": offline["timestamp"], "event_type": "down", "load": 3}


def test_events_are_bought_one_by_one(home):
    def respond(request):
        items = (
            request.schema["properties"]["items"]["items"] if "items" in request.schema.get("properties", {}) else request.schema
        )
        return [heeding(brief, items) for brief in briefs_of(request)]

    with ProviderServer(respond=respond) as server:
        synth = synth_for(server, home, "gemini", mode="llm", budget="0.50")
        result = synth.generate("events", count=12, seed=3, options={"scenario": SIMPLE})
        assert result.report.status == "success", result.report.errors
        assert result.report.origins == {"llm": 12}
        offline = synth.generate("events", count=12, seed=3, options={"scenario": SIMPLE}, mode="offline").records
        assert [record["id"] for record in result.records] == [record["id"] for record in offline]


# -- blueprints -------------------------------------------------------------------------------------------------------------------


def edited(change):
    value = {"scenarios": [copy.deepcopy(LIBRARY)]}
    change(value["scenarios"][0])
    return value


def scenario(brief):
    """A scenario of another name for each call."""
    return {"scenarios": [{**LIBRARY, "name": f"loan_{Random(brief).randrange(10**6)}"}]}


def test_a_blueprint_is_expanded():
    made = generator(count=500, blueprint={"scenarios": [LIBRARY, {**LIBRARY, "name": "again"}]})
    found = made.batch(range(500)).records()
    assert {record["event_type"] for record in found} == {"visit", "loan_made"}
    for record in found:
        told = record["metadata"]
        if record["event_type"] == "loan_made":
            assert re.fullmatch(r"BK-\d{5}", told["book"])
            assert 7 <= told["days"] <= 60
            assert isinstance(told["renewed"], bool)
        else:
            assert told["branch"] in ("north", "south", "mill lane")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one: one["states"][0].pop("next"), "at /scenarios/0/states/0: 'next' is a required property"),
        (
            lambda one: one["states"][0]["next"].append({"to": "loan_mde", "weight": 1}),
            "at /scenarios/0/states/0/next/2: unknown state",
        ),
        (lambda one: one["start"].append({"to": "nowhere", "weight": 1}), "at /scenarios/0/start/1: unknown state 'nowhere'"),
        (
            lambda one: one["states"].append({**LIBRARY["states"][1], "name": "lost"}),
            "at /scenarios/0/states/2: no session ever comes",
        ),
        (
            lambda one: one["states"].append(LIBRARY["states"][1]),
            "at /scenarios/0/states/2: the state 'loan_made' is declared twice",
        ),
        (
            lambda one: one["states"][0]["payload"].append({"name": "days", "scope": "event", "kind": "flag"}),
            "at /scenarios/0/states/1/payload/1: 'days' is of type integer here and boolean in 'visit'",
        ),
    ],
)
def test_flaws_of_a_blueprint_lead_to_their_place(change, told):
    flaws = generator().blueprint_flaws(edited(change))
    assert any(told in flaw for flaw in flaws), flaws
    with pytest.raises(RequestError, match="the blueprint of kind 'events' can't be used"):
        generator(blueprint=edited(change))


def test_scenarios_of_one_blueprint_agree_on_types():
    other = copy.deepcopy(LIBRARY)
    other["states"][1]["payload"][1]["kind"] = "flag"
    flaws = generator().blueprint_flaws({"scenarios": [LIBRARY, {**other, "name": "other"}]})
    assert flaws == ["at /scenarios/1/states/1/payload/1: 'days' is of type boolean here and integer in an earlier scenario"]


async def test_a_model_writes_scenarios_for_a_description(tmp_path):
    spec = make_spec(kind="events", count=300, constraints={"about": "a public library with three branches"})
    author = author_for(spec, generator=EventsGenerator(spec))
    assert all("a public library with three branches" in request.instructions for request in author.requests())
    blueprint = await author.write(ScriptedModel(lambda request, attempt: scenario(request.brief)))
    (tmp_path / "blueprint.yaml").write_text(blueprint.files["blueprint.yaml"])
    assert author.review(tmp_path / "blueprint.yaml") == []
    assert len(yaml.safe_load(blueprint.files["blueprint.yaml"])["scenarios"]) == len(author.requests())
    found = EventsGenerator(apply(spec, tmp_path)).batch(range(300)).records()
    assert {record["event_type"] for record in found} == {"visit", "loan_made"}


async def test_a_bad_step_costs_no_second_scenario():
    def answer(request, attempt):
        value = scenario(request.brief)
        value["scenarios"][0]["states"] = copy.deepcopy(LIBRARY["states"])
        value["scenarios"][0]["states"][0]["next"].append({"to": "nowhere", "weight": 1})
        return value

    spec = make_spec(kind="events")
    author, model = author_for(spec, generator=EventsGenerator(spec)), ScriptedModel(answer)
    blueprint = await author.write(model)
    assert "nowhere" not in blueprint.files["blueprint.yaml"]
    assert not model.reasons


def test_a_blueprint_is_bought_once_and_expanded_for_ever(home):
    with ProviderServer(respond=lambda request: [scenario(brief) for brief in briefs_of(request)]) as server:
        synth = synth_for(server, home, "gemini", mode="blueprint", budget="0.50")
        wish = {"constraints": {"about": "a public library"}}
        few = synth.generate("events", count=20, **wish)
        assert few.report.status == "success", few.report.errors
        assert few.report.origins == {"blueprint": 20}
        bill = server.bill_micros
        many = synth.generate("events", count=400, seed=2, **wish)
        assert server.bill_micros == bill > 0
        assert {record["event_type"] for record in many.records} == {"visit", "loan_made"}
