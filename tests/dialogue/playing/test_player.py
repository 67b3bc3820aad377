import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.dialogue import batch, check, load_pack, play
from synth_sdk.dialogue.playing.mix import cast
from synth_sdk.dialogue.playing.player import _lines, chorus, traced
from synth_sdk.dialogue.playing.trace import Turn

START = datetime(2025, 1, 1, tzinfo=UTC)


def spoken(record):
    return [
        message["content"] for message in record["messages"] if message["role"] in ("user", "assistant") and message["content"]
    ]


def forget():
    """Compile everything anew."""
    chorus.cache_clear()
    _lines.cache_clear()


def test_the_documented_example_plays(library, start):
    record = play(library, 0, 0, start)
    assert [message["role"] for message in record["messages"]] == ["user", "assistant", "tool", "assistant", "user", "assistant"]
    assert record["meta"]["success"] is True
    assert json.loads(record["messages"][2]["content"])["loan_id"] in record["messages"][0]["content"]


def test_a_record_is_a_function_of_seed_and_index(support):
    there = [play(support, 7, index, START) for index in range(130)]
    forget()
    back = [play(support, 7, index, START) for index in reversed(range(130))]
    assert json.dumps(there) == json.dumps(back[::-1])
    assert play(support, 8, 0, START)["messages"] != there[0]["messages"]


def test_nothing_depends_on_the_day_of_the_run(support, monkeypatch):
    import time

    before = play(support, 3, 70, START)
    forget()
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert play(support, 3, 70, START) == before


def test_the_start_moves_the_dates(support):
    later = START + timedelta(days=400)
    assert play(support, 3, 1, later)["meta"]["now"] >= "2026-02-05"
    assert play(support, 3, 1, START)["meta"]["now"] <= "2026-01-01"


def test_records_do_not_share_state(support):
    first = play(support, 1, 1, START)
    first["tools"].clear()
    first["messages"].clear()
    assert play(support, 1, 1, START)["tools"]
    assert play(support, 1, 1, START)["messages"]


def test_ids_are_unique_in_a_run(support):
    records = [play(support, 0, index, START) for index in range(300)]
    calls = [call["id"] for record in records for message in record["messages"] for call in message.get("tool_calls") or ()]
    assert len(set(calls)) == len(calls)
    assert len({record["id"] for record in records}) == 300


@pytest.mark.parametrize("seed", [0, 5])
def test_goals_faults_and_personas_are_even(support, seed):
    import random

    casts = [cast(support, seed, index, random.Random(0)) for index in range(1024)]
    for group, names in (
        (support.goals, Counter(one.goal.name for one in casts)),
        (support.personas, Counter(one.persona.name for one in casts)),
    ):
        total = sum(item.weight for item in group)
        for item in group:
            assert abs(names[item.name] - 1024 * item.weight / total) <= 16
    assert len({(one.goal.name, one.persona.name) for one in casts}) == len(support.goals) * len(support.personas)


def test_no_frame_twice_in_a_dialogue_and_even_use_in_a_block(support):
    uses = Counter()
    for index in range(256):
        found, frames = traced(support, 2, index, START)
        names = [
            (event.act.name, frame.text)
            for event, frame in zip((e for e in found.events if isinstance(e, Turn)), frames, strict=True)
        ]
        repeated = [name for name, count in Counter(names).items() if count > 1]
        assert not repeated
        uses.update(names)
    totals = Counter()
    for (act, _), count in uses.items():
        totals[act] += count
    for (act, text), count in uses.items():
        frames = support.acts[act].frames
        share = next(frame.weight for frame in frames if frame.text == text) / sum(frame.weight for frame in frames)
        assert count <= 3 * totals[act] * share + 3, (act, text)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**63), lap=st.integers(0, 2000), place=st.integers(0, 60))
def test_every_offline_record_passes_the_gates_unchanged(support, seed, lap, place):
    first = 512 * lap + place
    for record in batch(support, seed, range(first, first + 60), START).records():
        assert check(record) == record


def test_negative_indices_are_refused(support):
    with pytest.raises(IndexError):
        play(support, 0, -1, START)


def test_faults_are_labelled_when_they_happen(support):
    seen = Counter()
    for index in range(512):
        record = play(support, 0, index, START)
        results = " ".join(message["content"] for message in record["messages"] if message["role"] == "tool")
        faults = record["meta"]["faults"]
        seen.update(faults)
        assert ("timeout" in faults) == ('"code": "timeout"' in results)
        assert ("rate_limit" in faults) == ('"code": "rate_limited"' in results)
        assert ("not_found" in faults) == ('"code": "order_not_found"' in results)
        assert ("permission_denied" in faults) == ('"code": "forbidden"' in results)
    assert set(seen) == {fault.name for fault in support.faults} - {"none"}


def test_nothing_absurd_is_said(support):
    for index in range(256):
        record = play(support, 4, index, START)
        now = record["meta"]["now"]
        paid = 0.0
        for message in record["messages"]:
            if message["role"] != "tool":
                continue
            result = json.loads(message["content"])
            assert (result.get("delivered_on") or now) <= now
            assert (result.get("placed_on") or now) <= now
            paid = float(result.get("total", paid))
            if paid and result.get("refund_amount"):
                assert 0 < float(result["refund_amount"]) <= paid


def test_refused_wishes_stay_refused(support):
    for index in range(256):
        record = play(support, 4, index, START)
        if not record["meta"]["feasible"]:
            assert record["meta"]["success"] is False


def test_the_persona_shows(support):
    lower = {name: [] for name in ("hurried", "courteous")}
    for index in range(512):
        record = play(support, 0, index, START)
        if record["meta"]["persona"] in lower:
            lower[record["meta"]["persona"]] += [m["content"][:1].islower() for m in record["messages"] if m["role"] == "user"]
    share = {name: sum(flags) / len(flags) for name, flags in lower.items()}
    assert share["hurried"] > share["courteous"] + 0.2


def test_slots_survive_the_noise(support):
    """Whatever the persona's typing, ids and addresses in the customer's turns are those that the calls use."""
    for index in range(128):
        record = play(support, 9, index, START)
        heard = ""
        for message in record["messages"]:
            heard += re.sub(r"\W", "", (message["content"] or "").lower())
            for call in message.get("tool_calls") or ():
                arguments = json.loads(call["function"]["arguments"])
                for key in ("order_id", "email"):
                    if key in arguments:
                        assert re.sub(r"\W", "", arguments[key].lower()) in heard


def test_gaps_in_the_flow_are_told(write_pack, start):
    from synth_sdk.core.errors import PackError

    pack = load_pack(write_pack("save: result, next: tell}", "save: result, next: {tell: {if: goal == 'x'}}}"))
    with pytest.raises(PackError, match="no way on is open"):
        play(pack, 0, 0, start)
