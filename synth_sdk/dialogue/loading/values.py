"""Field values of a pack's world and tools, compiled to functions of (what is known so far, chances)."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue.columns import drawing
from synth_sdk.dialogue.columns.chances import Chances
from synth_sdk.dialogue.columns.drawing import Options
from synth_sdk.dialogue.columns.symbols import frozen, text
from synth_sdk.dialogue.expr import BadExpression, Expr, parse
from synth_sdk.dialogue.loading.source import Map, Seq, fail, plain_value
from synth_sdk.dialogue.model import Env, Value, VocabType

ROWS = "rows so far"
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
        return Value(lambda env, chances: expr.run(env), expr.paths)
    if isinstance(spec, Seq):
        items = [compile_value(item, holder, key, types) for item in spec]
        return Value(lambda env, chances: [item.make(env, chances) for item in items], _union(items))
    if not isinstance(spec, Map):
        return Value(lambda env, chances: spec, constant=(spec,))
    if "by" in spec:
        return _by(spec, types)
    for kind, extra in _KINDS.items():
        if kind in spec and set(spec) <= {kind} | extra:
            return _COMPILE[kind](spec, key, types)
    return compile_mapping(spec, types)


def compile_mapping(spec: Map, types: Mapping[str, VocabType]) -> Value:
    """A mapping whose entries are field values."""
    fields = {key: compile_value(value, spec, key, types) for key, value in spec.items()}
    return Value(lambda env, chances: {key: value.make(env, chances) for key, value in fields.items()}, _union(fields.values()))


def compile_fields(spec: Map, types: Mapping[str, VocabType]) -> dict[str, Value]:
    return {key: compile_value(value, spec, key, types) for key, value in spec.items()}


def _union(values: Any) -> frozenset[str]:
    return frozenset().union(*(value.paths for value in values))


def _by(spec: Map, types: Mapping[str, VocabType]) -> Value:
    chooser = condition(spec["by"], spec, "by")
    cases = {key: compile_value(value, spec, key, types) for key, value in spec.items() if key != "by"}
    default = cases.pop("else", None)

    def make(env: Env, chances: Chances) -> Any:
        value = frozen(chooser.run(env))
        name = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        case = cases.get(name, default)
        return case.make(env, chances) if case else None

    return Value(make, chooser.paths | _union([*cases.values(), *([default] if default else [])]))


def _type(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    name = spec["type"]
    if name not in types or not types[name].entries:
        raise fail(f"{name!r} is not a type with a vocabulary: declare it under types", spec, "type", "unknown type")
    options = Options(types[name].entries)
    where = condition(spec["where"], spec, "where") if "where" in spec else None
    unique = bool(spec.get("unique"))

    def make(env: Env, chances: Chances) -> Any:
        taken = [row.get(key) for row in env.get(ROWS, ())] if unique else []
        return drawing.entry(options, where, env, taken, chances)

    return Value(make, frozenset(path for path in where.paths if path.split(".")[0] != "value") if where else frozenset())


def _pick(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    source = spec["pick"]
    if isinstance(source, Map) and source:
        weights = [float(weight) for weight in source.values() if isinstance(weight, (int, float)) and weight >= 0]
        if len(weights) != len(source) or not sum(weights):
            raise fail("pick: weights must be numbers of at least 0, not all 0", spec, "pick", "value")
        weighted = Options([plain_value(option) for option in source], weights)
        return Value(lambda env, chances: drawing.choice(weighted, chances))
    if isinstance(source, Seq) and source:
        items = [compile_value(item, spec, "pick", types) for item in source]
        if all(item.constant for item in items):
            even = Options([item.constant[0] for item in items])
            return Value(lambda env, chances: drawing.choice(even, chances))
        return Value(lambda env, chances: drawing.fixed(items, chances).make(env, chances), _union(items))
    if isinstance(source, str) and source.startswith("="):
        path = condition(source, spec, "pick")
        return Value(lambda env, chances: drawing.item(path.run(env), chances), path.paths)
    raise fail("pick: write a list, a mapping of weights, or =path to a list", spec, "pick", "value")


def _bounds(source: Any, spec: Map, key: str) -> tuple[Callable[[Env], Any], frozenset[str]]:
    """`[low, high]`, one number, or `=path` to either."""
    if isinstance(source, str) and source.startswith("="):
        path = condition(source, spec, key)
        return path.run, path.paths
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

    return Value(lambda env, chances: drawing.whole(bounds(env), chances), paths)


def _money(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    bounds, paths = _bounds(spec["money"], spec, "money")

    return Value(lambda env, chances: drawing.amount(bounds(env), chances), paths)


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
    return Value(lambda env, chances: drawing.pattern(source(env), chances), paths)


def _typo(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    source, paths = _text_or_path(spec, "typo")

    return Value(lambda env, chances: drawing.typo(source(env), chances), paths)


def _text(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    source, paths = _text_or_path(spec, "text")
    lower = bool(spec.get("lower"))
    if not paths:
        try:
            paths = _template(spec["text"])[1]
        except BadExpression as error:
            raise fail(str(error), spec, "text", "expression") from None

    def make(env: Env, chances: Chances) -> Any:
        filled = fill(str(frozen(source(env))), env)
        return drawing.squeezed(filled) if lower else filled

    return Value(make, paths)


@lru_cache(maxsize=512)
def _template(text: str) -> tuple[tuple[str | Expr, ...], frozenset[str]]:
    parts: list[str | Expr] = [parse(piece) if i % 2 else piece for i, piece in enumerate(_TEMPLATE_SLOT.split(text))]
    return tuple(parts), frozenset().union(*(part.paths for part in parts if isinstance(part, Expr)))


def fill(template: str, env: Env) -> Any:
    """`{a.b}` in `template` replaced by what the path leads to."""
    return text(part if isinstance(part, str) else part.run(env) for part in _template(template)[0])


def _date(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    base = compile_value(spec["date"], spec, "date", types)
    plus, plus_paths = _bounds(spec.get("plus", 0), spec, "plus")
    minus, minus_paths = _bounds(spec.get("minus", 0), spec, "minus")

    def make(env: Env, chances: Chances) -> Any:
        return drawing.day(base.make(env, chances), plus(env), minus(env), chances)

    return Value(make, base.paths | plus_paths | minus_paths)


def _each(spec: Map, key: str, types: Mapping[str, VocabType]) -> Value:
    rows = condition(spec["each"], spec, "each")
    if "give" not in spec:
        raise fail("each: needs give", spec, "each", "value")
    give = compile_value(spec["give"], spec, "give", types)
    paths = rows.paths | frozenset(path for path in give.paths if path.split(".")[0] != "row")
    return Value(lambda env, chances: [give.make({**env, "row": row}, chances) for row in rows.run(env) or ()], paths)


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


__all__ = ["PackError", "compile_fields", "compile_mapping", "compile_value", "condition", "faker_words", "fill"]
