"""What a record will cost and take, as a distribution: drawn from what is believed before a run, narrowed by what its pilot showed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

_FIRST_IN_FLIGHT = 4  # an arm is given more calls as it answers: the router's own limit begins here
_TIME_SPREAD = 0.35  # relative: servers' speed varies more within a day than prices do
_PILOT_SPREAD = 0.7  # relative standard deviation of one record's cost around the mean of its run


@dataclass(frozen=True, slots=True)
class Range:
    """A median with its 10th and 90th percentile."""

    median: float
    low: float
    high: float

    def within(self, cap: float) -> "Range":
        return Range(min(cap, self.median), min(cap, self.low), min(cap, self.high))

    def named(self) -> Iterator[tuple[str, float]]:
        return zip(("expected", "low", "high"), (self.median, self.low, self.high), strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """`draws`: what one delivered record may cost, in micro-dollars, failed tries included, each as likely as any other.

    `seconds` is how long its calls keep a place in flight (a call's time divided by its records, failed tries included), `call_seconds`
    how long one call takes. `tokens` are those of one record. `names`: what people call the arms.
    """

    arms: tuple[str, ...]
    names: tuple[str, ...] = ()
    records_per_call: int
    draws: Sequence[float]
    seconds: float
    call_seconds: float
    tokens: dict[str, int] = field(default_factory=dict)

    @property
    def each(self) -> float:
        """The median cost of a record."""
        return quantile(self.draws, 0.5)

    def cost(self, records: int, extra: float = 0.0) -> Range:
        """Of so many records: what is uncertain is what all of them have in common. `extra` is known no better than a record."""
        spread = (quantile(self.draws, share) for share in (0.5, 0.1, 0.9))
        ratio = [each / self.each if self.each else 1.0 for each in (self.each, *list(spread)[1:])]
        total = records * self.each + extra
        return Range(total, total * ratio[1], total * ratio[2])

    def time(self, records: int, concurrency: int, rounds: int = 0) -> Range:
        """Of so many records with `concurrency` calls in flight; `rounds` further calls run before them, all at once."""
        calls = math.ceil(records / self.records_per_call)
        warming = math.log2(max(1.0, min(calls, concurrency) / _FIRST_IN_FLIGHT))
        busy = records * self.seconds / max(1, min(concurrency, calls))
        before = self.call_seconds * (1 + rounds // concurrency) if rounds else 0.0
        total = before + (max(busy, self.call_seconds) + warming * self.call_seconds if records else 0.0)
        return Range(total, total * (1 - _TIME_SPREAD), total * (1 + 2 * _TIME_SPREAD))

    def measured(self, micros_each: float, records: int) -> "Outlook":
        """After a pilot in which `records` cost `micros_each` on average: its figure, no surer than so few records can be."""
        spread = _PILOT_SPREAD / math.sqrt(max(1, records))
        size = len(self.draws)
        draws = [micros_each * (1 + spread * _normal((place + 0.5) / size)) for place in range(size)]
        return replace(self, draws=[max(0.0, draw) for draw in draws])


def quantile(draws: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted `draws` lie, between two of them in proportion."""
    ordered = sorted(draws)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _normal(share: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(share)
