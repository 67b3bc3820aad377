"""What `x-synth` asks of a column: see docs/annotations.md."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.columns.aggregates import aggregate_sampler
from synth_sdk.engine.columns.derived import (
    CaseSampler,
    CopySampler,
    EdgeSampler,
    HandleSampler,
    LaterSampler,
    MatchingSampler,
    RowSampler,
    bank_of,
    edge_texts,
    numbered,
)
from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.formulas import formula_sampler
from synth_sdk.engine.columns.lanes import label
from synth_sdk.engine.columns.numbers import NumberSampler, distribution_of, grid_of, limits_of
from synth_sdk.engine.columns.places import Place
from synth_sdk.engine.columns.pools import Lane
from synth_sdk.engine.columns.reserved import reserved
from synth_sdk.engine.columns.samplers import (
    ArraySampler,
    ChoiceSampler,
    CodeSampler,
    GrammarSampler,
    ObjectSampler,
    Sampler,
    SceneSampler,
    SubsetSampler,
    UniqueSampler,
)
from synth_sdk.engine.columns.scene import Scope
from synth_sdk.engine.columns.texts import NotUniqueError, UniqueText, compile_grammar
from synth_sdk.engine.columns.times import MomentText, timed
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.engine.grammar.shapes import longest, shortest
from synth_sdk.engine.meaning.customs import DAY
from synth_sdk.engine.meaning.naming import meaning_of, person_role
from synth_sdk.schema.annotations import KEYWORD, Annotation, Distribution

if TYPE_CHECKING:
    from synth_sdk.engine.columns.compile import Compiler

_FAKER_TRIES = 50


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many records a unique field at `pointer` can tell apart."""

    size: int
    pointer: str


def annotated(compiler: "Compiler", annotation: Annotation, kind: str, facts: Facts, place: Place) -> Sampler:
    """The sampler of a column of type `kind` for which `annotation` says something about its values."""
    sampler = _origin(compiler, annotation, kind, facts, place)
    if annotation.unique:
        sampler = _unique(compiler, annotation, sampler, facts, place)
    if annotation.edge_cases:
        sampler = _with_edges(compiler, annotation, sampler, kind, facts, place)
    return sampler


def _origin(compiler: "Compiler", annotation: Annotation, kind: str, facts: Facts, place: Place) -> Sampler:
    if annotation.ref is not None:
        return compiler.reference(annotation.ref, facts, place)
    if annotation.reserved is not None:
        return reserved(compiler, annotation, facts, place)
    if annotation.words or (facts.enum is not None and (annotation.weights or annotation.null_rate is not None)):
        return _weighted(compiler, annotation, facts, place)
    if annotation.cases:
        return _by_case(compiler, annotation, facts, place)
    if annotation.faker is not None:
        return _faker(compiler, annotation, kind, facts, place)
    if annotation.formula is not None:
        return formula_sampler(compiler, annotation, annotation.formula, facts, place)
    if annotation.aggregate is not None:
        return aggregate_sampler(compiler, annotation, annotation.aggregate, facts, place)
    if annotation.every is not None:
        return _moment(compiler, annotation, facts, place)
    if annotation.origin:
        return _from(compiler, annotation, facts, place)
    if kind in ("integer", "number"):
        return _number(compiler, annotation, kind, facts, place)
    return compiler.plain(kind, facts, place)


def refuse(told: str, facts: Facts) -> NoReturn:
    """An annotation that can't be followed."""
    raise SchemaError(told, pointer=facts.pointer, keyword=KEYWORD)


def _weighted(compiler: "Compiler", annotation: Annotation, facts: Facts, place: Place) -> Sampler:
    values, weights = list(annotation.words or facts.enum or []), list(annotation.weights) or None
    if None in values and len(values) > 1:  # nulls come by null_rate
        place_of_null = values.index(None)
        values.pop(place_of_null)
        weights = weights and weights[:place_of_null] + weights[place_of_null + 1 :]
    if annotation.words:
        _check_words(compiler, values, facts)
    return compiler.choice(values, weights, place)


def _check_words(compiler: "Compiler", words: list[Json], facts: Facts) -> None:
    for word in words:
        if not compiler.is_valid(word, facts):
            refuse(f"the word {json.dumps(word, ensure_ascii=False)[:80]} breaks the schema; leave it out", facts)


