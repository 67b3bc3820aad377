"""Each call is remembered: what was asked, what came of it, and nothing that is secret. None fails for the sake of it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from synth_sdk import Synth
from synth_sdk.client.history import (
    clear_runs,
    diff_runs,
    export_prometheus,
    forget_runs,
    history_of,
    moment_of,
    rendered,
)
from synth_sdk.client.remembering import remembered
from synth_sdk.client.settings import read_settings
from synth_sdk.core.errors import NoRoute, RequestError, SchemaError, SynthError, UnknownName
from tests.support.buying import synth_for
from tests.support.provider_server import Fault

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
SHOP = {
    "tables": {
        "customers": {"count": 3, "schema": {"id": "integer", "name": "name"}},
        "orders": {"count": 5, "schema": {"id": "integer", "customer_id": {"x-synth": {"ref": "customers.id"}}}},
    }
}


@pytest.fixture
def synth(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Synth(env={"SYNTH_HOME": str(home)})


def last(synth):
    return history_of(synth._settings).get("last")


def test_a_run_is_remembered_with_its_request_and_its_report(synth, home):
    began = datetime.now(UTC)
    result = synth.generate("json", schema=SCHEMA, count=7, seed=3)
    entry = last(synth)
    assert entry.id == result.report.generation_id
    assert began <= entry.started_at <= datetime.now(UTC)
    assert (entry.kind, entry.count, entry.records, entry.seed) == ("json", 7, 7, 3)
    assert (entry.status, entry.exit_code, entry.failure) == ("success", 0, "")
    assert entry.fingerprint == result.report.fingerprint
    assert entry.document == SCHEMA
    assert entry.request == {"kind": "json", "count": 7, "seed": 3, "schema": f"inline {entry.schema_digest}"}
    assert entry.report == json.loads(json.dumps(result.report.to_dict()))
    assert [path.name for path in home.iterdir()] == ["history.sqlite3"]


def test_a_file_is_told_by_its_name_and_remembered_by_its_contents(synth, tmp_path):
    (tmp_path / "thing.json").write_text(json.dumps(SCHEMA))
    synth.write("a.csv", "json", schema="thing.json", count=2, workers=1, table="things")
    by_file = last(synth)
    assert by_file.request == {
        "kind": "json", "count": 2, "seed": 0, "output": "a.csv", "schema": "thing.json", "table": "things",
    }  # fmt: skip
    synth.generate("json", schema=SCHEMA)
    assert (last(synth).schema_digest, last(synth).document) == (by_file.schema_digest, SCHEMA)


def test_the_configuration_is_part_of_what_was_asked_for(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "synth.yaml").write_text("count: 4\nlocale: de_DE\n")
    Synth(env={"SYNTH_HOME": str(home)}).generate("user_profile")
    told = Synth(env={"SYNTH_HOME": str(home)}).runs()[0]["request"]
    assert told == {"kind": "user_profile", "count": 4, "seed": 0, "locale": "de_DE"}


@pytest.mark.parametrize("way", ["agenerate", "stream", "astream", "write"])
def test_every_way_of_making_records(synth, way):
    async def consume():
        return [record async for record in synth.astream("text", count=3)]

    match way:
        case "agenerate":
            asyncio.run(synth.agenerate("text", count=3))
        case "astream":
            asyncio.run(consume())
        case "stream":
            list(synth.stream("text", count=3))
        case "write":
            synth.write("t.jsonl", "text", count=3)
    entry = last(synth)
    assert (entry.kind, entry.records, entry.status) == ("text", 3, "success")
    assert ("data_quality_metrics" in entry.report) == ("stream" not in way)


def read(synth, leave, **wish):
    """Read a stream until `leave` of it returns true."""
    for number, _ in enumerate(synth.stream(**{"kind": "text", "count": 10**9} | wish), start=1):
        if leave(number):
            break


def test_a_stream_that_is_left_early_is_told_with_what_was_read_of_it(synth):
    read(synth, lambda number: number == 1234)
    entry = last(synth)
    assert (entry.status, entry.failure, entry.exit_code, entry.records) == ("partial", "left", 3, 1234)
    assert (entry.report["status"], entry.report["records_generated"], entry.output) == ("partial", 1234, "memory")
    assert entry.id == entry.report["generation_id"]
    assert (entry.milliseconds > 0, "data_quality_metrics" in entry.report, entry.report["errors"]) == (True, False, [])
    assert entry.short_id in rendered(synth._settings, "last", ".md")


def test_a_stream_whose_last_record_was_read_is_whole(synth):
    read(synth, lambda number: number == 20, count=20)
    assert (last(synth).status, last(synth).failure, last(synth).exit_code, last(synth).records) == ("success", "", 0, 20)
    assert last(synth).report["status"] == "success"


def test_a_stream_that_nobody_began_to_read_is_none(synth):
    synth.stream("text", count=5).close()
    assert synth.runs() == []
    stream = synth.stream("text", count=5)
    next(stream)
    (run,) = synth.runs()
    assert (run["status"], run["records"], run["exit_code"], run["count"]) == ("running", 0, None, 5)
    stream.close()
    assert [(run["id"], one["status"], one["records"]) for one in synth.runs()] == [(run["id"], "partial", 1)]


def leave_by_break(synth):
    async def leave():
        async for _ in synth.astream("text", count=10**9):
            break

    asyncio.run(leave())


def leave_by_close(synth):
    async def leave():
        stream = synth.astream("text", count=10**9)
        await anext(stream)
        await stream.aclose()

    asyncio.run(leave())


def leave_by_cancel(synth):
    async def consume():
        async for number in aenumerate(synth.astream("text", count=10**9)):
            if number == 0:
                reading.set()

    async def leave():
        task = asyncio.ensure_future(consume())
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    reading = asyncio.Event()
    asyncio.run(leave())


async def aenumerate(stream):
    number = 0
    async for _ in stream:
        yield number
        number += 1


@pytest.mark.parametrize("leave", [leave_by_break, leave_by_close, leave_by_cancel])
def test_ways_to_leave_a_stream(synth, leave):
    leave(synth)
    assert (last(synth).status, last(synth).failure, last(synth).exit_code) == ("partial", "left", 3)
    assert last(synth).records == 1 or leave is leave_by_cancel
    assert synth.run_statistics()["success_rate"] is None  # nothing failed


def test_a_stream_that_is_still_open_when_its_process_ends(synth, home):
    code = """
