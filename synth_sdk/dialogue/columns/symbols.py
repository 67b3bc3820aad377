"""Symbolic values: what stays open when an outline is played, to be drawn anew for each record.

A symbol carries an example value and says how to make others. Whoever asks a symbol for a decision (is it true, does it equal that, does
it come first) gets the answer for the example, and the draws behind it lose the options that would have answered otherwise. Where a decision
rests on several draws at once it becomes a guard, which is tested for each record.
"""

import operator
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from synth_sdk.dialogue.columns.chances import Chances, Compare, Draw, Ordered, Same
from synth_sdk.dialogue.columns.tables import Table, identity

Kind = Literal["int", "money", "amount", "date"]
_MOST_NARROWED = 4096  # options that are looked at one by one
_OPPOSITE: dict[Compare, Compare] = {
    operator.lt: operator.ge, operator.le: operator.gt, operator.gt: operator.le, operator.ge: operator.lt,
    operator.eq: operator.ne, operator.ne: operator.eq,
}  # fmt: skip
_MIRRORED: dict[Compare, Compare] = {
    operator.lt: operator.gt, operator.le: operator.ge, operator.gt: operator.lt, operator.ge: operator.le,
}  # fmt: skip


class Money(float):
    """An amount with two decimals. Sums of money are money; in JSON it is a string such as "45.50", as shop interfaces write it."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{float(self):.2f}"


class Symbol:
    """A value that is drawn for each record."""

    __slots__ = ()
    __hash__ = object.__hash__

    def example(self) -> Any:
        raise NotImplementedError

    def freeze(self) -> Any:
        """The example as a plain value; the draws behind it are fixed to it."""
        raise NotImplementedError

    def draws(self) -> Iterable[Draw]:
        raise NotImplementedError

    def truth(self) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:
        """The field `key` of a mapping, or the item of that number of a list."""
        return default

    def __bool__(self) -> bool:
        return self.truth()

    def __eq__(self, other: object) -> bool:
        return equal(self, other)


@dataclass(slots=True, eq=False)
class Of(Symbol):
    """A function of one draw."""

    draw: Draw
    table: Table

    def example(self) -> Any:
        return self.table.values[self.draw.example]

    def draws(self) -> Iterable[Draw]:
        return (self.draw,)

    def freeze(self) -> Any:
        code = self.table.codes[self.draw.example]
        self.draw.decide(self.table.once(("is", code), lambda: Table([other == code for other in self.table.codes])))
        return self.example()

    def truth(self) -> bool:
        return self.draw.decide(self.table.map("truth", bool))

    def get(self, key: str | int, default: Any = None) -> Any:
        return of(self.draw, self.table.map(("get", key), lambda value: _member(value, key)))


def _member(value: Any, key: str | int) -> Any:
    if isinstance(key, int):
        return value[key] if isinstance(value, list) and -len(value) <= key < len(value) else None
    return value.get(key) if isinstance(value, Mapping) else None


def of(draw: Draw, table: Table) -> Any:
    """The function `table` of a draw; a plain value where it can only be one."""
    if table.single:
        return table.values[0]
    if not draw.whole and not draw.chances.quiet:
        codes = table.codes
        first = codes[draw.example]
        if all(codes[option] == first for option in draw.domain):
            return table.values[draw.example]
    if table.has_none and draw.decide(table.map("null", lambda value: value is None)):
        return None
    return Of(draw, table)


@dataclass(slots=True, eq=False)
class Lin(Symbol):
    """Whole multiples of draws, summed: a number, cents (`money`; as text: `amount`) or a day (its ordinal)."""

    terms: tuple[tuple[Draw, int], ...]
    const: int
    kind: Kind

    def draws(self) -> Iterable[Draw]:
        return (draw for draw, _ in self.terms)

    def total(self) -> int:
        return self.const + sum(draw.example * factor for draw, factor in self.terms)

    def example(self) -> Any:
        return as_value(self.total(), self.kind)

    def freeze(self) -> Any:
        for draw, _ in self.terms:
            fix(draw)
        return self.example()

    def truth(self) -> bool:
        return True if self.kind in ("amount", "date") else ordered(operator.ne, self, 0)


def fix(draw: Draw) -> None:
    """Give up all options but the example."""
    if draw.chances.quiet:
        draw.chances.touched.add(draw)
    else:
        draw.narrow((draw.example,))


def as_value(number: int, kind: Kind) -> Any:
    if kind == "int":
        return number
    if kind == "date":
        return date.fromordinal(number).isoformat()
    return Money(number / 100) if kind == "money" else f"{number / 100:.2f}"


@dataclass(slots=True, eq=False)
class Code(Symbol):
    """Text of a pattern (`#`, `%`, `?`); `lower` as the same draw in small letters."""

    site: str
    pattern: "str | Of"
    chances: Chances
    shown: str
    lower: bool = False
    frozen: bool = False
    in_world: bool = False

    def example(self) -> str:
        return self.shown.lower() if self.lower else self.shown

    def draws(self) -> Iterable[Draw]:
        return self.pattern.draws() if isinstance(self.pattern, Of) else ()

    def freeze(self) -> str:
        if isinstance(self.pattern, Of):
            self.pattern.freeze()
        for code in self.chances.codes:
            code.frozen |= code.site == self.site
        return self.example()


@dataclass(slots=True, eq=False)
class Typo(Symbol):
    """The text of `parts` with one digit or letter changed."""

    site: str
    parts: "tuple[Part, ...]"
    chances: Chances
    shown: str
    frozen: bool = False

    def example(self) -> str:
        return self.shown

    def draws(self) -> Iterable[Draw]:
        return (draw for part in self.parts if isinstance(part, Symbol) for draw in part.draws())

    def freeze(self) -> str:
        for part in self.parts:
            if isinstance(part, Symbol):
                part.freeze()
        self.frozen = True
        return self.shown


Part = str | Of | Lin | Code | Typo


@dataclass(slots=True, eq=False)
class Text(Symbol):
    """Pieces one behind the other: fixed text, functions of a draw (to text), numbers, codes."""

    parts: tuple[Part, ...]

    def example(self) -> str:
        return "".join(part if isinstance(part, str) else str(part.example()) for part in self.parts)

    def draws(self) -> Iterable[Draw]:
        return (draw for part in self.parts if isinstance(part, Symbol) for draw in part.draws())

    def freeze(self) -> str:
        return "".join(part if isinstance(part, str) else str(part.freeze()) for part in self.parts)

    def truth(self) -> bool:
        return bool(self.example() if any(not isinstance(part, Of) for part in self.parts) else self.freeze())


def text(pieces: Iterable[Any]) -> Any:
    """The pieces as one text: a plain string, or a symbol."""
    parts: list[Part] = []
    for piece in pieces:
        for part in _parts_of(piece):
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            elif part != "" if isinstance(part, str) else True:
                parts.append(part)
    if all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    return parts[0] if len(parts) == 1 and isinstance(parts[0], (Of, Code, Typo)) else Text(tuple(parts))


def _parts_of(piece: Any) -> tuple[Part, ...]:
    if isinstance(piece, Text):
        return piece.parts
    if isinstance(piece, Of):
        shown = of(piece.draw, piece.table.map("str", str))
        return (shown,)
    return (piece,) if isinstance(piece, (str, Lin, Code, Typo)) else (str(piece),)


def parts_of(value: Any) -> tuple[Part, ...]:
    """What `str(value)` is made of."""
    return _parts_of(value)


def key_of(value: Any) -> Hashable:
    """Equal for symbols that always have equal values."""
    if isinstance(value, Of):
        return "of", value.draw.site, id(value.table)
    if isinstance(value, Lin):
        return "lin", value.kind, value.const, tuple((draw.site, factor) for draw, factor in value.terms)
    if isinstance(value, Code):
        return "code", value.site, value.lower
    if isinstance(value, Typo):
        return "typo", value.site
    if isinstance(value, Text):
        return "text", tuple(key_of(part) for part in value.parts)
    return identity(value)


def frozen(value: Any) -> Any:
    """`value` without symbols."""
    if isinstance(value, Symbol):
        return value.freeze()
    if isinstance(value, Mapping):
        return {key: frozen(member) for key, member in value.items()}
    return [frozen(item) for item in value] if isinstance(value, list) else value


def sample(value: Any) -> Any:
    """`value` with the example of each symbol."""
    if isinstance(value, Symbol):
        return value.example()
    if isinstance(value, Mapping):
        return {key: sample(member) for key, member in value.items()}
    return [sample(item) for item in value] if isinstance(value, list) else value


# decisions


def equal(a: Any, b: Any) -> bool:
    """Whether two values, at least one of them a symbol, are equal."""
    if a is b:
        return True
    if not isinstance(a, Symbol):
        a, b = b, a
    if b is None or (isinstance(b, bool) and not isinstance(a, Of)):
        return False
    if isinstance(a, Of) and not isinstance(b, Symbol):
        return a.draw.decide(a.table.map(("equals", identity(b)), lambda value: bool(value == b)))
    if isinstance(a, Of) and isinstance(b, Of) and a.draw is b.draw:
        return a.draw.decide(zipped(operator.eq, a.table, b.table))
    if isinstance(a, Lin) and isinstance(b, (Lin, int, float, str)):
        return ordered(operator.eq, a, b)
    if isinstance(b, Lin) and isinstance(a, Lin):
        return ordered(operator.eq, a, b)
    if _is_textual(a) and _is_textual(b):
        return _same_text(a, b)
    return bool(frozen(a) == frozen(b))


def zipped(operation: Callable[[Any, Any], Any], first: Table, second: Table) -> Table:
    made: Table = first.once(
        (operation, second), lambda: Table([operation(a, b) for a, b in zip(first.values, second.values, strict=True)])
    )
    return made


def _is_textual(value: Any) -> bool:
    return isinstance(value, (str, Text, Code, Typo)) or (
        isinstance(value, Of) and not any(isinstance(one, (int, float)) for one in value.table.values)
    )


def _same_text(a: Any, b: Any) -> bool:
    """Texts are compared for each record, unless they are made the same way. Vocabulary entries count as texts."""
    if key_of(a) == key_of(b):
        return True
    for typo, other in ((a, b), (b, a)):
        if isinstance(typo, Typo) and key_of(text(typo.parts)) == key_of(other):
            return False
    first, second = _entry_parts(a), _entry_parts(b)
    outcome = bool(sample(a) == sample(b))
    chances = _chances(a) or _chances(b)
    if chances is None or (isinstance(a, Of) and isinstance(b, Of) and _agree(a, b, outcome)):
        return outcome
    if chances.quiet:
        chances.touched.update(draw for one in (a, b) if isinstance(one, Symbol) for draw in one.draws())
    chances.guard(Same(first, second, outcome))
    return outcome


def _agree(a: Of, b: Of, outcome: bool) -> bool:
    """Whether two functions of different draws are equal (or unequal) whatever is drawn."""
    if a.draw.source is b.draw:
        a, b = b, a
    if b.draw.source is a.draw and b.draw.ways:
        return bool(a.table.once((b.table, id(b.draw.ways), outcome), lambda: _linked(a.table, b.table, b.draw.ways, outcome)))
    return not outcome and bool(a.table.once(("apart", b.table), lambda: _apart(a.table, b.table)))


def _linked(first: Table, second: Table, ways: Sequence[Sequence[int]], outcome: bool) -> bool:
    values = second.values
    return all((one == values[other]) is outcome for one, way in zip(first.values, ways, strict=False) for other in way)


def _apart(first: Table, second: Table) -> bool:
    return not {identity(value) for value in first.values} & {identity(value) for value in second.values}


def _entry_parts(value: Any) -> tuple[Part, ...]:
    if isinstance(value, Of):
        return (Of(value.draw, value.table.map("repr", lambda one: one if isinstance(one, str) else repr(one))),)
    return _parts_of(value)


def _chances(value: Any) -> Chances | None:
    if isinstance(value, (Code, Typo)):
        return value.chances
    if isinstance(value, Text):
        return next((found for part in value.parts if (found := _chances(part))), None)
    return next((draw.chances for draw in value.draws()), None) if isinstance(value, Symbol) else None


def ordered(relation: Compare, a: Any, b: Any) -> bool:
    """How two values, at least one of them a symbol, stand to each other. TypeError for what can't be compared."""
    if not isinstance(a, Symbol):
        a, b, relation = b, a, _MIRRORED.get(relation, relation)
    if isinstance(a, Of) and not isinstance(b, Symbol):
        key = relation, identity(b)
        return a.draw.decide(a.table.map(key, lambda value: _stands(relation, value, b)))
    if isinstance(a, Of) and isinstance(b, Of) and a.draw is b.draw:
        return a.draw.decide(zipped(lambda x, y: _stands(relation, x, y), a.table, b.table))
    if isinstance(a, Lin):
        other = as_lin(b, a.kind)
        if other is not None:
            return _settle(_minus(*aligned(a, other)), relation)
        if not isinstance(b, Symbol) and len(a.terms) == 1:
            return _settle_each(a, lambda value: _stands(relation, value, b), monotone=relation in _MIRRORED)
    return _stands(relation, frozen(a), frozen(b))


