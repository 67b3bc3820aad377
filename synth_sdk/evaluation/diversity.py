"""How varied the wording is: distinct n-grams, self-BLEU, compression, repeated turns, openings and closings."""

import lzma
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

from synth_sdk.evaluation.words import LONG, anonymous, count_words, digest, masked, mean, tokens

TOKENS = 8_000  # n-grams looked at: shares of distinct ones fall with length
_BYTES = 60_000
_HYPOTHESES, _REFERENCES, _FEWEST = 250, 600, 60
_LONGEST_GRAM = 4
_PREFIX = 3  # words
_BLANKS = re.compile(r"\s+")
Grams = Counter[tuple[str, ...]]


def distinct(sequences: Iterable[Sequence[str]], n: int, budget: int = TOKENS) -> float:
    """The share of distinct ones among the first `budget` n-grams."""
    seen, total = set[tuple[str, ...]](), 0
    for sequence in sequences:
        for start in range(len(sequence) - n + 1):
            seen.add(tuple(sequence[start : start + n]))
            total += 1
            if total >= budget:
                return len(seen) / total
    return len(seen) / max(total, 1)


def self_bleu(turns: Iterable[str]) -> float | None:
    """The mean BLEU-4 of turns against all other turns (Zhu et al. 2018), on a fixed sample. None for fewer than 60 turns of 5 tokens.

    An n-gram counts at most as often as in the one other turn that has it most; no brevity penalty; orders without a hit are smoothed.
    """
    texts = [words for words in map(tokens, map(masked, turns)) if len(words) >= LONG]
    if len(texts) < _FEWEST:
        return None
    order = sorted(range(len(texts)), key=lambda i: digest(f"sb{i} {' '.join(texts[i])}"))[:_REFERENCES]
    grams = [[_grams(texts[i], n) for n in range(1, _LONGEST_GRAM + 1)] for i in order]
    tops = [_tops([turn[n] for turn in grams]) for n in range(_LONGEST_GRAM)]
    return mean(_bleu(place, grams[place], tops) for place in range(min(_HYPOTHESES, len(grams))))


def _grams(words: Sequence[str], n: int) -> Grams:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _tops(turns: Sequence[Grams]) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """For each n-gram: its highest count in a turn, the place of that turn, and the highest count in another turn."""
    tops: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for place, grams in enumerate(turns):
        for gram, count in grams.items():
            best, owner, second = tops.get(gram, (0, -1, 0))
            if count > best:
                tops[gram] = (count, place, best)
            elif count > second:
                tops[gram] = (best, owner, count)
    return tops


def _bleu(place: int, turn: Sequence[Grams], tops: Sequence[dict[tuple[str, ...], tuple[int, int, int]]]) -> float:
    logs = 0.0
    for n, grams in enumerate(turn):
        smoothing = 0.1 if n else 1e-9
        hits = sum(min(count, _elsewhere(tops[n][gram], place)) for gram, count in grams.items())
        logs += math.log((hits + smoothing) / (grams.total() + smoothing))
    return math.exp(logs / len(turn))


def _elsewhere(top: tuple[int, int, int], place: int) -> int:
    best, owner, second = top
    return second if owner == place else best


def compression(turns: Iterable[str]) -> dict[str, float]:
    """How many times smaller the first 60,000 bytes of the turns become."""
    blob = "\n".join(map(masked, turns)).encode("utf-8", "replace")[:_BYTES]
    return {
        "gzip_ratio": len(blob) / len(zlib.compress(blob, 9)),
        "lzma_ratio": len(blob) / len(lzma.compress(blob, preset=9)),
    }


def repeated_turns(turns: Iterable[str]) -> float:
    """The share of turns of five words or more that repeat another, values masked."""
    long = [_BLANKS.sub(" ", masked(text).lower()) for text in turns if count_words(text) >= LONG]
    return 1 - len(set(long)) / max(len(long), 1)


def variety(turns: Iterable[str]) -> dict[str, float]:
    """Of turns in one place of a dialogue: how many differ, how common the commonest is, and how their first three words spread."""
    texts = [" ".join(tokens(anonymous(text))) for text in turns]
    if not texts:
        return {}
    whole = Counter(texts)
    prefixes = Counter(" ".join(text.split()[:_PREFIX]) for text in texts)
    return {
        "distinct": len(whole) / len(texts),
        "top1": whole.most_common(1)[0][1] / len(texts),
        "prefix3_top5": sum(count for _, count in prefixes.most_common(5)) / len(texts),
        "prefix3_entropy_bits": -sum(count / len(texts) * math.log2(count / len(texts)) for count in prefixes.values()),
    }
