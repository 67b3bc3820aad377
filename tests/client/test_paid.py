"""The whole stack against a loopback server that speaks the providers' wire formats: money, cache, fallback, crashes, secrets."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synth_sdk.core.errors import OutputError
from tests.support.buying import synth_for
from tests.support.children import child
from tests.support.provider_server import AWS_SECRET, KEYS, Fault
from tests.support.warm import warm_synth

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "n": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["name", "n"],
}


def micros(usd):
    return round(float(usd) * 1_000_000)


def money(report):
    cost = report.to_dict()["cost"]
    return micros(cost["spent_usd"]), micros(cost["held_usd"])


@pytest.mark.parametrize("provider", ["gemini", "openrouter", "bedrock"])
def test_conversations_are_written_by_the_provider_and_the_bill_agrees(server, home, provider):
    result = synth_for(server, home, provider, budget="0.50").generate("conversation", count=8, seed=1)
    assert result.report.status == "success", result.report.errors
    assert result.report.origins == {"llm": 8}
    assert {row["model"].split("/")[0] for row in result.provenance} == {provider}
    spent, held = money(result.report)
    assert server.bill_micros <= spent + held <= 500_000
    assert spent - server.bill_micros <= len(server.requests)  # rounding up, once a call
    assert any(message.get("tool_calls") for record in result.records for message in record["messages"])


def test_the_same_command_again_is_free_and_gives_the_same_bytes(server, home):
    first = synth_for(server, home, "gemini", budget="0.50").generate("conversation", count=6, seed=3)
    asked = len(server.requests)
    again = synth_for(server, home, "gemini", budget="0.50").generate("conversation", count=6, seed=3)
    assert json.dumps(again.records) == json.dumps(first.records)
    assert len(server.requests) == asked
    assert again.report.origins == {"cache": 6}
    assert money(again.report) == (0, 0)
    assert again.report.cost.saved_by_cache > 0
    more = synth_for(server, home, "gemini", budget="0.50").generate("conversation", count=7, seed=3)
    assert json.dumps(more.records[:6]) == json.dumps(first.records)
    assert more.report.origins == {"cache": 6, "llm": 1}


def test_cache_off_buys_again_and_refresh_overwrites(server, home):
    wish = {"schema": SCHEMA, "count": 4, "seed": 3, "budget": "0.50"}
    synth = synth_for(server, home, "gemini")
    first = synth.generate("json", **wish).records
    asked = len(server.requests)
    synth.generate("json", cache="off", **wish)
    assert len(server.requests) > asked
    assert synth.generate("json", **wish).records == first
    fresh = synth.generate("json", cache="refresh", **wish)
    assert fresh.report.origins == {"llm": 4}
    assert synth.generate("json", **wish).records == fresh.records


@pytest.mark.parametrize("in_flight", [1, 8, 64])
def test_the_cap_holds_and_is_used_while_work_remains(server, home, in_flight):
    server.latency = (0.0, 0.03)
    result = synth_for(server, home, "gemini", budget="0.01").generate(
        "json", schema=SCHEMA, count=600, mode="llm", concurrency=in_flight
    )
    spent, held = money(result.report)
    assert server.bill_micros <= spent + held <= 10_000
    assert result.report.status == "partial"
    assert spent + held >= 9_500
    assert server.max_in_flight <= in_flight


def test_the_cap_holds_through_faults_of_every_kind(server, home):
    server.latency = (0.0, 0.02)
    server.faults = [
        Fault(kind, probability=0.06)
        for kind in (
            "unavailable",
            "garbage",
            "truncate",
            "broken",
            "fewer",
            "disconnect",
            "cut",
            "no_usage",
            "error_200",
            "fence",
            "malformed",
            "filter",
        )
    ] + [Fault("slow", probability=0.02, seconds=3)]
    result = synth_for(server, home, budget="0.02", timeout=1).generate(
        "json",
        schema=SCHEMA,
        count=400,
        mode="llm",
        model="gemini-flash-lite",
        fallback="gemini-2.5-flash,nova-lite,deepseek-v4-flash",
    )
    spent, held = money(result.report)
    assert server.bill_micros <= spent + held <= 20_000
    assert result.report.records_generated > 0
    assert len(server.struck) >= 5  # of the kinds: which of them come depends on how calls are timed


def test_when_the_money_ends_auto_goes_on_offline_and_llm_stops(server, home):
    synth = synth_for(server, home, "gemini", budget="0.004")
    mixed = synth.generate("conversation", count=60)
    assert mixed.report.status == "success"
    assert mixed.report.origins["llm"] > 0
    assert mixed.report.origins["offline"] > 0
    bought = synth.generate("conversation", count=60, seed=1, mode="llm")
    assert bought.report.status == "partial"
    assert set(bought.report.origins) == {"llm"}
    assert "budget" in bought.report.errors[-1]
    assert len(bought.provenance) == len(bought.records) == bought.report.records_generated


def test_a_refused_key_costs_a_handful_of_requests_and_the_next_provider_takes_over(server, home):
    server.faults = [Fault("unauthorized", "gemini")]
    result = synth_for(server, home, "gemini", "openrouter", budget="0.5").generate(
        "json", schema=SCHEMA, count=200, model="gemini-flash-lite", fallback="deepseek-v4-flash"
    )
    assert result.report.status == "success"
    assert sum(request.provider == "gemini" for request in server.requests) <= 5
    assert any(line.startswith("gemini/") for line in result.report.errors)


def test_with_every_arm_down_the_run_goes_offline_at_once(server, home):
    server.faults = [Fault("unavailable")]
    began = time.monotonic()
    result = synth_for(server, home, budget="0.5", fallback="faker").generate("json", schema=SCHEMA, count=500)
    assert result.report.origins == {"offline": 500}
    assert time.monotonic() - began < 20
    assert len(server.requests) < 250
    assert len(result.report.errors) >= 3


def test_a_dead_chain_without_faker_fails_with_a_reason_for_each_arm(server, home):
    server.faults = [Fault("forbidden")]
    result = synth_for(server, home, budget="0.5", model="gemini-flash-lite", fallback="deepseek-v4-flash").generate(
        "json", schema=SCHEMA, count=3
    )
    assert result.report.status == "failed"
    assert result.records == []
    told = " ".join(result.report.errors)
    assert "gemini/gemini-3.1-flash-lite" in told
    assert "deepseek" in told


def test_a_stated_delay_is_waited_out(server, home):
    server.faults = [Fault("rate_limit", "gemini", times=1, retry_after=1.5)]
    began = time.monotonic()
    result = synth_for(server, home, "gemini", budget="0.5", model="gemini-flash-lite", concurrency=1).generate(
        "json", schema=SCHEMA, count=2
    )
    assert result.report.status == "success"
    assert time.monotonic() - began >= 1.5


def test_budget_zero_admits_a_free_local_server(server, home):
    result = synth_for(server, home, budget="0").generate("json", schema=SCHEMA, count=4)
    assert {row["model"] for row in result.provenance} == {"local/tiny-local"}
    assert money(result.report) == (0, 0)


def test_accounts_are_shared_by_name(server, home):
    synth = synth_for(server, home, "gemini", budget="0.005", account="team", mode="llm")
    synth.generate("json", schema=SCHEMA, count=300, seed=1)
    synth.generate("json", schema=SCHEMA, count=300, seed=2)
    assert server.bill_micros <= 5_000


def test_a_folder_of_parts_is_refused_before_anything_is_spent_and_workers_are_left_out(server, home, tmp_path):
    synth = synth_for(server, home, "gemini", budget="0.50", workers=4)
    with pytest.raises(OutputError, match="offline records only"):
        synth.write(f"{tmp_path}/parts/", "json", schema=SCHEMA, count=4)
    assert server.requests == []
    assert not (tmp_path / "parts").exists()
    report = synth.write(f"{tmp_path}/parts.jsonl", "json", schema=SCHEMA, count=4)
    assert report.origins == {"llm": 4}
    assert "workers 4" in report.warnings[0]


CHILD = """
import sys
from synth_sdk import Synth
Synth(budget="0.50", model="gemini-flash-lite", mode="llm", records_per_call=2, concurrency=4).write(sys.argv[1], "conversation", count=40, seed=11)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_after_a_kill_the_same_command_pays_only_for_what_was_in_flight(server, home, tmp_path, how):
    server.latency = 0.25
    env = {**os.environ, **server.env("gemini"), "SYNTH_HOME": str(home)}
    output = tmp_path / "out.jsonl"
    with child([sys.executable, "-c", CHILD, output], env=env, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 60
        while len(server.requests) < 9 and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(how)
        running.wait(timeout=30)
    assert not output.exists()
    before, paid = len(server.requests), server.bill_micros
    assert 9 <= before < 20
    subprocess.run([sys.executable, "-c", CHILD, str(output)], env=env, check=True, timeout=60)
    assert len(output.read_text().splitlines()) == 40
    assert len(server.requests) <= 20 + 4  # twenty calls are needed; four were in flight
    assert server.bill_micros > paid


def test_no_key_is_written_or_said_anywhere(server, home, tmp_path):
    server.faults = [
        Fault("unauthorized", "gemini"),
        Fault("bad_request", "bedrock", probability=0.5),
        Fault("unavailable", "openrouter", times=2),
    ]
    env = {**os.environ, **server.env("gemini", "openrouter", "bedrock"), "SYNTH_HOME": str(home)}
    done = subprocess.run(
        [warm_synth(), "generate", "conversation", "-n", "12", "--budget", "0.5", "--debug", "--fallback", "gemini-flash-lite,nova-lite,deepseek-v4-flash",
         "-o", "o.jsonl", "--report", "r.html", "--provenance", "p.jsonl", "--rejects", "x.jsonl"],
        cwd=tmp_path, env=env, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert (tmp_path / "r.html").exists(), done.stderr
    written = (
        done.stdout
        + done.stderr
        + b"".join(path.read_bytes() for folder in (tmp_path, Path(home)) for path in folder.rglob("*") if path.is_file())
    )
    for secret in (KEYS["gemini"], KEYS["openrouter"], KEYS["bedrock"], AWS_SECRET):
        assert secret.encode() not in written
    assert b"Authorization" not in written
    assert b"AWS4-HMAC" not in written
