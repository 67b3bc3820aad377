"""How values are drawn while an outline is played: each function gives a symbol, or a plain value where nothing is left to chance."""

import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from synth_sdk.dialogue.columns.chances import Chances, Draw
from synth_sdk.dialogue.columns.symbols import (
    Code,
    Lin,
    Of,
    Part,
    Symbol,
    Text,
    Typo,
    equal,
    frozen,
    key_of,
    of,
    parts_of,
    plus,
    sample,
    text,
)
from synth_sdk.dialogue.columns.tables import Table, identity
from synth_sdk.dialogue.expr import Expr

DIGITS, LETTERS = "0123456789", "ABCDEFGHJKLMNPQRSTUVWXYZ"
MARKS = {"#": DIGITS, "%": DIGITS[1:], "?": LETTERS}
_ENDINGS = (99,) * 5 + (95,) * 2 + (0,) * 3 + (50, 49)  # cents, as shops like them
_MOST_WAYS = 20_000  # pairs of options for which a condition is worked out beforehand
_SHARES = 1000


class Options:
    """What can be chosen, with its odds."""

    __slots__ = ("domain", "table")

    def __init__(self, values: Sequence[Any], weights: Sequence[float] = ()) -> None:
        self.table = Table(values)
        self.domain: Sequence[int] = _repeated(weights) if weights else range(len(values))


def _repeated(weights: Sequence[float]) -> Sequence[int]:
    """Each position as often as its weight says; odd weights to a thousandth."""
    total = sum(weights)
    if all(weight == int(weight) for weight in weights) and total <= _SHARES:
        counts = [int(weight) for weight in weights]
    else:
        counts = [max(1, round(weight * _SHARES / total)) if weight else 0 for weight in weights]
    return tuple(place for place, count in enumerate(counts) for _ in range(count))


def choice(options: Options, chances: Chances) -> Any:
    """One of the options."""
    if len(options.table.values) == 1:
        return options.table.values[0]
    return of(chances.draw(options.domain), options.table)


def fixed(items: Sequence[Any], chances: Chances) -> Any:
    """One of the items, the same for all records of the outline."""
    place = int(chances.rng.random() * len(items))
    if chances.in_world:
        chances.settled.append(place)
    return items[place]


def item(choices: Any, chances: Chances) -> Any:
    """One item of a list, which may itself depend on a draw; None when it is empty."""
    if isinstance(choices, Of):
        return _item_of(choices, chances)
    choices = frozen(choices) if isinstance(choices, Symbol) else choices
    if not choices:
        return None
    return fixed(choices, chances)


def _item_of(choices: Of, chances: Chances) -> Any:
    """The lists of all options laid end to end: the source says which stretch is meant."""
    if not choices.get(0) and not choices.truth():
        return None

    def flatten() -> tuple[Table, list[range]]:
        ways, values = list[range](), list[Any]()
        for one in choices.table.values:
            members = list(one) if isinstance(one, list) else []
            ways.append(range(len(values), len(values) + len(members)))
            values += members
        return Table(values), ways

    table, ways = choices.table.once("flat", flatten)
    return of(chances.draw(range(len(table.values)), choices.draw, ways), table)


def whole(bounds: Any, chances: Chances) -> Any:
    """A whole number from `(low, high)`; a single number is itself."""
    if bounds is None:
        return None
    return _between(bounds, 0, "", chances)


def amount(bounds: Any, chances: Chances) -> Any:
    """Money from `(low, high)` with an ending as shops like it."""
    if bounds is None:
        return None
    units = _between(bounds, 1, ".whole", chances)
    units = Lin((), round(units * 100), "money") if isinstance(units, (int, float)) else _cents(units)
    ending = chances.draw(_ENDINGS)
    found = plus(units, Lin(((ending, 1),), 0, "money"))
    return Lin(found.terms, found.const, "money")


def _cents(units: Lin) -> Lin:
    factor = 100 if units.kind == "int" else 1
    return Lin(tuple((draw, number * factor) for draw, number in units.terms), units.const * factor, "money")


def _between(bounds: Any, short: int, label: str, chances: Chances) -> Any:
    """A number in [low, high - short]; one number in `bounds` is itself."""
    if isinstance(bounds, Of) and all(isinstance(one, list) and len(one) == 2 for one in bounds.table.values):
        ways = bounds.table.once(
            ("between", short),
            lambda: [range(int(low), max(int(high) - short, int(low)) + 1) for low, high in bounds.table.values],
        )
        span = range(min(way.start for way in ways), max(way.stop for way in ways))
        return Lin(((chances.draw(span, bounds.draw, ways), 1),), 0, "int")
    if isinstance(bounds, Lin):
        return bounds
    if isinstance(bounds, Symbol):
        bounds = frozen(bounds)
    if not isinstance(bounds, (list, tuple)):
        return bounds
    low, high = (frozen(one) for one in bounds)
    high = max(high - short, low)
    if low == high:
        return low
    if isinstance(low, float) and low != int(low):
        return low + int(chances.rng.random() * (high - low + 1))
    return Lin(((chances.draw(range(int(low), int(low) + int(high - low) + 1)), 1),), 0, "int")


