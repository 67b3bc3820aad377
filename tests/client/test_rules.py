"""Rules in whole runs: offline, bought, expanded; what the report says; what goes back to the models."""

import json

import pytest

from synth_sdk import Synth
from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, SynthError
from synth_sdk.core.rules import rule
from tests.support.buying import synth_for
from tests.support.provider_server import Fault

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "n": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["name", "n"],
}


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setitem(plugins._AT_RUN_TIME, "rules", {})


@pytest.fixture
def odd():
    @rule("odd")
    def odd(record):
        if record["n"] % 2 == 0:
            yield f"n is {record['n']}, which is even"

    return odd


def test_offline_records_that_dont_pass_are_rejects_and_the_rest_is_delivered(odd, tmp_path):
    wish = {"schema": SCHEMA, "count": 50, "seed": 4}
    all_of_them = Synth().generate("json", **wish).records
    output, rejects = tmp_path / "out.jsonl", tmp_path / "rejects.jsonl"
    report = Synth().write(str(output), "json", rules=["odd"], rejects=str(rejects), **wish)
    kept = [record for record in all_of_them if record["n"] % 2]
    assert [json.loads(line) for line in output.read_text().splitlines()] == kept
    assert report.status == "partial"
    assert report.records_generated == len(kept) == report.to_dict()["origins"]["offline"]
    turned_down = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [row["index"] for row in turned_down] == [index for index, record in enumerate(all_of_them) if record["n"] % 2 == 0]
    assert turned_down[0]["reason"].startswith("rule odd: n is ")
    assert report.errors == [f"{50 - len(kept)} records not delivered: {turned_down[0]['reason']}"]


@pytest.mark.parametrize("suffix", ["jsonl", "json", "csv", "sql", "xml", "parquet"])
def test_every_format_is_whole_without_what_is_left_out(odd, tmp_path, suffix):
    wish = {"schema": SCHEMA, "count": 40, "seed": 4}
    kept = [record for record in Synth().generate("json", **wish).records if record["n"] % 2]
    Synth().write(str(tmp_path / f"out.{suffix}"), "json", rules=["odd"], **wish)
    result = Synth().generate("json", rules=["odd"], **wish)
    assert result.records == kept
    result.save(str(tmp_path / f"saved.{suffix}"))
    written = (tmp_path / f"out.{suffix}").read_bytes()
    saved = (tmp_path / f"saved.{suffix}").read_bytes()
    assert written.replace(b"out", b"") == saved.replace(b"saved", b"") or suffix == "parquet"


def test_workers_know_installed_rules_and_make_the_same_bytes(tmp_path):
    wish = {
        "count": 20_000,
        "seed": 1,
        "schema": {**SCHEMA, "properties": {**SCHEMA["properties"], "name": {"enum": ["TODO", "Ann", "Bob"]}}},
    }
    reports = [
        Synth().write(str(tmp_path / f"{workers}.jsonl"), "json", rules="no_placeholder", workers=workers, **wish)
        for workers in (1, 2)
    ]
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert (
        reports[0].records_generated == reports[1].records_generated == (tmp_path / "1.jsonl").read_bytes().count(b"\n") < 20_000
    )
    assert reports[0].manifest["row_digest"] == reports[1].manifest["row_digest"]
    assert [report.warnings for report in reports] == [[], []]
    folder = Synth().write(f"{tmp_path}/parts/", "json", rules="no_placeholder", workers=2, rows_per_shard=5000, **wish)
    assert folder.records_generated == reports[0].records_generated
    assert folder.manifest["row_digest"] == reports[0].manifest["row_digest"]


def test_rules_of_this_process_keep_the_work_here(odd, tmp_path):
    wish = {"schema": SCHEMA, "count": 50_000, "workers": 2, "rules": [odd, lambda record: []]}
    report = Synth().write(str(tmp_path / "out.jsonl"), "json", **wish)
    assert report.warnings == ["workers 2: other processes don't know odd, <lambda>; the records are made in this one"]
    assert report.status == "partial"


def test_rules_as_a_default_and_none_for_a_call(odd):
    synth = Synth(rules=["odd"])
    assert synth.generate("json", schema=SCHEMA, count=20).report.status == "partial"
    assert synth.generate("json", schema=SCHEMA, count=20, rules=[]).report.status == "success"


def test_when_nothing_passes_nothing_is_written(tmp_path):
    report = Synth().write(str(tmp_path / "out.jsonl"), "text", rules=[lambda record: ["no"]])
    assert report.status == "failed"
    assert not list(tmp_path.iterdir())
    with pytest.raises(SynthError, match="no record was delivered: 10 records not delivered: rule <lambda>: no"):
        list(Synth().stream("text", rules=[lambda record: ["no"]]))


