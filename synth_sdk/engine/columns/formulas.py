"""Columns reckoned from other columns of the same object: exact arithmetic on whole numbers, rounded once at the end."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from synth_sdk.engine.columns.computed import check_fits, refuse, with_nulls
from synth_sdk.engine.columns.exact import Extent, extent_of, units
from synth_sdk.engine.columns.lanes import Mask, label
from synth_sdk.engine.columns.places import Place
from synth_sdk.engine.columns.samplers import NullableSampler, ObjectSampler, Sampler, is_empty
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.values import Column, Decimal, Nullable, Struct, Whole
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.schema.annotations import Annotation
from synth_sdk.schema.formulas import Formula, Name, Number, Operation, Term

if TYPE_CHECKING:
    from synth_sdk.engine.columns.compile import Compiler

_USUAL_PLACES = 2  # of a number whose decimals nobody says
_MOST = 1 << 62  # what 64 bits surely hold
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Ratio:
    """`top` / `bottom` in each row, bottom above 0; whole numbers, or one for all rows. `empty`: where there is no value."""

    top: Any
    bottom: Any
    empty: Mask | None = None


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What a term can be: from `low` to `high`, its top and bottom at most so large; `empty`: or nothing."""

    low: Fraction
    high: Fraction
    top: int
    bottom: int
    empty: bool = False


@dataclass(slots=True, eq=False)
class FormulaSampler:
    """The values of `term`, rounded half away from 0 to the places of `extent`. `places` are those of the properties in it; `wide`:
    64 bits might not hold what comes up on the way. `gaps` says why there may be no value.
    """

    term: Term
    places: Mapping[Path, int]
    extent: Extent
    whole: bool
    wide: bool
    lane: int
    gaps: str

    def draw(self, scope: Scope) -> Column:
        found = _value(self.term, lambda path: self._named(scope, path))
        values, empty = _rounded(found, self.extent.places, len(scope.rows)), found.empty
        if empty is not None:
            values = np.where(empty, 0, values)
        numbers = values.astype(np.int64, copy=False)
        column = Whole(numbers) if self.whole else Decimal(numbers, self.extent.places)
        return column if empty is None else Nullable(column, empty)

    def _named(self, scope: Scope, path: Path) -> _Ratio:
        column, absent = _reach(scope, path)
        values, null = units(column, self.places[path])
        return _Ratio(values.astype(object) if self.wide else values, 10 ** self.places[path], _either(null, absent))

    @property
    def nullable(self) -> bool:
        """Some rows may have no value."""
        return self.extent.empty

    def with_nulls(self, nullable: bool, rate: float | None, facts: Facts) -> Sampler:
        """The same, null in a share of `rate` beside. SchemaError where nulls can't be avoided."""
        return with_nulls(self, self.extent.empty, nullable, rate, self.lane, facts, self.gaps)


def formula_sampler(compiler: "Compiler", annotation: Annotation, formula: Formula, facts: Facts, place: Place) -> FormulaSampler:
    """The sampler of a column with a formula. SchemaError for what isn't a number, and results that the schema may not allow."""
    whole = facts.typed and "number" not in facts.types
    known = {path: _extent(compiler, place, path, formula, facts) for path in formula.paths}
    places = {path: extent.places for path, extent in known.items()}
    wanted = 0 if whole else annotation.decimals
    own = max(_USUAL_PLACES, *places.values()) if wanted is None else wanted
    seen = list[int]()
    try:
        found = _bounds(formula.term, known, seen)
    except ZeroDivisionError:
        refuse(f"formula {formula.text!r} always divides by 0; divide by something else", facts)
    ends = [_round(end, own) for end in (found.low, found.high)]
    seen += [(2 * found.top * 10**own + found.bottom), 2 * found.bottom]
    extent = Extent(min(ends), max(ends), own, found.empty)
    check_fits(extent, f"formula {formula.text!r}", facts)
    wide, lane = max(seen) > _MOST, label(compiler.seed, place.path, "null")
    return FormulaSampler(formula.term, places, extent, whole, wide, lane, _gaps(formula, known))


