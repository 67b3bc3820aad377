"""How a persona types: slips, small letters. Slot values are left alone."""

import re
from functools import lru_cache
from random import Random

_SHORTEST_WORD = 5
_WORD = re.compile(rf"(?<![^ ])[A-Za-z]{{{_SHORTEST_WORD},}}(?![^ ])")
_NEIGHBOURS = {
    "a": "s", "b": "v", "c": "x", "d": "f", "e": "r", "f": "d", "g": "h", "h": "j", "i": "o", "j": "k", "k": "l", "l": "k", "m": "n",
    "n": "b", "o": "p", "p": "o", "q": "w", "r": "t", "s": "d", "t": "y", "u": "i", "v": "c", "w": "e", "x": "z", "y": "u", "z": "x",
}  # fmt: skip


@lru_cache(maxsize=8192)
def long_letters(text: str) -> int:
    """How many letters stand in words that are long enough for a slip."""
    return sum(len(word) for word in _WORD.findall(text))


def slip_in(text: str, rng: Random) -> str:
    """`text` with a slip in one of its long words."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = words[int(rng.random() * len(words))]
    return f"{text[: word.start()]}{_slip(word.group(), rng)}{text[word.end() :]}"


def _slip(word: str, rng: Random) -> str:
    """Two letters swapped, one left out, one doubled, or the key beside it."""
    at = 1 + int(rng.random() * (len(word) - 2))
    kind = int(rng.random() * 4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _NEIGHBOURS.get(word[at].lower(), word[at]) + word[at + 1 :]


def small_words(text: str) -> str:
    """Small letters at the start of words, but not in abbreviations."""
    return " ".join(_small(word) for word in text.split(" "))


def _small(word: str) -> str:
    return word if len(word) > 1 and word.isupper() else word[:1].lower() + word[1:]


def small_first(text: str) -> str:
    """A small letter at the start, unless the text begins with "I" or an abbreviation."""
    head = text.split(" ", 1)[0]
    is_name = head.rstrip(",.!?").split("'")[0] in ("I", "I’m") or (len(head) > 1 and head.isupper())
    return text if is_name else text[:1].lower() + text[1:]