def test_a_rule_that_fails_ends_the_run_in_one_line_and_leaves_no_file(tmp_path):
    with pytest.raises(SynthError, match=r"^rule '<lambda>' fails on record 0: KeyError: 'n'$"):
        Synth().write(str(tmp_path / "out.jsonl"), "text", rules=[lambda record: record["n"]])
    assert not list(tmp_path.iterdir())


def test_rules_see_records_before_they_are_put_into_a_dialect():
    seen = []
    Synth().generate("conversation", count=2, dialect="anthropic", rules=[lambda record: seen.append(sorted(record)) or []])
    assert seen[0] == ["id", "messages", "meta", "tools"]


def test_tables_take_no_rules(odd):
    tables = {"tables": {"a": {"count": 3, "schema": SCHEMA}}}
    with pytest.raises(RequestError, match="rule 'odd': the rows of a set refer to one another"):
        Synth().generate("json", schema=tables, rules=["odd"])


# Models


def low(record):
    return [f"n is {record['n']}; it must be below 8"] if record["n"] >= 8 else []


def test_a_written_record_that_doesnt_pass_is_asked_for_again(server, home):
    result = synth_for(server, home, "gemini", budget="0.50").generate("json", schema=SCHEMA, count=24, mode="llm", rules=[low])
    assert result.report.status == "success", result.report.errors
    assert all(record["n"] < 8 for record in result.records)
    assert result.report.origins == {"llm": 24}
    assert sum(request.count for request in server.requests) > 24


def test_a_model_is_told_the_rules_words(server, home):
    synth = synth_for(server, home, "gemini", budget="0.50", model="gemini-2.5-flash-lite", fallback="none")
    result = synth.generate("json", schema=SCHEMA, count=24, mode="llm", rules=[low])
    assert all(record["n"] < 8 for record in result.records)
    told = [text for request in server.requests for _, text in request.turns if "it must be below 8" in text]
    assert told
    assert all("That was not accepted" in text for text in told)


def test_what_was_bought_before_the_rule_is_bought_again_only_where_it_doesnt_pass(odd, server, home):
    wish = {"schema": SCHEMA, "count": 24, "mode": "llm"}
    before = synth_for(server, home, "gemini", budget="0.50").generate("json", **wish).records
    kept = sum(record["n"] % 2 for record in before)
    assert 0 < kept < 24
    result = synth_for(server, home, "gemini", budget="0.50").generate("json", rules=["odd"], **wish)
    assert result.report.origins == {"cache": kept, "llm": 24 - kept}
    assert [new for old, new in zip(before, result.records, strict=True) if old["n"] % 2] == [
        old for old in before if old["n"] % 2
    ]
    asked = len(server.requests)
    again = synth_for(server, home, "gemini", budget="0.50").generate("json", rules=["odd"], **wish)
    assert again.records == result.records
    assert len(server.requests) == asked


def test_stand_ins_pass_too(odd, server, home):
    server.faults = [Fault("unavailable")]
    result = synth_for(server, home, "gemini", budget="0.50", fallback="faker").generate(
        "json", schema=SCHEMA, count=30, rules=["odd"]
    )
    assert result.report.status == "partial"
    assert all(record["n"] % 2 for record in result.records)
    assert result.report.origins == {"offline": len(result.records)}
    assert any("rule odd" in line for line in result.report.errors)


def test_a_rule_that_fails_ends_a_paid_run_too_and_nothing_paid_is_lost(server, home):
    wish = {"schema": SCHEMA, "count": 4, "mode": "llm"}
    plugins.register("rules", "broken", lambda record: 1 / 0)
    with pytest.raises(SynthError, match=r"rule 'broken' fails on record \d: ZeroDivisionError"):
        synth_for(server, home, "gemini", budget="0.50").generate("json", rules=["broken"], **wish)
    asked = len(server.requests)
    plugins.register("rules", "broken", lambda record: [])
    result = synth_for(server, home, "gemini", budget="0.50").generate("json", rules=["broken"], **wish)
    assert result.report.status == "success"
    assert len(server.requests) <= asked + 4


@pytest.mark.parametrize("mode", ["rewrite", "auto", "llm"])
def test_in_every_mode(server, home, mode):
    def few_turns(record):
        return [] if len(record["messages"]) < 9 else ["too many turns"]

    result = synth_for(server, home, "gemini", budget="0.50").generate("conversation", count=6, mode=mode, rules=[few_turns])
    assert all(len(record["messages"]) < 9 for record in result.records)
    assert len(result.records) + sum("few_turns" in line for line in result.report.errors) >= 1