def _gaps(formula: Formula, known: Mapping[Path, Extent]) -> str:
    """Why there may be no value, and the ways out."""
    named = [".".join(path) for path, extent in known.items() if extent.empty]
    if named:
        return (
            f"{named[0]!r} in formula {formula.text!r} may be null or absent: allow null here, or write coalesce({named[0]}, 0)"
        )
    return f"formula {formula.text!r} may divide by 0: allow null here, or make sure that it doesn't, as in max(count, 1)"


def _extent(compiler: "Compiler", place: Place, path: Path, formula: Formula, facts: Facts) -> Extent:
    """What the property at `path` can hold. SchemaError if that isn't numbers."""
    sampler, empty = compiler.sampler_at(place, path), _may_be_empty(place, path)
    extent = extent_of(sampler)
    if extent is None:
        told = f"formula {formula.text!r}: {'.'.join(path)!r} isn't made of numbers with a few decimals"
        refuse(f"{told}; give it type number or integer, without edge cases or Faker", facts)
    return replace(extent, empty=True) if empty else extent


def _may_be_empty(place: Place, path: Path) -> bool:
    """The property at `path`, or something on the way to it, may be null or absent."""
    found: Sampler | None = place.samplers[path[0]]
    empty = path[0] in place.optional or isinstance(found, NullableSampler) or getattr(found, "nullable", False)
    for name in path[1:]:
        inner = found.inner if isinstance(found, NullableSampler) else found
        field = next(one for one in inner.fields if one.name == name) if isinstance(inner, ObjectSampler) else None
        empty = empty or field is None or is_empty(field)
        found = field.sampler if field else None
    return empty


def _reach(scope: Scope, path: Path) -> tuple[Column, Mask | None]:
    """The column of the property at `path`, and where the way there ends before it."""
    column, shown = scope.columns[path[0]], scope.shown.get(path[0])
    absent = None if shown is None else ~shown
    for name in path[1:]:
        while isinstance(column, Nullable):
            absent, column = _either(absent, column.null), column.column
        assert isinstance(column, Struct)  # noqa: S101 - it was one when it was compiled
        member = next(member for member in column.members if member.name == name)
        absent, column = _either(absent, None if member.shown is None else ~member.shown), member.column
    return column, absent


