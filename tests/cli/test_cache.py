"""`synth cache` and `--cache-policy`: statistics, one file for another machine, a policy for each need."""

import json

import pytest

from synth_sdk import Synth
from tests.support.buying import synth_for

PROFILES = ["generate", "user_profile", "-n", 12, "--budget", "0.50", "--mode", "llm", "--quiet"]
COUNTED = ("entries", "hits", "misses", "shared", "hit_rate")


def stats(inside):
    return json.loads(inside("cache", "stats").out)


def test_policies_persist_and_restore_from_the_command_line(inside, server, tmp_path):
    env = server.env("gemini")
    nothing = stats(inside)
    assert [nothing[name] for name in COUNTED] == [0, 0, 0, 0, None]
    first = inside(*PROFILES, "--seed", 1, env=env)
    assert first.code == 0, first.err
    bill = server.bill_micros
    assert inside(*PROFILES, "--seed", 1, env=env).out == first.out
    told = stats(inside)
    assert [told[name] for name in COUNTED] == [12, 12, 12, 0, 0.5]
    assert float(told["saved_usd"]) == pytest.approx(bill / 1e6, abs=1e-5)
    assert told["memory"]["most_entries"] == 10_000
    kept = inside("cache", "persist", "kept.cache")
    assert (kept.code, kept.err) == (0, "synth: 12 cached records written to kept.cache\n")
    assert "12 cached records removed" in inside("cache", "clear").err
    read = inside("cache", "restore", "kept.cache")
    assert (read.code, read.err) == (0, "synth: 12 cached records taken from kept.cache\n")
    assert inside(*PROFILES, "--seed", 1, "--cache-policy", "read-only", env=env).out == first.out
    lent = inside(*PROFILES, "--seed", 2, "--cache-policy", "aggressive", "--report", "r.json", env=env)
    assert lent.code == 0, lent.err
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["origins"]["cache"] > 6
    assert float(report["cost"]["saved_by_cache_usd"]) > 0
    assert len(set(lent.out.splitlines())) == 12
    assert stats(inside)["shared"] == report["origins"]["cache"]


@pytest.mark.parametrize("command", ["persist", "restore"])
def test_a_foreign_file_is_left_alone(inside, tmp_path, command):
    (tmp_path / "notes.txt").write_text("mine\n")
    done = inside("cache", command, "notes.txt")
    assert done.code == 2
    assert done.err == "synth: error: file 'notes.txt' isn't one that 'synth cache persist' wrote: name another one\n"
    assert (tmp_path / "notes.txt").read_text() == "mine\n"


def test_a_config_says_how_much_is_kept_and_where(inside, server, tmp_path):
    """`cache.persistPath` as in the seed's file: taken from there at the start of a run, kept there at its end."""
    (tmp_path / "c.json").write_text(json.dumps({"cache": {"maxSize": 5, "ttl": 3_600_000, "persistPath": "./.cache/kept"}}))
    env = server.env("gemini")
    assert inside(*PROFILES, "--config", "c.json", env=env).code == 0
    assert len((tmp_path / ".cache" / "kept").read_bytes().splitlines()) == 11  # a head, five values and their briefs
    assert json.loads(inside("cache", "stats", "--config", "c.json").out)["memory"]["most_entries"] == 5
    assert json.loads(inside("cache", "stats", "--config", "c.json").out)["ttl"] == 3600
    inside("cache", "clear", "--config", "c.json")
    asked = len(server.requests)
    again = inside(*PROFILES, "--config", "c.json", "--report", "r.json", env=env)
    assert again.code == 0, again.err
    assert json.loads((tmp_path / "r.json").read_text())["origins"]["cache"] == 5
    assert len(server.requests) > asked
    (tmp_path / ".cache" / "kept").write_text("mine")
    refused = inside(*PROFILES, "--config", "c.json", "-o", "x.jsonl", env=env)
    assert refused.code == 2
    assert "isn't one that 'synth cache persist' wrote" in refused.err
    assert not (tmp_path / "x.jsonl").exists()
    assert (tmp_path / ".cache" / "kept").read_text() == "mine"


def test_what_goes_wrong_when_it_is_kept_is_a_warning(server, tmp_path, home):
    (tmp_path / "file").touch()
    synth = synth_for(server, home, "gemini", budget="0.5", mode="llm", cache={"persist_path": str(tmp_path / "file" / "kept")})
    with pytest.raises(Exception, match="can't be used"):
        synth.generate("user_profile", count=2)
    place = tmp_path / "place"
    synth = synth_for(server, home, "gemini", budget="0.5", mode="llm", cache={"persist_path": str(place / "kept")})
    place.mkdir(mode=0o500)
    result = synth.generate("user_profile", count=2)
    assert result.report.status == "success"
    assert any("can't be written" in line for line in result.report.warnings) or (place / "kept").exists()


def test_python_persists_restores_and_counts_what_it_holds(server, tmp_path, home):
    synth = synth_for(server, home, "gemini", budget="0.5", mode="llm")
    first = synth.generate("user_profile", count=6, seed=1)
    assert synth.cache_stats()["memory"]["entries"] == 6
    assert synth.persist_cache(tmp_path / "kept") == 6
    other = synth_for(server, tmp_path / "other-home", "gemini", budget="0.5", mode="llm")
    assert other.restore_cache(tmp_path / "kept") == 6
    bill = server.bill_micros
    assert other.generate("user_profile", count=6, seed=1).records == first.records
    assert server.bill_micros == bill
    assert (other.cache_stats()["hits"], other.cache_stats()["hit_rate"]) == (6, 1.0)


def test_an_unknown_policy_is_exit_2(inside):
    done = inside("generate", "text", "--cache-policy", "agressive")
    assert done.code == 2
    assert "aggressive" in done.err
    with pytest.raises(Exception, match="cache"):
        Synth().generate("text", cache="agressive")


def test_verdicts_are_never_lent(server, home):
    synth = synth_for(server, home, budget="0.5", mode="llm", model="gemini-flash-lite", judge=True)
    first = synth.generate("user_profile", count=12, seed=1)
    assert first.report.judge["pairs"] >= 4
    second = synth.generate("user_profile", count=12, seed=2, cache="aggressive")
    lent = second.report.to_dict()["origins"]["cache"]
    assert lent > 6
    assert synth.cache_stats()["shared"] == lent  # records alone
    assert second.report.judge["pairs"] >= 4


@pytest.mark.parametrize(
    ("task", "mode", "lendable"),
    [
        ("user_profile:abc", "llm", True),
        ("judge:user_profile", "llm", False),
        ("blueprint:user_profile:names", "llm", False),
        ("user_profile:rewrite:x", "rewrite", False),
    ],
)
def test_only_records_of_the_run_are_lent(task, mode, lendable):
    from synth_sdk.client.wiring import _is_record
    from synth_sdk.core.spec import make_spec
    from tests.cache.support import a_request

    assert _is_record(make_spec(kind="user_profile", mode=mode), a_request(task=task)) is lendable
