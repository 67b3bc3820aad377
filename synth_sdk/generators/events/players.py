"""Who is behind an event: a function of its number alone.

Events are dealt to lanes, as many as there are sessions at once: in every round each lane gets one event, in an order of its own. So
event n is the (n // lanes)-th of its lane, whose events go through the script chapter by chapter. A user belongs to one lane, so that
the sessions of a user never overlap; of the users of a lane a window is active, which moves on as new users come and old ones leave.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from synth_sdk.core.seeds import derive
from synth_sdk.engine.columns.lanes import I64, U64, Mask, Rows, below, label, mix
from synth_sdk.generators.events.scenario import Scenario
from synth_sdk.generators.events.script import Script

_STEPS = 128  # orders in which lanes take turns, beside where a round begins
_STEP = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Who is behind some events: arrays of one length.

    `lane` and `ordinal` say which event of which lane it is, `place` where its chapter's line for it is in the script, `node` what
    happens, `session` the session's number, `step` its place there (from 0), `user` the user's number, `debut`: the session is the
    user's first.
    """

    lane: I64
    ordinal: I64
    place: I64
    node: I64
    session: I64
    step: I64
    user: I64
    subject: I64
    debut: Mask

    def __len__(self) -> int:
        return len(self.node)

    def some(self, rows: NDArray[np.intp]) -> "Cast":
        """Those of the events at `rows`."""
        return Cast(
            self.lane[rows],
            self.ordinal[rows],
            self.place[rows],
            self.node[rows],
            self.session[rows],
            self.step[rows],
            self.user[rows],
            self.subject[rows],
            self.debut[rows],
        )


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many there are: `lanes` sessions at once, `window` active users in each lane, of whom one leaves and one comes every `stay`
    chapters. `whole`: every lane begins with a whole session, rather than in the middle of one.
    """

    lanes: int
    window: int
    stay: int
    whole: bool = False


class Players:
    """The cast of any events of a scenario."""

    def __init__(self, scenario: Scenario, script: Script, crowd: Crowd, seed: int) -> None:
        self.scenario, self.script, self.crowd = scenario, script, crowd
        self._seed = seed
        self._steps = _coprime(crowd.lanes, seed)
        self._types = np.array([scenario.types.index(node.type) for node in scenario.nodes])

    def cast(self, events: I64) -> Cast:
        """Who is behind the events of those numbers."""
        lanes = self.crowd.lanes
        round_, turn = np.divmod(events, lanes)
        bits = Rows.at(round_).draw(self._lane("round"))
        step = self._steps[below(bits, len(self._steps))]
        lane = (step * turn + below(bits << np.uint64(32), lanes)) % lanes
        return self.at(lane, round_ + self._phase(lane))

    def at(self, lane: I64, ordinal: I64) -> Cast:
        """Who is behind the `ordinal`-th events of lanes."""
        script, first = self.script, self.scenario.first
        chapter, within = np.divmod(ordinal, script.length)
        number = chapter * self.crowd.lanes + lane
        line = self._line(number)
        place = line * script.length + within
        begin, session = script.begin[place].astype(np.int64), script.session[place].astype(np.int64)
        user, debut = self._user(lane, chapter, number, session, script.sessions[line])
        node = script.node[place].astype(np.int64)
        if first is not None:
            node = np.where(debut & (begin == within), first, node)
        return Cast(
            lane=lane,
            ordinal=ordinal,
            place=place,
            node=node,
            session=number * script.length + session,
            step=within - begin,
            user=user,
            subject=script.subject[place].astype(np.int64),
            debut=debut,
        )

    def earlier(self, cast: Cast, type_: str) -> tuple[Cast, I64]:
        """The events of `type_` that came before those of `cast` in their sessions, and to which of `cast` each belongs."""
        owner = np.repeat(np.arange(len(cast)), cast.step)
        back = np.arange(len(owner)) - np.repeat(np.cumsum(cast.step) - cast.step, cast.step) + 1
        found = self.at(cast.lane[owner], cast.ordinal[owner] - back)
        wanted = np.flatnonzero(self._types[found.node] == self.scenario.types.index(type_))
        return found.some(wanted), owner[wanted]

    def path(self, cast: Cast) -> list[int]:
        """The nodes that came before the only event of `cast` in its session."""
        back = np.arange(int(cast.step[0]), 0, -1)
        before = self.at(np.repeat(cast.lane, len(back)), cast.ordinal[0] - back)
        return [int(node) for node in before.node]

    def types(self, cast: Cast) -> I64:
        """Positions of the event types among those of the scenario."""
        found: I64 = self._types[cast.node]
        return found

    def _line(self, chapters: I64) -> I64:
        return below(Rows.at(chapters).draw(self._lane("chapter")), self.script.chapters)

    def _phase(self, lane: I64) -> I64:
        """At which of its events a lane begins: lanes must not all come to the end of a chapter together."""
        length = self.script.length
        drawn = below(Rows.at(lane).draw(self._lane("phase")), length)
        if not self.crowd.whole:
            return drawn
        begin: I64 = self.script.boundary[self._line(lane) * length + drawn].astype(np.int64)
        return begin

    def _user(self, lane: I64, chapter: I64, number: I64, session: I64, sessions: I64) -> tuple[I64, Mask]:
        """The users' numbers, and whether the session is their first. In one chapter of every `stay` one session is a new user's."""
        window, stay = self.crowd.window, self.crowd.stay
        offset = below(Rows.at(lane).draw(self._lane("user")), stay)
        come, rest = np.divmod(chapter + offset, stay)
        bits = Rows.at(number).draw(self._lane("debut"))
        debut_at = below(bits, 1 << 20) * sessions >> 20
        opening = rest == 0
        newest = come + window - (opening & (session < debut_at))
        debut = opening & (session == debut_at)
        drawn = Rows.at(number * self.script.length + session).draw(self._lane("who"))
        back = below(drawn, window) * below(drawn << np.uint64(32), window) // window  # who came lately is there more often
        return (newest - np.where(debut, 0, back)) * self.crowd.lanes + lane, debut

    def _lane(self, name: str) -> int:
        return label(self._seed, "players", name)


def event_keys(cast: Cast, lanes: int) -> Rows:
    """Rows whose randomness is each event's own."""
    return Rows(Rows.at(cast.ordinal * lanes + cast.lane).keys)


def context_keys(cast: Cast, about: str) -> Rows:
    """Rows whose randomness all events about the same `user`, `session` or `subject` share."""
    if about == "user":
        return Rows(Rows.at(cast.user).keys)
    keys: U64 = Rows.at(cast.session).keys
    if about == "subject":
        keys = mix(keys + np.uint64(1)) + cast.subject.view(np.uint64) * _STEP
    return Rows(keys)


def _coprime(size: int, seed: int) -> I64:
    """Steps with which a walk through `size` lanes comes to each of them."""
    drawn = [derive(seed, "players", "step", number) % size for number in range(4 * _STEPS)]
    found = dict.fromkeys(step for step in drawn if gcd(step, size) == 1)
    return np.array(list(found)[:_STEPS] or [1], np.int64)
