"""Likeness of whole dialogues: cosines of their character n-grams, values and names masked. Needs the extra `eval`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from synth_sdk.core.errors import RequestError
from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.words import anonymous, mean
from synth_sdk.quality.extras import has_sklearn

if TYPE_CHECKING:
    import numpy as np

NOT_MEASURED = "not measured"
MISSING = f"{NOT_MEASURED}: pip install 'synth-data-sdk[eval]'"
_FEWEST = 3
_NEAR, _ALIKE = 0.8, 0.6


def script(dialogue: Dialogue, *, values: bool = False) -> str:
    """The spoken turns, one a line; addresses, numbers and names as they are only with `values`."""
    return "\n".join(f"{'U' if role == 'user' else 'A'}: {text if values else anonymous(text)}" for role, text in dialogue.speech)


def near_duplicates(dialogues: Sequence[Dialogue]) -> dict[str, float]:
    """The share of dialogues said before, of those with a neighbour above .8 and .6, and the mean likeness to the nearest."""
    if len(dialogues) < _FEWEST:
        return {}
    texts = [script(one) for one in dialogues]
    likeness = cosines(texts, texts)
    likeness[range(len(texts)), range(len(texts))] = 0
    return {"exact": 1 - len(set(texts)) / len(texts), **_summary(likeness)}


def nearest(own: Sequence[Dialogue], other: Sequence[Dialogue]) -> dict[str, float]:
    """How near the dialogues come to any of `other`: what was copied stands out."""
    return _summary(cosines([script(one) for one in own], [script(one) for one in other]))


def _summary(likeness: "np.ndarray[Any, Any]") -> dict[str, float]:
    closest = [float(value) for value in likeness.max(axis=1)]
    return {
        "near80": mean(value >= _NEAR for value in closest),
        "near60": mean(value >= _ALIKE for value in closest),
        "mean_max_sim": mean(closest),
    }


def cosines(left: Sequence[str], right: Sequence[str]) -> "np.ndarray[Any, Any]":
    """TF-IDF cosines of each text on the left with each on the right. RequestError without scikit-learn."""
    if not has_sklearn():
        raise RequestError(f"likeness of dialogues is {MISSING}")
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=60_000)
    vectorizer.fit([*left] if left is right else [*left, *right])
    return (vectorizer.transform(left) @ vectorizer.transform(right).T).toarray()  # type: ignore[no-any-return]
