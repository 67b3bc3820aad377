"""Blueprints over real sockets: bought once, expanded for ever, within the budget."""

import json
from pathlib import Path
from random import Random

import pytest

from synth_sdk.cli.app import main
from synth_sdk.dialogue.overview import new_pack
from tests.blueprint import test_pack, test_schema
from tests.blueprint.scripted import briefs_of, respond, wordings
from tests.support.buying import synth_for
from tests.support.provider_server import ProviderServer


@pytest.fixture
def pack(tmp_path):
    return new_pack("workshop", str(tmp_path / "workshop.yaml"))


def expanding(server, home):
    return synth_for(server, home, "gemini", mode="blueprint", budget="0.50")


def pack_answers(request):
    """A model that invents a veterinary practice."""
    known = {"About: ": test_pack.SUBJECT, "items: 20": test_pack.VOCABULARY, "Ten rules": test_pack.RULES}
    answers = []
    for brief in briefs_of(request.turns[0][1]):
        told = next((value for mark, value in known.items() if mark in brief), None)
        answers.append(told or {"frames": wordings(brief, Random(brief))})
    return answers


def schema_answers(request):
    class Asked:
        def __init__(self, brief):
            self.brief = brief
            marks = {"For each of these numbers": "numbers", "shares:": "shares", "Moments of": "order"}
            self.task = ":" + next((what for mark, what in marks.items() if brief.startswith(mark)), "words")

    return [test_schema.answer(Asked(brief)) for brief in briefs_of(request.turns[0][1])]


def test_conversations_are_expanded_from_what_was_bought_once(pack, home):
    with ProviderServer(respond=respond) as server:
        few = expanding(server, home).generate("conversation", pack=pack, count=20, seed=1)
        assert few.report.status == "success", few.report.errors
        assert few.report.origins == {"blueprint": 20}
        asked, bill = len(server.requests), server.bill_micros
        assert 0 < bill <= 500_000
        many = expanding(server, home).generate("conversation", pack=pack, count=400, seed=2)
        assert many.report.origins == {"blueprint": 400}
        assert (len(server.requests), server.bill_micros) == (asked, bill)  # flat in N
        assert len({json.dumps(record["messages"]) for record in many.records}) == 400
    folders = list((home / "blueprints").iterdir())
    assert [folder.name.startswith("conversation-workshop-") for folder in folders] == [True]


def test_a_schema_is_expanded_from_what_was_bought_once(home):
    with ProviderServer(respond=schema_answers) as server:
        result = expanding(server, home).generate("json", schema=test_schema.INCIDENT, count=50, seed=1)
        assert result.report.status == "success", result.report.errors
        assert result.report.origins == {"blueprint": 50}
        assert {record["component"] for record in result.records} <= set(test_schema.WORDS["component"])
        assert {row["origin"] for row in result.provenance} == {"blueprint"}


def test_a_new_pack_is_written_for_a_description(home, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with ProviderServer(respond=pack_answers) as server:
        for name, value in {**server.env("gemini"), "SYNTH_HOME": str(home)}.items():
            monkeypatch.setenv(name, value)
        words = ["pack", "new", "vet", "--about", "a vet's practice", "--budget", "0.50"]
        with pytest.raises(SystemExit) as left:
            main(words)
        told = capsys.readouterr().err
        assert left.value.code == 0, told
        assert "parts written by gemini/" in told
        assert "synth: wrote vet.yaml" in told
        assert "# Blueprint: the pack vet, about: a vet's practice. Written by gemini/" in Path("vet.yaml").read_text()
        bill = server.bill_micros
        with pytest.raises(SystemExit) as left:
            main([*words, "-o", "again.yaml"])
        assert (left.value.code, server.bill_micros) == (0, bill)  # the cache knows it
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 2
        assert "vet.yaml' exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--about", "a vet's practice"], "add --budget USD"),
        (["--budget", "1"], "--budget is for packs that models write: add --about TEXT"),
        (["--about", "a vet", "--budget", "1"], "GEMINI_API_KEY"),
        (["--about", "a vet", "--budget", "1", "-o", "vet.json"], "a pack is a .yaml file"),
        (["--about", "a vet", "--budget", "1", "-o", "nowhere/vet.yaml"], "there is no folder"),
        (["--about", "a vet", "--budget", "1", "--model", "nobody"], "nobody"),
        (["--about", "a vet", "--budget", "1", "--policy", "best", "--fallback", "gemini-x"], "gemini-x"),
        (["--about", "a vet", "--budget", "lots"], "lots"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_bought(words, told, home, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTH_HOME", str(home))
    for name in (
        "GEMINI_API_KEY",
        "GOOGLE_API_KEY",
        "OPENROUTER_API_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "SYNTH_LOCAL_API_BASE",
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as left:
        main(["pack", "new", "vet", *words])
    assert left.value.code == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.glob("**/*.yaml")) == []
