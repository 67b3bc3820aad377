"""Which goal, fault and persona a record gets: all combinations evenly over any stretch of a run, as a function of (seed, index).

Points of the additive R3 sequence (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018) in three dimensions, in 64-bit
integers, so that every prefix is close to the weights; the order within a block of 64 is shuffled so that no rhythm shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import TypeVar

from synth_sdk.core.seeds import derive, permuted, pick_weighted
from synth_sdk.dialogue.model import Env, Fault, Goal, Pack, Persona

T = TypeVar("T")

BLOCK = 64
_BITS = 1 << 64
_ROOT = 1.2207440846057596  # the real root of x**4 = x + 1
_STEPS = tuple(int(_ROOT**-power * (1 << 52)) << 12 for power in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who wants what, and what goes wrong."""

    goal: Goal
    fault: Fault
    persona: Persona
    agent: Persona


def cast(pack: Pack, seed: int, index: int, rng: Random) -> Cast:
    """The cast of record `index`."""
    block, place = divmod(index, BLOCK)
    turn = block * BLOCK + permuted(place, BLOCK, derive(seed, pack.name, "mix", block)) + 1
    points = [((turn * step + start) % _BITS) / _BITS for step, start in zip(_STEPS, _starts(pack.name, seed), strict=True)]
    goal = _at(points[0], pack.goals, [goal.weight for goal in pack.goals])
    faults = [fault for fault in pack.faults if fits(fault, {"goal": goal.name})]
    fault = _at(points[1], faults, [fault.weight for fault in faults])
    persona = _at(points[2], pack.personas, [persona.weight for persona in pack.personas])
    return Cast(goal, fault, persona, pick_weighted(rng, pack.agents, [agent.weight for agent in pack.agents]))


@lru_cache(maxsize=64)
def _starts(name: str, seed: int) -> tuple[int, ...]:
    return tuple(derive(seed, name, "mix", axis) for axis in range(3))


def fits(fault: Fault, env: Env) -> bool:
    """Whether the fault may happen, given the goal."""
    return (fault.when is None or bool(fault.when.run(env))) and not (fault.unless and fault.unless.run(env))


def _at(point: float, options: Sequence[T], weights: Sequence[float]) -> T:
    """The option under `point` (0-1) when the options lie side by side, each as wide as its weight."""
    left = point * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        left -= weight
        if left < 0:
            return option
    return options[-1]
