"""The comparison with peers: its server's shapes, bill and clock, and how one contender is measured."""

import json
import sys

import pytest

from benchmarks.peers.__main__ import _peers, _tell
from benchmarks.peers.contenders import ROOT, Contender, Job, synth
from benchmarks.peers.measure import run
from benchmarks.peers.server import INPUT_PER_M, OUTPUT_PER_M, Desk, Tally
from benchmarks.peers.work import MODEL, Visitor

LISTED = {"type": "object", "properties": {"items": {"type": "array", "minItems": 3}}}

# Asks for each record until it has a whole one, and comes back at once whatever it is told.
HASTY = """
import json, sys, urllib.error, urllib.request
url, count, output = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "w")
for number in range(count):
    wish = {"messages": [{"role": "user", "content": str(number)}], "tools": [{"function": {"name": "write"}}]}
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url + "/chat/completions", json.dumps(wish).encode())) as reply:
                choice = json.load(reply)["choices"][0]
        except urllib.error.HTTPError:
            continue
        if choice["finish_reason"] == "stop":
            output.write(choice["message"]["tool_calls"][0]["function"]["arguments"] + "\\n")
            break
"""


def asked(**more):
    return json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "one, please"}], **more}).encode()


def said(body: bytes) -> str:
    return json.loads(body)["choices"][0]["message"]["content"]


def schema(shape):
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": shape}}


def test_a_record_comes_in_the_shape_that_was_asked_for():
    desk = Desk()
    _, alone, _ = desk.answer(asked(response_format=schema(Visitor.model_json_schema())))
    _, listed, _ = desk.answer(asked(response_format=schema(LISTED)))
    _, fenced, _ = desk.answer(asked())
    Visitor.model_validate_json(said(alone))
    assert len([Visitor.model_validate(item) for item in json.loads(said(listed))["items"]]) == 3
    Visitor.model_validate_json(said(fenced).removeprefix("```json\n").removesuffix("\n```"))


def test_the_bill_is_the_sum_of_what_the_replies_state():
    desk = Desk(fault_rate=0.5)
    answers = [desk.answer(asked()) for _ in range(100)]
    stated = [json.loads(body)["usage"] for status, body, _ in answers if status == 200]
    assert 0 < len(stated) == desk.tally.paid < 100
    assert sum(usage["cost"] for usage in stated) * 1e6 == pytest.approx(desk.tally.bill_micros)
    spent = sum(usage["prompt_tokens"] * INPUT_PER_M + usage["completion_tokens"] * OUTPUT_PER_M for usage in stated)
    assert spent == pytest.approx(desk.tally.bill_micros)


def test_the_nth_request_meets_the_same_fault_whoever_sends_it():
    first, second = Desk(fault_rate=0.3), Desk(fault_rate=0.3)
    assert [first.answer(asked())[2] for _ in range(50)] == [second.answer(asked(tools=[{"function": {"name": "w"}}]))[2] for _ in range(50)]  # fmt: skip


def test_an_empty_request_is_refused_unbilled():
    desk = Desk()
    assert desk.answer(json.dumps({"messages": []}).encode())[0] == 400
    assert desk.tally.paid == 0


def test_early_are_requests_between_what_was_said_and_its_end():
    crossed, early, late, again = (10.1, 1), (10.5, 1), (11.1, 1), (10.05, 7)
    tally = Tally(arrivals=[crossed, early, late, again], stated=[(10.0, 11.0, 7)])
    told = tally.told()
    assert (told["early"], told["again"]) == (1, 1)
    assert told["after"] == pytest.approx(0.5)


def plain(script: str) -> Contender:
    def command(job: Job):
        return [sys.executable, "-c", script, job.url, str(job.count), str(job.output)]

    return Contender("plain", command, lambda job: {"PYTHONPATH": str(ROOT)})


def test_a_contender_is_measured_from_outside(tmp_path):
    told = run(plain(HASTY), 8, tmp_path, fault_rate=0.4)
    assert (told.delivered, told.cut, told.trouble, told.most_in_flight) == (8, 0, "", 1)
    assert told.requests > told.paid >= 8
    assert told.bill_micros > 0
    assert told.again >= 1
    assert told.seconds > 8 * 0.05
    assert told.cpu > 0


def test_a_failing_contender_is_told_with_its_last_words(tmp_path, capsys):
    told = run(plain("raise SystemExit('no such thing')"), 2, tmp_path)
    assert (told.delivered, told.requests) == (0, 0)
    assert told.trouble == "exit 1: no such thing"
    _tell({("2", "plain"): [told], ("9", "plain"): [told]}, 9)
    assert "exit 1: no such thing" in capsys.readouterr().out


def test_replies_that_stopped_in_the_middle_are_counted(tmp_path):
    script = """import sys
record = '{"name": "A", "age": 1, "city": "B", "note": "%s"}'
open(sys.argv[3], "w").write("\\n".join([record % "whole.", record % "who", "{}", ""]))"""
    told = run(plain(script), 3, tmp_path)
    assert (told.delivered, told.cut) == (2, 1)


def test_ours_asks_for_what_the_job_says(tmp_path):
    job = Job(url="http://127.0.0.1:1/v1", count=7, home=tmp_path, concurrency=5, budget="0.25")
    command, env = list(synth().command(job)), synth().env(job)
    assert command[command.index("-n") + 1] == "7"
    assert command[command.index("--budget") + 1] == "0.25"
    assert env["SYNTH_OPENROUTER_API_BASE"] == "http://127.0.0.1:1/api/v1"
    assert json.loads((tmp_path / "schema.json").read_text()) == Visitor.model_json_schema()


def test_without_an_interpreter_a_peer_is_left_out(capsys):
    chosen = type("Chosen", (), {"curator": None, "data_designer": None})()
    assert list(_peers(chosen)) == []
    assert "left out" in capsys.readouterr().out
