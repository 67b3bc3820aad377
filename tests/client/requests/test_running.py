"""Requests from their document to the report, with real files."""

import json
import sqlite3

import pytest
from jsonschema import Draft202012Validator

from synth_sdk import Synth
from synth_sdk.client.requests import published
from synth_sdk.core.rules import rule
from synth_sdk.core.stages import STAGES

SCHEMA = {"fields": [{"name": "n", "type": "integer", "constraints": {"min": 0, "max": 9}}, {"name": "mail", "type": "email"}]}


@rule("small_numbers_only")
def small_numbers_only(record):
    if record["n"] > 4:
        yield "n is above 4"


@rule("no_number_at_all")
def no_number_at_all(record):
    yield "there is a number"


@rule("broken_at_five")
def broken_at_five(record):
    if record["n"] == 5:
        raise ZeroDivisionError("five")


def request(**more):
    return {"data_type": "custom", "volume": 200, "schema": SCHEMA, "output_format": "csv"} | more


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def to(location, kind="local"):
    return {"type": kind, "location": location}


def run(asked, **options):
    report = Synth().run(asked, **options)
    Draft202012Validator(published("report"), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        json.loads(json.dumps(report.to_dict()))
    )
    return report


def test_records_land_where_the_destination_says_in_its_format(tmp_path):
    report = run(request(destination=to("people.dat")))
    lines = (tmp_path / "people.dat").read_text().splitlines()
    assert (lines[0], len(lines)) == ('"n","mail"', 201)
    assert (report.status, report.records_generated, report.output_location, report.exit_code) == (
        "success",
        200,
        "people.dat",
        0,
    )
    assert report.request["volume"] == 200


def test_all_nine_stages_are_told():
    told = run(request(destination=to("x.csv"), compliance_requirements=["GDPR"])).to_dict()
    assert tuple(stage["name"] for stage in told["stages"]) == STAGES
    assert all(stage["told"] for stage in told["stages"])
    assert sum(stage["ms"] for stage in told["stages"]) > 0


def test_the_report_tells_what_the_records_are_like():
    told = run(request(destination=to("x.csv"))).to_dict()
    field = told["data_quality_metrics"]["distribution_analysis"]["n"]
    assert field["count"] == 200
    assert field["histogram"]["counts"]
    assert told["records"]
    assert told["timeline"][-1]["records"] == 200


def test_partial_is_real(tmp_path):
    report = run(request(destination=to("x.csv"), rules=["small_numbers_only"]))
    rows = (tmp_path / "x.csv").read_text().splitlines()[1:]
    assert (report.status, report.exit_code) == ("partial", 3)
    assert 0 < report.records_generated == len(rows) < 200
    assert "n is above 4" in report.errors[0]
    assert all(int(row.split(",")[0]) < 5 for row in rows)


def test_failed_is_real(tmp_path):
    report = run(request(destination=to("x.csv"), rules=["no_number_at_all"]))
    assert (report.status, report.exit_code, report.records_generated) == ("failed", 1, 0)
    assert not (tmp_path / "x.csv").exists()


def test_what_fails_on_the_way_leaves_a_report_and_no_output(tmp_path):
    report = run(request(destination=to("x.csv"), rules=["broken_at_five"], report="r.json"))
    assert (report.status, report.exit_code, report.output_location) == ("failed", 1, "")
    assert "ZeroDivisionError" in report.errors[0]
    written = json.loads((tmp_path / "r.json").read_text())
    assert (written["status"], written["generation_id"], written["errors"]) == ("failed", report.generation_id, report.errors)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".csv", ".json")) == ["r.json"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"destination": to("no/such/folder.csv")}, "no/such' does not exist"),
        ({"seed": "often"}, "seed"),
        ({"mode": "llm"}, "needs a budget"),
        ({"masks": {"mial": "redact"}}, "mail"),
        ({"strict": True}, "--compliance"),
        ({"table": ""}, "table"),
        ({"destination": to("sqlite:////no/such/folder/x.db", "rds")}, "no/such/folder"),
    ],
)
def test_a_request_that_is_wrong_is_refused_with_a_report(change, told, tmp_path):
    report = run(request(report="r.md", **change))
    assert (report.status, report.exit_code, report.refused) == ("failed", 2, True)
    assert told in report.errors[0]
    assert "Failed" in (tmp_path / "r.md").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["r.md"]


