"""Paid runs as planned: forecast and fact, a tight cap that lasts, what is learned and kept, the judge, rewording."""

import re
from types import SimpleNamespace

from synth_sdk import Synth
from synth_sdk.client.learned import learned_by_arm
from synth_sdk.client.settings import read_settings
from tests.blueprint import test_schema
from tests.blueprint.scripted import briefs_of
from tests.support.buying import synth_for
from tests.support.provider_server import ProviderServer

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "n": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["name", "n"],
}


def incidents(count):
    """A model that answers what the author of a blueprint asks, and writes records that fit."""
    records = Synth(env={}).generate("json", schema=test_schema.INCIDENT, count=count, seed=9).records

    def respond(request):
        answers = []
        for brief in briefs_of(request.turns[0][1]):
            if wanted := re.match(r"Record (\d+)", brief):
                answers.append(records[int(wanted.group(1)) - 1])
                continue
            marks = {"For each of these numbers": "numbers", "shares:": "shares", "Moments of": "order"}
            what = next((what for mark, what in marks.items() if brief.startswith(mark)), "words")
            answers.append(test_schema.answer(SimpleNamespace(brief=brief, task=f":{what}")))
        return answers

    return respond


def usd(told):
    return float(told)


def test_forecast_and_fact_stand_side_by_side(server, home):
    report = synth_for(server, home, "gemini", budget="0.50").generate("conversation", count=24).report.to_dict()
    plan = report["plan"]
    assert plan["split"] == {"llm": 24, "blueprint": 0, "offline": 0, "undelivered": 0}
    assert usd(plan["cost_usd"]["low"]) <= usd(plan["cost_usd"]["expected"]) <= usd(plan["cost_usd"]["high"])
    assert plan["fact"]["cost_usd"] == report["cost"]["spent_usd"]
    assert plan["fact"]["split"] == {"llm": 24}
    assert usd(plan["cost_usd"]["low"]) / 5 <= usd(plan["fact"]["cost_usd"]) <= usd(plan["cost_usd"]["high"])


def test_a_tight_cap_lasts_to_the_end_and_is_used_up(server, home):
    synth = synth_for(server, home, "gemini")
    whole = synth.generate("json", schema=SCHEMA, count=512, budget="1", records_per_call=1, concurrency=16, cache="off").report
    cap = usd(whole.to_dict()["cost"]["spent_usd"]) * 0.4
    result = synth.generate(
        "json", schema=SCHEMA, count=512, budget=f"{cap:.6f}", records_per_call=1, concurrency=16, cache="off", seed=5
    )
    assert result.report.status == "success"
    origins = [row["origin"] for row in result.provenance]
    bought = origins.count("llm")
    assert 0.3 * 512 <= bought <= 0.5 * 512
    assert origins[384:].count("llm") >= 0.15 * bought
    cost = result.report.to_dict()["cost"]
    assert 0.9 * cap <= usd(cost["spent_usd"]) + usd(cost["held_usd"]) <= cap + 1e-6
    assert "replanned" in result.report.to_dict()["plan"]


def test_what_was_learned_is_kept_and_a_given_seed_leaves_it_alone(server, home):
    synth = synth_for(server, home, "gemini", budget="0.50")
    settings = read_settings({"SYNTH_HOME": str(home)})
    synth.generate("json", schema=SCHEMA, count=12, seed=1)
    assert learned_by_arm(settings) == {}, "a given seed freezes the routing"
    synth.generate("json", schema=SCHEMA, count=12)
    learned = learned_by_arm(settings)
    assert sum(arm["records"] for arm in learned.values()) == 12
    assert [arm["learned"]["records"] for arm in synth.models() if arm.get("learned")] == [12]


def test_a_judge_of_another_family_compares_a_sample_within_the_budget(server, home):
    report = synth_for(server, home, budget="0.50").generate("conversation", count=40, judge=True).report.to_dict()
    judge = report["judge"]
    assert judge["pairs"] >= 4
    assert usd(judge["spent_usd"]) <= 0.05
    (writer,) = judge["arms"]
    assert writer.split("/")[0] != judge["judges"][0].split("/")[0]
    told = judge["arms"][writer]
    assert told["wins"] + told["ties"] + told["losses"] == told["pairs"]


def test_without_another_family_nothing_is_judged_and_the_report_says_so(server, home):
    report = synth_for(server, home, "gemini", budget="0.50").generate("conversation", count=12, judge=True).report.to_dict()
    assert report["judge"]["pairs"] == 0
    assert "no usable arm is of another family" in report["judge"]["notes"][0]


def test_rewording_keeps_the_offline_record_where_no_turn_could_be_used(server, home):
    result = synth_for(server, home, "gemini", budget="0.50").generate("conversation", count=6, mode="rewrite")
    assert result.report.status == "success"
    offline = Synth(env={}).generate("conversation", count=6).records
    for record, twin, row in zip(result.records, offline, result.provenance, strict=True):
        assert [message["role"] for message in record["messages"]] == [message["role"] for message in twin["messages"]]
        if row["origin"] == "offline":
            assert record == twin


def test_auto_expands_a_large_rest_from_a_blueprint_and_again_from_its_files(home):
    wish = {"schema": test_schema.INCIDENT, "count": 4500, "records_per_call": 8}
    with ProviderServer(respond=incidents(4500)) as server:
        each = synth_for(server, home, "gemini").plan("json", budget="1", **wish).each
        synth = synth_for(server, home, "gemini", budget=f"{each * 600 / 1e6:.6f}")
        assert synth.plan("json", **wish).expands
        first = synth.generate("json", **wish)
        assert first.report.status == "success", first.report.errors
        rows = [record for record, row in zip(first.records, first.provenance, strict=True) if row["origin"] == "blueprint"]
        assert rows, first.report.warnings
        assert {record["component"] for record in rows} <= set(test_schema.WORDS["component"])
        assert first.report.origins["offline"] == 0
        again = synth.generate("json", **wish)
        assert again.report.origins["cache"] >= first.report.origins["llm"] * 0.9
        assert again.report.origins["blueprint"] + again.report.origins["offline"] < len(rows), "the same money buys more of them"
