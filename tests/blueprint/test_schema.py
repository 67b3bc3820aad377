"""Annotations that a model proposes for a schema: what is asked, what is refused, and what the engine makes of it."""

import json
import re
from collections import Counter

import pytest

from synth_sdk.blueprint import apply, author_for
from synth_sdk.blueprint.schema.fields import fields_of
from synth_sdk.blueprint.schema.judging import Judge
from synth_sdk.core.errors import NoRoute, Rejected, RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema
from tests.blueprint.scripted import ScriptedModel

INCIDENT = {
    "title": "Incident",
    "type": "object",
    "properties": {
        "ticket": {"type": "string"},
        "severity": {"enum": ["low", "high"]},
        "symptom": {"type": "string", "maxLength": 30},
        "component": {"type": "string"},
        "engineers": {"type": "integer", "minimum": 0},
        "downtime": {"type": "number"},
        "planned": {"type": "boolean"},
        "opened": {"type": "string", "format": "date-time"},
        "closed": {"type": ["string", "null"], "format": "date-time"},
        "contact": {"type": "string", "format": "email"},
        "host": {"$ref": "#/$defs/host"},
        "labels": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
    },
    "required": [
        "ticket",
        "severity",
        "symptom",
        "component",
        "engineers",
        "downtime",
        "planned",
        "opened",
        "closed",
        "contact",
        "host",
        "labels",
    ],
    "$defs": {"host": {"type": "object", "properties": {"rack": {"type": "string"}}, "required": ["rack"]}},
}
SYMPTOMS = {"low": ["fan is loud", "LED flickers"], "high": ["node unreachable", "disk array degraded"]}
WORDS = {
    "component": ["switch", "storage array", "power supply", "load balancer"],
    "host.rack": ["A-01", "A-02", "B-11", "C-07"],
    "labels[]": ["network", "hardware", "cooling", "firmware"],
}
NUMBERS = [
    {"field": "engineers", "low": 1, "typical": 2, "high": 6, "shape": "count", "decimals": 0},
    {"field": "downtime", "low": 1, "typical": 20, "high": 900, "shape": "long tail", "decimals": 1},
]
SHARES = {
    "shares": [
        {"field": "severity", "value": "low", "percent": 90},
        {"field": "severity", "value": "high", "percent": 10},
        {"field": "planned", "value": "true", "percent": 20},
        {"field": "planned", "value": "false", "percent": 80},
    ],
    "empty": [{"field": "closed", "percent": 30}],
}
ORDER = {"order": [{"field": "closed", "after": "opened", "days": 2}]}


def answer(request, attempt=0):
    what = request.task.rpartition(":")[2]
    if what != "words":
        return {"numbers": {"numbers": NUMBERS}, "shares": SHARES, "order": ORDER}[what]
    field = re.match(r"Field (\S+):", request.brief).group(1)
    if field == "ticket":
        return {"code": "INC-#####", "lists": []}
    if field == "symptom":
        return {"code": "", "lists": [{"when": f"severity={case}", "words": words} for case, words in SYMPTOMS.items()]}
    return {"code": "", "lists": [{"when": "", "words": WORDS[field]}]}


@pytest.fixture
def author():
    return author_for(make_spec(kind="json", document=INCIDENT))


def refusal(call, *args):
    with pytest.raises(Rejected) as refused:
        call(*args)
    return refused.value.message


def test_asks_only_about_what_the_engine_does_not_know(author):
    briefs = "\n".join(request.brief for request in author.requests())
    assert set(re.findall(r"^Field (\S+):", briefs, re.MULTILINE)) == {"ticket", "symptom", *WORDS}
    assert "contact" not in briefs
    assert [request.task.rpartition(":")[2] for request in author.requests()].count("words") == 5
    assert author.key == author_for(make_spec(kind="json", document=INCIDENT, count=9000, seed=3)).key


def test_does_not_meddle_with_what_the_engine_works_out():
    person = {
        "type": "object",
        "properties": {
            "first_name": {"type": "string"},
            "gender": {"enum": ["female", "male"]},
            "age": {"type": "integer"},
            "birth_date": {"type": "string", "format": "date"},
            "joined": {"type": "string", "format": "date"},
            "hobby": {"type": "string"},
            "seen_at": {"type": "integer"},
            "basket": {
                "type": "object",
                "properties": {"quantity": {"type": "integer", "x-synth": {"unique": True}}, "total": {"type": "number"}},
                "required": ["quantity", "total"],
            },
        },
        "required": ["first_name", "gender", "age", "birth_date", "joined", "hobby", "seen_at", "basket"],
    }
    (only,) = author_for(make_spec(kind="json", document=person)).requests()
    assert only.brief.startswith("Field hobby:")


