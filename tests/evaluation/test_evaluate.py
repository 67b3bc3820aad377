"""A whole evaluation: gates, figures, likeness, notes, JSON; the same whatever the dialect."""

import copy
import json
import sys
import time

import pytest

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.dialogue.dialects import DIALECTS, convert
from synth_sdk.evaluation import evaluate
from tests.dialogue.dialects.support import called
from tests.evaluation.support import CORPUS, lines

KEYS = [
    "file",
    "dialect",
    "records",
    "measured",
    "passed",
    "passed_strictly",
    "gates",
    "findings",
    "metrics",
    "envelope",
    "like",
    "notes",
]


def test_a_sound_file(tmp_path):
    (tmp_path / "x.jsonl").write_text(lines(CORPUS))
    found = evaluate(tmp_path / "x.jsonl")
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert list(told) == KEYS
    assert (found.dialect, found.records, found.passed, found.findings) == ("synth", 120, True, [])
    assert told["gates"]["sound_records"] == {"group": "structure", "value": 120, "of": 120, "wanted": "all", "passed": True}
    assert told["gates"]["results_used"]["value"] == 120
    assert told["metrics"]["templated_turn_rate"] == 1.0
    assert told["envelope"]["metrics"]["templated_turn_rate"]["inside"] is False
    assert told["envelope"]["of"] == 32
    assert told["notes"] == []


@pytest.mark.parametrize("name", DIALECTS)
def test_the_same_figures_in_every_dialect(name):
    found = evaluate([convert(one, name) for one in CORPUS])
    assert found.dialect == name
    assert found.passed
    plain = evaluate(CORPUS)
    order = {"self_bleu4", "gzip_ratio", "lzma_ratio"} if name == "sharegpt" else set()  # new ids, so another order
    assert {key: value for key, value in found.figures.items() if key not in order} == pytest.approx(
        {key: value for key, value in plain.figures.items() if key not in order}
    )


def test_flaws_are_counted_and_told():
    broken = copy.deepcopy(CORPUS)
    broken[3]["messages"][1]["tool_calls"][0]["function"]["arguments"] = '{"days": 2}'
    broken[5]["messages"] = "gone"
    found = evaluate(broken)
    assert not found.passed
    assert [(one.record, one.rule) for one in found.findings] == [(4, "arguments-schema"), (6, "shape")]
    gates = found.to_dict()["gates"]
    assert (gates["sound_records"]["value"], gates["unreadable_records"]["value"], gates["arguments_schema"]["value"]) == (
        118,
        1,
        1,
    )
    assert (found.records, len(found.sample)) == (120, 119)


def test_gates_of_consistency_fail_only_strictly():
    broken = copy.deepcopy(CORPUS)
    broken[0]["messages"][3]["content"] += " Your ticket is TK-123456."
    found = evaluate(broken)
    assert (found.passed, found.passed_strictly) == (True, False)
    assert found.to_dict()["gates"]["unsourced_mentions"]["value"] == 1


def test_a_named_dialect_is_held_against_its_rules():
    found = evaluate(CORPUS, dialect="openai")
    assert found.flaws.by_rule == {"shape": 120}
    assert (found.figures, found.ranges, found.sample) == ({}, [], [])
    assert found.sections()
    with pytest.raises(UnknownName, match="did you mean openai"):
        evaluate(CORPUS, dialect="opanai")


def test_held_against_a_sample(tmp_path):
    (tmp_path / "real.jsonl").write_text(lines(CORPUS[:60]))
    found = evaluate(CORPUS[60:], like=tmp_path / "real.jsonl")
    told = found.to_dict()["like"]
    assert told["records"] == 60
    assert told["jensen_shannon"]["turns"] == pytest.approx(0)
    assert told["copied"]["turns"] > 0.5, "the corpus repeats itself"
    assert told["copied"]["near80"] > 0.9
    assert 0 <= told["classifier_auc"]["style"] <= 1
    titles = [section.title for section in found.sections()]
    assert titles[-2:] == ["differences", "distances"]


