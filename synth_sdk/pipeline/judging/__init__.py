"""A sampled judge of another model family: bought records against their offline twins, pairwise, in both orders."""

from synth_sdk.pipeline.judging.arms import judge_arms
from synth_sdk.pipeline.judging.judge import Judge

__all__ = ["Judge", "judge_arms"]
