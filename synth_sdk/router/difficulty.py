"""How hard a record is: what its request tells of it, as far as that has proved true, and what its failed tries tell.

Item response theory: an arm of ability `a` makes a record of difficulty `d` well with the chance `sigmoid(a - d)`. What is
learned of an arm is its log-odds over all records of a task (the marginal); how widely the difficulties spread, and so how alike
arms fail, is learned for each task from records that failed once: the spread is one of `SPREADS`, each with its evidence. `NODES`
are the difficulties under all of them; a record's state is a weight for each node.
"""

import math
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from synth_sdk.core.models import Request
from synth_sdk.router.evidence import TaskEvidence

Signals = tuple[float | None, float | None, float | None]
SPREADS = (0.0, 1.2, 2.4)
_SPREAD_PRIOR = (math.log(0.3), math.log(0.4), math.log(0.3))
_SHRINKAGE = 8.0  # precision of the prior of a signal's weight, which is 0
_MEMORY = 0.998  # kept of a task's evidence with each record


class Node(NamedTuple):
    """A difficulty `offset` with `weight` under the spread numbered `spread`; `scale` turns marginal log-odds into ability."""

    spread: int
    scale: float
    offset: float
    weight: float


# Gauss-Hermite nodes of a standard normal, three and five (Abramowitz and Stegun, table 25.10, rescaled).
_GAUSS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.0, 1.0),),
    ((-math.sqrt(3), 1 / 6), (0.0, 2 / 3), (math.sqrt(3), 1 / 6)),
    ((-2.8570, 0.011257), (-1.3556, 0.222076), (0.0, 0.533333), (1.3556, 0.222076), (2.8570, 0.011257)),
)
# A logistic averaged over a normal is nearly a logistic of sqrt(1 + pi/8 sd^2) less slope (MacKay, Neural Computation 1992).
NODES = tuple(
    Node(number, math.sqrt(1 + math.pi / 8 * sd * sd), sd * place, weight)
    for number, (sd, gauss) in enumerate(zip(SPREADS, _GAUSS, strict=True))
    for place, weight in gauss
)


def signals(requests: Sequence[Request], brief_tokens: float) -> Signals:
    """What the records of a call tell of their difficulty: the generator's hint, the brief's length, the reply's length."""
    hints = [request.difficulty for request in requests if request.difficulty is not None]
    asked = sum(request.output_tokens for request in requests) / len(requests)
    return (sum(hints) / len(hints) if hints else None, math.log1p(brief_tokens), math.log1p(asked))


def standardised(task: TaskEvidence, raw: Signals) -> tuple[float, ...]:
    """Each signal as its distance from the task's mean in standard deviations; 0 where it is absent or never varied."""
    return tuple(0.0 if value is None else _standard(task, place, value) for place, value in enumerate(raw))


def _standard(task: TaskEvidence, place: int, value: float) -> float:
    weight, total, squares = task.signals[3 * place : 3 * place + 3]
    if weight < 4:
        return 0.0
    mean = total / weight
    variance = squares / weight - mean * mean
    return max(-3.0, min(3.0, (value - mean) / math.sqrt(variance))) if variance > 1e-4 else 0.0


def trusted(task: TaskEvidence) -> tuple[float, ...]:
    """The weight of each signal, in log-odds per standard deviation: 0 until the evidence stands out from its noise.

    The positive-part shrinkage of James and Stein: a hint that tells nothing moves nothing.
    """
    weights = []
    for pull, grip in zip(task.pull, task.grip, strict=True):
        precision = _SHRINKAGE + grip
        mean = pull / precision
        weights.append(mean * max(0.0, 1 - 2 / (precision * mean * mean)) if mean else 0.0)
    return tuple(weights)


def shift(task: TaskEvidence, raw: Signals) -> float:
    """How much harder than the task's average, in log-odds."""
    weights = trusted(task)
    return sum(map(mul, weights, standardised(task, raw))) if any(weights) else 0.0


def prior(task: TaskEvidence) -> list[float]:
    """The weight of each node for a record of `task` that wasn't tried yet."""
    scores = [known + seen for known, seen in zip(_SPREAD_PRIOR, task.alike, strict=True)]
    top = max(scores)
    odds = [math.exp(score - top) for score in scores]
    whole = sum(odds)
    return [max(1e-6, odds[node.spread] / whole) * node.weight for node in NODES]


def chances(log_odds: float) -> list[float]:
    """The chance of success at each node, of an arm whose log-odds over all records are `log_odds`."""
    return [1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds * node.scale - node.offset)))) for node in NODES]


def after_failure(state: Sequence[float], chance: Sequence[float]) -> list[float]:
    """The weights once an arm with `chance` has failed: the difficult nodes gain."""
    left = [weight * (1 - each) for weight, each in zip(state, chance, strict=True)]
    whole = sum(left)
    return [weight / whole for weight in left] if whole > 1e-12 else list(state)


class Lesson(NamedTuple):
    """One step of learning about log-odds: the slope of the log-likelihood, and its curvature (Fisher's information)."""

    slope: float
    weight: float
    chance: float


def lesson(state: Sequence[float], chance: Sequence[float], tried: int, accepted: float) -> Lesson:
    """What `accepted` of `tried` records in this state say about the log-odds that gave `chance`."""
    expected = min(0.999, max(0.001, sum(map(mul, state, chance))))
    steep = sum(weight * node.scale * each * (1 - each) for weight, node, each in zip(state, NODES, chance, strict=True))
    steep = max(1e-4, steep)
    slope = (accepted / expected - (tried - accepted) / (1 - expected)) * steep
    return Lesson(slope, tried * steep * steep / (expected * (1 - expected)), expected)


def learn_signals(task: TaskEvidence, fresh: TaskEvidence, raw: Signals, step: Lesson, tried: int) -> None:
    """Move the signals' weights by an online Newton step; then their means and spreads. `fresh` gets what `task` gets."""
    place = standardised(task, raw)
    means = [pull / (_SHRINKAGE + grip) for pull, grip in zip(task.pull, task.grip, strict=True)]
    keep = _MEMORY**tried
    for evidence in (task, fresh):
        for number, x in enumerate(place):
            info = step.weight * x * x
            evidence.grip[number] = evidence.grip[number] * keep + info
            evidence.pull[number] = evidence.pull[number] * keep + info * means[number] - step.slope * x
        for number, value in enumerate(raw):
            if value is not None:
                for power in range(3):
                    place_of = 3 * number + power
                    evidence.signals[place_of] = evidence.signals[place_of] * keep + tried * value**power


def spread_gains(state: Sequence[float], chance: Sequence[float], tried: int, accepted: float) -> list[float]:
    """What a second arm's success or failure says for each spread (a log-likelihood). `state` is that after the first failure."""
    gains = []
    for number in range(len(SPREADS)):
        whole = hit = 0.0
        for weight, node, each in zip(state, NODES, chance, strict=True):
            if node.spread == number:
                whole += weight
                hit += weight * each
        odds = min(0.999, max(0.001, hit / whole)) if whole > 1e-9 else 0.5
        gains.append(accepted * math.log(odds) + (tried - accepted) * math.log(1 - odds) if whole > 1e-9 else 0.0)
    top = max(gains)
    return [gain - top for gain in gains]


def learn_spread(task: TaskEvidence, gains: Sequence[float]) -> None:
    task.alike[:] = [known * _MEMORY + gain for known, gain in zip(task.alike, gains, strict=True)]
