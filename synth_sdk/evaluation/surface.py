"""How the turns look: lengths, questions, hesitations, care with capitals and full stops, slips of the pen, the flow of a dialogue."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.words import WORD, count_words, mean

HESITATION = re.compile(
    r"\b(?:u+m+|u+h+|e+r+m*|h+m+|oh|ah|oops|whoops|wait|actually|i mean|you know|sorry|lol|haha|ok+|okay|yeah|yep|yup|nope|nah"
    r"|gonna|wanna|gotta|kinda|pls|plz|thx|ty|btw|idk|u|ur)\b|\.\.\.|…",
    re.IGNORECASE,
)
_NO_APOSTROPHE = re.compile(
    r"\b(?:dont|doesnt|didnt|cant|wont|im|ive|id|isnt|wasnt|thats|whats|youre|couldnt|wouldnt)\b", re.IGNORECASE
)
_SHORT = 3  # words
_ENDINGS = frozenset("drnsy")  # what inflection adds: no slip
_SHORTEST_WORD, _LONGEST_WORD = 5, 30  # letters of words in which slips are looked for


def spread(values: Iterable[float]) -> dict[str, float]:
    """Mean, 10th, 50th and 90th percentile (linear between neighbours), maximum, and the coefficient of variation."""
    ordered = sorted(values)
    if not ordered:
        return {}
    average = mean(ordered)
    deviation = mean((value - average) ** 2 for value in ordered) ** 0.5
    points = {f"p{percent}": _percentile(ordered, percent) for percent in (10, 50, 90)}
    return {"mean": average, **points, "max": ordered[-1], "cv": deviation / max(average, 1e-9)}


def _percentile(ordered: Sequence[float], percent: int) -> float:
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def manner(user: Sequence[str], assistant: Sequence[str]) -> dict[str, float | None]:
    """Shares and rates of how the two speak; None for a speaker who says nothing."""
    words = max(sum(map(count_words, user)), 1)
    return {
        "question_rate_user": _rate(user, lambda text: "?" in text),
        "question_rate_assistant": _rate(assistant, lambda text: "?" in text),
        "disfluency_per_100w_user": 100 * sum(len(HESITATION.findall(text)) for text in user) / words,
        "no_apostrophe_per_1000w_user": 1000 * sum(len(_NO_APOSTROPHE.findall(text)) for text in user) / words,
        "lower_start_user": _rate(user, lambda text: text.lstrip()[:1].islower()),
        "no_end_punct_user": _rate(user, lambda text: text.rstrip()[-1:] not in ".?!"),
        "short_user_turn_rate": _rate(user, lambda text: count_words(text) <= _SHORT),
    }


def _rate(turns: Sequence[str], holds: Callable[[str], bool]) -> float | None:
    return mean(map(holds, turns)) if turns else None


def flow(dialogues: Sequence[Dialogue]) -> dict[str, float]:
    """Who speaks when and how many calls are made: how many such shapes there are, and how common the commonest is."""
    shapes = Counter((tuple(role for role, _ in one.speech), one.calls) for one in dialogues)
    total = max(len(dialogues), 1)
    return {"flow_shapes_distinct": len(shapes) / total, "flow_top1": max(shapes.values(), default=0) / total}


def slips(turns: Iterable[str]) -> float:
    """Rare words that differ from a common one by a letter left out, added or changed, in 1,000 words: a stand-in for typing errors."""
    counts = Counter(word.lower() for text in turns for word in WORD.findall(text) if word.isalpha() and not word[0].isupper())
    total = counts.total()
    common = {word for word, count in counts.items() if count >= max(8, total / 8000) and _fits(word)}
    near: defaultdict[str, set[str]] = defaultdict(set)
    for word in common:
        for form in {word, *_shortened(word)}:
            near[form].add(word)
    rare = (word for word, count in counts.items() if count <= 2 and _fits(word) and word not in common)
    return 1000 * sum(counts[word] for word in rare if _is_slip(word, near)) / max(total, 1)


def _fits(word: str) -> bool:
    return _SHORTEST_WORD <= len(word) <= _LONGEST_WORD


def _shortened(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _is_slip(word: str, near: dict[str, set[str]]) -> bool:
    meant = set().union(*(near.get(form, ()) for form in (word, *_shortened(word))))
    return any(
        abs(len(one) - len(word)) <= 1 and one[0] == word[0] and not _inflected(word, one) and not _inflected(one, word)
        for one in meant
    )


def _inflected(longer: str, shorter: str) -> bool:
    return longer[:-1] == shorter and longer[-1] in _ENDINGS
