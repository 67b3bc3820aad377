"""The attainable oracle: it knows the farm, not the coins.

It knows every arm's validity as a function of difficulty, what calls really cost, the noise of the check, the strength of the
hint, limits, outages and the drift; not a record's difficulty (only its hint), nor how a single answer will turn out. Its tries
are capped as the router's are, and how many records share a call is given to it. For each record it minimises expected dollars
plus the charges for a record that nobody makes and for waiting, by dynamic programming over which arms have failed, and how often.

With m(S) the chance of the failures S (over the belief about the difficulty), the least expected loss from S on, times m(S), is
W(S) = min(miss * m(S), min over a of cost(a) * m(S) + W(S + a)): no belief has to be normalised on the way.

The router never asks an arm again whose record was turned down, and the oracle of the table keeps to that; `free` asks up to
three times where that is worth it, which shows what the rule costs.
"""

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.provider_farm.arms import EFFECT_SD, NODES
from benchmarks.provider_farm.draws import normal_quantile
from benchmarks.provider_farm.farm import HOUR_USD, Farm
from benchmarks.provider_farm.limits import Limiter
from benchmarks.provider_farm.policies import Blind
from benchmarks.provider_farm.provider import FarmState
from benchmarks.provider_farm.records import numbers_in
from benchmarks.provider_farm.reference import FREE, PAID, Gates, Job, Wait
from synth_sdk.router.bounds import output_bound

Floats = NDArray[np.float64]
TIME_VALUE = HOUR_USD / 3600 / 128  # US dollars for each second of one of the 128 records that are under way
HASTE = 0.00002  # the `time_value` of the policy `balanced`
_GRID = np.linspace(-3.5, 3.5, 29)
_BUCKETS = 12  # of the hint
_MOST_ARMS = {1: 11, 3: 6}  # that the programme looks at, by how often an arm may fail: 2 ** 11 and 4 ** 6 states
_LATE = 1e-6  # seconds after a limit opens, against rounding


class Oracle(Blind):
    """`time_value` in US dollars per second: what a record's waiting for a scarce arm counts. With 0 it would queue for the
    cheapest arm however long that takes.
    """

    def __init__(self, state: FarmState, *, time_value: float = TIME_VALUE, free: bool = False) -> None:
        self._state, self._farm, self._time_value = state, state.farm, time_value
        self._most = 3 if free else 1
        self._books = [Limiter(arm.limits) for arm in self._farm.arms]
        self._booked: dict[tuple[int, ...], tuple[int, float]] = {}
        self._plan = functools.cache(self._planned)

    def choose(self, job: Job, gates: Gates, now: float) -> int | Wait | None:
        numbers = tuple(number for request in job.requests for number in numbers_in(request.brief))
        if numbers in self._booked:
            arm, due = self._booked[numbers]
            if due > now:
                return Wait(due - now)
            del self._booked[numbers]
            if self._farm.outage(self._farm.arms[arm], now) is None and gates.until[arm] <= now:
                return arm
        return self._chosen(job, numbers, gates, now)

    def _chosen(self, job: Job, numbers: tuple[int, ...], gates: Gates, now: float) -> int | Wait | None:
        """The arm with the least expected loss, waiting included; its place in the arm's queue is booked."""
        hint = sum(request.difficulty or 0.5 for request in job.requests) / len(numbers)
        plan = self._plan(min(int(hint * _BUCKETS), _BUCKETS - 1), self._farm.phase(numbers[0]), len(numbers))
        failed = [self._failures(job, arm) for arm in plan.arms]
        state = plan.state(failed)
        best, best_loss, best_due = None, plan.miss, now
        for place, arm in enumerate(plan.arms):
            if failed[place] == self._most:
                continue
            due = self._due(arm, job, max(now, gates.until[arm]))
            loss = plan.loss(state, place) + self._time_value * (due - now)
            if loss < best_loss:
                best, best_loss, best_due = arm, loss, due
        if best is None:
            return None
        self._books[best].take(self._weight(best, job), best_due)
        if best_due <= now:
            return best
        self._booked[numbers] = (best, best_due + _LATE)
        return Wait(best_due + _LATE - now)

    def _failures(self, job: Job, arm: int) -> int:
        if self._most == 1:
            return int(job.closed(arm))
        return min(self._most, sum(tried.arm == arm and tried.outcome not in FREE for tried in job.tries))

    def _due(self, number: int, job: Job, now: float) -> float:
        """When the arm would take this call: from `now` on, after the outage and whoever is booked before it."""
        outage = self._farm.outage(self._farm.arms[number], now)
        return self._books[number].opens(self._weight(number, job), outage.end if outage else now)

    def _weight(self, number: int, job: Job) -> float:
        count = len(job.requests)
        return self._state.weight(self._farm.arms[number], count, output_bound(job.requests[0].output_tokens, 1) * count)

    def _planned(self, bucket: int, phase: int, count: int) -> "Plan":
        strength = self._farm.hint_strength
        middle = strength * normal_quantile((bucket + 0.5) / _BUCKETS)
        spread = max(0.1, (1 - strength**2) ** 0.5)
        prior = np.exp(-0.5 * ((_GRID - middle) / spread) ** 2)
        return Plan(self._farm, prior / prior.sum(), phase, count, self._most)