def _stands(relation: Compare, a: Any, b: Any) -> bool:
    try:
        if isinstance(a, str) != isinstance(b, str):
            a, b = (Money(one) if isinstance(one, str) and relation is not operator.eq else one for one in (a, b))
        return bool(relation(a, b))
    except (TypeError, ValueError):
        return False


def as_lin(value: Any, kind: Kind) -> Lin | None:
    """`value` as something that a symbol of this kind can be compared with."""
    if isinstance(value, Lin):
        return value if (value.kind == "date") == (kind == "date") else None
    if kind == "date":
        return _day(value) if isinstance(value, str) else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Lin((), value, "int")
    if isinstance(value, float):
        return Lin((), round(value * 100), "money")
    if isinstance(value, str):
        try:
            return Lin((), round(float(value) * 100), "money")
        except ValueError:
            return None
    return None


def _day(text: str) -> Lin | None:
    try:
        return Lin((), date.fromisoformat(text).toordinal(), "date") if len(text) == 10 else None
    except ValueError:
        return None


def aligned(a: Lin, b: Lin) -> tuple[Lin, Lin]:
    """Both in cents if one of them is."""
    if (a.kind == "int") == (b.kind == "int"):
        return a, b
    return (scaled(a, 100), b) if a.kind == "int" else (a, scaled(b, 100))