def day(base: Any, plus_bounds: Any, minus_bounds: Any, chances: Chances) -> Any:
    """Days after or before a date; None when anything needed is missing. ValueError for what is no date."""
    if base is None or plus_bounds is None or minus_bounds is None:
        return None
    start = _date(base)
    ahead, back = (_days(whole(bounds, chances)) for bounds in (plus_bounds, minus_bounds))
    found = plus(plus(start, ahead), back, -1)
    return found if found.terms else found.const and _iso(found.const)


def _date(base: Any) -> Lin:
    from datetime import date

    if isinstance(base, Lin) and base.kind == "date":
        return base
    return Lin((), date.fromisoformat(frozen(base)).toordinal(), "date")


def _days(count: Any) -> Lin:
    return count if isinstance(count, Lin) else Lin((), int(frozen(count)), "int")


def _iso(ordinal: int) -> str:
    from datetime import date

    return date.fromordinal(ordinal).isoformat()


def pattern(source: Any, chances: Chances) -> Any:
    """Text of a pattern: `#` a digit, `%` a digit from 1, `?` a capital letter (no I and O)."""
    source = source if isinstance(source, (str, Of)) else str(frozen(source))
    marks = str(source.example()) if isinstance(source, Of) else source
    rng = chances.rng
    shown = "".join(MARKS[char][int(rng.random() * len(MARKS[char]))] if char in MARKS else char for char in marks)
    if not isinstance(source, Of) and not any(char in MARKS for char in source):
        return source
    if not all(map(_is_clean, source.table.values if isinstance(source, Of) else (source,))):
        frozen(source)
        return shown
    code = Code(chances.site(), source, chances, shown, in_world=chances.in_world)
    chances.codes.append(code)
    return code


def typo(source: Any, chances: Chances) -> Any:
    """The same text with one digit (or letter, if it has no digits) changed."""
    parts = parts_of(source)
    shown = text(sample(part) if isinstance(part, Symbol) else part for part in parts)
    spots = [i for i, char in enumerate(shown) if char in DIGITS] or [
        i for i, c in enumerate(shown) if c.isascii() and c.isalpha()
    ]
    spot = spots[int(chances.rng.random() * len(spots))]
    others = (DIGITS[1:] if shown[spot] in DIGITS else LETTERS).replace(shown[spot].upper(), "")
    wrong = shown[:spot] + others[int(chances.rng.random() * len(others))] + shown[spot + 1 :]
    if not all(map(_is_clean, (text for part in parts for text in _possible(part)))):
        frozen(source)
        return wrong
    made = Typo(chances.site(), parts, chances, wrong)
    chances.codes.append(made)
    return made


def _is_clean(text: Any) -> bool:
    """The text stands in JSON as it is."""
    return str(text).isprintable() and '"' not in str(text) and "\\" not in str(text)


def _possible(part: Part) -> Sequence[Any]:
    """The texts that a part can be; nothing for those that are clean by nature."""
    return (part,) if isinstance(part, str) else part.table.values if isinstance(part, Of) else ()


def squeezed(value: Any) -> Any:
    """Small letters without accents, spaces and quotes."""
    return text(_squeezed(part) for part in parts_of(value))


def _squeezed(part: Part) -> Any:
    if isinstance(part, str):
        return ascii_word(part)
    if isinstance(part, Of):
        return of(part.draw, part.table.map("squeezed", lambda value: ascii_word(str(value))))
    if isinstance(part, Code):
        small = Code(part.site, part.pattern, part.chances, part.shown, lower=True)
        part.chances.codes.append(small)
        return small
    return ascii_word(str(part.freeze())) if isinstance(part, (Typo, Text)) else part


