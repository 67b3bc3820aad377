"""What is wanted of the arms, as numbers: the objective of each policy, and the caps on tries."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """One objective, in US dollars for each record; the order of arms with the least is taken:

    `E[$] + time_value * E[s] + miss_value * P(not accepted) - quality_value * E[quality]`

    With all at 0 it is the cheapest way to an accepted record. `patient`: wait for a better arm that is merely busy rather than
    take the next one. `hedged`: ask a second arm when the first takes unusually long.
    """

    time_value: float = 0.0
    miss_value: float = 0.0
    quality_value: float = 0.0
    patient: bool = True
    hedged: bool = False


WEIGHTS: Mapping[str, Weights] = {
    "cheapest": Weights(miss_value=0.005),
    "balanced": Weights(time_value=0.00002, miss_value=0.01, quality_value=0.01),
    "fastest": Weights(time_value=0.01, miss_value=0.02, patient=False, hedged=True),
    "best": Weights(miss_value=0.02, quality_value=10.0),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The one place where tries are capped, for each record.

    `calls` counts every call, `paid` those that may have cost money. `patience` is the longest stated delay that is waited for;
    `offline_patience` the same when the record can be made offline instead; `queue` how long a record stands in line for a better
    arm that must not be asked faster. Seconds. `queue_calls` bounds the line of an arm in trouble: so many times what it bears at once.
    """

    calls: int = 12
    paid: int = 6
    patience: float = 900.0
    offline_patience: float = 20.0
    queue: float = 10.0
    queue_calls: float = 1.0
