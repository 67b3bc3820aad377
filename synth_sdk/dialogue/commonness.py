"""How plain a wording is among all wordings of a pack: people reach for common phrases first, and for the rare ones now and then."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

_SLOT = re.compile(r"\{[^}]*\}")
_BRACKET = re.compile(r"[()\[\]|\\]")
_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[^\sa-z0-9]")
Pair = tuple[str, str]


def plainness(banks: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """For each act the plainness of each of its frames, as a standard score within the act (0 when all are alike).

    Plain is a frame whose neighbouring words are found in many frames of the pack: the mean log count of its word pairs.
    """
    pairs = {act: [_pairs(text) for text in texts] for act, texts in banks.items()}
    counts = Counter(pair for frames in pairs.values() for frame in frames for pair in set(frame))
    return {
        act: _standard([sum(math.log(counts[pair]) for pair in frame) / len(frame) for frame in frames])
        for act, frames in pairs.items()
    }


def _pairs(text: str) -> list[Pair]:
    words = _TOKEN.findall(_BRACKET.sub(" ", _SLOT.sub(" _ ", text.lower())))
    return list(pairwise(words)) or [(words[0] if words else "", "")]


def _standard(scores: list[float]) -> list[float]:
    mean = sum(scores) / len(scores) if scores else 0.0
    spread = math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores)) if scores else 0.0
    return [round((score - mean) / spread, 3) if spread else 0.0 for score in scores]
