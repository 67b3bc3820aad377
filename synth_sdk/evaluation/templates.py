"""How templated the wording is: turns whose frame - what is left when rare words are blanked out - stands in another dialogue too."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.words import LONG, mean, tokens

_COMMON, _FEWEST = 0.03, 3  # a word of the frame stands in 3% of the dialogues, and in three
_LEAST_LEFT = 3  # words a frame must keep to be one
Frame = tuple[str, str]


def templated_turn_rate(dialogues: Sequence[Dialogue]) -> float | None:
    """The share of turns (five words or more) whose frame recurs in another dialogue. None without such turns."""
    common = _common_words(dialogues)
    homes: defaultdict[Frame, set[int]] = defaultdict(set)
    turns: list[Frame] = []
    for place, dialogue in enumerate(dialogues):
        for role, text in dialogue.speech:
            frame = _frame(tokens(text), common)
            if frame:
                homes[role, frame].add(place)
                turns.append((role, frame))
    return mean(len(homes[turn]) > 1 for turn in turns) if turns else None


def _common_words(dialogues: Sequence[Dialogue]) -> set[str]:
    spread: Counter[str] = Counter()
    for dialogue in dialogues:
        spread.update({word for _, text in dialogue.speech for word in tokens(text)})
    least = max(_FEWEST, _COMMON * len(dialogues))
    return {word for word, count in spread.items() if count >= least}


def _frame(words: list[str], common: set[str]) -> str:
    """The words with a single _ for each run of uncommon ones; "" if the turn is short or too little is left."""
    if sum(word[0].isalnum() for word in words) < LONG:
        return ""
    kept: list[str] = []
    for word in words:
        if word in common and word != "_":
            kept.append(word)
        elif kept[-1:] != ["_"]:
            kept.append("_")
    return " ".join(kept) if sum(word[0].isalnum() for word in kept) >= _LEAST_LEFT else ""
