"""What only playing shows: every dialogue passes the gates, goals succeed or fail as declared, and how templated the wording is."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from synth_sdk.core.errors import SynthError
from synth_sdk.dialogue import check, play
from synth_sdk.dialogue.gates import templated as gates
from synth_sdk.dialogue.gates.templated import Turn
from synth_sdk.dialogue.linting.findings import Finding, finding, place_at
from synth_sdk.dialogue.loading.source import Map
from synth_sdk.dialogue.model import Goal, Pack, Place

SAMPLE = 200
_FURTHER = 1000
_MOST_TOLD = 5
_SEED = 1
_START = datetime(2025, 1, 1, tzinfo=UTC)
_EXPECTED = 5  # times that a fault should have happened before its silence counts
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?|[^\s\w]|_")

Record = dict[str, Any]


def sample_findings(pack: Pack, whole: Map) -> Iterator[Finding]:
    """Findings of `SAMPLE` dialogues; a goal that is rare among them is looked for further on."""
    place = Place(whole.file, whole.line)
    records: list[Record] = []
    told: set[str] = set()
    for index in range(SAMPLE):
        try:
            records.append(check(play(pack, _SEED, index, _START)))
        except SynthError as error:
            if error.message not in told and len(told) < _MOST_TOLD:
                told.add(error.message)
                yield finding("gates", "error", f"record {index} of seed {_SEED}: {error.message}", place)
    if told:
        return
    for goal in pack.goals:
        if message := _broken_promise(pack, goal, records) if goal.weight else "":
            yield finding("goals", "warning", f"goals.{goal.name} {message}", place_at(whole, "goals", goal.name))
    yield from _silent_faults(pack, records, whole)
    rate = templated_rate([_speech(record) for record in records])
    message = f"about {rate:.0%} of the turns of {SAMPLE} dialogues share their wording with another dialogue"
    yield finding("templated", "info", message, place)


def _broken_promise(pack: Pack, goal: Goal, records: Sequence[Record]) -> str:
    """What a goal did that its declaration does not say: a feasible one never succeeded, or an infeasible one did."""
    met = [record["meta"] for record in records if record["meta"]["goal"] == goal.name]
    won = next((meta["index"] for meta in met if meta["success"]), None)
    if not goal.feasible:
        return "" if won is None else f"is not feasible, and yet record {won} of seed {_SEED} succeeds"
    if won is None and not _succeeds(pack, goal, range(SAMPLE, _FURTHER)):
        return f"never succeeded in {_FURTHER} dialogues"
    return ""


def _succeeds(pack: Pack, goal: Goal, rows: range) -> bool:
    metas = (play(pack, _SEED, row, _START)["meta"] for row in rows)
    return any(meta["goal"] == goal.name and meta["success"] for meta in metas)


def _silent_faults(pack: Pack, records: Sequence[Record], whole: Map) -> Iterator[Finding]:
    """Faults that should have happened a few times and never did."""
    seen = {name for record in records for name in record["meta"]["faults"]}
    total = sum(fault.weight for fault in pack.faults)
    for fault in pack.faults:
        if fault.name not in seen and fault.name != "none" and fault.weight / total * SAMPLE >= _EXPECTED:
            message = f"faults.{fault.name} never happened in {SAMPLE} dialogues"
            yield finding("faults", "warning", message, place_at(whole, "faults", fault.name))


def _speech(record: Record) -> list[Turn]:
    return [(m["role"], m["content"]) for m in record["messages"] if m["role"] in ("user", "assistant") and m["content"]]


def templated_rate(dialogues: Sequence[Sequence[Turn]]) -> float:
    """The share of turns of 5 words or more whose frame is found in another dialogue too, in any alphabet; 0 where no turn counts."""
    return gates.templated_rate(dialogues, lambda text: _TOKEN.findall(text.lower())) or 0.0
