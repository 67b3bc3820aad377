"""The numbers of one place: bounds, decimals, categories, spread."""

import math
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from synth_sdk.core.models import Json
from synth_sdk.schema.inference.spread import distribution_of
from synth_sdk.schema.inference.tallies import Tally
from synth_sdk.schema.names import is_identifier, is_key, risk_of

_SAMPLE = 8_192  # values kept to tell the distribution by
_MOST_DECIMALS = 10  # more are the digits of a float, not of an amount
_FLOAT_DIGITS = 15  # that a float surely tells apart
_MOST_CATEGORIES = 12
_ROWS_PER_CATEGORY = 10
_ROOM = 10  # times as many values as rows, for a unique field to be worth claiming


class Numbers:
    """`whole` is false once a number was written with a fraction; `cells` says that 3.0 may stand for 3."""

    def __init__(self, cells: bool = False) -> None:
        self.tally: Tally[int | float] = Tally()
        self.low: int | float = math.inf
        self.high: int | float = -math.inf
        self._cells = cells
        self._decimals = 0
        self._floats = False
        self._sample: list[float] = []
        self._stride, self._skip = 1, 0

    def observe(self, counts: Mapping[int | float, int]) -> None:
        """Take in the numbers of one batch with how often each occurs; all are finite."""
        self.tally.add(counts)
        self.low, self.high = min(self.low, *counts), max(self.high, *counts)
        for value in counts:
            if isinstance(value, float):
                self._floats = True
                if self._decimals <= _MOST_DECIMALS:
                    self._decimals = max(self._decimals, _decimals(value))
        self._keep(counts)

    def _keep(self, counts: Mapping[int | float, int]) -> None:
        """Every n-th value; n doubles when the sample is full, so it covers all rows evenly."""
        values = list(Counter(counts).elements())
        self._sample += map(_as_float, values[self._skip :: self._stride])
        self._skip = (self._skip - len(values)) % self._stride
        while len(self._sample) > _SAMPLE:
            self._sample = self._sample[::2]
            self._stride *= 2

    @property
    def whole(self) -> bool:
        return not self._floats or (self._cells and self._decimals == 0 and self._exact())

    def _exact(self) -> bool:
        """Beyond 2^53 a float doesn't say which whole number was meant."""
        return max(abs(self.low), abs(self.high)) <= 2**53

    def schema(self, name: str, alone: bool) -> dict[str, Json]:
        """The keywords; `alone`: no other type but null occurs here."""
        low, high = (int(self.low), int(self.high)) if self.whole else self._around()
        private = risk_of(name) is not None
        if private:
            low, high = _outwards(low, -1), _outwards(high, 1)
        extras: dict[str, Json] = {}
        found: dict[str, Json] = {"minimum": low, "maximum": high}
        if (
            not self.whole
            and self._decimals <= _MOST_DECIMALS
            and len(str(int(max(-low, high)))) + self._decimals <= _FLOAT_DIGITS
        ):
            extras["decimals"] = self._decimals
        if alone and self._is_unique(name):
            extras["unique"] = True
            del found["maximum"]  # there will be more records than these
        elif alone and not private and not is_identifier(name):
            found |= self._categories(extras)
            if "enum" not in found and "const" not in found:
                extras |= self._distribution()
        return found | ({"x-synth": extras} if extras else {})

    def _around(self) -> tuple[float, float]:
        """The range in floats: a large whole number may be read as the float beside it."""
        low, high = float(self.low), float(self.high)
        low = math.nextafter(low, -math.inf) if low > self.low else low
        return low, math.nextafter(high, math.inf) if high < self.high else high

    def _is_unique(self, name: str) -> bool:
        if not self.tally.unique or not self.whole:
            return False
        consecutive = self.high - self.low + 1 == self.tally.total and self.tally.total >= _ROOM
        return is_key(name) or (is_identifier(name) and self.tally.total >= _ROOM) or consecutive

    def _categories(self, extras: dict[str, Json]) -> dict[str, Json]:
        if self.tally.constant:
            return {"const": self._plain(self.low)}
        few = self.tally.categories(_MOST_CATEGORIES, _ROWS_PER_CATEGORY)
        if not few:
            return {}
        few = sorted(few)
        extras["weights"] = shares([count for _, count in few])
        return {"enum": [self._plain(value) for value, _ in few]}

    def _plain(self, value: int | float) -> int | float:
        return int(value) if self.whole else value

    def _distribution(self) -> dict[str, Json]:
        found = distribution_of(self._sample, self.whole)
        return {"distribution": found} if found else {}


def shares(counts: list[int]) -> list[float]:
    """Counts as shares of their sum, to 4 digits, none of them 0."""
    total = sum(counts)
    return [max(round(count / total, 4), 0.0001) for count in counts]


def _decimals(value: float) -> int:
    written = repr(value)
    if "e" in written:
        return max(0, -int(Decimal(written).as_tuple().exponent))
    fraction = written.partition(".")[2]
    return 0 if fraction == "0" else len(fraction)


def _as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _outwards(value: int | float, side: int) -> int:
    """`value` to one digit, away from the rest, so that no person's own number shows: 4711 as 4000 or 5000."""
    grain: int = 10 ** (len(str(abs(int(value)))) - 1)
    return (math.floor(value / grain) if side < 0 else math.ceil(value / grain)) * grain
