"""What holds for all columns that are computed rather than drawn: they satisfy the schema around them, or are refused beforehand."""

from fractions import Fraction
from typing import NoReturn, Protocol

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine.columns.exact import Extent
from synth_sdk.engine.columns.numbers import LARGEST
from synth_sdk.engine.columns.samplers import NullableSampler, Sampler
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.schema.annotations import KEYWORD


class Computed(Protocol):
    """A sampler that knows itself where its column is null."""

    def with_nulls(self, nullable: bool, rate: float | None, facts: Facts) -> Sampler:
        """The same where the type is `nullable` or not, null in a share of `rate` beside. SchemaError where nulls can't be avoided."""


def refuse(told: str, facts: Facts) -> NoReturn:
    """A column that can't be computed."""
    raise SchemaError(told, pointer=facts.pointer, keyword=KEYWORD)


def with_nulls(sampler: Sampler, empty: bool, nullable: bool, rate: float | None, lane: int, facts: Facts, gaps: str) -> Sampler:
    """`sampler`, null in a share of `rate` beside. SchemaError, which says why (`gaps`), if it may be null and the type isn't `nullable`."""
    if empty and not nullable:
        refuse(gaps, facts)
    return NullableSampler(sampler, rate, lane) if nullable and rate else sampler


def check_fits(extent: Extent, told: str, facts: Facts) -> None:
    """SchemaError if some number in `extent` isn't valid where `facts` hold, or is larger than floats tell apart."""
    listed = [
        keyword
        for keyword, is_said in (("enum", facts.enum), ("multipleOf", facts.multiples), ("not", facts.forbidden))
        if is_said
    ]
    if listed:
        refuse(f"{told}: {listed[0]} doesn't leave the value to it; leave one of them out", facts)
    low, high = _double(extent.low, extent), _double(extent.high, extent)
    if extent.largest > LARGEST:
        size = f"{float(extent.value(extent.largest)):.3g}"
        refuse(f"{told}: it may be as large as {size}, where floats can't hold it exactly; bound what it is made of", facts)
    if facts.low is not None and (low < facts.low or (facts.open_low and low == facts.low)):
        refuse(f"{told}: it may be as low as {float(low):.15g}, below the minimum {float(facts.low):.15g}; lower that", facts)
    if facts.high is not None and (high > facts.high or (facts.open_high and high == facts.high)):
        refuse(f"{told}: it may be as high as {float(high):.15g}, above the maximum {float(facts.high):.15g}; raise that", facts)


def _double(scaled: int, extent: Extent) -> Fraction:
    """The number as it is read back: bounds are exact images of doubles."""
    return Fraction(scaled / 10**extent.places)
