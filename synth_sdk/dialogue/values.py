"""Field values of a pack's world and tools, compiled to functions of (what is known so far, rng)."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from synth_sdk.core.errors import PackError
from synth_sdk.core.seeds import pick_weighted
from synth_sdk.dialogue.expr import BadExpression, Expr, Money, parse
from synth_sdk.dialogue.model import Env, Value, VocabType
from synth_sdk.dialogue.source import Map, Seq, fail

Make = Callable[[Env, Random], Any]

ROWS = "rows so far"
_ENDINGS, _ENDING_ODDS = (0.99, 0.95, 0.0, 0.5, 0.49), (5, 2, 3, 1, 1)
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHJKLMNPQRSTUVWXYZ"
_UNIQUE_TRIES = 50
_TEMPLATE_SLOT = re.compile(r"\{([\w.]+)\}")
_KINDS: dict[str, frozenset[str]] = {
    "type": frozenset({"where", "unique"}),
    "pick": frozenset(),
    "range": frozenset(),
    "money": frozenset(),
    "pattern": frozenset(),
    "typo": frozenset(),
    "text": frozenset({"lower"}),
    "date": frozenset({"plus", "minus"}),
    "each": frozenset({"give"}),
}


def condition(source: Any, holder: Map, key: str) -> Expr:
    """The expression at `holder[key]`; PackError if it isn't one."""
    if isinstance(source, bool):
        source = "true" if source else "false"
    if not isinstance(source, str):
        raise fail(
            f"{key}: {source!r} is not a condition: write an expression such as order.status == 'shipped'",
            holder,
            key,
            "expression",
        )
    try:
        return parse(source.removeprefix("="))
    except BadExpression as error:
        raise fail(f"{key}: {error}", holder, key, "expression") from None


