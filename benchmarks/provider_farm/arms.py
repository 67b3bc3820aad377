"""The truth about one arm, which no policy but the oracle sees.

Validity follows item response theory (Birnbaum's model with an upper asymptote): an arm of ability `a` and discrimination `s`
makes a record of difficulty `d` well with the chance `ceiling / (1 + exp(-s (a - d) - e))`. `e`, a normal effect of this very
arm with this very record, makes a second answer of one arm fail where the first did more often than two arms' answers do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from synth_sdk.core.models import ModelCard

EFFECT_SD = 1.5  # of the effect of one arm with one record, in logits
_ROOT = math.sqrt(10)
_FAR, _NEAR = (math.sqrt(5 + _ROOT), (7 - 2 * _ROOT) / 60), (math.sqrt(5 - _ROOT), (7 + 2 * _ROOT) / 60)
NODES = ((0.0, 8 / 15), *((sign * node, weight) for node, weight in (_NEAR, _FAR) for sign in (-1, 1)))
"""Nodes and weights of the five-point Gauss-Hermite rule for a standard normal (Abramowitz and Stegun, 25.4.46)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a provider lets through: requests and tokens a minute, at once no more than `burst_s` seconds' worth.

    `states_delay`: a 429 says when to come back. `counts_max_tokens`: a call weighs its input and `max_tokens`, as at Bedrock.
    """

    requests: float = math.inf
    tokens: float = math.inf
    burst_s: float = 10.0
    states_delay: bool = True
    counts_max_tokens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What drift changes: the ability, and what a call costs relative to the listed price and the usual token counts."""

    ability: float
    cost: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """`phases`: before and after the drift. Factors are relative to a typical tokenizer and a typical writer."""

    number: int
    card: ModelCard
    phases: tuple[Phase, Phase]
    discrimination: float
    ceiling: float
    broken: float  # chance that a reply is not the JSON that was asked for
    input_factor: float
    output_factor: float
    thoughts: float  # reasoning tokens of a call, on average
    first_token_s: float
    tokens_per_s: float
    latency_sd: float  # of the log of a call's seconds
    companion: float  # the factor of validity for each further record in a call
    failures: float  # chance of a 5xx
    stalls: float  # chance that no answer comes in time
    stalls_billed: float  # the share of those that is billed
    cache_s: float  # seconds that a prefix stays cached; 0: no cache
    states_cost: bool  # the reply says what it cost, as OpenRouter's does
    limits: Limits

    def validity(self, difficulty: float, effect: float, phase: int, count: int = 1) -> float:
        """The chance that a readable record is good."""
        logit = self.discrimination * (self.phases[phase].ability - difficulty) + effect
        return self.ceiling * float(self.companion ** (count - 1)) / (1 + math.exp(-logit))

    def mean_validity(self, difficulty: float, phase: int, count: int = 1) -> float:
        """`validity` averaged over the effect of arm with record."""
        return sum(weight * self.validity(difficulty, EFFECT_SD * node, phase, count) for node, weight in NODES)

    def seconds(self, tokens: float, deviation: float) -> float:
        """How long a call takes whose log latency lies `deviation` standard deviations from the median."""
        return (self.first_token_s + tokens / self.tokens_per_s) * math.exp(self.latency_sd * deviation)


def by_id(arms: Sequence[Arm]) -> dict[str, Arm]:
    return {arm.card.id: arm for arm in arms}