def _by_case(compiler: "Compiler", annotation: Annotation, facts: Facts, place: Place) -> Sampler:
    """Words for each value of another property."""
    given, cases = annotation.given or "", dict(annotation.cases)
    known = bank_of(compiler.sampler_at(place, (given,)))
    if known is None:
        refuse(f"given {given!r}: it has to be one of a few values: an enum, a boolean, or words", facts)
    each = [value if isinstance(value, str) else json.dumps(value) for value in known.values]
    names = list(dict.fromkeys(each))
    missing = [name for name in names if name not in cases]
    if missing:
        refuse(f"given {given!r}: there are no words for {missing[0]!r}; add them", facts)
    unknown = [name for name in cases if name not in names]
    if unknown:
        refuse(f"given {given!r}: {unknown[0]!r} is none of its values ({', '.join(names[:8])})", facts)
    values = [word for name in names for word in cases[name]]
    _check_words(compiler, values, facts)
    sizes = np.array([len(cases[name]) for name in names], np.int64)
    starts, order = np.cumsum(sizes) - sizes, np.array([names.index(name) for name in each])
    lane = label(compiler.seed, place.path, "case")
    return CaseSampler((given,), compiler.bank(values), starts[order], sizes[order], lane)


def _moment(compiler: "Compiler", annotation: Annotation, facts: Facts, place: Place) -> Sampler:
    """Moments in the order of the records."""
    sampler = compiler.plain("string", facts, place)
    if not isinstance(sampler, MomentText) or annotation.every is None or not place.in_records:
        refuse("every is for dates and times of a record, not of the items of its lists", facts)
    sampler.every = int(annotation.every.total_seconds())
    if sampler.every < 1:
        refuse("every is at least one second, 1s", facts)
    return sampler


def _number(compiler: "Compiler", annotation: Annotation, kind: str, facts: Facts, place: Place) -> Sampler:
    wish = annotation.distribution
    if wish is None and annotation.decimals is None and not annotation.unique:
        return compiler.plain(kind, facts, place)
    try:
        wide = wish is not None or annotation.unique
        grid = grid_of(_with_least(facts, wish), kind == "integer", place.name, annotation.decimals, wide=wide)
        spread = distribution_of(grid, place.name, (wish.kind, dict(wish.parameters)) if wish else None)
    except NotColumnarError as error:
        if wish is None and not annotation.unique:
            raise  # decimals are no more than a wish
        refuse(f"not supported offline: {error}", facts)
    agreement = place.agreement(grid) if wish is None else None
    lane = label(compiler.seed, place.path, "number")
    return NumberSampler(grid, spread, kind == "integer", lane, limits_of(facts, grid), agreement)


def _with_least(facts: Facts, wish: Distribution | None) -> Facts:
    """Where no least value is declared: 0, or rank 1; a normal distribution has none."""
    if wish is None or facts.low is not None or wish.kind in ("normal", "uniform"):
        return facts
    return replace(facts, low=Fraction(1 if wish.kind == "zipf" else 0))


def _faker(compiler: "Compiler", annotation: Annotation, kind: str, facts: Facts, place: Place) -> Sampler:
    from synth_sdk.engine.corpora.tracing import fallback, trace

    call = annotation.faker
    assert call is not None  # noqa: S101 - the caller's condition
    free = kind == "string" and not (call.args or facts.patterns or facts.formats or facts.forbidden)
    grammar = trace(compiler.locale, call.method) if free else None
    high = facts.max_length
    if grammar is not None and shortest(grammar) >= facts.min_length and (high is None or longest(grammar) <= high):
        return GrammarSampler(grammar, compile_grammar(grammar, compiler.table, compiler.seed, place.path))
    make = fallback(compiler.locale, call.method, dict(call.args))
    types = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool"}
    return RowSampler(_valid(make, compiler, facts, call.method), types.get(kind), label(compiler.seed, place.path, "faker"))