def test_a_copy_cannot_be_told_from_its_original():
    copied = evaluate(CORPUS, like=CORPUS).to_dict()["like"]["copied"]
    assert (copied["turns"], copied["runs_of_8_words"], copied["near80"]) == (1, 1, 1)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    found = evaluate(CORPUS, like=CORPUS[:50])
    assert found.notes == ["13 figures not measured: pip install 'synth-data-sdk[eval]'"]
    told = found.to_dict()
    assert told["envelope"]["of"] == 29
    assert told["metrics"]["dialogue_dup.near80"] is None
    assert set(told["like"]["classifier_auc"].values()) == {None}
    rows = {row.title: row.value for section in found.sections() for row in section.rows}
    assert rows["AUC by the text"] == rows["mean likeness to the nearest"] == "not measured"


@pytest.mark.parametrize("unit", ["a", "a-", "1,", "Aa ", "um", "a@", "@a", "a.", "1 dollars ", "x1", " ", "\U0001f600"])
def test_monstrous_text_is_measured_in_reasonable_time(unit):
    text = (unit * 200_000)[:200_000]
    messages = [{"role": "user", "content": f"Hi {text}"[:200_000]}, {"role": "assistant", "content": f"so {text}"[:200_000]}]
    began = time.monotonic()
    found = evaluate([{"messages": messages}] * 3)
    assert found.records == 3
    assert time.monotonic() - began < 30


def test_few_dialogues_are_noted():
    assert evaluate(CORPUS[:1]).notes == ["1 dialogue is few: the human ranges were taken from 200 of each corpus"]


CALLS = [{**called("clock", {}, f"c{number}"), "meta": {"label": "correct"}} for number in range(3)]


def test_tool_calls_are_checked_only():
    found = evaluate(CALLS)
    assert (found.dialect, found.passed, found.figures) == ("tool_call", True, {})
    assert found.to_dict()["metrics"] == {}
    assert found.sections()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"id": "c1"}, "call-id"),
        ({"function": {"name": "clock", "arguments": "{"}}, "arguments-json"),
        ({"function": {"name": "clock", "arguments": {}}}, "shape"),
        ({"function": None}, "shape"),
        ({"type": "tool"}, "shape"),
        ({"function": {"name": "get_weather", "arguments": "{}"}, "meta": {"tools": CORPUS[0]["tools"]}}, "arguments-schema"),
        ({"function": {"name": "guess", "arguments": "{}"}, "meta": {"tools": CORPUS[0]["tools"]}}, "undeclared-tool"),
        ({"meta": {"messages": [{"role": "user", "content": ""}, {"role": "assistant", "content": "x"}]}}, "empty-turn"),
    ],
)
def test_a_flawed_tool_call(change, rule):
    found = evaluate([*CALLS, {**CALLS[0], "id": "c9", **change}])
    assert rule in found.flaws.by_rule
    assert {one.record for one in found.findings} == {4}
    assert not found.passed


def test_calls_that_are_wrong_on_purpose_are_not_held_against_the_file():
    wrong = {**called("get_weather", {"days": 0}, "w"), "meta": {"label": "wrong_argument", "tools": CORPUS[0]["tools"]}}
    none = {"id": "n", "type": "function", "function": None, "meta": {"label": "no_call"}}
    found = evaluate([*CALLS, wrong, none])
    assert found.passed
    assert found.to_dict()["gates"]["negatives"]["value"] == 2


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"trace_id": "t", "steps": []}, "an agent trace"),
        ({"nodes": [], "edges": [], "metadata": {}}, "a trajectory"),
        ({"text": "x"}, "a text"),
        ({"a": 1, "b": 2}, "a record with the keys 'a', 'b'"),
        ([1], "a JSON array"),
        (3, "a JSON value"),
    ],
)
def test_other_kinds_are_named(record, kind, tmp_path):
    (tmp_path / "x.jsonl").write_text("\n" + json.dumps(record) + "\n")
    with pytest.raises(RequestError, match=rf"x.jsonl', line 2: {kind}, not a conversation; synth eval reads conversations"):
        evaluate(tmp_path / "x.jsonl")


def test_nothing_to_evaluate(tmp_path):
    (tmp_path / "x.jsonl").write_text("\n")
    with pytest.raises(RequestError, match=r"x\.jsonl': holds no record"):
        evaluate(tmp_path / "x.jsonl")
    with pytest.raises(RequestError, match="records in memory: holds no record"):
        evaluate([])
    with pytest.raises(RequestError, match="records in memory: none of its records can be read"):
        evaluate(CORPUS, like=[{"messages": [{"role": "robot"}]}])