class Plan:
    """The programme for one belief about a record's difficulty, solved. `most`: how often one arm may fail a record."""

    def __init__(self, farm: Farm, prior: Floats, phase: int, count: int, most: int) -> None:
        costs = np.array([farm.call_usd(arm, phase, count) / count for arm in farm.arms])
        fails = np.array([_fails(farm, number, phase, count, most) for number in range(len(farm.arms))])
        self.arms = _promising(costs, 1 - fails[:, 1], prior)[: _MOST_ARMS[most]]
        self.miss = farm.miss_usd
        self._base = most + 1
        self._costs = costs[self.arms]
        self._mass = _masses(fails[self.arms], prior)
        self._best = self._solved()

    def state(self, failed: Sequence[int]) -> int:
        """The number of the state in which the arm at each place has failed so often."""
        return sum(times * self._base**place for place, times in enumerate(failed))

    def loss(self, state: int, place: int) -> float:
        """Expected dollars from `state` on if the arm at `place` is next."""
        return float(self._costs[place] + self._best[state + self._base**place] / self._mass[state])

    def _solved(self) -> Floats:
        """W for every state, most failures first. After PAID of them there is nothing but the charge for a miss."""
        best = self.miss * self._mass
        places = range(len(self.arms))
        states = np.arange(len(best))
        digits = np.array([states // self._base**place % self._base for place in places])
        failures = digits.sum(axis=0)
        for number in range(PAID - 1, -1, -1):
            for place in places:
                here = np.flatnonzero((failures == number) & (digits[place] < self._base - 1))
                going_on = self._costs[place] * self._mass[here] + best[here + self._base**place]
                best[here] = np.minimum(best[here], going_on)
        return best


def _fails(farm: Farm, number: int, phase: int, count: int, most: int) -> Floats:
    """The chance that 0, 1 ... `most` calls of this arm all fail, at each difficulty of the grid; one row for each number.

    Calls of one arm fail together, since they share the effect of this arm with this record.
    """
    arm = farm.arms[number]
    readable = (1 - arm.broken) * (1 - arm.failures) * (1 - arm.stalls)
    rows = np.zeros((most + 1, len(_GRID)))
    for node, weight in NODES:
        valid = (arm.validity(farm.shift + level, EFFECT_SD * node, phase, count) for level in _GRID)
        fails = 1 - readable * np.array([farm.noise.accepted(chance) for chance in valid])
        rows += weight * fails ** np.arange(most + 1)[:, np.newaxis]
    return rows


def _promising(costs: Floats, passes: Floats, prior: Floats) -> list[int]:
    """All arms, those first that are the best for their price somewhere: for the average record, an easy one, a hard one."""
    beliefs = (prior, prior * np.exp(-_GRID), prior * np.exp(_GRID), prior * np.exp(2 * _GRID))
    rankings = [np.argsort(costs / (passes @ (belief / belief.sum()))) for belief in beliefs]
    rankings.append(np.argsort(-(passes @ prior)))
    return list(dict.fromkeys(int(ranking[turn]) for turn in range(len(costs)) for ranking in rankings))


def _masses(fails: Floats, prior: Floats) -> Floats:
    """m(S) for every state: the chance that each arm fails as often as the state says."""
    alike = prior[np.newaxis]
    for rows in fails:
        alike = np.concatenate([alike * row for row in rows])
    return np.asarray(alike.sum(axis=1))
