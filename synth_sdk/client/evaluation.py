"""Evaluating files of conversations, as users ask for it."""

from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING

from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from synth_sdk.evaluation import Evaluation as Evaluation

Source = str | PathLike[str] | Iterable[Json]


def evaluate(source: Source, like: Source | None = None, dialect: str = "auto") -> "Evaluation":
    """How good a file of conversations is ("-": standard input), or records in memory, such as `result.records`.

    `like`: a file or records of one's own to hold it against. `dialect`: synth, openai, trl, sharegpt, bedrock, anthropic, or auto.
    The Evaluation has `to_dict()`, `save("page.html")`, `passed` and `findings`. RequestError if there is nothing to evaluate.
    """
    from synth_sdk.evaluation import evaluate

    return evaluate(source, like=like, dialect=dialect)
