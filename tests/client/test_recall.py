"""Recall through the client: files of schemas and of data, runs of a history, a vector store beside it."""

import json
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

import pytest

from synth_sdk import Synth
from synth_sdk.client.recall import described, document_like, hints, recall
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.history.entries import Entry, digest_of
from synth_sdk.history.store import open_history
from synth_sdk.schema.tables import parse_declared
from tests.history.recall_schemas import fields

STARS = fields("hip:integer constellation right_ascension:number declination:number magnitude:number")
STORES = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(library) is None, reason=f"{library} is not installed"))
    for name, library in (("lancedb", "lancedb"), ("chroma", "chromadb"), ("ruvector", "ruvector"))
]


def entry(number, told, status="success", **request):
    document = parse_declared(told)
    report = {"execution_time_ms": 1500, "data_quality_metrics": {"uniqueness_score": 0.98, "validity_score": 1.0}}
    return Entry(
        id=f"{number:08x}-run", started_at=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=number), kind="json", count=50,
        records=50, status=status, exit_code=0, fingerprint="f", seed=4, request=request, report=report,
        schema_digest=digest_of(document), document=document,
    )  # fmt: skip


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "runs.sqlite3") as opened:
        yield opened


def test_patterns_alone_without_a_history():
    (first, *_) = recall({"visitId": "integer", "icdCode": "string", "diagnosisDate": "date", "treatment": "string"})
    assert (first.source, first.name) == ("pattern", "healthcare.diagnoses")
    assert described(first) == "table diagnoses of pattern healthcare"
    assert first.how["command"] == "synth generate json --schema healthcare.diagnoses -n 1000 -o diagnoses.csv"
    assert recall(STARS) == []


def test_a_whole_set_is_like_a_whole_pattern():
    (first, *_) = recall("finance")
    assert (first.name, round(first.similarity, 3), described(first)) == ("finance", 1.0, "pattern finance")
    assert first.how["command"] == "synth generate json --schema finance -n 1000 -o finance/"


def test_runs_with_a_like_schema_the_newest_of_each(history):
    for number in (1, 2, 3):
        history.add(entry(number, STARS, schema="stars.yaml", output="stars.csv"))
    history.add(entry(4, fields("dish cuisine servings:integer"), schema="inline 0123"))
    history.add(entry(5, {**STARS, "parallax": "number"}, status="failed"))
    (found,) = recall(fields("constellation hip:integer declination:number name"), history)
    assert (found.source, found.name) == ("run", "00000003-run")
    assert found.why == "3 shared fields: constellation, hip, declination"
    assert described(found) == "a schema you made on 2026-11-20 (run 00000003)"
    assert found.how["command"] == "synth generate json --schema stars.yaml -n 50 --seed 4 -o stars.csv"
    told = found.to_dict()["how"]
    assert (told["seconds"], told["validity_score"], told["records"]) == (1.5, 1.0, 50)
    (dish,) = recall(fields("dish cuisine"), history)
    assert dish.how["command"] == "synth runs show 00000004 --json"


def test_the_command_asks_for_what_was_asked_for_not_for_the_rows_that_came(history):
    shop = {
        "tables": {
            "stars": {"schema": STARS},
            "planets": {"per": {"table": "stars", "min": 2, "max": 2}, "schema": {"moons": "integer"}},
        }
    }
    history.add(entry(1, shop, schema="sky.yaml", count=7))
    (found, *_) = recall(STARS, history)
    assert found.how["command"] == "synth generate json --schema sky.yaml -n 7 --seed 4"


def test_one_field_is_one_and_names_are_fit_for_a_terminal(history):
    history.add(entry(1, fields("parallax")))
    (found,) = recall(fields("parallax"), history)
    assert found.why == "1 shared field: parallax"
    odd = {"parallax\u202e" + "x" * 300: "string"}
    history.add(entry(2, odd))
    (found, *_) = recall(odd, history)
    assert "\u202e" not in found.why
    assert len(found.why) < 90


def test_of_a_real_run(history, tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTH_HISTORY", str(tmp_path / "runs.sqlite3"))
    (tmp_path / "stars.json").write_text(json.dumps(STARS))
    Synth().write(str(tmp_path / "stars.csv"), "json", schema=str(tmp_path / "stars.json"), count=30)
    found = recall(tmp_path / "stars.csv", history)
    assert [one.source for one in found] == ["run"]
    assert found[0].similarity > 0.99
    assert str(tmp_path / "stars.json") in found[0].how["command"]


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "parquet", "jsonl.gz"])
def test_data_is_inferred_first(ending, tmp_path):
    file = tmp_path / f"loans.{ending}"
    Synth().write(str(file), "json", schema="finance.loans", count=40)
    assert recall(str(file))[0].name == "finance.loans"


def test_a_json_file_is_data_if_it_is_a_list(tmp_path):
    (tmp_path / "schema.json").write_text('{"hip": "integer"}')
    (tmp_path / "data.json").write_text('\ufeff [{"hip": 3}]')
    assert [list(document_like(tmp_path / name)["properties"]) for name in ("schema.json", "data.json")] == [["hip"], ["hip"]]


@pytest.mark.parametrize("name", STORES)
def test_a_store_keeps_the_signatures_of_all_runs(name, history, tmp_path):
    place = f"{name}:{tmp_path / 'past'}"
    for number in range(30):
        history.add(entry(number, {f"planet{letter}{number}": "string" for letter in "ab"} | {"orbit": "number"}))
    history.add(entry(40, STARS))
    (found,) = recall(STARS, history, store=place, limit=1)
    assert (found.name, round(found.similarity, 3)) == ("00000028-run", 1.0)
    history.add(entry(50, STARS))
    (newer,) = recall(STARS, history, store=place, limit=1)
    assert newer.name == "00000032-run"
    history.forget(["00000032-run"])
    assert recall(STARS, history, store=place) == []  # its signature is there, the run isn't


def test_what_is_wrong_is_said(history):
    with pytest.raises(UnknownName, match="unknown embedding 'hash': did you mean hashing"):
        recall(STARS, embedding="hash")
    with pytest.raises(RequestError, match="limit 0: must be at least 1"):
        recall(STARS, limit=0)
    with pytest.raises(UnknownName, match="unknown vector store 'chrome'"):
        recall(STARS, history, store="chrome")
    with pytest.raises(RequestError, match="No such file"):
        recall("nowhere.csv")


def test_hints_are_what_the_nearest_says_of_the_field_alone():
    mine = {"orderNumber": "string", "channel": "string", "shippingFee": "number", "customerId": "integer", "quantity": "integer"}
    found = {one.pointer: one for one in hints(mine, recall(mine))}
    channel = found["/properties/channel"]
    assert not channel.safe
    assert channel.why == "'channel' is so in table orders of pattern ecommerce"
    changes = {change["path"]: change["value"] for change in channel.to_dict()["change"]}
    assert changes["/properties/channel/enum"] == ["web", "app", "showroom", "phone"]
    assert changes["/properties/channel/x-synth"] == {"weights": [63, 22, 12, 3]}
    assert "/properties/customerId" not in found  # a foreign key
    assert "/properties/shippingFee" not in found  # is decided by another field there


def test_hints_make_a_schema_that_can_be_made():
    document = parse_declared({"orderNumber": "string", "channel": "string", "customerId": "integer", "note": "string"})
    for hint in hints(document, recall(document)):
        for change in hint.changes:
            *way, last = change.path
            place = document
            for step in way:
                place = place[step]
            place[last] = change.value
    rows = Synth().generate("json", schema=document, count=200).records
    assert {row["channel"] for row in rows} == {"web", "app", "showroom", "phone"}