def scaled(value: Lin, factor: int) -> Lin:
    return Lin(tuple((draw, number * factor) for draw, number in value.terms), value.const * factor, value.kind)


def plus(a: Lin, b: Lin, sign: int = 1) -> Lin:
    """a + sign * b."""
    factors = {id(draw): (draw, factor) for draw, factor in a.terms}
    for draw, factor in b.terms:
        before = factors.get(id(draw), (draw, 0))[1]
        factors[id(draw)] = draw, before + sign * factor
    terms = tuple((draw, factor) for draw, factor in factors.values() if factor)
    return Lin(terms, a.const + sign * b.const, a.kind)


def _minus(a: Lin, b: Lin) -> Lin:
    return plus(a, b, -1)


def _settle(difference: Lin, relation: Compare) -> bool:
    """Whether the difference stands in `relation` to 0, and that it does so for all records."""
    outcome = bool(relation(difference.total(), 0))
    low, high = _range(difference)
    held = relation if outcome else _OPPOSITE[relation]
    if _always(held, low, high) or not difference.terms:
        return outcome
    chances = difference.terms[0][0].chances
    if chances.quiet:
        chances.touched.update(difference.draws())
        return outcome
    if len(difference.terms) == 1:
        return _settle_each(difference, lambda value: bool(relation(value, 0)), raw=True)
    chances.guard(Ordered(difference.terms, difference.const, held))
    return outcome


