"""How good is a file of conversations? Gates, figures of diversity, the range of human corpora, distances to a sample of one's own."""

from typing import TYPE_CHECKING

from synth_sdk.core.lazy import lazily

if TYPE_CHECKING:
    from synth_sdk.evaluation.evaluate import evaluate
    from synth_sdk.evaluation.result import Evaluation

_HOMES = {"Evaluation": "result", "evaluate": "evaluate"}
__all__ = ["Evaluation", "evaluate"]

__getattr__ = lazily(__name__, _HOMES)
