"""A dialogue as a row of numbers, and its wording without what it is about: what a classifier looks at."""

import re

from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.surface import HESITATION
from synth_sdk.evaluation.words import WORD, count_words, mean, tokens

_PIECE = re.compile(r"[A-Za-z0-9]+(?:['’][A-Za-z]+)?|[^\sA-Za-z0-9]")
_LISTED = """
    a about above actually after again against all also am an and any are aren't as at awesome be because been before being
    below between both but by can can't come could did didn't do does doesn't doing don't done down during each few find
    fine for from get give go good got great had has have having he hello help her here hey hi him his how i i'd i'll i'm
    i've if in into is isn't it it's its just know let let's like look make may maybe me might mine more most must my myself
    need nice no nor not now of off oh ok okay on once only or other our out over own perfect please really same say see
    shall she should so some sorry still such sure take tell than thank thanks that that's the their them then there there's
    these they this those through to too try uh um under until up us very want was we well were what what's when where which
    while who whom why will with won't would yeah yes you you'll you're your yours yourself
"""
_FUNCTION_WORDS = frozenset(_LISTED.split())


def manner_of(role: str, text: str) -> str:
    """`text` with its function words and marks as they are, other words as w or W, numbers as 9."""
    return " ".join(["U:" if role == "user" else "A:", *map(_sign, _PIECE.findall(text))])


def manner(dialogue: Dialogue) -> str:
    """All turns so."""
    return " ".join(manner_of(role, text) for role, text in dialogue.speech)


def _sign(piece: str) -> str:
    plain = piece.lower().replace("’", "'")
    if plain in _FUNCTION_WORDS:
        return ("^" if piece[:1].isupper() else "") + plain
    if piece.isdigit():
        return "9"
    if piece.isalnum() or "'" in piece:
        return "W" if piece[:1].isupper() else "w"
    return piece


def numbers(dialogue: Dialogue) -> list[float]:
    """22 numbers: lengths of turns, questions, marks, capitals, digits, hesitations, care, variety, and who begins and ends."""
    turns = dialogue.speech
    user, assistant = dialogue.turns("user"), dialogue.turns("assistant")
    text = " ".join(said for _, said in turns)
    count, length = max(len(turns), 1), max(len(text), 1)
    words = WORD.findall(text)
    pieces = tokens(text)
    return [
        float(len(turns)),
        *_lengths(user),
        *_lengths(assistant),
        text.count("?") / count,
        mean("?" in said for said in user),
        text.count("!") / count,
        sum(map(str.isupper, text)) / length,
        sum(map(str.isdigit, text)) / length,
        sum(not char.isalnum() and not char.isspace() for char in text) / length,
        len(HESITATION.findall(text)) / count,
        mean(said[:1].islower() for said in user),
        mean(said.rstrip()[-1:] not in ".?!" for said in user),
        mean(map(len, words)),
        len(set(pieces)) / max(len(pieces), 1),
        float(bool(turns) and turns[0][0] == "user"),
        float(bool(turns) and turns[-1][0] == "user"),
    ]


def _lengths(turns: list[str]) -> tuple[float, float, float, float]:
    """Mean, deviation, longest and shortest, in words."""
    counts = [count_words(text) for text in turns] or [0]
    average = mean(counts)
    return average, mean((count - average) ** 2 for count in counts) ** 0.5, max(counts), min(counts)