async def test_the_annotated_schema_makes_records_of_the_original(author, tmp_path):
    blueprint = await author.write(ScriptedModel(answer))
    assert (blueprint.parts, blueprint.written, blueprint.models) == (8, 8, ("scripted",))
    (tmp_path / "schema.json").write_text(blueprint.files["schema.json"])
    spec = apply(make_spec(kind="json", document=INCIDENT), tmp_path)
    records = Engine(parse_schema(spec.document)).batch(range(2000)).records()
    original = parse_schema(INCIDENT)
    for record in records[:200]:
        original.validate(record)
    assert all(re.fullmatch(r"INC-\d{5}", record["ticket"]) for record in records)
    assert {record["component"] for record in records} == set(WORDS["component"])
    assert {record["host"]["rack"] for record in records} == set(WORDS["host.rack"])
    assert all(record["symptom"] in SYMPTOMS[record["severity"]] for record in records)
    assert all(set(record["labels"]) <= set(WORDS["labels[]"]) for record in records)
    assert 0.87 < Counter(record["severity"] for record in records)["low"] / 2000 < 0.93
    assert 0.26 < sum(record["closed"] is None for record in records) / 2000 < 0.34
    assert all(record["opened"] <= record["closed"] for record in records if record["closed"])
    assert sorted(record["downtime"] for record in records)[1000] == pytest.approx(20, rel=0.15)
    assert all(1 <= record["engineers"] <= 6 for record in records)


async def test_what_a_schema_says_itself_is_kept(tmp_path):
    document = json.loads(json.dumps(INCIDENT))
    document["properties"]["component"]["x-synth"] = {"words": ["fan"]}
    document["properties"]["closed"]["x-synth"] = {"null_rate": 0.5}
    author = author_for(make_spec(kind="custom", document=document))
    written = json.loads((await author.write(ScriptedModel(answer))).files["schema.json"])
    assert written["properties"]["component"]["x-synth"] == {"words": ["fan"]}
    assert written["properties"]["closed"]["x-synth"] == {"null_rate": 0.5, "from": "opened", "within": "2d"}


async def test_parts_that_fail_leave_their_fields_to_the_engine(author):
    model = ScriptedModel(lambda request, attempt: {} if "Field symptom" in request.brief else answer(request))
    blueprint = await author.write(model)
    assert len(blueprint.reasons) == 1
    assert "x-synth" not in json.loads(blueprint.files["schema.json"])["properties"]["symptom"]
    with pytest.raises(NoRoute, match="only 0 of 8 parts"):
        await author.write(ScriptedModel(lambda request, attempt: {}))


def test_an_edited_blueprint_is_reviewed(author, tmp_path):
    path = tmp_path / "schema.json"
    edited = json.loads(json.dumps(INCIDENT))
    path.write_text(json.dumps(edited))
    assert author.review(path) == []
    edited["properties"]["severity"]["enum"] = ["low", "disastrous"]
    path.write_text(json.dumps(edited))
    assert "records break the schema: at /severity" in author.review(path)[0]
    edited["properties"]["ticket"]["x-synth"] = {"wrods": ["a"]}
    path.write_text(json.dumps(edited))
    assert "did you mean words" in author.review(path)[0]
    path.write_text("{")
    assert "schema.json" in author.review(path)[0]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            {"type": "object", "properties": {"email": {"type": "string", "format": "email"}}, "required": ["email"]},
            "says already",
        ),
        (
            {
                "anyOf": [
                    {"type": "object", "properties": {"a": {"type": "string"}}},
                    {"type": "array", "items": {"type": "string"}},
                ]
            },
            "one by one",
        ),
        ({"tables": {"a": {"schema": {"type": "object"}}}}, "a set of tables"),
        (None, "needs a schema"),
    ],
)
def test_a_schema_that_can_have_no_blueprint_is_told_why(document, reason):
    with pytest.raises(RequestError, match=reason):
        author_for(make_spec(kind="json", document=document))


@pytest.fixture(scope="module")
def judge():
    return Judge(parse_schema(INCIDENT))


@pytest.fixture(scope="module")
def fields():
    return {field.name: field for field in fields_of(parse_schema(INCIDENT).document)}


def words_of(*words, when="", code=""):
    return {"code": code, "lists": [{"when": when, "words": list(words)}]}


