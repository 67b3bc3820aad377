"""`synth runs`, as a user has it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support import aws
from tests.support.children import child

WORDS = ("generate", "user_profile", "--quiet", "-o", "u.csv")


def newest(synth, **more):
    return json.loads(synth("runs", "list", "--json", **more).out)


def test_the_story_of_some_runs(inside):
    synth = inside
    synth(*WORDS, "-n", 20)
    synth(*WORDS, "-n", 40, "--seed", 4)
    synth("generate", "json", "--schema", "none.json")
    synth("generate", "text", "-n", 3, "--quiet")
    listed = synth("runs", "list", "--limit", 3)
    head, *rows = listed.out.splitlines()
    assert head.split() == ["id", "started", "(UTC)", "kind", "records", "status", "seconds", "$", "spent", "output"]
    assert [row.split()[3] for row in rows] == ["text", "json", "user_profile"]
    assert (listed.code, listed.err) == (0, "")
    runs = newest(synth)
    assert [(run["kind"], run["status"], run["exit_code"], run["failure"]) for run in runs] == [
        ("text", "success", 0, ""),
        ("json", "failed", 2, "request"),
        ("user_profile", "success", 0, ""),
        ("user_profile", "success", 0, ""),
    ]
    assert [run["kind"] for run in json.loads(synth("runs", "list", "--kind", "json", "--json").out)] == ["json"]
    assert len(json.loads(synth("runs", "list", "--status", "success", "--since", "1h", "--json").out)) == 3

    second, first = runs[2]["id"], runs[3]["id"]
    shown = synth("runs", "show", first[:8]).out
    assert shown.splitlines()[0].split() == ["id", first]
    assert "  output  u.csv" in shown
    assert json.loads(synth("runs", "show", first, "--json").out)["report"]["records_generated"] == 20
    assert first in synth("runs", "show", first, "--format", "md").out
    assert "errors\n  schema file 'none.json' can't be read" in synth("runs", "show", runs[1]["id"]).out

    compared = synth("runs", "diff", first[:8], second[:8]).out
    assert "fingerprint  different" in compared
    assert "  count  20 -> 40 (+100.0%)" in compared
    assert "  active.top.True " in compared
    assert json.loads(synth("runs", "diff", first, second, "--json").out)["request"]["seed"] == [0, 4]

    told = synth("runs", "stats", "--since", "7d").out
    assert told.splitlines()[0].split(maxsplit=1) == ["runs", "4 (3 success, 1 failed)"]
    assert json.loads(synth("runs", "stats", "--json").out)["by_kind"]["user_profile"]["records"] == 60
    by_kind = synth("runs", "stats", "--by", "kind", "--kind", "text").out.splitlines()
    assert by_kind[1].split()[:4] == ["text", "1", "100.0%", "3"]
    assert set(json.loads(synth("runs", "stats", "--by", "day", "--json").out)) & {"by_day", "by_kind"} == {"by_day"}

    assert synth("runs", "forget", first[:8], second[:8]).err == "synth: 2 runs forgotten\n"
    assert synth("runs", "clear", "--keep", 1).err == "synth: 1 run forgotten\n"
    assert synth("runs", "clear").err == "synth: 1 run forgotten\n"
    empty = synth("runs", "list")
    assert (empty.code, empty.out, empty.err) == (0, "", "synth: no run is remembered\n")


@pytest.mark.parametrize("words", [["list"], ["stats"], ["stats", "--by", "kind"]])
def test_nothing_to_show_is_said(inside, words):
    assert inside("runs", *words).err == "synth: no run is remembered\n"
    inside("generate", "text", "-n", 1, "--quiet", "-o", "t.jsonl")
    none = inside("runs", *words, "--kind", "events")
    assert (none.code, none.out, none.err) == (0, "", "synth: no such run is remembered\n")
    assert inside("runs", *words, env={"SYNTH_HISTORY": "off"}).err == "synth: the history is off\n"


def test_a_page_is_written_whole_or_not_at_all(synth, tmp_path, home):
    synth("generate", "text", "-n", 1, "--quiet", "-o", "t.jsonl")
    (tmp_path / "page.html").write_text("old")
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000)); from synth_sdk.cli.app import main; main(sys.argv[1:])"
    words = ["runs", "open", "--no-browser", "-o", "page.html"]
    done = subprocess.run(
        [sys.executable, "-c", limited, *words],
        cwd=tmp_path,
        env={**os.environ, "SYNTH_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "synth: error: output 'page.html' can't be written: File too large; choose another path\n",
    )
    assert (tmp_path / "page.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".html", ".part")) == ["page.html"]


def test_open_writes_a_page(inside, tmp_path, monkeypatch):
    inside(*WORDS)
    done = inside("runs", "open", "-o", "page.html", "--no-browser")
    assert (done.code, done.out, done.err) == (0, "page.html\n", "")
    assert (tmp_path / "page.html").read_text().lower().startswith("<!doctype html>")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    elsewhere = inside("runs", "open", "last", "--no-browser")
    assert elsewhere.out.strip().startswith(f"{tmp_path}/synth-run-")


def test_open_opens_the_browser(synth, tmp_path):
    """The browser is a script of ours, which notes what it is given."""
    synth(*WORDS)
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o755)
    done = synth("runs", "open", "--output", "page.html", env={"BROWSER": f"{browser} %s"})
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "opened").read_text().strip() == (tmp_path / "page.html").as_uri()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "zzz"], "unknown run 'zzz': choose one of: "),
        (["show", ""], "unknown run ''"),
        (["diff", "last", "nothing"], "unknown run 'nothing'"),
        (["list", "--since", "yesterday"], "since 'yesterday': write how long ago, such as 12h or 7d"),
        (["stats", "--prometheus", "none/x.prom"], "output 'none/x.prom': there is no folder 'none'"),
        (["stats", "--cloudwatch", "AWS/X"], "namespace 'AWS/X': 1 to 255 letters"),
        (["stats", "--prometheus", "-", "--by", "kind"], "leave them out with --prometheus or --cloudwatch"),
        (["open", "--output", "none/page.html"], "output 'none/page.html': must be a file in a folder that is there"),
        (["forget", "last", "zzz"], "unknown run 'zzz'"),
    ],
)
def test_what_is_wrong_is_one_line(inside, words, told):
    inside(*WORDS, "-n", 1)
    done = inside("runs", *words)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1


def test_prometheus(inside, tmp_path):
    pytest.importorskip("prometheus_client", reason="prometheus-client is not installed")
    inside(*WORDS, "-n", 20)
    done = inside("runs", "stats", "--prometheus", "synth.prom")
    assert (done.code, done.out) == (0, "")
    printed = inside("runs", "stats", "--prometheus", "-").out
    assert printed == (tmp_path / "synth.prom").read_text()
    assert 'synth_records_total{kind="user_profile"} 20.0' in printed


def test_ctrl_c_is_remembered(synth, tmp_path, home):
    words = [sys.executable, "-m", "synth_sdk.cli", "generate", "conversation", "-n", 10_000_000, "-o", "x.jsonl"]
    with child(words, cwd=tmp_path, env={**os.environ, "SYNTH_HOME": str(home)}, stderr=subprocess.PIPE) as running:
        deadline = time.monotonic() + 30
        while not any(path.stat().st_size for path in tmp_path.glob(".x.jsonl*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
    assert running.returncode == 130
    (run,) = newest(synth)
    assert (run["status"], run["exit_code"], run["records"], run["output"]) == ("interrupted", 130, 0, "x.jsonl")


def test_kill_9_is_remembered(synth, tmp_path, home):
    words = [sys.executable, "-m", "synth_sdk.cli", "generate", "conversation", "-n", 10_000_000, "-o", "x.jsonl"]
    with child(words, cwd=tmp_path, env={**os.environ, "SYNTH_HOME": str(home)}, stderr=subprocess.PIPE) as going:
        deadline = time.monotonic() + 30
        while not any(path.stat().st_size for path in tmp_path.glob(".x.jsonl*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        (run,) = json.loads(synth("runs", "list", "--status", "running", "--json").out)
        page = synth("runs", "show", run["id"]).out.splitlines()
        going.kill()
        going.communicate(timeout=30)
    assert (page[2].split(), page[3].split(maxsplit=1)) == (["status", "running"], ["records", "0 of 10,000,000"])
    (gone,) = json.loads(synth("runs", "list", "--status", "killed", "--json").out)
    assert (gone["id"], gone["exit_code"], gone["output"]) == (run["id"], 137, "x.jsonl")
    shown = synth("runs", "show", "last").out
    assert "status       killed, exit code 137\n" in shown
    assert "errors\n  its process ended before the run did: it was killed, ran out of memory, or lost its power" in shown
    assert synth("runs", "stats").out.splitlines()[0].split(maxsplit=1) == ["runs", "1 (1 killed)"]
    assert synth("runs", "clear").err == "synth: 1 run forgotten\n"
    assert newest(synth) == []


def test_a_reader_that_leaves_is_no_failure(synth, tmp_path, home):
    command = f"{sys.executable} -m synth_sdk.cli generate text -n 200000 --quiet | head -n 2"
    env = {**os.environ, "SYNTH_HOME": str(home)}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, env=env, check=False)
    assert done.stderr == ""
    (run,) = newest(synth)
    assert (run["status"], run["exit_code"]) == ("interrupted", 0)


def test_the_jobs_of_a_batch_remember_themselves(synth, tmp_path):
    jobs = {"defaults": {"count": 3}, "jobs": {name: {"kind": kind} for name, kind in (("a", "text"), ("b", "events"))}}
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    assert synth("batch", "run", "jobs.json", "--parallel", 2, "--quiet").code == 0
    assert sorted(run["kind"] for run in newest(synth)) == ["events", "text"]


def test_a_damaged_history_is_a_warning_and_the_run_goes_on(synth, home):
    home.mkdir()
    (home / "history.sqlite3").write_text("nonsense" * 200)
    asked = synth("runs", "list")
    assert (asked.code, asked.out) == (1, "")
    assert "can't be read: file is not a database" in asked.err
    done = synth("generate", "text", "-n", 2)
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    assert "warning: the history was damaged (file is not a database): it is set aside as history.sqlite3.broken-" in done.err
    assert len(newest(synth)) == 1


def test_a_home_that_cant_be_written_is_a_warning(inside):
    synth = inside
    done = synth("generate", "text", "-n", 2, env={"SYNTH_HISTORY": "/dev/null/x"})
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    assert done.err.count("warning: history '/dev/null/x' can't be written") == 1
    off = synth("generate", "text", "-n", 2, env={"SYNTH_HISTORY": "off"})
    assert "warning" not in off.err
    assert synth("runs", "list", env={"SYNTH_HISTORY": "off"}).err == "synth: the history is off\n"


def test_dynamodb_and_cloudwatch(tmp_path, inside):
    with aws.aws_server(tmp_path) as url:
        env = {**aws.environment(url), "SYNTH_HISTORY": "dynamodb://synth-runs"}
        assert inside(*WORDS, "-n", 7, env=env).code == 0
        assert inside(*WORDS, "-n", 8).code == 0
        listed = inside("runs", "list", "--json")
        assert [run["records"] for run in json.loads(listed.out)] == [8, 7]
        assert inside("runs", "show", "last").out.splitlines()[3].split(maxsplit=1) == ["records", "8 of 8"]
        assert inside("runs", "stats", "--cloudwatch", "Synth").err == "synth: 2 runs sent to CloudWatch as Synth\n"
        wrong = inside("runs", "list", env={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
        assert (wrong.code, wrong.out) == (1, "")
        assert "history: the table 'synth-runs' of DynamoDB can't be read: Could not connect" in wrong.err
        gone = inside("generate", "text", "-n", 2)
        assert (gone.code, len(gone.out.splitlines())) == (0, 2)
        assert "warning: history: the table 'synth-runs' of DynamoDB can't be written: Could not connect" in gone.err
        assert "testing-secret" not in wrong.err + gone.err


def test_debug_and_config(inside, tmp_path):
    synth = inside
    (tmp_path / "mine.yaml").write_text("history: mine.sqlite3\n")
    synth(*WORDS, "--config", "mine.yaml")
    assert (tmp_path / "mine.sqlite3").stat().st_mode & 0o777 == 0o600
    assert len(newest(synth)) == 0
    assert len(json.loads(synth("runs", "list", "--config", "mine.yaml", "--debug", "--json").out)) == 1
