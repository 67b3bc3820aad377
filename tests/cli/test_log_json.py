"""`--log-json`: every line on stderr is one JSON object, whatever happens."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
import warnings

import pytest

from synth_sdk.cli import notices
from synth_sdk.cli.progress import Watcher
from tests.support.commands import Place
from tests.support.provider_server import KEYS, Fault
from tests.support.terminal import on_a_terminal


def lines(err):
    told = [json.loads(line) for line in err.splitlines()]
    for line in told:
        assert list(line)[:4] == ["time", "level", "event", "message"]
        assert line["time"].endswith("Z")
        assert line["level"] in ("info", "warning", "error")
        assert "\n" not in line["message"]
    return told


def test_a_paid_run_tells_its_plan_what_became_of_it_and_its_figures(inside, server):
    done = inside("generate", "conversation", "-n", 6, "--budget", "0.50", "--log-json", env=server.env("gemini"))
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 6  # data alone
    plan, forecast, summary = [line for line in lines(done.err) if line["event"] != "progress"]  # of a slow machine
    assert [plan["event"], forecast["event"], summary["event"]] == ["plan", "forecast", "summary"]
    assert (plan["kind"], plan["wanted"]) == ("conversation", 6)
    assert plan["plan"]["cost_usd"]
    assert forecast["fact"]["cost_usd"] == summary["spent_usd"]
    assert summary | {"spent_usd": "", "seconds": 0, "time": "", "message": ""} == {
        "time": "", "level": "info", "event": "summary", "message": "", "kind": "conversation", "status": "success",
        "records": 6, "wanted": 6, "seconds": 0, "origins": {"llm": 6, "cache": 0, "blueprint": 0, "offline": 0},
        "spent_usd": "", "held_usd": "0", "budget_usd": "0.50", "saved_by_cache_usd": "0", "seed": 0, "output": "-", "exit_code": 0,
    }  # fmt: skip


def test_a_run_that_fails_tells_why_and_no_key(inside, server):
    server.faults = [Fault("unauthorized")]
    done = inside(
        "generate",
        "conversation",
        "-n",
        2,
        "--budget",
        "0.50",
        "--mode",
        "llm",
        "--log-json",
        "-o",
        "x.jsonl",
        env=server.env("gemini"),
    )
    assert done.code == 1
    told = lines(done.err)
    summary = next(line for line in told if line["event"] == "summary")
    assert (summary["status"], summary["exit_code"]) == ("failed", 1)
    assert any(line["level"] == "error" for line in told)
    assert KEYS["gemini"] not in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["generate", "conversatoin", "--log-json"], "did you mean conversation"),
        (["generate", "--log-json"], "no kind given"),
        (["--log-json", "generate", "text"], "no such option"),
        (["generate", "text", "-n", "0", "--log-json"], "not in the range"),
        (["generate", "text", "--sede", "1", "--log-json"], "or --seed?"),
        (["genrate", "--log-json"], "did you mean generate"),
        (["generate", "text", "--log-json", "-o", "/nowhere/x.jsonl"], "/nowhere"),
        (["plan", "conversation", "--budget", "lots", "--log-json"], "budget 'lots'"),
        (["preview", "json", "--log-json"], "needs a schema"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_words_is_json_too(inside, words, says):
    done = inside(*words)
    assert (done.code, done.out) == (2, "")
    (line,) = lines(done.err)
    assert (line["level"], line["event"], line["exit_code"]) == ("error", "error", 2)
    assert says.casefold() in line["message"].casefold()


def test_preview_plan_and_quiet(inside):
    done = inside("preview", "text", "-n", 1, "--log-json")
    assert [line["event"] for line in lines(done.err)] == ["summary"]
    assert done.out.startswith("--- 1")
    planned = inside("plan", "text", "--log-json")
    assert (planned.err, planned.out) == ("", "10 text records: made offline, $0\n")
    assert inside("generate", "text", "--log-json", "--quiet").err == ""
    drawn = inside("generate", "text", "--log-json", "--seed", "random")
    assert lines(drawn.err)[-1]["seed"] == lines(drawn.err)[0]["seed"]


def test_an_internal_error_with_debug_is_one_line_with_its_traceback(tmp_path):
    code = (
        "import sys, synth_sdk.client.synth as s\n"
        "def broken(*_, **__): raise RuntimeError('two\\nlines with sk-MARKER0123456789')\n"
        "s.Synth.write = broken\n"
        "from synth_sdk.cli import main; main(['generate', 'text', '--log-json', *sys.argv[1:]])"
    )
    for more in ([], ["--debug"]):
        done = subprocess.run([sys.executable, "-c", code, *more], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 1
        (line,) = lines(done.stderr)
        assert ("traceback" in line) is bool(more)
        assert "sk-MARKER" not in done.stderr
        assert "RuntimeError" in line.get("traceback", line["message"])


def test_an_interrupted_run_says_so(tmp_path, server):
    server.latency = 30
    words = ["generate", "conversation", "-n", "2", "--budget", "0.5", "--mode", "llm", "--log-json"]
    with Place(tmp_path, server.env("gemini")).running(*words) as running:
        assert server.arrived.wait(60)
        time.sleep(0.2)
        os.kill(running.pid, signal.SIGINT)
        assert running.wait() == 130
        last = lines(running.said)[-1]
    assert (last["event"], last["exit_code"]) == ("interrupted", 130)


def test_a_terminal_gets_no_bar(tmp_path):
    seen = on_a_terminal("generate", "text", "-n", "200", "--log-json", "-o", "x.jsonl", folder=tmp_path)
    assert [line["event"] for line in lines(seen)] == ["summary"]


@pytest.fixture
def in_json(capsys):
    """The door, saying JSON in this process; what came through it."""
    notices.speak_json(True)
    yield lambda: lines(capsys.readouterr().err)
    notices.speak_json(False)


def test_a_long_run_tells_how_far_it_is(in_json, monkeypatch):
    from synth_sdk.cli import progress
    from synth_sdk.client.run import Run
    from synth_sdk.client.settings import read_settings
    from synth_sdk.core.spec import make_spec

    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.01)
    run = Run(make_spec(kind="text", count=5), read_settings({"SYNTH_HOME": "/nonexistent"}))
    with Watcher(quiet=False) as watcher:
        watcher(run)
        list(run.blocks())
        time.sleep(0.1)
    told = in_json()
    assert {line["event"] for line in told} == {"progress"}
    assert (told[-1]["records"], told[-1]["wanted"], told[-1]["message"]) == (5, 5, "5 of 5 records")


def test_what_libraries_say_leaves_by_the_same_door(in_json, monkeypatch):
    monkeypatch.setattr(logging, "lastResort", logging.lastResort)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    notices.take_over()
    logging.lastResort.emit(logging.makeLogRecord({"msg": "lost\n%s", "args": ("it",), "levelno": logging.ERROR, "name": "lib"}))
    warnings.showwarning("old\nway", DeprecationWarning, "x.py", 1)
    lost, old = in_json()
    assert (lost["level"], lost["event"], lost["message"], lost["logger"]) == ("error", "log", "lost it", "lib")
    assert (old["level"], old["message"], old["category"]) == ("warning", "old way", "DeprecationWarning")


def test_no_field_carries_a_key(in_json):
    secret = "sk-MARKER0123456789"
    notices.notice(f"key {secret}", deep={"list": [secret, 1, None], secret: True}, pair=(secret,))
    notices.error(secret, exit_code=1)
    notices.notice("an object", strange=object(), day=time)
    told = in_json()
    assert secret not in json.dumps([{**line, "deep": {"list": line.get("deep", {}).get("list")}} for line in told])


def test_people_get_the_same_as_ever(capsys):
    notices.notice("here", "plan", field=1)
    notices.warning("mind")
    notices.error("wrong")
    assert capsys.readouterr().err == "synth: here\nsynth: warning: mind\nsynth: error: wrong\n"
