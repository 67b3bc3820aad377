"""How a persona types: slips, lower case, no full stop, a filler first. Slot values are left alone."""

from collections.abc import Mapping, Sequence
from random import Random

from synth_sdk.dialogue.frames import Piece

_SHORTEST_WORD = 5
_NEIGHBOURS = {
    "a": "s", "b": "v", "c": "x", "d": "f", "e": "r", "f": "d", "g": "h", "h": "j", "i": "o", "j": "k", "k": "l", "l": "k", "m": "n",
    "n": "b", "o": "p", "p": "o", "q": "w", "r": "t", "s": "d", "t": "y", "u": "i", "v": "c", "w": "e", "x": "z", "y": "u", "z": "x",
}  # fmt: skip


def noisy(pieces: list[Piece], traits: Mapping[str, float], fillers: Sequence[str], rng: Random) -> list[Piece]:
    """The pieces as this persona would type them."""
    typo, lower, nopunct, filler = (traits[name] for name in ("typo", "lower", "nopunct", "filler"))
    if typo:
        pieces = [(text, True) if is_slot else (_slips(text, typo, rng), False) for text, is_slot in pieces]
    if fillers and rng.random() < filler:
        word = fillers[int(rng.random() * len(fillers))]
        pieces = [(f"{word[:1].upper()}{word[1:]}, ", False), *_lowered(pieces, 1)]
    if rng.random() < lower:
        pieces = _lowered(pieces, len(pieces))
    if rng.random() < nopunct:
        pieces = _open_ended(pieces, rng)
    return pieces


def greeted(pieces: list[Piece], traits: Mapping[str, float], openers: Sequence[str], rng: Random) -> list[Piece]:
    """The pieces with one of `openers` before them, as often as this persona greets."""
    if not openers or rng.random() >= traits["greet"]:
        return pieces
    opener = openers[int(rng.random() * len(openers))]
    return [(opener, False), *(pieces if opener.rstrip()[-1:] in ".!?" else _lowered(pieces, 1))]


def _slips(text: str, rate: float, rng: Random) -> str:
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) >= _SHORTEST_WORD and word.isascii() and word.isalpha() and rng.random() < rate * len(word):
            words[i] = _slip(word, rng)
    return " ".join(words)


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


def _lowered(pieces: list[Piece], count: int) -> list[Piece]:
    """The first `count` pieces with small letters at the start of their words, slots and "I" in the middle excepted."""
    result = list(pieces)
    for i, (text, is_slot) in enumerate(pieces[:count]):
        if is_slot:
            continue
        words = text.split(" ")
        result[i] = (" ".join(_small(word) for word in words) if count > 1 else _small_first(text), False)
    return result


def _small(word: str) -> str:
    return word if len(word) > 1 and word.isupper() else word[:1].lower() + word[1:]


def _small_first(text: str) -> str:
    head = text.split(" ", 1)[0]
    return (
        text
        if head.rstrip(",.!?").split("'")[0] in ("I", "I’m") or (len(head) > 1 and head.isupper())
        else text[:1].lower() + text[1:]
    )


def _open_ended(pieces: list[Piece], rng: Random) -> list[Piece]:
    text, is_slot = pieces[-1]
    if is_slot or not text.endswith((".", "?", "!")) or text.endswith("..") or (text.endswith("?") and rng.random() < 0.5):
        return pieces
    return [*pieces[:-1], (text[:-1], False)]