from synth_sdk import Synth
stream = Synth().stream("text", count=1000)
print(len([next(stream) for _ in range(3)]))
"""
    env = {**os.environ, "SYNTH_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")
    assert [(run["status"], run["records"]) for run in synth.runs()] == [("partial", 3)]


def test_streams_of_tables(synth):
    async def consume():
        return [row async for row in synth.astream("json", schema=SHOP)]

    rows = list(synth.stream("json", schema=SHOP))
    whole = last(synth)
    assert (whole.status, whole.records, whole.count) == ("success", len(rows), 8)
    assert asyncio.run(consume()) == rows
    assert (last(synth).status, last(synth).records) == ("success", 8)
    stream = synth.stream("json", schema=SHOP)
    assert [next(stream), next(stream)] == rows[:2]
    stream.close()
    assert (last(synth).status, last(synth).records, last(synth).failure) == ("partial", 2, "left")


def test_a_stream_that_fails(synth):
    def never(record):
        yield "wrong"

    with pytest.raises(SynthError, match="no record was delivered"):
        list(synth.stream("json", schema=SCHEMA, count=3, rules=[never]))
    assert (last(synth).status, last(synth).exit_code, last(synth).records) == ("failed", 1, 0)
    with pytest.raises(UnknownName):
        next(synth.stream("nonsense"))
    assert (last(synth).status, last(synth).exit_code, last(synth).failure) == ("failed", 2, "request")


# Runs that are going on, and those that were killed


def test_a_run_is_seen_while_it_goes_on_and_completed_in_place(synth):
    seen = []

    def look(run):
        if run.progress().arrived and not seen:
            seen.extend(synth.runs())

    report = synth.write("t.jsonl", "json", schema=SCHEMA, count=5000, seed=4, watch=look)
    (during,) = seen
    assert (during["id"], during["status"], during["failure"], during["records"]) == (report.generation_id, "running", "", 0)
    assert during["seconds"] > 0
    (after,) = synth.runs()
    changed = {name for name in after if after[name] != during[name]}
    assert changed == {"status", "exit_code", "records", "seconds"}


def test_a_run_that_goes_on_has_no_page(synth):
    stream = synth.stream("text", count=5)
    next(stream)
    (run,) = synth.runs()
    with pytest.raises(RequestError, match="it is going on; see 'synth runs show"):
        rendered(synth._settings, run["id"], ".html")
    stream.close()


def test_a_killed_process(synth, home):
    code = f"""
