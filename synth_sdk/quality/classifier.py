"""Can a classifier tell one's own records from a sample? The area under its curve: 0.5 it can't, 1 it always can (a classifier two-sample
test: Lopez-Paz and Oquab, ICLR 2017). Needs the extra `eval`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import to_numbers
from synth_sdk.quality.pairing import Pair, blank
from synth_sdk.quality.tidy import tidy

ROWS = 5_000  # of each side
FEWEST = 100
SEED = 0
_FOLDS, _STEPS = 5, 40
_SIGNS = {"digits": r"\d", "capitals": r"[A-Z]", "spaces": r"\s", "marks": r"[^\w\s]", "foreign": r"[^\x00-\x7F]"}
MISSING = "no classifier was asked: pip install 'synth-data-sdk[eval]'"


def told_apart(pairs: Sequence[Pair], own: int, like: int) -> dict[str, Any]:
    """The area under the curve of gradient-boosted trees, each record judged by trees that were grown without it.

    Features: numbers and dates as they are; categories by their rank; of texts the length and how many digits, capitals, spaces, marks and
    characters beyond ASCII they have. Both sides have the same number of rows.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    count = min(own, like)
    names, table = features(pairs)
    table = np.concatenate([table[:count], table[own : own + count]])
    labels = np.repeat([0, 1], count)
    scores = np.zeros(2 * count)
    with threadpool_limits(1):  # threads that wait for each other on a busy machine take a hundred times as long
        for known, asked in StratifiedKFold(_FOLDS, shuffle=True, random_state=SEED).split(table, labels):
            model = HistGradientBoostingClassifier(max_iter=_STEPS, early_stopping=False, random_state=SEED)
            scores[asked] = model.fit(table[known], labels[known]).decision_function(table[asked])
    area = float(roc_auc_score(labels, scores))
    return {"auc": tidy(area, 4), "rows": 2 * count, "folds": _FOLDS, "seed": SEED, "features": names}


def features(pairs: Sequence[Pair]) -> tuple[list[str], NDArray[np.float64]]:
    """A name and a column for each feature; null is NaN."""
    names: list[str] = []
    columns: list[NDArray[np.float64]] = []
    for pair in pairs:
        for name, column in _of_pair(pair):
            names.append(name)
            columns.append(column)
    return names, np.column_stack(columns) if columns else np.zeros((0, 0))


def _of_pair(pair: Pair) -> list[tuple[str, NDArray[np.float64]]]:
    if pair.numbers is not None:
        return [(pair.name, pair.numbers)]
    if pair.codes is not None:
        return [(pair.name, np.where(pair.codes < 0, np.nan, _by_frequency(pair.codes)))]
    texts = blank(pair.texts)
    found = {"length": to_numbers(pc.utf8_length(texts))}
    found |= {word: to_numbers(pc.count_substring_regex(texts, sign)) for word, sign in _SIGNS.items()}
    return [(f"{pair.name}: {word}", np.where(pair.nulls, np.nan, column)) for word, column in found.items()]


def _by_frequency(codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Categories by their rank, the most frequent first."""
    counts = np.bincount(codes[codes >= 0])
    ranks = np.empty(len(counts))
    ranks[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return ranks[codes]
