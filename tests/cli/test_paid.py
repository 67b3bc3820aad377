"""The command with a budget, against a loopback server: what it prints, its exit codes, its flags. Most in this process: a child spends
its time on loading what it takes to buy."""

import json

from tests.support.provider_server import Fault


def test_a_paid_run_begins_with_its_plan_and_ends_with_its_cost(synth, server, tmp_path):
    words = [
        "generate",
        "conversation",
        "-n",
        6,
        "--budget",
        "0.50",
        "--model",
        "gemini-flash-lite",
        "-o",
        "c.jsonl",
        "--provenance",
        "p.jsonl",
    ]
    done = synth(*words, env=server.env("gemini"))
    assert done.code == 0, done.err
    assert done.out == ""
    first, compared, last = done.err.splitlines()
    assert first.startswith("synth: 6 conversation records, cap $0.50: 6 written by models (6 per call; gemini-flash-lite)")
    assert compared.startswith("synth: forecast $0.0")
    assert "in fact $0.0" in compared
    assert "6 llm" in last
    assert " of $0.50 spent" in last
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [row["origin"] for row in rows] == ["llm"] * 6
    assert all(row["attempts"] == 1 and float(row["cost_usd"]) > 0 for row in rows)
    again = synth(*words, env=server.env("gemini"))
    assert "6 cache" in again.err
    assert "$0 of $0.50 spent" in again.err
    assert json.loads(synth("cache", "stats").out)["entries"] == 6
    assert "6 cached records removed" in synth("cache", "clear").err


def test_options_of_the_run_reach_it(inside, server):
    done = inside(
        "generate", "conversation", "-n", 4, "--budget", "0.50", "--fallback", "gemini-flash-lite", "--policy", "best", "--cache", "off",
        "--concurrency", 2, "--records-per-call", 1, "--account", "team", "--timeout", 20, "--mode", "llm", "--locale", "en_US",
        "--start", "2026-03-01", "--config", "/dev/null", env=server.env("gemini"),
    )  # fmt: skip
    assert done.code == 0, done.err
    assert [request.count for request in server.requests] == [1, 1, 1, 1]
    assert server.max_in_flight <= 2
    assert all("2026-03-01" <= json.loads(line)["meta"]["now"] < "2027-03-03" for line in done.out.splitlines())
    assert json.loads(inside("cache", "stats").out)["entries"] == 0


def test_fewer_than_asked_for_is_exit_3_and_none_is_exit_1(inside, server, tmp_path):
    env = server.env("gemini")
    done = inside(
        "generate",
        "conversation",
        "-n",
        60,
        "--budget",
        "0.004",
        "--mode",
        "llm",
        "-o",
        "c.jsonl",
        "--report",
        "r.json",
        "--rejects",
        "x.jsonl",
        env=env,
    )
    assert done.code == 3, done.err
    told = json.loads((tmp_path / "r.json").read_text())
    delivered = len((tmp_path / "c.jsonl").read_text().splitlines())
    assert told["status"] == "partial"
    assert told["records_generated"] == delivered > 0
    assert delivered + len((tmp_path / "x.jsonl").read_text().splitlines()) == 60
    server.faults = [Fault("forbidden")]
    failed = inside(
        "generate", "conversation", "-n", 3, "--seed", 9, "--budget", "0.5", "-o", "none.jsonl", "--report", "f.json", env=env
    )
    assert failed.code == 1
    assert not (tmp_path / "none.jsonl").exists()
    assert json.loads((tmp_path / "f.json").read_text())["status"] == "failed"
    assert "error: gemini/" in failed.err


def test_preview_spends_at_most_the_budget(inside, server):
    done = inside("preview", "conversation", "--budget", "0.10", env=server.env("gemini"))
    assert done.code == 0, done.err
    assert done.out.count("--- ") == 3
    assert server.bill_micros <= 100_000


def test_a_judge_is_asked_for_by_a_flag(inside, server, tmp_path):
    done = inside(
        "generate",
        "conversation",
        "-n",
        8,
        "--budget",
        "0.50",
        "--judge",
        "--report",
        "r.json",
        "-o",
        "c.jsonl",
        env=server.env(),
    )
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "r.json").read_text())["judge"]["pairs"] >= 4


def test_a_blueprint_that_is_there_is_used_as_it_is_and_costs_nothing(inside, tmp_path):
    """What a user may keep is a pack like any other: here the one that `pack new` writes."""
    assert inside("pack", "new", "shop").code == 0
    folder = tmp_path / "kept"
    folder.mkdir()
    (tmp_path / "shop.yaml").rename(folder / "pack.yaml")
    words = ["conversation", "-n", 5, "--pack", "customer_support", "--mode", "blueprint", "--blueprint", folder]
    planned = inside("plan", *words)
    assert (planned.code, planned.out) == (0, "5 conversation records: expanded from the blueprint that is there, $0\n")
    done = inside("generate", *words)
    assert done.code == 0, done.err
    assert f"blueprint {folder}: used as it is" in done.err
    assert "5 blueprint" in done.err
    assert {json.loads(line)["meta"]["pack"] for line in done.out.splitlines()} == {"shop"}
    missing = inside("generate", "conversation", "--mode", "blueprint", "--blueprint", tmp_path / "nothing")
    assert missing.code == 2
    assert "needs a budget" in missing.err


def test_what_a_blueprint_would_cost_is_planned_without_spending(inside, server):
    planned = inside("plan", "conversation", "-n", 100000, "--mode", "blueprint", "--budget", 1, env=server.env("gemini"))
    assert planned.code == 0, planned.err
    assert "100,000 expanded from a blueprint of" in planned.out
    assert server.requests == []