def compile_value(spec: Any, holder: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    """The field value that stands at `holder[key]`."""
    if isinstance(spec, str) and spec.startswith("="):
        expr = condition(spec, holder, key)
        return Value(lambda env, rng: expr.run(env), expr.paths)
    if isinstance(spec, Seq):
        items = [compile_value(item, holder, key, types) for item in spec]
        return Value(lambda env, rng: [item.make(env, rng) for item in items], _union(items))
    if not isinstance(spec, Map):
        return Value(lambda env, rng: spec, constant=(spec,))
    if "by" in spec:
        return _by(spec, types)
    for kind, extra in _KINDS.items():
        if kind in spec and set(spec) <= {kind} | extra:
            return _COMPILE[kind](spec, key, types)
    return compile_mapping(spec, types)


def compile_mapping(spec: Map, types: Mapping[str, VocabType]) -> Value:
    """A mapping whose entries are field values."""
    fields = {key: compile_value(value, spec, key, types) for key, value in spec.items()}
    return Value(lambda env, rng: {key: value.make(env, rng) for key, value in fields.items()}, _union(fields.values()))


def compile_fields(spec: Map, types: Mapping[str, VocabType]) -> dict[str, Value]:
    return {key: compile_value(value, spec, key, types) for key, value in spec.items()}


def draw_pattern(pattern: str, rng: Random) -> str:
    """`#` a digit, `%` a digit from 1, `?` a capital letter (no I and O)."""
    marks = {"#": _DIGITS, "%": _DIGITS[1:], "?": _LETTERS}
    return "".join(marks[char][int(rng.random() * len(marks[char]))] if char in marks else char for char in pattern)


def _union(values: Any) -> frozenset[str]:
    return frozenset().union(*(value.paths for value in values))


def _by(spec: Map, types: Mapping[str, VocabType]) -> Value:
    chooser = condition(spec["by"], spec, "by")
    cases = {key: compile_value(value, spec, key, types) for key, value in spec.items() if key != "by"}
    default = cases.pop("else", None)

    def make(env: Env, rng: Random) -> Any:
        value = chooser.run(env)
        name = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        case = cases.get(name, default)
        return case.make(env, rng) if case else None

    return Value(make, chooser.paths | _union([*cases.values(), *([default] if default else [])]))


def _type(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    name = spec["type"]
    if name not in types or not types[name].entries:
        raise fail(f"{name!r} is not a type with a vocabulary: declare it under types", spec, "type", "unknown type")
    entries = types[name].entries
    where = condition(spec["where"], spec, "where") if "where" in spec else None
    unique = bool(spec.get("unique"))

    def make(env: Env, rng: Random) -> Any:
        choices: Sequence[Any] = entries
        if where:
            choices = [entry for entry in entries if where.run({**env, "value": entry})]
            if not choices:
                return None
        taken = [row.get(key) for row in env.get(ROWS, ())] if unique else []
        for _ in range(_UNIQUE_TRIES):
            value = choices[int(rng.random() * len(choices))]
            if value not in taken:
                break
        return value

    return Value(make, frozenset(path for path in where.paths if path.split(".")[0] != "value") if where else frozenset())


def _pick(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    source = spec["pick"]
    if isinstance(source, Map) and source:
        weights = [float(weight) for weight in source.values() if isinstance(weight, (int, float)) and weight >= 0]
        if len(weights) != len(source) or not sum(weights):
            raise fail("pick: weights must be numbers of at least 0, not all 0", spec, "pick", "value")
        options = list(source)
        return Value(lambda env, rng: pick_weighted(rng, options, weights))
    if isinstance(source, Seq) and source:
        items = [compile_value(item, spec, "pick", types) for item in source]
        return Value(lambda env, rng: items[int(rng.random() * len(items))].make(env, rng), _union(items))
    if isinstance(source, str) and source.startswith("="):
        path = condition(source, spec, "pick")

        def make(env: Env, rng: Random) -> Any:
            choices = path.run(env)
            return choices[int(rng.random() * len(choices))] if choices else None

        return Value(make, path.paths)
    raise fail("pick: write a list, a mapping of weights, or =path to a list", spec, "pick", "value")


def _bounds(source: Any, spec: Map, key: str) -> tuple[Callable[[Env], Sequence[Any] | None], frozenset[str]]:
    """`[low, high]`, one number, or `=path` to either."""
    if isinstance(source, str) and source.startswith("="):
        path = condition(source, spec, key)

        def run(env: Env) -> Sequence[Any] | None:
            value = path.run(env)
            return value if value is None or isinstance(value, list) else (value, value)

        return run, path.paths
    pair = (source, source) if isinstance(source, (int, float)) else source
    if (
        not isinstance(pair, (Seq, tuple))
        or len(pair) != 2
        or not all(isinstance(n, (int, float)) for n in pair)
        or pair[0] > pair[1]
    ):
        raise fail(f"{key}: {source!r} is not [low, high]", spec, key, "value")
    return lambda env: pair, frozenset()


def _range(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    bounds, paths = _bounds(spec["range"], spec, "range")

    def make(env: Env, rng: Random) -> Any:
        pair = bounds(env)
        return None if pair is None else pair[0] + int(rng.random() * (pair[1] - pair[0] + 1))

    return Value(make, paths)


def _money(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    bounds, paths = _bounds(spec["money"], spec, "money")

    def make(env: Env, rng: Random) -> Any:
        pair = bounds(env)
        if pair is None:
            return None
        whole = pair[0] + int(rng.random() * (pair[1] - pair[0]))
        return Money(round(whole + pick_weighted(rng, _ENDINGS, _ENDING_ODDS), 2))

    return Value(make, paths)


def _text_or_path(spec: Map, key: str) -> tuple[Callable[[Env], Any], frozenset[str]]:
    source = spec[key]
    if isinstance(source, str) and source.startswith("="):
        path = condition(source, spec, key)
        return path.run, path.paths
    if not isinstance(source, str):
        raise fail(f"{key}: {source!r} is not text", spec, key, "value")
    return lambda env: source, frozenset()


def _pattern(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    source, paths = _text_or_path(spec, "pattern")
    return Value(lambda env, rng: draw_pattern(str(source(env)), rng), paths)


def _typo(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    source, paths = _text_or_path(spec, "typo")

    def make(env: Env, rng: Random) -> str:
        text = str(source(env))
        spots = [i for i, char in enumerate(text) if char in _DIGITS] or [i for i, char in enumerate(text) if char.isalpha()]
        spot = spots[int(rng.random() * len(spots))]
        pool = _DIGITS[1:] if text[spot] in _DIGITS else _LETTERS
        others = pool.replace(text[spot].upper(), "")
        return text[:spot] + others[int(rng.random() * len(others))] + text[spot + 1 :]

    return Value(make, paths)


def _text(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    source, paths = _text_or_path(spec, "text")
    lower = bool(spec.get("lower"))
    if not paths:
        try:
            paths = _template(spec["text"])[1]
        except BadExpression as error:
            raise fail(str(error), spec, "text", "expression") from None

    def make(env: Env, rng: Random) -> str:
        text = fill(str(source(env)), env)
        return _ascii(text) if lower else text

    return Value(make, paths)


@lru_cache(maxsize=512)
def _template(text: str) -> tuple[tuple[str | Expr, ...], frozenset[str]]:
    parts: list[str | Expr] = [parse(piece) if i % 2 else piece for i, piece in enumerate(_TEMPLATE_SLOT.split(text))]
    return tuple(parts), frozenset().union(*(part.paths for part in parts if isinstance(part, Expr)))


def fill(template: str, env: Env) -> str:
    """`{a.b}` in `template` replaced by what the path leads to."""
    return "".join(part if isinstance(part, str) else str(part.run(env)) for part in _template(template)[0])


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[\s'\"]+", "", folded).lower()


def _date(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    base = compile_value(spec["date"], spec, "date", types)
    plus, plus_paths = _bounds(spec.get("plus", 0), spec, "plus")
    minus, minus_paths = _bounds(spec.get("minus", 0), spec, "minus")

    def make(env: Env, rng: Random) -> str | None:
        start, ahead, back = base.make(env, rng), plus(env), minus(env)
        if start is None or ahead is None or back is None:
            return None
        days = ahead[0] + int(rng.random() * (ahead[1] - ahead[0] + 1)) - back[0] - int(rng.random() * (back[1] - back[0] + 1))
        return (date.fromisoformat(start) + timedelta(days=days)).isoformat()

    return Value(make, base.paths | plus_paths | minus_paths)


def _each(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    rows = condition(spec["each"], spec, "each")
    if "give" not in spec:
        raise fail("each: needs give", spec, "each", "value")
    give = compile_value(spec["give"], spec, "give", types)
    paths = rows.paths | frozenset(path for path in give.paths if path.split(".")[0] != "row")
    return Value(lambda env, rng: [give.make({**env, "row": row}, rng) for row in rows.run(env) or ()], paths)


_COMPILE: dict[str, Callable[[Map, str, Mapping[str, VocabType]], Value]] = {
    "type": _type,
    "pick": _pick,
    "range": _range,
    "money": _money,
    "pattern": _pattern,
    "typo": _typo,
    "text": _text,
    "date": _date,
    "each": _each,
}


def faker_words(method: str, locale: str, holder: Map) -> tuple[str, ...]:
    """The word list behind a Faker method, read from its provider; no Faker instance, no global state."""
    known = {
        "first_name": ("person", "first_names"),
        "last_name": ("person", "last_names"),
        "job": ("job", "jobs"),
        "country": ("address", "countries"),
        "street_suffix": ("address", "street_suffixes"),
        "word": ("lorem", "word_list"),
    }
    if method not in known:
        raise fail(
            f"faker.{method} is not one of {', '.join('faker.' + name for name in sorted(known))}", holder, "from", "faker"
        )
    from importlib import import_module

    provider, attribute = known[method]
    try:
        words = getattr(import_module(f"faker.providers.{provider}.{locale}").Provider, attribute)
    except (ImportError, AttributeError):
        raise fail(f"Faker has no {method} for the locale {locale!r}", holder, "from", "faker") from None
    return tuple(str(word) for word in words)


__all__ = ["PackError", "compile_fields", "compile_mapping", "compile_value", "condition", "draw_pattern", "faker_words", "fill"]
