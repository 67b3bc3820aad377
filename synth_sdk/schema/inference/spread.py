"""Which distribution a sample of numbers suggests, by its moments and those of its logarithms."""

import math
from collections.abc import Sequence

from synth_sdk.core.models import Json

_ENOUGH = 100  # values; fewer say little about a shape
_DISTINCT = 20


def distribution_of(sample: Sequence[float], whole: bool) -> dict[str, Json] | None:
    """`x-synth.distribution`, its parameters to 3 digits; None where nothing known fits or the numbers spread evenly.

    Skewness and excess kurtosis: 0 and 0 for a normal, 0 and -1.2 for a uniform, 2 and 6 for an exponential distribution, whose
    logarithm is skewed by -1.14; the logarithm of a lognormal is normal. The variance of a Poisson count equals its mean.
    """
    if len(sample) < _ENOUGH or len(set(sample)) < min(_DISTINCT, 5 if whole else _DISTINCT):
        return None
    mean, sd, skew, kurtosis = _moments(sample)
    if not sd or not all(map(math.isfinite, (mean, sd, skew, kurtosis))):
        return None
    low = min(sample)
    if whole and low >= 0 and 0.2 < mean < 30 and 0.8 < sd * sd / mean < 1.25 and skew > 0.5 / math.sqrt(mean):
        return {"poisson": {"mean": _short(mean)}}
    if skew > 0.8 and low > 0:
        log_mean, log_sd, log_skew, _ = _moments([math.log(value) for value in sample])
        if abs(log_skew) < 0.6:
            return {"lognormal": {"median": _short(math.exp(log_mean)), "sigma": _short(log_sd)}}
    if 1.2 < skew < 3 and 0 <= low < 0.1 * mean and 0.8 < sd / (mean - low) < 1.2:
        return {"exponential": {"mean": _short(mean - low)}}
    if abs(skew) < 0.5 and -0.8 < kurtosis < 1.5:
        return {"normal": {"mean": _short(mean), "sd": _short(sd)}}
    return None


def _moments(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Mean, standard deviation, skewness and excess kurtosis; zeros for constant values."""
    mean = math.fsum(values) / len(values)
    centred = [value - mean for value in values]
    sd = math.sqrt(math.fsum(value * value for value in centred) / len(values))
    if not sd or not math.isfinite(sd):
        return mean, 0.0, 0.0, 0.0
    scaled = [value / sd for value in centred]
    return mean, sd, math.fsum(z**3 for z in scaled) / len(values), math.fsum(z**4 for z in scaled) / len(values) - 3


def _short(value: float) -> float:
    return float(f"{value:.3g}")
