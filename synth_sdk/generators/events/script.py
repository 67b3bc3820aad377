"""Chapters: stretches of events in which whole sessions were played one after the other.

Every lane of events goes from chapter to chapter of the same length, each drawn from a few thousand that are played once. What happens
at any place is then a look-up. A chapter is a run of the scenario's Markov chain given that a session ends with it: the odds of each
step are those of the scenario times the chance to come out even from there, so nothing is cut off or padded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.lanes import I64, U64, Rows, label
from synth_sdk.engine.columns.pools import Same
from synth_sdk.generators.events.scenario import END, Scenario

_SHORTEST, _LONGEST = 64, 4096  # events of a chapter
_SESSIONS = 8  # of mean length, at least, in a chapter
_EVENTS = 1 << 18  # in all chapters
_FEWEST, _MOST = 64, 4096  # chapters


class NoScriptError(ValueError):
    """No chapter comes out even."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """How long a chapter is, and for every number of events that are left the chance to come out even: before a session's first event
    (`fresh`), and after each node (`after`)."""

    length: int
    fresh: Sequence[float]
    odds: Sequence[Sequence[tuple[tuple[int, float], ...]]]  # [events left][node]: what may come next


def chapter_of(scenario: Scenario) -> Chapter:
    """The length at which sessions of this scenario come out even most often. NoScriptError if they hardly ever end."""
    starts = _shares(scenario.start)
    moves = [_shares(node.moves) for node in scenario.nodes]
    shortest = min(_LONGEST // 2, max(_SHORTEST, round(_SESSIONS * _mean_length(starts, moves))))
    fresh, entered = [1.0], [[0.0] * len(moves)]
    for left in range(1, 2 * shortest + 1):
        before = entered[left - 1]
        entered.append([sum(p * (fresh[left - 1] if to == END else before[to]) for to, p in step) for step in moves])
        fresh.append(sum(p * entered[left][to] for to, p in starts))
    best = max(fresh[shortest:])
    if best <= 1e-6:
        raise NoScriptError(f"sessions hardly ever end within {2 * shortest:,} events; give the ways to end more weight")
    length = next(left for left in range(shortest, 2 * shortest + 1) if fresh[left] > best / 2)
    odds = []
    for left in range(length + 1):  # events left, the one at hand counted
        room = max(left - 1, 0)
        odds.append([tuple((to, p * (fresh[room] if to == END else entered[room][to])) for to, p in step) for step in moves])
    opening = [tuple((to, p * entered[left][to]) for to, p in starts) for left in range(length + 1)]
    return Chapter(length, fresh, [[*each, opened] for each, opened in zip(odds, opening, strict=True)])


def _shares(weights: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    total = sum(weight for _, weight in weights)
    return [(to, weight / total) for to, weight in weights]


def _mean_length(starts: list[tuple[int, float]], moves: list[list[tuple[int, float]]]) -> float:
    """Events of a session on average, as far as they come within the longest chapter."""
    here = [0.0] * len(moves)
    for to, share in starts:
        here[to] += share
    mean = 0.0
    for _ in range(_LONGEST):
        alive = sum(here)
        mean += alive
        if alive < 1e-6:
            break
        after = [0.0] * len(moves)
        for at, share in enumerate(here):
            for to, p in moves[at]:
                if to != END and share:
                    after[to] += share * p
        here = after
    return mean


@dataclass(frozen=True, eq=False)
class Script:
    """All chapters, one behind the other, `length` events each. `node`: what happens; `begin`: the place in its chapter at which the
    session began, `session` its number in the chapter; `subject`: the number of what the event is about, within the session; `sessions`:
    how many each chapter has.
    """

    length: int
    node: NDArray[np.int16]
    begin: NDArray[np.int16]
    session: NDArray[np.int16]
    subject: NDArray[np.int16]
    sessions: I64

    @property
    def chapters(self) -> int:
        return len(self.sessions)

    @cached_property
    def boundary(self) -> NDArray[np.int16]:
        """For every place, that of the first session that begins there or later; the chapter's length if none does."""
        starts = self.begin == np.tile(np.arange(self.length, dtype=np.int16), self.chapters)
        places = np.where(starts, self.begin, np.int16(self.length)).reshape(self.chapters, self.length)
        found: NDArray[np.int16] = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1].reshape(-1)
        return found


def play(scenario: Scenario, seed: int) -> Script:
    """The chapters of a scenario; played once in a process for the same one."""
    return _played(Same(scenario), seed)


@lru_cache(maxsize=16)
def _played(same: Same, seed: int) -> Script:
    scenario: Scenario = same.it
    chapter = chapter_of(scenario)
    length, size = chapter.length, len(scenario.nodes)
    count = max(_FEWEST, min(_MOST, _EVENTS // length))
    rows = Rows.of(range(count))
    opens = np.array([node.opens for node in scenario.nodes])
    node = np.empty((count, length), np.int16)
    begin, session, subject = (np.zeros((count, length), np.int16) for _ in range(3))
    at = np.full(count, size)  # no session yet: the step that opens one
    last = [np.zeros(count, np.int64) for _ in range(3)]
    for place in range(length):
        left = length - place
        if place:
            at = _step(chapter.odds[left + 1], at, rows.draw(label(seed, "script", f"next {place}")), size)
        fresh = at == size
        at = np.where(fresh, _step(chapter.odds[left], at, rows.draw(label(seed, "script", f"open {place}")), size), at)
        last = [
            np.where(fresh, place, last[0]),
            last[1] + fresh if place else last[1],
            np.where(fresh, 0, last[2] + opens[at]),
        ]
        node[:, place] = at
        begin[:, place], session[:, place], subject[:, place] = last
    return Script(length, node.reshape(-1), begin.reshape(-1), session.reshape(-1), subject.reshape(-1), last[1] + 1)


def _step(odds: Sequence[Sequence[tuple[int, float]]], at: I64, bits: U64, opening: int) -> I64:
    """Where to go from each node; an end leads to `opening`."""
    after = at.copy()
    for node in np.unique(at).tolist():
        here = np.flatnonzero(at == node)
        places = np.array([opening if to == END else to for to, _ in odds[node]], np.int64)
        limits = _limits([share for _, share in odds[node]])
        after[here] = places[np.searchsorted(limits, (bits[here] >> np.uint64(34)).view(np.int64), side="right")]
    return after


def _limits(shares: Sequence[float]) -> I64:
    """Cumulative shares in units of 2**-30, without the last one."""
    total, sum_, limits = sum(shares), 0.0, []
    for share in shares[:-1]:
        sum_ += share
        limits.append(round(sum_ / total * (1 << 30)))
    return np.array(limits, np.int64)