def _always(relation: Compare, low: int, high: int) -> bool:
    if relation is operator.eq:
        return low == high == 0
    if relation is operator.ne:
        return low > 0 or high < 0
    return relation(low, 0) and relation(high, 0)


def _range(value: Lin) -> tuple[int, int]:
    low = high = value.const
    for draw, factor in value.terms:
        ends = factor * min(draw.domain), factor * max(draw.domain)
        low, high = low + min(ends), high + max(ends)
    return low, high


def _settle_each(value: Lin, test: Callable[[Any], bool], *, raw: bool = False, monotone: bool = False) -> bool:
    """Decide by looking at each value of a sum with one draw; a `monotone` test changes its answer only once."""
    ((draw, factor),) = value.terms

    def holds(option: int) -> bool:
        number = value.const + factor * option
        return test(number if raw else as_value(number, value.kind))

    outcome = holds(draw.example)
    if draw.chances.quiet:
        draw.chances.touched.add(draw)
    elif monotone and holds(min(draw.domain)) == holds(max(draw.domain)) == outcome:
        pass  # all of them
    elif len(draw.domain) > _MOST_NARROWED:
        fix(draw)
    else:
        draw.narrow([option for option in draw.domain if holds(option) == outcome])
    return outcome


def contains(item: Any, holder: Any) -> bool:
    """`item in holder`, where one of them is a symbol; lists compare item by item."""
    if isinstance(holder, Of) and not isinstance(item, Symbol):
        return holder.draw.decide(holder.table.map(("holds", identity(item)), lambda value: _holds(value, item)))
    if isinstance(item, Of) and isinstance(holder, str):
        return item.draw.decide(item.table.map(("in", holder), lambda value: _holds(holder, value)))
    if isinstance(holder, list):
        return any(equal(one, item) if isinstance(one, Symbol) or isinstance(item, Symbol) else one == item for one in holder)
    return _holds(frozen(holder), frozen(item))


def _holds(holder: Any, item: Any) -> bool:
    if isinstance(holder, str):
        return isinstance(item, str) and item in holder
    return isinstance(holder, (list, Mapping)) and item in holder
