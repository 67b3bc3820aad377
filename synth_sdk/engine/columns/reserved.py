"""Columns of `x-synth: {"reserved": ...}`: values that belong to nobody, in agreement with the rest of the object where there is something to agree with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine.columns.derived import FittingSampler, MatchingSampler
from synth_sdk.engine.columns.lanes import I32, below
from synth_sdk.engine.columns.places import Place
from synth_sdk.engine.columns.pools import Lane, Pool, pool_of
from synth_sdk.engine.columns.samplers import GrammarSampler, Sampler, SceneSampler
from synth_sdk.engine.columns.scene import Scenery, Scope
from synth_sdk.engine.columns.texts import compile_grammar
from synth_sdk.engine.columns.values import Text
from synth_sdk.engine.columns.words import READ_DIFFERENTLY, shown_email
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.engine.grammar.model import Grammar, Words
from synth_sdk.engine.meaning.countries import FAMILY_NAME_FIRST
from synth_sdk.engine.meaning.naming import meaning_of, person_role
from synth_sdk.engine.meaning.reserved import CITIES, RESTRICTED_ZIPS, fitting, reserved_forms, street, zip3_pool
from synth_sdk.schema.annotations import KEYWORD, Annotation

if TYPE_CHECKING:
    from synth_sdk.engine.columns.compile import Compiler

_LONGEST = {"email": 80, "first_name": 33, "last_name": 33, "full_name": 66, "street": 40, "city": 20, "address": 62, "zip3": 12}
_NUMBERS = tuple(str(number) for number in range(100, 1000))
Lanes = Callable[[Scope], list[Lane]]


def reserved(compiler: "Compiler", annotation: Annotation, facts: Facts, place: Place) -> Sampler:
    """The sampler of a text from the range `annotation.reserved`. SchemaError if nothing in it is valid here."""
    kind = annotation.reserved or ""
    usual = None if annotation.unique and kind != "email" else _scenic(compiler, kind, place)
    if usual is not None and _is_free(kind, facts):
        return usual
    made = _made(compiler, annotation, facts, place)
    if made is None:
        return _by_schema(compiler, kind, facts, place)
    return made if usual is None or annotation.unique else _where_valid(usual, made, kind, facts)


def _is_free(kind: str, facts: Facts) -> bool:
    """Does the schema allow whatever the scene says?"""
    if facts.patterns or facts.forbidden or facts.enum is not None or facts.min_length > 2:
        return False
    return facts.max_length is None or facts.max_length >= _LONGEST[kind]


def _made(compiler: "Compiler", annotation: Annotation, facts: Facts, place: Place) -> GrammarSampler | None:
    """From the first form that is valid here."""
    bounds = (
        facts.min_length,
        facts.max_length is not None,
        facts.patterns,
        facts.formats,
        facts.forbidden,
        facts.enum is not None,
    )
    for form in reserved_forms(annotation.reserved or "", compiler.locale, luhn=annotation.luhn, unique=annotation.unique):
        kept = fitting(form, lambda text: compiler.is_valid(text, facts)) if any(bounds) else form
        if kept is not None:
            return GrammarSampler(kept, compile_grammar(kept, compiler.table, compiler.seed, place.path))
    return None


def _by_schema(compiler: "Compiler", kind: str, facts: Facts, place: Place) -> Sampler:
    if kind == "id":  # codes that the schema spells itself
        return compiler.plain("string", facts, place)
    raise SchemaError(
        f"reserved {kind!r}: nothing in that range is valid here; widen the pattern or the lengths, or leave it out",
        pointer=facts.pointer,
        keyword=KEYWORD,
    )


def _where_valid(usual: Sampler, made: GrammarSampler, kind: str, facts: Facts) -> Sampler:
    """The usual text where the schema allows it, else what is `made`."""
    if len(facts.patterns) > 1 or facts.forbidden or facts.enum is not None:
        return made
    high = _LONGEST[kind] if facts.max_length is None else facts.max_length
    sampler = FittingSampler(usual, made, facts.min_length, high, cut=False)
    if not facts.patterns:
        return sampler
    return MatchingSampler(sampler, made, facts.patterns[0]) if _reads_alike(facts.patterns[0]) else made


def _reads_alike(pattern: str) -> bool:
    """Does RE2, which arrow matches with, read `pattern` as Python does?"""
    if READ_DIFFERENTLY.search(pattern):
        return False
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid:
        return False
    return True


def _scenic(compiler: "Compiler", kind: str, place: Place) -> Sampler | None:
    """Text that agrees with the rest of the object; None for ranges to which it is all the same."""
    scenery, role = place.scenery, meaning_of(place.name)[1]
    who = person_role(role)
    match kind:
        case "email":
            return shown_email(role, place, compiler.table, compiler.seed)
        case "first_name":
            return SceneSampler(lambda scope: _first(scenery, scope, who))
        case "last_name":
            return SceneSampler(lambda scope: _last(scenery, scope, who))
        case "full_name":
            return SceneSampler(lambda scope: _full(scenery, scope, who))
        case "street" | "city" | "address":
            return SceneSampler(_place_lanes(compiler, kind, scenery, role))
        case "zip3":
            return ZipSampler(scenery, role)
    return None


def _number(scenery: Scenery, scope: Scope, lane: str) -> I32:
    bits = scope.rows.draw(scenery.lane(lane))
    return (below(bits, len(_NUMBERS)) + scenery.table.add(pool_of(_NUMBERS))).astype(np.int32)


def _first(scenery: Scenery, scope: Scope, who: str) -> list[Lane]:
    return [scenery.first_name(scope, who), _number(scenery, scope, f"first number {who}")]


def _last(scenery: Scenery, scope: Scope, who: str) -> list[Lane]:
    return [scenery.last_name(scope, who), _number(scenery, scope, f"last number {who}")]


def _full(scenery: Scenery, scope: Scope, who: str) -> list[Lane]:
    first, last, joint = _first(scenery, scope, who), _last(scenery, scope, who), FAMILY_NAME_FIRST.get(scenery.locale)
    one, other = (first, last) if joint is None else (last, first)
    return [*one, scenery.text(" " if joint is None else joint), *other]


def _place_lanes(compiler: "Compiler", kind: str, scenery: Scenery, role: str) -> Lanes:
    """Streets and towns that are the same for all that speak of this place in the object."""

    def drawn(part: str, grammar: Grammar) -> Lanes:
        found = compile_grammar(grammar, compiler.table, compiler.seed, f"{scenery.path}@reserved {part} {role}")
        return lambda scope: found.lanes(scope.rows, scope.block)

    line, city = drawn("street", street()), drawn("city", Words(CITIES))
    if kind == "address":
        comma = scenery.text(", ")
        return lambda scope: [*line(scope), comma, *city(scope)]
    return line if kind == "street" else city


@dataclass(slots=True, eq=False)
class ZipSampler:
    """Postcodes of which only the first three characters are told."""

    scenery: Scenery
    role: str

    def draw(self, scope: Scope) -> Text:
        numbers = self.scenery.zip_numbers(scope, self.role)
        if numbers is not None:
            places = numbers // 100 + self.scenery.table.add(pool_of(zip3_pool()))
            return Text([places.astype(np.int32)], len(numbers))
        texts = Text(self.scenery.postcode(scope, self.role), len(scope.rows)).arrow(scope.block)
        head = pc.utf8_slice_codeunits(texts, 0, 3)
        head = pc.if_else(pc.is_in(head, pa.array(sorted(RESTRICTED_ZIPS))), "000", head)
        tail = pc.replace_substring_regex(pc.utf8_slice_codeunits(texts, 3), r"[\pL\pN]", "0")
        return Text.of(Pool.of_array(pc.binary_join_element_wise(head, tail, "")), scope.block)
