"""Near-duplicates within a block of records: the same conversation again with other names and numbers."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

_VALUE = re.compile(r"\S*[@\d]\S*")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
THRESHOLD = 0.6


def near_duplicates(records: Sequence[Mapping[str, Any]], threshold: float = THRESHOLD) -> list[int]:
    """The indices of records that are near-duplicates of an accepted record with a lower index.

    Likeness is the Jaccard index of the sets of word pairs of the spoken turns, values masked. Meant for blocks of up to 64 records.
    """
    accepted: list[frozenset[tuple[str, str]]] = []
    duplicates: list[int] = []
    for i, record in enumerate(records):
        pairs = _pairs(record)
        if any(_alike(pairs, other, threshold) for other in accepted):
            duplicates.append(i)
        else:
            accepted.append(pairs)
    return duplicates


def _alike(mine: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]], threshold: float) -> bool:
    small, large = sorted((len(mine), len(other)))
    if small < threshold * large:
        return False
    shared = len(mine & other)
    return shared >= threshold * (small + large - shared)


def _pairs(record: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Neighbouring words of each spoken turn, "_" where an address, an id, a date or a number stands."""
    pairs: set[tuple[str, str]] = set()
    for message in record.get("messages", ()):
        content = message.get("content")
        if message.get("role") in ("user", "assistant") and isinstance(content, str):
            words = ["^", *_WORD.findall(_VALUE.sub(" vvv ", content.lower()))]
            pairs.update(pairwise(words))
    return frozenset(pairs)
