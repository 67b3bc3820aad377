"""Every gate, figure and key of the JSON stands in docs/eval.md."""

from pathlib import Path

from synth_sdk.evaluation import evaluate
from tests.evaluation.support import CORPUS

PAGE = (Path(__file__).parents[2] / "docs" / "eval.md").read_text("utf-8")


def test_everything_is_documented():
    told = evaluate(CORPUS[:60], like=CORPUS[60:]).to_dict()
    calls = evaluate([{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]).to_dict()
    names = [*told, *told["gates"], *calls["gates"], *told["like"], *told["like"]["classifier_auc"], *told["like"]["copied"]]
    names += [name.split(".")[0] for name in told["metrics"]]
    names += [part for name in told["metrics"] for part in name.split(".")[1:]]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_sources_of_the_envelope_are_named():
    from synth_sdk.evaluation.envelope import corpora

    assert all(name in PAGE for name in corpora())
