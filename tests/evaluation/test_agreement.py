"""The figures are those of the measure that acceptance uses, where that lies beside the checkout."""

import importlib.util
import json
from pathlib import Path

import pytest

from synth_sdk.dialogue import load_pack, play
from synth_sdk.evaluation.envelope import envelope
from synth_sdk.evaluation.likeness import divergences
from synth_sdk.evaluation.measures import measure
from synth_sdk.evaluation.tallies import Tally
from tests.evaluation.support import CORPUS, dialogues

SHARED = next((folder / "shared" / "tools" for folder in Path(__file__).parents if (folder / "shared" / "tools").is_dir()), None)
pytestmark = [
    pytest.mark.skipif(SHARED is None, reason="shared/tools/realism.py is not beside this checkout"),
    pytest.mark.slow,
]
OTHER_NAMES = {"short_user_turn_rate": "short_user_turn_rate(<=3w)"}
PACKS = ["customer_support", "code_assistant"]


@pytest.fixture(scope="module")
def realism():
    pytest.importorskip("sklearn", reason="the measure needs scikit-learn")
    spec = importlib.util.spec_from_file_location("realism", SHARED / "realism.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=[*PACKS, "corpus"])
def records(request):
    from datetime import UTC, datetime

    if request.param == "corpus":
        return CORPUS
    pack = load_pack(request.param)
    return [play(pack, 0, index, datetime(2025, 1, 1, tzinfo=UTC)) for index in range(240)]


def ordered(realism, records):
    return sorted(records, key=lambda one: realism.H(json.dumps(one["messages"], ensure_ascii=False)))


@pytest.fixture(scope="module")
def theirs(realism, records):
    return realism.stats(ordered(realism, records))


def test_figures_agree(realism, theirs, records):
    for name, value in measure(dialogues(records)).items():
        expected = realism.get(theirs, OTHER_NAMES.get(name, name))
        assert value == (None if expected is None else pytest.approx(expected, abs=1e-9)), name


def test_gates_agree(theirs, records):
    tally = Tally()
    for one in records:
        tally.add(one["messages"], one["tools"])
    count = tally.counts
    assert count["turn_taking"] / len(records) == theirs["structure"]["valid"]
    assert count["ends_with_assistant"] / len(records) == theirs["structure"]["ends_with_assistant"]
    tools, said = theirs["tools"], theirs["entities"]
    assert count["calls"] / len(records) == tools["calls_per_dialogue"]
    assert count["arguments_schema_invalid"] / count["calls_with_tools"] == tools["args_schema_invalid"]
    assert count["argument_values_grounded"] / count["argument_values"] == tools["arg_values_grounded"]
    assert count["results_used"] / count["results"] == tools["result_used_in_next_reply"]
    assert count["mentions"] / len(records) == said["assistant_entities_first_mentions_per_dlg"]
    assert said["assistant_entities_unsupported"] in (None, count["mentions_unsourced"] / max(count["mentions"], 1))


def test_the_envelope_agrees(realism, theirs, records):
    ranges = json.loads((SHARED / "envelope.json").read_text())["env"]
    score = realism.envelope_score(ranges, theirs)
    ours = envelope(measure(dialogues(records)))
    assert (sum(one.inside for one in ours), len(ours)) == (score["inside"], score["of"])
    assert [[one.low, one.high] for one in ours] == list(ranges.values())


def test_distances_agree(realism, records):
    from synth_sdk.evaluation.classifier import told_apart

    others = [{**one, "messages": one["messages"][:-2]} for one in records[:110]]
    theirs = realism.compare(ordered(realism, others), ordered(realism, records))
    spread = divergences(dialogues(records), dialogues(others))
    names = {"turns": "turns", "words_user_turn": "user_words", "words_assistant_turn": "assistant_words", "calls": "tool_calls"}
    for ours, name in names.items():
        assert spread[ours] == pytest.approx(theirs["jsd"][name], abs=1e-9)
    areas = told_apart(dialogues(others), dialogues(records))
    for view in ("text", "masked", "style", "shape"):
        assert areas[view] == pytest.approx(theirs["c2st_auc"][view], abs=6e-4), view
    for role in ("user", "assistant"):
        expected = theirs[f"c2st_turn_{role}"]
        assert areas[f"turn_{role}"] == (None if expected is None else pytest.approx(expected, abs=6e-4)), role