def _either(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


# Values


def _value(term: Term, named: Callable[[Path], _Ratio]) -> _Ratio:
    match term:
        case Name(path=path):
            return named(path)
        case Number(value=value):
            return _Ratio(value.numerator, value.denominator)
        case Operation(symbol=symbol, operands=operands):
            return reduce(_OPERATIONS[symbol], (_value(operand, named) for operand in operands))


def _plus(one: _Ratio, other: _Ratio) -> _Ratio:
    first, second, bottom = _level(one, other)
    return _Ratio(first + second, bottom, _either(one.empty, other.empty))


def _minus(one: _Ratio, other: _Ratio) -> _Ratio:
    return _plus(one, _Ratio(-other.top, other.bottom, other.empty))


def _times(one: _Ratio, other: _Ratio) -> _Ratio:
    return _Ratio(one.top * other.top, one.bottom * other.bottom, _either(one.empty, other.empty))


def _over(one: _Ratio, other: _Ratio) -> _Ratio:
    """Nothing where `other` is 0."""
    empty = _either(one.empty, other.empty)
    if isinstance(other.top, int):
        sign = -1 if other.top < 0 else 1
        return _Ratio(sign * one.top * other.bottom, one.bottom * abs(other.top), empty)
    zero = other.top == 0
    bottom = np.where(zero, 1, np.abs(other.top))
    top = np.where(other.top < 0, -one.top, one.top) * other.bottom
    return _Ratio(top, one.bottom * bottom, _either(empty, zero.astype(bool)))


def _least(one: _Ratio, other: _Ratio) -> _Ratio:
    first, second, bottom = _level(one, other)
    return _Ratio(_chosen(first < second, first, second), bottom, _either(one.empty, other.empty))


def _most(one: _Ratio, other: _Ratio) -> _Ratio:
    first, second, bottom = _level(one, other)
    return _Ratio(_chosen(first > second, first, second), bottom, _either(one.empty, other.empty))


def _coalesce(one: _Ratio, other: _Ratio) -> _Ratio:
    if one.empty is None:
        return one
    first, second, bottom = _level(one, other)
    return _Ratio(np.where(one.empty, second, first), bottom, None if other.empty is None else one.empty & other.empty)


def _chosen(which: Any, first: Any, second: Any) -> Any:
    if isinstance(which, bool):  # of two numbers that stand in the formula
        return first if which else second
    return np.where(which, first, second)


def _level(one: _Ratio, other: _Ratio) -> tuple[Any, Any, Any]:
    """The tops of both over one bottom."""
    if isinstance(one.bottom, int) and isinstance(other.bottom, int):
        bottom = math.lcm(one.bottom, other.bottom)
        return _scaled(one.top, bottom // one.bottom), _scaled(other.top, bottom // other.bottom), bottom
    return one.top * other.bottom, other.top * one.bottom, one.bottom * other.bottom


def _scaled(top: Any, factor: int) -> Any:
    return top if factor == 1 else top * factor


_OPERATIONS: dict[str, Callable[[_Ratio, _Ratio], _Ratio]] = {
    "+": _plus, "-": _minus, "*": _times, "/": _over, "min": _least, "max": _most, "coalesce": _coalesce,
}  # fmt: skip


def _rounded(found: _Ratio, places: int, count: int) -> Any:
    """In units of 10**-places, half away from 0."""
    unit, bottom = 10**places, found.bottom
    if isinstance(bottom, int) and unit % bottom == 0:
        return _for_all(_scaled(found.top, unit // bottom), count)
    nearest = (2 * unit * np.abs(found.top) + bottom) // (2 * bottom)
    return _for_all(np.where(np.asarray(found.top) < 0, -nearest, nearest), count)


def _for_all(values: Any, count: int) -> Any:
    return values if np.ndim(values) else np.full(count, values)


def _round(value: Fraction, places: int) -> int:
    scaled = abs(value) * 10**places
    nearest: int = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -nearest if value < 0 else nearest


# Bounds of values, known before any is made


def _bounds(term: Term, known: Mapping[Path, Extent], seen: list[int]) -> _Bounds:
    """What `term` can be; `seen` collects how large the whole numbers may become on the way."""
    match term:
        case Name(path=path):
            own = known[path]
            found = _Bounds(own.value(own.low), own.value(own.high), own.largest, 10**own.places, own.empty)
        case Number(value=value):
            found = _Bounds(value, value, abs(value.numerator), value.denominator)
        case Operation(symbol=symbol, operands=operands):
            found = reduce(
                lambda one, other: _joined(symbol, one, other, seen), (_bounds(inner, known, seen) for inner in operands)
            )
    seen += [found.top, found.bottom]
    return found


def _joined(symbol: str, one: _Bounds, other: _Bounds, seen: list[int]) -> _Bounds:
    low, high, empty = one.low, one.high, one.empty or other.empty
    top, bottom = one.top * other.bottom + other.top * one.bottom, one.bottom * other.bottom
    match symbol:
        case "+":
            low, high = one.low + other.low, one.high + other.high
        case "-":
            low, high = one.low - other.high, one.high - other.low
        case "*":
            ends = [first * second for first in (one.low, one.high) for second in (other.low, other.high)]
            low, high, top = min(ends), max(ends), one.top * other.top
        case "/":
            low, high, empty = _quotient(one, other, empty)
            top, bottom = one.top * other.bottom, one.bottom * max(other.top, 1)
        case "min":
            low, high = min(one.low, other.low), min(one.high, other.high)
        case "max":
            low, high = max(one.low, other.low), max(one.high, other.high)
        case "coalesce":
            low, high = (min(low, other.low), max(high, other.high)) if one.empty else (low, high)
            empty = one.empty and other.empty
    seen += [top, bottom]
    return _Bounds(low, high, top, bottom, empty)


def _quotient(one: _Bounds, other: _Bounds, empty: bool) -> tuple[Fraction, Fraction, bool]:
    """The ends of a quotient, and whether it may be nothing. What is divided by is at least its own smallest step away from 0."""
    if not other.low and not other.high:
        raise ZeroDivisionError
    step = Fraction(1, other.bottom)
    least = [end for end in (other.low, other.high) if end] or [step]
    least += [sign * step for sign in (-1, 1) if other.low <= sign * step <= other.high]
    ends = [first / second for first in (one.low, one.high) for second in least]
    return min(ends), max(ends), empty or other.low <= 0 <= other.high