WORD_FLAWS = {
    "too long": (words_of(*["x" * 31 + str(n) for n in range(5)]), "breaks the field's schema (maxLength 30)"),
    "placeholders": (words_of("example", "foo", "N/A", "symptom"), "'example' is a placeholder"),
    "too few": (words_of("a", "b"), "at least 4 different ones are needed"),
    "dates": (words_of("failed on 2024-03-01", "down since May 4", "a", "b c"), "holds a date of its own"),
    "no lists": ({"words": ["a"]}, 'not an object with a list "lists"'),
    "unknown decider": (
        words_of("a", "b", when="weather=bad"),
        "when 'weather' is no field that may decide: it is one of severity, planned",
    ),
    "missing case": (words_of("a", "b", when="severity=low"), "there is no list with when severity=high"),
    "short code": (words_of(code="ABC-#"), "at least 3 of # (a digit) or ? (a letter)"),
    "long code": (words_of(code="#" * 35), "breaks the field's schema (maxLength 30)"),
}


@pytest.mark.parametrize(("value", "reason"), WORD_FLAWS.values(), ids=WORD_FLAWS)
def test_words_that_do_not_fit_are_sent_back_with_the_reason(judge, fields, value, reason):
    assert reason in refusal(judge.words, fields["symptom"], [fields["severity"], fields["planned"]], value)


def test_unfit_words_are_left_out_and_the_rest_is_kept(judge, fields):
    value = judge.words(
        fields["symptom"], [], words_of("fan loud", "Fan loud", "example", "LED off", " two  spaces ", "no power")
    )
    assert value == {
        "changes": [{"at": ["properties", "symptom"], "x-synth": {"words": ["fan loud", "LED off", "two spaces", "no power"]}}]
    }


NUMBER_FLAWS = {
    "falling": ({"field": "downtime", "low": 9, "typical": 5, "high": 1, "shape": "bell", "decimals": 0}, "they have to rise"),
    "outside": (
        {"field": "engineers", "low": -9, "typical": -5, "high": -1, "shape": "bell", "decimals": 0},
        "they have to rise",
    ),
    "unknown": (
        {"field": "downtim", "low": 1, "typical": 2, "high": 3, "shape": "bell", "decimals": 0},
        "'downtim' is not one of the fields asked about: downtime",
    ),
    "text": (
        {"field": "downtime", "low": "a", "typical": 2, "high": 3, "shape": "bell", "decimals": 0},
        'low "a" is not a number',
    ),
    "infinite": ({"field": "downtime", "low": 1, "typical": 2, "high": 1e300, "shape": "bell", "decimals": 0}, "is not a number"),
}


@pytest.mark.parametrize(("row", "reason"), NUMBER_FLAWS.values(), ids=NUMBER_FLAWS)
def test_numbers_that_do_not_fit_are_sent_back_with_the_reason(judge, fields, row, reason):
    assert reason in refusal(judge.numbers, [fields["downtime"], fields["engineers"]], {"numbers": [row]})


@pytest.mark.parametrize("shape", ["even", "bell", "long tail", "count", "of my own"])
@pytest.mark.parametrize(("low", "typical", "high"), [(0, 0, 5), (1, 3, 3), (0.5, 2, 1e6), (-50, -3, 40), (1, 1, 2)])
def test_any_shape_makes_records_within_low_and_high(judge, fields, shape, low, typical, high):
    row = {"low": low, "typical": typical, "high": high, "shape": shape, "decimals": 2}
    value = judge.numbers([fields["downtime"]], {"numbers": [{"field": "downtime", **row}]})
    (change,) = value["changes"]
    document = {
        "type": "object",
        "properties": {"downtime": {"type": "number", **{k: v for k, v in change.items() if k != "at"}}},
        "required": ["downtime"],
    }
    for record in Engine(parse_schema(document)).batch(range(100)).records():
        assert low <= record["downtime"] <= high


def test_shares_and_order_that_do_not_fit_are_sent_back_with_the_reason(judge, fields):
    choices, moments = [fields["severity"]], [fields["opened"], fields["closed"]]
    row = {"field": "severity", "value": "low", "percent": 90}
    assert "no percentage for 'high'" in refusal(judge.shares, choices, [], {"shares": [row], "empty": []})
    more = [row, {**row, "value": "high"}, {**row, "value": "none"}]
    assert "'none' is none of its values" in refusal(judge.shares, choices, [], {"shares": more, "empty": []})
    empty = {"shares": [], "empty": [{"field": "closed", "percent": 120}]}
    assert "give 0 to 95" in refusal(judge.shares, [], [fields["closed"]], empty)
    circle = {"order": [{"field": "closed", "after": "closed", "days": 2}]}
    assert "name another of" in refusal(judge.order, moments, circle)
    never = {"order": [{"field": "closed", "after": "opened", "days": 0}]}
    assert "give more than 0" in refusal(judge.order, moments, never)
    assert judge.order(moments, {"order": []}) == {"changes": []}
