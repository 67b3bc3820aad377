"""Numbers as they are written: whole multiples of a power of ten, with which sums and products come out exactly."""

from dataclasses import dataclass, replace
from decimal import Decimal as Written
from fractions import Fraction
from functools import lru_cache

import numpy as np

from synth_sdk.engine.columns.derived import CopySampler, bank_of
from synth_sdk.engine.columns.foreign import ForeignSampler
from synth_sdk.engine.columns.lanes import I64, Mask
from synth_sdk.engine.columns.numbers import LARGEST, NumberSampler
from synth_sdk.engine.columns.samplers import NullableSampler, Sampler
from synth_sdk.engine.columns.values import Bank, Choice, Column, Decimal, Nullable, Whole

_MOST_PLACES = 15


@dataclass(frozen=True, slots=True)
class Extent:
    """Numbers from `low` to `high`, in units of 10**-places. `empty`: there may be none in a row."""

    low: int
    high: int
    places: int
    empty: bool = False

    @property
    def largest(self) -> int:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    def at(self, places: int) -> "Extent":
        """The same in units of 10**-places, which has to be finer."""
        factor = 10 ** (places - self.places)
        return Extent(self.low * factor, self.high * factor, places, self.empty)

    def value(self, scaled: int) -> Fraction:
        """The number that `scaled` units are."""
        return Fraction(scaled, 10**self.places)


def extent_of(sampler: Sampler) -> Extent | None:
    """What the column made by `sampler` can hold; None if that isn't numbers with a few decimals in every row."""
    match sampler:
        case NullableSampler(inner=inner):
            found = extent_of(inner)
            return found and replace(found, empty=True)
        case NumberSampler():
            return _of_numbers(sampler)
        case CopySampler(source=source):
            return extent_of(source)
        case ForeignSampler():
            found = extent_of(sampler.inner)
            return found and replace(found, empty=found.empty or sampler.empty or sampler.nullable)
    known = bank_of(sampler)
    if known is not None:
        return _of_bank(known)
    found = getattr(sampler, "extent", None)
    return found if isinstance(found, Extent) else None


def _of_numbers(sampler: NumberSampler) -> Extent:
    grid, (least, most) = sampler.grid, sampler.limits
    ends = [int(end) for end in grid.at(np.array([0, grid.size - 1], np.int64))]
    if sampler.agreement is not None:
        low, high = sampler.agreement.reach or (-LARGEST, LARGEST)
        low, high = max(low, least), min(high, most)
        ends += [low, high] if low <= high else []
    return Extent(min(ends), max(ends), 0 if sampler.whole else grid.places)


def _of_bank(bank: Bank) -> Extent | None:
    numbers = _numbers(bank)
    if numbers is None:
        return None
    scaled, empty, places = numbers
    return Extent(int(scaled.min()), int(scaled.max()), places, bool(empty.any()))


def units(column: Column, places: int) -> tuple[I64, Mask | None]:
    """The numbers of a column in units of 10**-places, and where there are none. Of columns that have an extent of no more places."""
    match column:
        case Nullable(column=inner, null=null):
            values, empty = units(inner, places)
            return values, null if empty is None else null | empty
        case Whole(values=values):
            return _finer(values, places), None
        case Decimal(scaled=scaled, places=own):
            return _finer(scaled, places - own), None
        case Choice(places=chosen, bank=bank):
            numbers = _numbers(bank)
            assert numbers is not None  # noqa: S101 - its extent was asked for
            values, empty, own = numbers
            return _finer(values[chosen], places - own), empty[chosen] if empty.any() else None
    raise TypeError(f"{type(column).__name__} holds no numbers")


def _finer(values: I64, places: int) -> I64:
    return values * 10**places if places else values


@lru_cache(maxsize=256)
def _numbers(bank: Bank) -> tuple[I64, Mask, int] | None:
    """The values of a bank in units of 10**-places, which of them are null, and the places. None if they are something else."""
    written = []
    for value in bank.values:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            return None
        written.append(Written(repr(value or 0)))
    places = max((max(-int(number.as_tuple().exponent), 0) for number in written), default=0)
    if not written or places > _MOST_PLACES:
        return None
    scaled = [int(number.scaleb(places)) for number in written]
    if max(map(abs, scaled)) > LARGEST:
        return None
    return np.array(scaled, np.int64), np.array([value is None for value in bank.values]), places
