"""In which order arms are tried: the least expected objective until a record is accepted, within the tries that are left.

For arms that fail independently, trying them by `cost / chance - reward` is optimal (swap two neighbours and compare); here each
failure makes the record likelier to be a difficult one, so the next arm is chosen by that index under what is then believed, and
a few first arms are tried out in thought. The order at the start is that of the price list (`base`), and it is left only for an
order that is better by a margin, and only for arms that have evidence of their own, or whose turn it would be next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import mul

from synth_sdk.router.difficulty import after_failure

_DEPTH = 3  # tries for which the order is chosen anew after each failure; beyond, chances to get there are small
_FIRSTS = 3  # first arms that are tried out
_MARGIN = 0.01  # by which an order must beat the price list's
_NEVER = 1e-4  # a chance that isn't followed further
_RARE = 0.02  # no arm's chance is taken to be smaller


@dataclass(frozen=True, slots=True, eq=False)
class Prospect:
    """One arm as a choice for one record. `chance` at each node of difficulty, of being accepted with the re-ask that it may get;
    `low` and `high` are the same with doubt.

    `cost` is what a try costs in the objective's dollars: money at its price and time at its value; `reward` the value of the
    quality of an accepted record. `base` places it in the order of the price list; `proven`: it has evidence of its own.
    """

    arm: str
    cost: float
    usd: float
    seconds: float
    reward: float
    chance: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    base: tuple[float, float, str]
    proven: bool


@dataclass(frozen=True, slots=True)
class Path:
    """What to expect of an order: the objective, US dollars, seconds, and the chance that the record is accepted."""

    order: tuple[Prospect, ...]
    value: float
    usd: float
    seconds: float
    accepted: float


def follow(order: Sequence[Prospect], state: Sequence[float], tries: int, miss: float) -> Path:
    """What trying `order` comes to, `miss` being the price of a record that is accepted nowhere."""
    alive, value, usd, seconds = list(state), 0.0, 0.0, 0.0
    for each in order[:tries]:
        reach = sum(alive)
        if reach < _NEVER:
            break
        value += reach * each.cost - each.reward * sum(map(mul, alive, each.chance))
        usd += reach * each.usd
        seconds += reach * each.seconds
        alive = [weight * (1 - chance) for weight, chance in zip(alive, each.chance, strict=True)]
    missed = sum(alive)
    return Path(tuple(order), value + miss * missed, usd, seconds, 1 - missed)


def best(prospects: Sequence[Prospect], state: Sequence[float], tries: int, miss: float) -> Path:
    """The best order for a record in this `state`."""
    base = sorted(prospects, key=lambda each: each.base)
    listed = follow(base, state, tries, miss)
    if not any(each.proven for each in base):
        return listed
    firsts = sorted(_eligible(base), key=lambda each: _index(each, state))[:_FIRSTS]
    paths = [follow(_greedy(base, state, first), state, tries, miss) for first in firsts]
    winner = min(paths, key=lambda path: path.value)
    return winner if _pays(winner.order, base, state, tries, miss) else listed


def _pays(order: Sequence[Prospect], base: Sequence[Prospect], state: Sequence[float], tries: int, miss: float) -> bool:
    """Whether `order` beats `base` even if the arms that it moves up are worse than believed, and those that it moves down better.

    What is little known keeps its place that way, and is learned about there.
    """
    place = {each.arm: number for number, each in enumerate(base)}
    doubted = {
        each.arm: replace(each, chance=each.low if number < place[each.arm] else each.high)
        for number, each in enumerate(order)
        if number != place[each.arm]
    }
    if not doubted:
        return True
    new = follow([doubted.get(each.arm, each) for each in order], state, tries, miss).value
    old = follow([doubted.get(each.arm, each) for each in base], state, tries, miss).value
    return new < old - _MARGIN * abs(old)


def _greedy(base: Sequence[Prospect], state: Sequence[float], first: Prospect) -> list[Prospect]:
    left, order, weights = list(base), list[Prospect](), state
    while left and len(order) < _DEPTH:
        known = weights
        chosen = min(_eligible(left), key=lambda each: _index(each, known)) if order else first
        order.append(chosen)
        left.remove(chosen)
        weights = after_failure(weights, chosen.chance)
    return order + sorted(left, key=lambda each: _index(each, weights))


def _eligible(left: Sequence[Prospect]) -> list[Prospect]:
    """The proven ones, and of the others the one whose turn it is by the price list."""
    unproven = next((each for each in left if not each.proven), None)
    return [each for each in left if each.proven or each is unproven]


def _index(each: Prospect, state: Sequence[float]) -> float:
    chance: float = sum(map(mul, state, each.chance))
    return each.cost / max(_RARE, chance) - each.reward