def ascii_word(value: str) -> str:
    folded = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[\s'\"]+", "", folded).lower()


# entries of a vocabulary


def entry(options: Options, where: Expr | None, env: Mapping[str, Any], taken: Sequence[Any], chances: Chances) -> Any:
    """An entry for which `where` holds, other than those `taken` as far as possible; None when there is none."""
    avoided = _avoided(options.table, taken)
    found = choice(options, chances) if where is None else _entry_where(options, where, env, avoided, chances)
    if isinstance(found, Of) and taken:
        _move_away(found.draw, avoided)
        for one in taken:
            if found.draw.example not in avoided and one is not None:
                equal(found, one)  # a decision: records keep away from it as the example does
    return found


def _avoided(table: Table, taken: Sequence[Any]) -> set[int]:
    """The options that are taken."""
    codes = {table.codes[one.draw.example] for one in taken if isinstance(one, Of) and one.table is table}
    plain = {identity(one) for one in taken if not isinstance(one, Symbol)}
    if not codes and not plain:
        return set()
    return {option for option, value in enumerate(table.values) if table.codes[option] in codes or identity(value) in plain}


def _move_away(draw: Draw, avoided: set[int]) -> None:
    """Another example, if this one is taken and all options are as good."""
    if draw.example in avoided and not draw.tried:
        free = [option for option in (draw.ways[draw.source.example] if draw.source else draw.domain) if option not in avoided]
        if free:
            draw.example = free[int(draw.chances.rng.random() * len(free))]


def _entry_where(options: Options, where: Expr, env: Mapping[str, Any], avoided: set[int], chances: Chances) -> Any:
    for path in where.paths:
        _reach(env, path)  # what is worked out on demand is worked out now, with all its consequences
    deciders = tuple(_decider(_reach(env, path)) for path in sorted(where.paths) if path.split(".")[0] != "value")
    table = options.table
    probe = Draw("", options.domain, 0, chances)
    scope = {**env, "value": Of(probe, table)}

    def survey() -> tuple[str | None, Any]:
        return _survey(where, scope, probe, len(table.values), chances)

    source_site, ways = table.once((where, deciders), survey)
    source = next((draw for draw in chances.draws if draw.site == source_site), None)
    if source_site and (source is None or source.options != len(ways)):
        # Known under the same deciders, but of a draw that this outline settled elsewhere or made among other options.
        source_site, ways = survey()
        source = next((draw for draw in chances.draws if draw.site == source_site), None)
    if source_site is None:
        return of(chances.draw(ways), table) if ways else None
    if source is not None:
        source.decide(table.once((where, tuple(map(bool, ways)), "any"), lambda: Table([bool(way) for way in ways])))
        return of(chances.draw(options.domain, source, ways), table) if ways[source.example] else None
    return _entry_tried(options, where, env, avoided, chances)


def _decider(value: Any) -> Hashable:
    """What a condition rests on, told apart from whatever stands there in other outlines."""
    draws = tuple((draw.site, draw.options) for draw in value.draws()) if isinstance(value, Symbol) else ()
    return key_of(value), draws


def _survey(where: Expr, scope: Mapping[str, Any], probe: Draw, size: int, chances: Chances) -> tuple[str | None, Any]:
    """(None, the options that fit) when nothing else matters, (site, those for each option of that draw), or ("", ...) when more draws matter."""
    chances.quiet, chances.touched = True, set()
    try:
        fitting = _fitting(where, scope, probe, size)
        others = chances.touched - {probe}
        if not others:
            return None, fitting
        source = next(iter(others))
        if len(others) > 1 or source.options * size > _MOST_WAYS or min(source.domain) < 0:
            return "", ()
        before, ways = source.example, []
        for option in range(source.options):
            source.example = option
            ways.append(_fitting(where, scope, probe, size))
        source.example = before
        return (source.site, ways) if not chances.touched - {probe, source} else ("", ())
    finally:
        chances.quiet = False


def _fitting(where: Expr, scope: Mapping[str, Any], probe: Draw, size: int) -> tuple[int, ...]:
    fitting = []
    for option in range(size):
        probe.example = option
        if where.run(scope):
            fitting.append(option)
    return tuple(fitting)


def _entry_tried(options: Options, where: Expr, env: Mapping[str, Any], avoided: set[int], chances: Chances) -> Any:
    """An entry whose condition rests on several draws: each record tests it for itself."""
    draw = chances.draw(options.domain)
    scope = {**env, "value": Of(draw, options.table)}
    draw.tried = True
    size, first = len(options.table.values), draw.example
    order = [(first + step) % size for step in range(size)]
    for draw.example in sorted(order, key=avoided.__contains__):
        if _holds_quietly(where, scope, chances):
            bool(where.run(scope))  # a decision, which narrows the draws or leaves guards
            return of(draw, options.table)
    return None


def _holds_quietly(where: Expr, scope: Mapping[str, Any], chances: Chances) -> bool:
    chances.quiet = True
    try:
        return bool(where.run(scope))
    finally:
        chances.quiet = False


def _reach(env: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path."""
    value: Any = env
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if step.lstrip("-").isdigit() and -len(value) <= int(step) < len(value) else None
        elif isinstance(value, Of):
            value = value.get(int(step) if step.isdigit() else step)
        elif isinstance(value, (Mapping, Symbol)):
            value = value.get(step)
        else:
            return None
    return value
