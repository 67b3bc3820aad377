"""How well near-duplicates are told from different conversations, and what a verdict costs.

    python benchmarks/near_duplicates.py [PACK ...]

Alike by construction: a conversation, and the same with other frames of the same acts (values worded anew) for all of its turns or for
every second one. Different by construction: two records of a run, of one goal (the hard case) or of two goals. Printed: the area under
the ROC curve of each measure (all turns reworded); how many of the alike pairs lie above its threshold, and how many records of a block
of 64 have a neighbour there by mistake; milliseconds per record, and per verdict with a full memory. Needs the extra `semantic`.
"""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from random import Random
from typing import Any

import numpy as np

from synth_sdk.core.similar import MEANING_ALIKE, REMEMBERED, WORDS_ALIKE, Meanings, Words, _pairs, encoder, masked
from synth_sdk.dialogue import Pack, Rewriting, load_pack, rewriting
from synth_sdk.dialogue.columns.spacing import one_spaced
from synth_sdk.dialogue.frames import Slot, render

START = datetime(2025, 1, 1, tzinfo=UTC)
RECORDS, SEED, DIMENSIONS = 128, 7, 4096
DEFAULT = ("customer_support", "banking", "travel", "it_helpdesk")


def reworded(pack: Pack, plan: Rewriting, source: Random, step: int) -> str:
    """The conversation with another frame for each `step`th turn, where its act has one that fits."""

    def said(turn: Any) -> str:
        fitting = [
            frame for at, frame in enumerate(turn.act.frames) if at not in turn.blocked and frame.slots <= turn.values.keys()
        ]

        def show(slot: Slot) -> str:
            return pack.slots[slot.name].forms.text(turn.values[slot.name], slot.form, plan.offline["meta"]["now"], source)

        return one_spaced("".join(text for text, _ in render(source.choice(fitting).parts, source, show))).strip()

    return "\n".join(line.text if line.number % step else said(line.turn) for line in plan.lines)


def characters(text: str) -> Any:
    """Hashed counts of runs of four characters, as a unit vector."""
    counts = np.zeros(DIMENSIONS)
    folded = masked(text.lower(), " ")
    for at in range(len(folded) - 3):
        counts[hash_of(folded[at : at + 4])] += 1
    return counts / max(float(np.linalg.norm(counts)), 1e-9)


def hash_of(run: str) -> int:
    from zlib import crc32

    return crc32(run.encode()) % DIMENSIONS


def words_likeness(one: Any, other: Any) -> float:
    return len(one & other) / max(1, len(one | other))


def auc(alike: Sequence[float], different: Sequence[float]) -> float:
    """The chance that an alike pair is more alike than a different one."""
    ranks = np.searchsorted(np.sort(different), alike, "left") + np.searchsorted(np.sort(different), alike, "right")
    return float(ranks.mean() / 2 / len(different))


def judge(
    name: str, mark: Callable[[str], Any], likeness: Callable[[Any, Any], float], threshold: float | None, data: Any
) -> None:
    texts, others, halves, goals = data
    started = time.perf_counter()
    marks = [mark(text) for text in texts]
    cost = (time.perf_counter() - started) / len(texts) * 1000
    alike = [likeness(one, mark(other)) for one, other in zip(marks, others, strict=True)]
    pairs = [(a, b, likeness(marks[a], marks[b])) for a, b in combinations(range(len(texts)), 2)]
    same = [score for a, b, score in pairs if goals[a] == goals[b]]
    different = [score for a, b, score in pairs if goals[a] != goals[b]]
    told = f"  {name:10} AUC {auc(alike, same):.3f} within a goal, {auc(alike, different):.3f} across goals; {cost:.2f} ms"
    if threshold is not None:
        all_turns = float(np.mean(np.array(alike) >= threshold))
        some = float(np.mean([likeness(one, mark(other)) >= threshold for one, other in zip(marks, halves, strict=True)]))
        wrong = {b for a, b, score in pairs if a // 64 == b // 64 and score >= threshold}
        told += (
            f"; at {threshold}: {some:.0%} found (half reworded), {all_turns:.0%} (all), {len(wrong) / len(texts):.1%} by mistake"
        )
    print(told, flush=True)


def main(packs: Sequence[str]) -> None:
    embed = encoder()
    if embed is None:
        raise SystemExit("install the extra `semantic` first")
    source = Random(SEED)
    texts: list[str] = []
    for name in packs:
        pack = load_pack(name)
        plans = [rewriting(pack, SEED, index, START) for index in range(RECORDS)]
        texts = ["\n".join(line.text for line in plan.lines) for plan in plans]
        every, second = ([reworded(pack, plan, source, step) for plan in plans] for step in (1, 2))
        data = texts, every, second, [plan.offline["meta"]["goal"] for plan in plans]
        print(name, flush=True)
        judge("words", lambda text: frozenset(_pairs(text)), words_likeness, WORDS_ALIKE, data)
        judge("characters", characters, lambda one, other: float(one @ other), None, data)
        judge("meaning", embed, lambda one, other: float(one @ other), MEANING_ALIKE, data)
    for memory in (Words(REMEMBERED), Meanings(embed, 448)):
        fill(memory, texts)


def fill(memory: Any, texts: Sequence[str]) -> None:
    """What a verdict costs with a full memory, once the text's own mark is there."""
    for number in range(REMEMBERED if isinstance(memory, Words) else 448):
        memory.add(f"{texts[number % len(texts)]}\nand {number % 97 * 'x'} {number // 97 * 'y'} too")
    started = time.perf_counter()
    for text in texts:
        memory.like(text)
    print(f"{type(memory).__name__}: {(time.perf_counter() - started) / len(texts) * 1000:.2f} ms a verdict, memory full")


if __name__ == "__main__":
    main(sys.argv[1:] or DEFAULT)
