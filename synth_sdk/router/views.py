"""What is believed of one arm at one task at a moment."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """What is believed of one arm at one task now. `level` and `slope`: log-odds of a first try against log2 of a call's records.

    `proof` is how many records the evidence weighs, `sd` the standard deviation of the log-odds; `price`, `input`, `output` the
    factors of `evidence.ArmEvidence`.
    """

    level: float
    slope: float
    sd: float
    proof: float
    price: float
    input: float
    output: float
    ceiling: float | None
    cached: float
    seconds: float
    seconds_slope: float
    seconds_sd: float
    broken: float
    mended: float
    lost: float
    quality: float
    quality_sd: float
    largest: int

    def log_odds(self, size: int) -> float:
        return self.level + self.slope * math.log2(size)

    def validity(self, size: int = 1) -> float:
        """The chance that a record is accepted at this arm's first try."""
        return 1 / (1 + math.exp(-self.log_odds(size)))

    def latency(self, size: int, share: float = 0.5) -> float:
        """Seconds within which `share` of the calls are answered; 0.5 or 0.9."""
        deviations = 0.0 if share == 0.5 else 1.2816
        return math.exp(self.seconds + self.seconds_slope * math.log2(size) + deviations * self.seconds_sd)
