"""How plain a wording is among all wordings of a pack: people reach for common phrases first, and for the rare ones now and then."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

_SLOT = re.compile(r"\{[^}]*\}")
_BRACKET = str.maketrans(dict.fromkeys("()[]|\\", " "))
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?|[^\s\w]|_")
Pair = tuple[str, str]


def plainness(banks: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """For each act the plainness of each of its frames, as a standard score within the act (0 when all are alike).

    Plain is a frame whose neighbouring words are found in many frames of the pack: the mean log count of its word pairs.
    """
    pairs = {act: [_pairs(text) for text in texts] for act, texts in banks.items()}
    counts = Counter(chain.from_iterable(set(frame) for frames in pairs.values() for frame in frames))
    score = {pair: math.log(count) for pair, count in counts.items()}.__getitem__
    return {act: _standard([sum(map(score, frame)) / len(frame) for frame in frames]) for act, frames in pairs.items()}


def _pairs(text: str) -> list[Pair]:
    words = _TOKEN.findall(_SLOT.sub(" _ ", text.lower()).translate(_BRACKET))
    return list(pairwise(words)) or [(words[0] if words else "", "")]


def _standard(scores: list[float]) -> list[float]:
    mean = sum(scores) / len(scores) if scores else 0.0
    spread = math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores)) if scores else 0.0
    return [round((score - mean) / spread, 3) if spread else 0.0 for score in scores]