def test_a_file_that_is_no_request_is_refused(tmp_path):
    (tmp_path / "list.json").write_text("[]")
    assert "is not an object" in run("list.json").errors[0]
    assert "can't be read" in run("nowhere.json").errors[0]
    (tmp_path / "broken.json").write_text("{")
    assert "request file 'broken.json' is not JSON" in run("broken.json").errors[0]


def test_options_win_over_the_request(tmp_path):
    (tmp_path / "asked.json").write_text(json.dumps(request(destination=to("x.csv"), seed=1)))
    report = run("asked.json", output="y.jsonl", count=3, format="jsonl", seed=9)
    assert (report.records_generated, report.seed, report.output_location) == (3, 9, "y.jsonl")
    assert not (tmp_path / "x.csv").exists()
    assert len((tmp_path / "y.jsonl").read_text().splitlines()) == 3


def test_a_database_is_a_destination(tmp_path):
    asked = request(destination=to("sqlite:///people.db", "rds") | {"table": "people"})
    assert run(asked).status == "success"
    with sqlite3.connect(tmp_path / "people.db") as database:
        assert database.execute("SELECT count(*), min(n) >= 0, max(n) <= 9 FROM people").fetchone() == (200, 1, 1)
    again = run(asked)
    assert again.status == "success"
    assert any("already" in warning for warning in again.warnings)
    other = run(asked | {"seed": 5})
    assert (other.status, other.exit_code) == ("failed", 2)
    with sqlite3.connect(tmp_path / "people.db") as database:
        assert database.execute("SELECT count(*) FROM people").fetchone() == (200,)


def test_no_key_before_a_bucket_is_in_the_report(tmp_path):
    report = run(request(destination=to("AKIAIOSFODNN7EXAMPLE:hunter22-key@bucket/x.csv", "s3")), report="r.html")
    assert report.exit_code == 2
    assert "hunter22-key" not in json.dumps(report.to_dict()) + (tmp_path / "r.html").read_text()


@pytest.mark.parametrize("more", [{"output": "asked.json"}, {"report": "asked.json"}])
def test_a_request_is_not_overwritten(tmp_path, more):
    text = json.dumps(request(destination=to("asked.json") if "output" in more else to("x.csv")))
    (tmp_path / "asked.json").write_text(text)
    for told in ({}, more) if "output" in more else (more,):
        report = run("asked.json", **told)
        assert (report.exit_code, report.errors) == (
            2,
            ["output 'asked.json': the request itself stands there; name another place"],
        )
    assert (tmp_path / "asked.json").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["asked.json"]


def test_records_and_report_do_not_mix_on_standard_output(capfd):
    report = run(request(), report="-")
    assert report.exit_code == 2
    assert "name the same file" in report.errors[0]
    assert json.loads(capfd.readouterr().out)["status"] == "failed"


def test_what_is_no_request_at_all_is_said():
    assert run(None).errors == ["request: there is nothing in it; see 'synth schema show request'"]
    assert run([1]).errors == ["request: [1] is not an object; see 'synth schema show request'"]


def test_a_volume_may_be_written_with_a_point(tmp_path):
    assert run(request(volume=5.0, destination=to("x.csv"))).records_generated == 5


def test_no_secret_of_a_request_is_in_its_report():
    asked = request(destination=to("postgresql://me:hunter22-secret@127.0.0.1:1/db", "rds"))
    report = run(asked, report="r.json")
    assert report.exit_code == 2
    assert "hunter22-secret" not in json.dumps(report.to_dict())