def _valid(make: Callable[[int], Json], compiler: "Compiler", facts: Facts, method: str) -> Callable[[int], Json]:
    def value_of(bits: int) -> Json:
        for turn in range(_FAKER_TRIES):
            value = make((bits + turn * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
            if compiler.is_valid(value, facts):
                return value
        refuse(f"unsatisfiable: what Faker's {method!r} says, such as {json.dumps(value)[:80]}, breaks the schema", facts)

    return value_of


def _from(compiler: "Compiler", annotation: Annotation, facts: Facts, place: Place) -> Sampler:
    source = compiler.sampler_at(place, annotation.origin)
    meaning, _ = meaning_of(place.name)
    lane = label(compiler.seed, place.path, "from")
    earlier = timed(source)
    if earlier is not None:
        own = compiler.plain("string", facts, place)
        if isinstance(own, MomentText):
            within = annotation.within or timedelta(days=30)
            return LaterSampler(earlier, own.format, max(int(within.total_seconds()), DAY if "S" not in own.format else 1), lane)
    if isinstance(source, ObjectSampler | ArraySampler | SubsetSampler):
        refuse(f"from {'.'.join(annotation.origin)!r}: it is an object or a list, not a value", facts)
    formats = [*facts.formats, meaning]
    if "email" in formats or "idn-email" in formats:
        return HandleSampler((annotation.origin,), ".", True, compiler.table, lane)
    if meaning in ("username", "slug"):
        return HandleSampler((annotation.origin,), "-" if meaning == "slug" else "_", False, compiler.table, lane)
    if (
        facts.patterns
        or facts.formats
        or facts.enum is not None
        or facts.multiples
        or facts.low is not None
        or facts.high is not None
    ):
        refuse("'from' copies the value, which the limits of this property may not allow; leave them out", facts)
    return CopySampler(annotation.origin, source)


def _unique(compiler: "Compiler", annotation: Annotation, sampler: Sampler, facts: Facts, place: Place) -> Sampler:
    if not place.in_records:
        refuse("unique is for the fields of a record, not for the items of its lists", facts)
    key = label(compiler.seed, place.path, "unique")
    if isinstance(sampler, MatchingSampler):
        sampler = sampler.made
    match sampler:
        case CodeSampler(unique=True):
            return sampler
        case NumberSampler(agreement=agreement) if agreement is not None and agreement.numbered:
            size = sampler.limits[1] if sampler.limits[0] <= 1 else 0
        case NumberSampler():
            sampler.agreement, sampler.unique_key, size = None, key, sampler.grid.size
        case ChoiceSampler():
            sampler.unique_key, size = key, len(sampler.bank)
        case MomentText():
            sampler.unique_key, size = key, sampler.size
        case GrammarSampler(grammar=grammar) if grammar is not None:
            try:
                unique = UniqueText.of(grammar, compiler.table, compiler.seed, place.path)
            except NotUniqueError as error:
                refuse(
                    f"unique isn't supported for this text ({error}): give it a pattern such as ^[A-Z]{{2}}-[0-9]{{8}}$", facts
                )
            sampler, size = UniqueSampler(unique), unique.size
        case SceneSampler() | HandleSampler() if annotation.reserved == "email":
            return _numbered_handle(place, key, address=True)
        case SceneSampler() if meaning_of(place.name)[0] in ("email", "username"):
            return _numbered_handle(place, key, address=meaning_of(place.name)[0] == "email")
        case _:
            refuse("unique isn't supported for this field: give it a pattern, a range or format uuid", facts)
    compiler.capacities.append(Capacity(size, facts.pointer))
    return sampler


def _numbered_handle(place: Place, key: int, *, address: bool) -> Sampler:
    """A user name, or an address, with a number that no other record has."""
    scenery, who = place.scenery, person_role(meaning_of(place.name)[1])

    def lanes(scope: Scope) -> list[Lane]:
        first, joint, last, _ = scenery.handle(scope, who, joints=(".", "_", "-"))
        number = numbered(scope.rows, key, scope.block)
        return [first, joint, last, *number, *([scenery.domain(scope, who)] if address else [])]

    return SceneSampler(lanes)


def _with_edges(compiler: "Compiler", annotation: Annotation, sampler: Sampler, kind: str, facts: Facts, place: Place) -> Sampler:
    if kind not in ("string", "integer", "number"):
        return sampler
    values: list[Json] = list(edge_texts(facts.min_length, facts.max_length)) if kind == "string" else _edge_numbers(facts, kind)
    valid = [value for value in values if compiler.is_valid(value, facts)]
    if not valid or annotation.unique:
        refuse(
            "unique fields have no edge cases" if annotation.unique else "no edge case is valid here; leave edge_cases out", facts
        )
    edges = compiler.choice(valid, None, place)
    return EdgeSampler(sampler, edges, annotation.edge_cases, label(compiler.seed, place.path, "edges"))


def _edge_numbers(facts: Facts, kind: str) -> list[Json]:
    bounds = [bound for bound in (facts.low, facts.high) if bound is not None]
    near = [bound + step for bound in bounds for step in (-1, 0, 1)]
    usual = [0, 1, -1, 2**31 - 1, -(2**31), 2**53, 10**9]
    if kind == "integer":
        return list(dict.fromkeys([*(int(value) for value in near if value.denominator == 1), *usual]))
    return list(dict.fromkeys([*map(float, near), *map(float, usual), 0.1, 1e-9, 1e15, 0.30000000000000004]))
