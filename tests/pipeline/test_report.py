"""The report: the published keys, and three ways to read it."""

import json
from collections import Counter
from datetime import UTC, datetime

from synth_sdk.core.measures import Measures
from synth_sdk.core.stages import Stages
from synth_sdk.pipeline.report import Cost, Moment, Report


def report(**changes):
    measures = Measures()
    for size in (1, 2, 2):
        measures.add({"n": size}, {"n": size, "kind": "a|b"})
    told = {
        "generation_id": "g",
        "status": "partial",
        "records_generated": 3,
        "records_wanted": 5,
        "output_location": "out.jsonl",
        "quality": measures.quality(valid=3),
        "execution_time_ms": 12,
        "errors": ["arm: <refused>"],
        "warnings": [],
        "cost": Cost(budget=500_000, spent=31_200, by_model={"arm": 31_200}),
        "origins": Counter(llm=2, offline=1),
        "plan": {},
        "seed": 42,
        "fingerprint": "f",
    }
    return Report(**(told | changes))


def test_it_has_the_published_keys_and_values():
    told = json.loads(report().render(".json"))
    assert set(told) == {
        "generation_id", "status", "records_generated", "output_location", "data_quality_metrics", "execution_time_ms", "errors",
        "cost", "origins", "plan", "seed", "fingerprint", "manifest", "records_wanted",
    }  # fmt: skip
    assert told["cost"] == {
        "budget_usd": "0.50",
        "spent_usd": "0.0312",
        "held_usd": "0",
        "saved_by_cache_usd": "0",
        "by_model": {"arm": "0.0312"},
    }
    assert told["origins"] == {"llm": 2, "cache": 0, "blueprint": 0, "offline": 1}
    assert told["data_quality_metrics"]["uniqueness_score"] == round(2 / 3, 6)


def test_what_a_run_may_tell_beyond_that_appears_only_where_it_does():
    stages = Stages()
    stages.add("write", 0.5)
    told = report(
        kind="json",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        stages=stages,
        timeline=[Moment(10, 3, 31_200)],
        records=[{"n": 1}],
        compliance={"status": "clean"},
        request={"volume": 5},
    ).to_dict()
    assert told["timeline"] == [{"ms": 10, "records": 3, "spent_usd": "0.0312"}]
    assert {"kind", "created_at", "stages", "records", "compliance", "request"} <= set(told)
    assert len(told["stages"]) == 9


def test_a_run_that_failed_says_so_and_keeps_what_it_cost():
    told = report().failed(["the disk is full"])
    assert (told.status, told.records_generated, told.output_location, told.exit_code) == ("failed", 0, "", 1)
    assert told.errors == ["the disk is full", "arm: <refused>"]
    assert told.cost.spent == 31_200
    assert report(output_location="-").failed([]).output_location == "-"


def test_the_exit_code_follows_from_the_status():
    codes = [report(status=status).exit_code for status in ("success", "partial", "failed")]
    assert [*codes, report(status="failed", refused=True).exit_code] == [0, 3, 1, 2]


def test_warnings_appear_only_where_there_are_some():
    assert report(warnings=["w"]).to_dict()["warnings"] == ["w"]


def test_markdown_and_html_carry_the_same_facts_and_escape_them():
    page, text = report().render(".html"), report().render(".md")
    assert "arm: &lt;refused&gt;" in page
    assert "arm: \\<refused>" in text
    assert "$0.0312" in page
    assert "$0.0312" in text
    assert "a\\|b" in text
