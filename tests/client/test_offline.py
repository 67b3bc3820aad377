"""The public face, offline: what comes out, and the laws that hold for it."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, Field

from synth_sdk import Synth, SynthError
from synth_sdk.core.errors import RequestError, UnknownName

SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "string", "format": "uuid"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["id", "age"],
}
KINDS = [("conversation", {}), ("conversation", {"pack": "code_assistant"}), ("json", {"schema": SCHEMA}), ("text", {})]


class User(BaseModel):
    name: str
    age: int = Field(ge=18, le=90)


def as_bytes(records):
    return "\n".join(json.dumps(record) for record in records)


@pytest.mark.parametrize(("kind", "wish"), KINDS)
def test_the_first_ones_of_many_equal_a_run_of_few(kind, wish):
    few = Synth().generate(kind, count=5, seed=3, **wish).records
    many = Synth().generate(kind, count=70, seed=3, **wish).records
    assert as_bytes(many[:5]) == as_bytes(few)
    assert as_bytes(Synth().generate(kind, count=5, seed=4, **wish).records) != as_bytes(few)


@pytest.mark.parametrize(("kind", "wish"), KINDS)
def test_all_faces_give_the_same_records(kind, wish):
    wish = {"count": 3, "seed": 9, **wish}
    synth = Synth()

    async def collect():
        return [record async for record in synth.astream(kind, **wish)]

    expected = as_bytes(synth.generate(kind, **wish).records)
    assert as_bytes(synth.stream(kind, **wish)) == expected
    assert as_bytes(asyncio.run(synth.agenerate(kind, **wish)).records) == expected
    assert as_bytes(asyncio.run(collect())) == expected


async def test_the_synchronous_face_works_inside_a_running_loop():
    assert len(Synth().generate("conversation", count=2).records) == 2


def test_a_report_tells_what_happened():
    result = Synth().generate("conversation", count=3, seed=5)
    told = result.report.to_dict()
    assert (told["status"], told["records_generated"], told["seed"]) == ("success", 3, 5)
    assert told["origins"] == {"llm": 0, "cache": 0, "blueprint": 0, "offline": 3}
    assert told["cost"]["spent_usd"] == "0"
    assert told["cost"]["budget_usd"] is None
    assert told["data_quality_metrics"]["uniqueness_score"] == 1.0
    assert result.provenance == [{"origin": "offline", "model": "", "cost_usd": "0", "attempts": 0}] * 3


def test_a_pydantic_model_in_gives_instances_out_and_saves_as_json(tmp_path):
    result = Synth().generate(User, count=4, seed=2)
    assert all(isinstance(user, User) for user in result.records)
    assert list(Synth().stream(User, count=4, seed=2)) == result.records
    result.save(str(tmp_path / "users.json"))
    assert [User(**user) for user in json.loads((tmp_path / "users.json").read_text())] == result.records


def test_structured_is_json():
    assert (
        Synth().generate("structured", schema=SCHEMA, count=2).records == Synth().generate("json", schema=SCHEMA, count=2).records
    )


def test_start_moves_the_scenarios():
    early = Synth().generate("conversation", count=3, start="2024-01-01").records
    late = Synth().generate("conversation", count=3, start=datetime(2030, 6, 1, tzinfo=UTC)).records
    assert "2030" in as_bytes(late)
    assert "2030" not in as_bytes(early)


def test_a_random_seed_is_told_and_repeatable():
    drawn = Synth().generate("text", count=2, seed="random")
    assert Synth().generate("text", count=2, seed=drawn.report.seed).records == drawn.records


def test_models_without_a_budget_are_not_asked_and_the_report_says_so():
    result = Synth(model="gemini-flash-lite", env={"GEMINI_API_KEY": "unused-key-123"}).generate("conversation", count=1)
    assert result.report.origins == {"offline": 1}
    assert "no budget" in result.report.warnings[0]
    asked_for = Synth(env={}).generate("conversation", count=1, model="gemini-flash-lite", budget="0.5", mode="offline")
    assert asked_for.report.warnings == []


@pytest.mark.parametrize(
    ("kind", "wish", "says"),
    [
        ("conversatoin", {}, "did you mean conversation"),
        ("conversation", {"pack": "customer_suport"}, "did you mean customer_support"),
        ("conversation", {"constraints": {"templat": "x"}}, "did you mean template"),
        ("conversation", {"constraints": {"template": "code_assistant"}, "pack": "customer_support"}, "differ"),
        ("conversation", {"locale": "de_DE"}, "speaks en, not 'de_DE'"),
        ("conversation", {"schema": SCHEMA}, "doesn't fit"),
        ("conversation", {"count": 0}, "at least 1"),
        ("conversation", {"start": "yesterday"}, "ISO 8601"),
        ("conversation", {"fallback": "faker,gemini-flash"}, "only be the last"),
        ("conversation", {"mode": "llm"}, "needs a budget"),
        ("conversation", {"mode": "blueprint"}, "needs a budget"),
        ("conversation", {"mode": "rewrite"}, "needs a budget"),
        ("text", {"mode": "rewrite", "budget": "1"}, "is for conversations"),
        ("trajectory", {"mode": "blueprint", "budget": "1"}, "has no blueprints"),
        ("conversation", {"budget": "0.5", "model": "gemini-flash-lit"}, "did you mean"),
        ("conversation", {"budget": "0.5", "model": "gemini-flash-lite"}, "GEMINI_API_KEY"),
        ("conversation", {"budget": "0.5"}, "OPENROUTER_API_KEY"),
        ("conversation", {"budget": "0"}, "free"),
        ("conversation", {"coutn": 3}, "did you mean count"),
        ("json", {}, "needs a schema"),
        ("json", {"schema": {"type": "strin"}}, "type"),
        ("text", {"constraints": {"min_sentences": "9", "max_sentences": "2"}}, "above max_sentences"),
        ("text", {"constraints": {"min_sentences": "none"}}, "whole number"),
    ],
)
def test_a_wrong_request_names_the_value_and_the_way_out(kind, wish, says):
    with pytest.raises(RequestError) as caught:
        Synth(env={}).generate(kind, **wish)
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_without_a_usable_model_faker_takes_over_and_says_why():
    result = Synth(env={}).generate("conversation", count=2, budget="0.5", fallback="faker")
    assert result.report.origins == {"offline": 2}
    assert "OPENROUTER_API_KEY" in result.report.warnings[0]


def test_templates_are_plain_names_and_errors_are_synth_errors():
    assert {"customer_support", "code_assistant", "research_assistant"} <= set(Synth().templates())
    assert Synth().templates("tool_call") == ["database", "email", "file_operations", "search"]
    assert issubclass(UnknownName, SynthError)


def test_models_are_listed_cheapest_first_with_reasons():
    arms = Synth(env={"GEMINI_API_KEY": "unused-key-123"}).models()
    totals = [arm["prices"]["input_per_m"] + arm["prices"]["output_per_m"] for arm in arms]
    assert totals == sorted(totals)
    assert len({arm["provider"] for arm in arms}) >= 3
    assert all(arm["usable"] == (arm["provider"] == "gemini") for arm in arms)
    assert all(arm["why_not"] for arm in arms if not arm["usable"])
    assert "unused-key-123" not in json.dumps(arms)
