"""Which frame each turn of each outline gets: dealt evenly, in some different ways.

A deal goes through the outlines in order. Each frame has a time at which it is due next: in a seeded order at first, then 1/weight later
after each use. A turn gets the frame that is due first among those that suit it. Runs go through the outlines again and again; each time,
each act is dealt from one of `DEALS` deals, so that records of one outline don't share their wordings.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.core.errors import PackError
from synth_sdk.core.seeds import derive, permuted
from synth_sdk.dialogue.columns.banks import SYSTEM, Banks
from synth_sdk.dialogue.columns.flat import Growing
from synth_sdk.dialogue.model import Act, Pack, Persona
from synth_sdk.dialogue.playing.trace import Trace, Turn
from synth_sdk.engine.columns.lanes import I64

DEALS = 8
_LENGTH_REACH = 0.55
_FORMAL_BELOW, _CASUAL_ABOVE = 0.45, 0.6
_LENGTH, _STYLE, _GREETING, _REPEAT = 1e6, 2e6, 4e6, 8e6  # how badly a frame suits; far above any time
_GOLDEN = 0.6180339887498949

Times = NDArray[np.float64]


class Deals:
    """The frames of all turns of the outlines dealt so far, in each deal. `frames[deal]` runs parallel to the turns of Courses."""

    def __init__(self, pack: Pack, seed: int, banks: Banks) -> None:
        self._pack, self._seed, self._banks = pack, seed, banks
        self.frames = [Growing(np.int64) for _ in range(DEALS)]
        self._due: list[dict[str, tuple[Times, Times, int]]] = [{} for _ in range(DEALS)]
        self._turns: list[list[tuple[Act, Times]]] = []  # of each outline, with how badly each frame suits
        self._messages: list[tuple[int, ...]] = []  # the system messages that may be used
        self._dealt = [0] * DEALS
        self._table = np.zeros(0, np.int64)

    def add(self, found: Trace) -> None:
        """Take note of the next outline."""
        people = {"user": found.cast.persona, "agent": found.cast.agent}
        spoken: set[str] = set()
        turns = []
        for event in found.events:
            if isinstance(event, Turn):
                role = event.act.role
                turns.append((event.act, _unfit(event.act, people[role], role not in spoken, tuple(event.values), event.blocked)))
                spoken.add(role)
        self._turns.append(turns)
        self._messages.append(_system_messages(self._pack, frozenset(found.values)) if self._pack.system else ())

    def dealt(self, deals: I64, turns: I64) -> I64:
        """The frame of each turn in one of the deals."""
        if min(self._dealt) == len(self._turns):  # all are dealt to all: one look
            if len(self._table) != DEALS * self.frames[0].size:
                self._table = np.concatenate([frames.view for frames in self.frames])
            return self._table.take(deals * self.frames[0].size + turns)
        found = np.zeros(len(turns), np.int64)
        for deal in np.unique(deals).tolist():
            which = deals == deal
            found[which] = self.frames[deal].view[turns[which]]
        return found

    def complete(self, deal: int, count: int) -> None:
        """Deal to the first `count` outlines."""
        while self._dealt[deal] < count:
            self.frames[deal].extend(self._deal(deal, self._dealt[deal]))
            self._dealt[deal] += 1

    def _deal(self, deal: int, outline: int) -> list[int]:
        found = [self._system(deal, outline)] if self._pack.system else []
        taken: dict[str, list[int]] = {}
        for act, unfit in self._turns[outline]:
            due, step, first = self._times(deal, act)
            cost = due + unfit
            before = taken.setdefault(act.name, [])
            if before:
                cost[before] += _REPEAT
            chosen = int(cost.argmin())
            if cost[chosen] == np.inf:
                raise _no_frame(act)
            due[chosen] += step[chosen]
            before.append(chosen)
            found.append(first + chosen)
        return found

    def _times(self, deal: int, act: Act) -> tuple[Times, Times, int]:
        """When each frame of an act is due, how long until it is due again, and the number of the first."""
        known = self._due[deal].get(act.name)
        if known is None:
            size = len(act.frames)
            order = _order(self._pack.name, act.name, size, self._seed)
            phases = (np.array(order) + 0.5) / size
            step = 1 / np.array([frame.weight for frame in act.frames])
            due = (phases + deal * _GOLDEN) % 1.0 * step
            known = self._due[deal][act.name] = due, step, int(self._banks.first_frame[self._banks.acts[act.name]])
        return known

    def _system(self, deal: int, outline: int) -> int:
        fitting = self._messages[outline]
        first = int(self._banks.first_frame[self._banks.acts[SYSTEM]])
        return first + fitting[derive(self._seed, self._pack.name, "system", outline + deal * 7) % len(fitting)]


@lru_cache(maxsize=64)
def _system_messages(pack: Pack, known: frozenset[str]) -> tuple[int, ...]:
    from synth_sdk.dialogue.frames import slots_of

    fitting = tuple(i for i, parts in enumerate(pack.system) if {slot.name for slot in slots_of(parts)} <= known)
    if not fitting:
        raise PackError(f"pack {pack.name}: each system message needs a slot that is undefined at the outset", rule="slots")
    return fitting


@lru_cache(maxsize=4096)
def _order(pack: str, act: str, size: int, seed: int) -> tuple[int, ...]:
    """A seeded permutation of an act's frames."""
    return tuple(permuted(i, size, derive(seed, pack, "deal", act)) for i in range(size))


@lru_cache(maxsize=8192)
def _unfit(act: Act, person: Persona, is_first: bool, known: tuple[str, ...], blocked: frozenset[int]) -> Times:
    """How badly each frame suits a person at such a turn."""
    verbosity, formality = person.traits["verbosity"], person.traits["formality"]
    defined = frozenset(known)

    def cost(place: int, frame: Any) -> float:
        if place in blocked or not frame.slots <= defined:
            return np.inf
        style = (frame.style == "formal" and formality < _FORMAL_BELOW) or (frame.style == "casual" and formality > _CASUAL_ABOVE)
        length = abs(frame.rank - verbosity) > _LENGTH_REACH
        late = frame.greets and not is_first
        return float(_STYLE * bool(style) + _LENGTH * bool(length) + _GREETING * bool(late))

    return np.array([cost(place, frame) for place, frame in enumerate(act.frames)])


def _no_frame(act: Act) -> PackError:
    return PackError(
        f"acts.{act.name}: no frame fits, each needs a slot that is undefined here",
        file=act.place.file,
        line=act.place.line,
        rule="slots",
    )
