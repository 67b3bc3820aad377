import sys

import pytest

import synth_sdk.evaluation
from synth_sdk.core.lazy import lazily


def test_a_name_is_loaded_once_and_then_kept():
    sys.modules["synth_sdk.evaluation"].__dict__.pop("Evaluation", None)
    get = lazily("synth_sdk.evaluation", {"Evaluation": "result"})
    assert get("Evaluation").__module__ == "synth_sdk.evaluation.result"
    assert sys.modules["synth_sdk.evaluation"].__dict__["Evaluation"] is get("Evaluation")


def test_other_names_are_no_attributes():
    with pytest.raises(AttributeError, match=r"module 'synth_sdk\.evaluation' has no attribute 'evaluation'"):
        synth_sdk.evaluation.evaluation  # noqa: B018 - asking is what is tested
