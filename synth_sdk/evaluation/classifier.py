"""Can a classifier tell two sets of dialogues apart? Areas under the curve: 0.5 it can't, 1 it always can. Needs the extra `eval`.

Two human corpora are told apart with more than .99: the figures tell in which respect two sets differ most, not whether one is real.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.neighbours import script
from synth_sdk.evaluation.style import manner, manner_of, numbers
from synth_sdk.evaluation.words import count_words, digest

if TYPE_CHECKING:
    import numpy as np

_MOST_DIALOGUES, _FEWEST_DIALOGUES = 300, 30
_MOST_TURNS, _FEWEST_TURNS = 1200, 100
_FOLDS = 5
_SHORTEST_TURN = 3  # words
_LONGEST_SCRIPT = 6000  # characters
_LIGHT = 0.1  # the numbers beside a text: they shall not drown it

_VIEWS: dict[str, Callable[[Dialogue], str] | None] = {
    "text": lambda one: script(one, values=True)[:_LONGEST_SCRIPT],
    "masked": lambda one: script(one)[:_LONGEST_SCRIPT],
    "style": manner,
    "shape": None,
}


def told_apart(own: Sequence[Dialogue], other: Sequence[Dialogue]) -> dict[str, float | None]:
    """The area under the curve for each view of whole dialogues, and of single turns of the user and the assistant.

    Views: `text` as it is, `masked` without values and names, `style` function words and marks alone, `shape` numbers alone.
    None where there is too little: 30 dialogues, or 100 turns, on each side.
    """
    count = min(len(own), len(other), _MOST_DIALOGUES)
    views: dict[str, float | None] = dict.fromkeys(_VIEWS)
    if count >= _FEWEST_DIALOGUES:
        both = [*own[:count], *other[:count]]
        views |= {name: _of_dialogues(both, count, view) for name, view in _VIEWS.items()}
    return views | {f"turn_{role}": _of_turns(own, other, role) for role in ("user", "assistant")}


def _of_dialogues(both: Sequence[Dialogue], count: int, view: Callable[[Dialogue], str] | None) -> float:
    import numpy as np
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold
    from sklearn.preprocessing import StandardScaler

    labels = np.repeat([0.0, 1.0], count)
    scores = np.zeros(2 * count)
    table = np.array([numbers(one) for one in both])
    texts = [view(one) for one in both] if view else []
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(np.zeros(2 * count), labels)
    for known, asked in folds:
        scaler = StandardScaler().fit(table[known])
        left, right = scaler.transform(table[known]), scaler.transform(table[asked])
        if texts:
            vectorizer = _of_signs(3) if view is manner else _of_characters()
            left, right = _beside(vectorizer, texts, known, asked, left, right)
        scores[asked] = _decided(left, labels[known], right, 400)
    return float(roc_auc_score(labels, scores))


def _of_characters() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True, max_features=30_000)


def _of_signs(least: int) -> Any:
    """Of texts that are signs between blanks; `least`: how many texts must have one."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=_signs, min_df=least, sublinear_tf=True, max_features=20_000)


def _signs(text: str) -> list[str]:
    """One, two and three signs in a row."""
    signs = text.lower().split()
    return [" ".join(signs[i : i + n]) for n in (1, 2, 3) for i in range(len(signs) - n + 1)]


def _beside(vectorizer: Any, texts: Sequence[str], known: Any, asked: Any, left: Any, right: Any) -> tuple[Any, Any]:
    """The texts' vectors with the numbers as further, light columns."""
    from scipy.sparse import csr_matrix, hstack

    seen = vectorizer.fit_transform([texts[i] for i in known])
    new = vectorizer.transform([texts[i] for i in asked])
    return hstack([seen, csr_matrix(left * _LIGHT)]).tocsr(), hstack([new, csr_matrix(right * _LIGHT)]).tocsr()


def _decided(known: Any, labels: "np.ndarray[Any, Any]", asked: Any, steps: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=steps, solver="liblinear", random_state=0)
    return model.fit(known, labels).decision_function(asked)


def _of_turns(own: Sequence[Dialogue], other: Sequence[Dialogue], role: str) -> float | None:
    """By the manner of single turns; the turns of a dialogue stay in one fold."""
    import numpy as np
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    ours, theirs = _turns(own, role), _turns(other, role)
    count = min(len(ours), len(theirs))
    if count < _FEWEST_TURNS:
        return None
    texts = [text for _, text, _ in (*ours[:count], *theirs[:count])]
    groups = [home for _, _, home in ours[:count]] + [len(own) + home for _, _, home in theirs[:count]]
    labels = np.repeat([0.0, 1.0], count)
    scores = np.zeros(2 * count)
    for known, asked in GroupKFold(_FOLDS).split(texts, labels, groups):
        vectorizer = _of_signs(2)
        seen = vectorizer.fit_transform([texts[i] for i in known])
        scores[asked] = _decided(seen, labels[known], vectorizer.transform([texts[i] for i in asked]), 300)
    return float(roc_auc_score(labels, scores))


def _turns(dialogues: Sequence[Dialogue], role: str) -> list[tuple[int, str, int]]:
    """(order, manner, dialogue) of a fixed sample of the turns of `role`."""
    found = [
        (digest(f"{text}{home}"), manner_of(role, text), home)
        for home, dialogue in enumerate(dialogues)
        for text in dialogue.turns(role)
        if count_words(text) >= _SHORTEST_TURN
    ]
    return sorted(found)[:_MOST_TURNS]
