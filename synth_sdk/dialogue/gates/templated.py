"""How templated wording is: turns whose frame - what is left when rare words are blanked out - stands in another dialogue too."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby

COUNTED = 5  # words from which a turn says something of its own: shorter ones recur in life
_LEAST_LEFT = 3  # words a frame must keep to be one
_COMMON, _FEWEST = 0.03, 3  # a word of the frame stands in 3% of the dialogues, and in three

Turn = tuple[str, str]  # role, text


def templated_rate(dialogues: Sequence[Sequence[Turn]], tokens: Callable[[str], list[str]]) -> float | None:
    """The share of turns whose frame recurs in another dialogue; None without turns that count. `tokens` gives lower-case words and marks."""
    spoken = [[(role, tokens(text)) for role, text in dialogue] for dialogue in dialogues]
    uses = Counter(word for turns in spoken for word in {word for _, words in turns for word in words})
    common = {word for word, count in uses.items() if count >= max(_FEWEST, _COMMON * len(dialogues))}
    homes: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    found: list[tuple[str, ...]] = []
    for index, turns in enumerate(spoken):
        for role, words in turns:
            frame = _frame(words, common)
            if _counts(words, COUNTED) and _counts(frame, _LEAST_LEFT):
                homes[role, *frame].add(index)
                found.append((role, *frame))
    return sum(len(homes[turn]) > 1 for turn in found) / len(found) if found else None


def _frame(words: Sequence[str], common: set[str]) -> tuple[str, ...]:
    """The common words, each run of others as one blank."""
    blanked = (word if word in common else "_" for word in words)
    return tuple(word for word, run in groupby(blanked) for word in (["_"] if word == "_" else run))


def _counts(words: Sequence[str], least: int) -> bool:
    return sum(word[0].isalnum() for word in words) >= least