import os, signal
from synth_sdk import Synth

def kill(run):
    if run.progress().arrived:
        os.kill(os.getpid(), signal.SIGKILL)

Synth().write("t.jsonl", "json", schema={SCHEMA!r}, count=10**6, seed=4, watch=kill)
"""
    env = {**os.environ, "SYNTH_HOME": str(home)}
    assert subprocess.run([sys.executable, "-c", code], env=env, timeout=60, check=False).returncode == -signal.SIGKILL
    entry = last(synth)
    assert (entry.status, entry.exit_code, entry.failure) == ("killed", 137, "killed")
    assert (entry.kind, entry.count, entry.records, entry.seed, entry.output) == ("json", 10**6, 0, 4, "t.jsonl")
    assert (entry.document, len(entry.fingerprint)) == (SCHEMA, 16)
    synth.generate("json", schema=SCHEMA, count=2)
    assert [run["status"] for run in synth.runs()] == ["success", "killed"]
    told = synth.run_statistics()
    assert (told["success_rate"], told["failures"]) == (0.5, {"killed": 1})
    assert 'synth_runs_total{kind="json",status="killed"} 1.0' in export_prometheus(synth._settings, "-")
    with pytest.raises(RequestError, match="it ended before there was a report"):
        rendered(synth._settings, entry.id, ".html")


def test_a_secret_of_the_environment_is_in_no_note_either(home, tmp_path, monkeypatch):
    """Also of the first call, before anything else was remembered."""
    monkeypatch.chdir(tmp_path)
    secret = f"another-secret-{os.urandom(4).hex()}"
    synth = Synth(env={"SYNTH_HOME": str(home), "MY_TOKEN": secret})
    stream = synth.stream("text", count=2, account=secret)
    next(stream)
    (note,) = home.glob("history.sqlite3.running/*")
    noted = note.read_bytes()
    stream.close()
    remembered = b"".join(path.read_bytes() for path in home.iterdir())
    assert [secret.encode() in text for text in (noted, remembered)] == [False, False]
    assert b"[redacted]" in noted


class Thing(BaseModel):
    name: str


def test_classes_and_sets_of_tables(synth, tmp_path):
    synth.generate(Thing, count=2)
    assert (last(synth).kind, last(synth).request["schema"]) == ("json", f"inline {last(synth).schema_digest}")
    synth.write("shop/", "json", schema=SHOP, count=1)
    entry = last(synth)
    assert (entry.status, entry.document["tables"].keys()) == ("success", SHOP["tables"].keys())
    assert entry.records == entry.report["records_generated"] > 1


def test_a_partial_run(synth):
    def odd(record):
        if record["n"] % 2 == 0:
            yield "even"

    result = synth.generate("json", schema=SCHEMA, count=40, rules=[odd])
    assert result.report.status == "partial"
    entry = last(synth)
    assert (entry.status, entry.exit_code, entry.failure) == ("partial", 3, "other")
    assert entry.records == len(result.records)


@pytest.mark.parametrize(
    ("kind", "wish", "error", "failure"),
    [
        ("json", {"schema": {"type": "integer", "minimum": 5, "maximum": 1}}, SchemaError, "schema"),
        ("nonsense", {}, UnknownName, "request"),
        ("text", {"cuont": 3}, UnknownName, "request"),
        ("text", {"count": 10**40}, RequestError, "request"),
        ("text\udc80", {}, UnknownName, "request"),
        ("text", {"report": "nowhere/r.json"}, RequestError, "output"),
    ],
)
def test_requests_that_are_wrong(synth, kind, wish, error, failure):
    with pytest.raises(error) as raised:
        synth.generate(kind, **wish)
    entry = last(synth)
    assert (entry.status, entry.exit_code, entry.failure, entry.records) == ("failed", 2, failure, 0)
    assert entry.report["errors"][0] == raised.value.message.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")


def test_an_interrupt(synth, tmp_path):
    def interrupt(run):
        if run.progress().arrived:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synth.write("t.jsonl", "text", count=5000, seed=9, watch=interrupt)
    entry = last(synth)
    assert (entry.status, entry.exit_code, entry.failure, entry.records) == ("interrupted", 130, "interrupted", 0)
    assert (entry.seed, entry.request["output"]) == (9, "t.jsonl")
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_task_that_is_cancelled(synth):
    async def cancelled():
        task = asyncio.ensure_future(synth.agenerate("text", count=10**7))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert (last(synth).status, last(synth).failure) == ("interrupted", "interrupted")


def test_what_is_our_own_fault(synth, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(Synth, "_delivery", broken)
    with pytest.raises(ZeroDivisionError):
        synth.generate("text")
    assert (last(synth).failure, last(synth).exit_code, last(synth).report["errors"]) == ("other", 1, ["ZeroDivisionError: oops"])


def test_money_is_remembered_also_of_a_run_that_failed(server, home, tmp_path):
    synth = synth_for(server, home, "gemini", budget="0.50")
    report = synth.generate("json", schema=SCHEMA, count=8, seed=1).report
    spent = report.to_dict()["cost"]["spent_usd"]
    assert (last(synth).spent_usd, synth.runs()[0]["spent_usd"]) == (spent, spent)

    def interrupt(run):
        if run.progress().spent:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synth.write(str(tmp_path / "a.jsonl"), "json", schema=SCHEMA, count=200, seed=2, watch=interrupt)
    entry = last(synth)
    assert (entry.status, entry.records) == ("interrupted", 0)
    assert float(entry.spent_usd) > 0
    assert synth.run_statistics()["statuses"]["interrupted"] == 1


def test_models_that_fail(server, home):
    server.faults = [Fault("unauthorized", "gemini")]
    synth = synth_for(server, home, "gemini", budget="0.50", fallback="none")
    with suppress(NoRoute):
        synth.generate("json", schema=SCHEMA, count=2, mode="llm")
    assert (last(synth).status, last(synth).exit_code, last(synth).failure) == ("failed", 1, "models")


# No secret


def test_no_secret_is_written(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    key, password = "AIzaSyD-not-a-real-key-0123456789", "gar-nicht-geheim"
    env = {"SYNTH_HOME": str(home), "GEMINI_API_KEY": key, "MY_API_KEY": "my-own-secret-value"}
    synth = Synth(env=env, api_keys={"openrouter": "sk-or-v1-0123456789abcdef"}, account=f"team {key}")
    schema = {
        "type": "string",
        "enum": ["a"],
        "default": f"postgresql://me:{password}@db/x",
        "description": "my-own-secret-value",
    }
    wishes = [
        {"schema": schema, "constraints": {"api_token": password}},
        {"schema": schema, "model": key, "budget": "1"},
        {"schema": schema, "table": f"x-{key}"},
        {"schema": schema, "account": "my-own-secret-value"},
    ]
    for wish in wishes:
        with suppress(SynthError):
            synth.generate("json", count=1, **wish)
    for output in (f"mysql://me:{password}@db:1/x?table=t&password={password}", f"nosuch://me:{password}@h/x"):
        with pytest.raises(SynthError):
            synth.write(output, "json", schema=schema, count=1)
    with pytest.raises(SynthError):
        synth.write("-", "text", count=1, stream_to=f"redis://me:{password}@127.0.0.1:1/x")
    assert len(synth.runs()) == 7
    written = b"".join(path.read_bytes() for path in home.rglob("history*"))
    for secret in (key, password, "my-own-secret-value", "0123456789abcdef"):
        assert secret.encode() not in written, secret
    assert b"mysql://[redacted]@db:1/x?table=t&password=[redacted]" in written


# Nothing of it may fail a run


@pytest.mark.parametrize("place", ["/dev/null/x.sqlite3", "dynamodb://synth-runs?region=eu-central-1"])
def test_a_history_that_fails_is_a_warning(home, place):
    env = {
        "SYNTH_HOME": str(home),
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    synth = Synth(env=env, history=place)
    result = synth.generate("text", count=3)
    assert (result.report.status, len(result.records)) == ("success", 3)
    (warning,) = result.report.warnings
    assert warning.startswith("history")
    assert "can't be written: " in warning
    assert warning.endswith("; the run is not remembered")
    if place.startswith("dynamodb"):
        with pytest.raises(SynthError, match="can't be read"):
            synth.runs()


def test_a_history_that_fails_leaves_the_runs_own_error(home, caplog):
    with pytest.raises(UnknownName, match="unknown kind"):
        Synth(env={"SYNTH_HOME": str(home)}, history="/dev/null/x.sqlite3").generate("nonsense")
    assert "the run is not remembered" in caplog.text


def test_whatever_is_wrong_with_it(synth, monkeypatch):
    def broken(*_):
        raise MemoryError("too much")

    monkeypatch.setattr("synth_sdk.client.remembering.history_of", broken)
    assert synth.generate("text", count=2).report.warnings == ["history: MemoryError: too much; the run is not remembered"]


def test_remembering_takes_a_moment_only(synth):
    """5 ms are the promise; ten times that is for machines that others work on too."""
    report = synth.generate("user_profile", count=10).report
    took = []
    for _ in range(20):
        began = time.perf_counter()
        with remembered(synth._settings, "user_profile", {}) as memory:
            memory.kept(report)
        took.append(time.perf_counter() - began)
    assert sorted(took)[10] < 0.05


def test_nothing_of_aws_is_loaded_for_a_file(synth):
    before = {"boto3", "botocore"} & sys.modules.keys()
    synth.generate("text", count=1)
    assert {"boto3", "botocore"} & sys.modules.keys() == before


# Where


def test_off(home):
    synth = Synth(env={"SYNTH_HOME": str(home)}, history="off")
    synth.generate("text")
    assert synth.runs() == []
    assert not home.exists()


def test_argument_before_variable_before_file_before_default(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    env = {"SYNTH_HOME": str(home)}
    place = lambda synth: (synth.generate("text", count=1), str(history_of(synth._settings).path))[1]  # noqa: E731
    assert place(Synth(env=env)) == str(home / "history.sqlite3")
    (tmp_path / "synth.yaml").write_text("history: file.db\n")
    assert place(Synth(env=env)) == "file.db"
    assert place(Synth(env={**env, "SYNTH_HISTORY": "variable.db"})) == "variable.db"
    assert place(Synth(env={**env, "SYNTH_HISTORY": "variable.db"}, history="argument.db")) == "argument.db"
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["argument.db", "file.db", "variable.db"]
    told = Synth(env={**env, "SYNTH_HISTORY": "off"}).configuration()["settings"]["history"]
    assert told == {"value": "off", "source": "environment:SYNTH_HISTORY"}
    assert Synth(env=env).configuration()["settings"]["history"] == {"value": "file.db", "source": "synth.yaml:history"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"history": "postgres://x"}, r"Synth: history 'postgres://x': must be off, a path, or dynamodb://TABLE"),
        ({"history": " ", "env": {}}, r"Synth: history ' ': must be a text"),
        ({"env": {"SYNTH_HISTORY": "dynamodb://x?a=b"}}, r"SYNTH_HISTORY: unknown parameter of a history's URL 'a'"),
    ],
)
def test_a_place_that_cant_be_one(given, told):
    with pytest.raises(RequestError, match=told):
        Synth(**given)


# Asking


def test_lists_pages_figures(synth):
    synth.generate("text", count=3)
    synth.generate("user_profile", count=5)
    with pytest.raises(UnknownName):
        synth.generate("nonsense")
    assert [run["kind"] for run in synth.runs()] == ["nonsense", "user_profile", "text"]
    assert [run["kind"] for run in synth.runs(status="success", limit=1)] == ["user_profile"]
    assert synth.runs(since=timedelta(0)) == []
    (run,) = synth.runs(kind="text", since="1h")
    assert set(run) == {
        "id", "started_at", "kind", "count", "records", "status", "exit_code", "failure", "fingerprint", "seed", "request",
        "schema_digest", "seconds", "spent_usd", "output",
    }  # fmt: skip
    assert synth.show_run(run["id"][:8])["report"]["generation_id"] == run["id"]
    told = synth.run_statistics(since="7d")
    assert (told["runs"], told["records"], told["success_rate"], told["failures"]) == (3, 8, 1.0, {"request": 1})
    assert synth.run_statistics(kind="text")["runs"] == 1
    first, second = (run["id"] for run in reversed(synth.runs(status="success")))
    assert diff_runs(synth._settings, first, second)["request"]["kind"] == ["text", "user_profile"]
    assert 'synth_runs_total{kind="text",status="success"} 1.0' in export_prometheus(synth._settings, "-")
    assert forget_runs(synth._settings, [first, first[:9], "last"]) == 2
    assert clear_runs(synth._settings) == 1


def test_the_stored_report_becomes_a_page(synth):
    run = synth.generate("user_profile", count=5).report.generation_id
    page = rendered(synth._settings, run, ".html")
    assert page.lower().startswith("<!doctype html>")
    assert run in page
    assert run in rendered(synth._settings, "last", ".md")
    with pytest.raises(UnknownName):
        synth.generate("nonsense")
    with pytest.raises(RequestError, match="it ended before there was a report"):
        rendered(synth._settings, "last", ".html")


@pytest.mark.parametrize(
    ("since", "moment"), [("2025-01-31", datetime(2025, 1, 31, tzinfo=UTC)), ("2025-01-31T10:00+02:00", None)]
)
def test_since_a_time(since, moment):
    assert moment_of(since) == (moment or datetime.fromisoformat(since))


def test_since_so_long_ago():
    assert abs(datetime.now(UTC) - timedelta(days=7) - moment_of("7d")) < timedelta(seconds=5)
    for wrong in ("yesterday", "", "-3d", "9999999999999d", "9999y"):
        with pytest.raises(RequestError, match="write how long ago, such as 12h or 7d"):
            moment_of(wrong)


@pytest.mark.parametrize(
    ("line", "failure"),
    [("request: schema.fields: the list is empty", "schema"), ("request: volume 0: must be at least 1", "request")],
)
def test_a_request_that_was_refused_as_a_document(home, line, failure):
    settings = read_settings({"SYNTH_HOME": str(home)})
    report = Synth(env={"SYNTH_HOME": str(home)}, history="off").generate("text", count=1).report
    with remembered(settings, "custom", {"volume": 0, "schema": {"fields": []}}) as memory:
        memory.kept(replace(report, refused=True, status="failed", records_generated=0, errors=[line]))
    entry = history_of(settings).get("last")
    assert (entry.kind, entry.status, entry.exit_code, entry.failure) == ("custom", "failed", 2, failure)
    assert (entry.request["volume"], entry.document, entry.report["errors"]) == (0, {"fields": []}, [line])
