"""Columns of text: by format, by what the name means, by pattern, and otherwise plain words of a fitting length."""

import re
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import numpy as np

from synth_sdk.core.seeds import derive
from synth_sdk.engine.columns import codes
from synth_sdk.engine.columns.derived import FittingSampler, HandleSampler, MatchingSampler
from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.columns.lanes import Rows, label
from synth_sdk.engine.columns.places import Place
from synth_sdk.engine.columns.pools import Block, Table
from synth_sdk.engine.columns.samplers import ChoiceSampler, CodeSampler, GrammarSampler, Sampler, SceneSampler
from synth_sdk.engine.columns.scene import Scenery, Scope
from synth_sdk.engine.columns.texts import compile_grammar
from synth_sdk.engine.columns.times import MomentText, iso_format
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.from_pattern import grammar_of_pattern
from synth_sdk.engine.grammar.model import Grammar, Number, Words
from synth_sdk.engine.grammar.shapes import flatten, longest, shortest
from synth_sdk.engine.meaning.countries import country_code, country_name
from synth_sdk.engine.meaning.naming import PLACES_NEAR, meaning_of, person_role, rank_of, what_is_named
from synth_sdk.engine.meaning.vocabulary import grammar_of, series, words, words_to_length
from synth_sdk.engine.rows.formats import MOMENTS, looks_like_moment, meaning_of_format

_LENGTHS = {  # of text that the scene dictates: the least and the most characters
    "full_name": (3, 60), "first_name": (1, 30), "last_name": (1, 30), "username": (2, 60), "email": (10, 80), "gender": (4, 6),
    "city": (2, 60), "state": (2, 60), "state_code": (1, 60), "postcode": (3, 12), "country": (3, 60), "country_code": (2, 2),
    "street": (4, 90), "address": (10, 200), "uuid": (36, 36), "iban": (15, 28), "card_number": (16, 16), "barcode": (13, 13),
    "isbn": (13, 13),
}  # fmt: skip
READ_DIFFERENTLY = re.compile(r"\\[WDSBpP]|\[\^")  # RE2 counts other characters in than Python's re
_SAMPLE, _ENOUGH = 32, 0.2
_ROOM = 40  # characters beyond minLength for plain words
_PLAIN_TEXTS = 1024
_LONGEST_PLAIN = 400


def text_sampler(facts: Facts, place: Place, table: Table, seed: int) -> Sampler:
    """Text that keeps to `facts`: its format first, then its pattern, then what its name means."""
    if facts.forbidden or len(facts.patterns) > 1 or len(facts.formats) > 1 or (facts.patterns and facts.formats):
        raise NotColumnarError("several demands on one text")
    extras = facts.hints.get("x-synth")
    extras = extras if isinstance(extras, dict) else {}
    if facts.patterns:
        grammar = grammar_of_pattern(facts.patterns[0], facts.min_length, facts.max_length)
        if grammar is None:
            raise NotColumnarError("a pattern that is no simple grammar")
        made = GrammarSampler(grammar, compile_grammar(grammar, table, seed, place.path))
        return _usual_where_it_matches(made, facts, place, table, seed)
    kind = facts.formats[0] if facts.formats else ""
    if extras.get("strftime"):
        return _moment(str(extras["strftime"]), facts, place, seed, extras)
    if not kind and facts.hints.get("contentEncoding") == "base64":
        kind = "base64"
    kind = kind or looks_like_moment(place.name)
    if kind in MOMENTS:
        return _moment(iso_format("date-time" if kind == "datetime" else kind), facts, place, seed, extras)
    meaning, role = meaning_of_format(kind, place.name) or meaning_of(place.name)
    return _by_meaning(meaning, role, facts, place, table, seed, fixed=bool(facts.formats))


def _usual_where_it_matches(made: GrammarSampler, facts: Facts, place: Place, table: Table, seed: int) -> Sampler:
    """What the name means, if enough of that matches the pattern; else what the pattern alone makes."""
    meaning, role = meaning_of(place.name)
    if not meaning or READ_DIFFERENTLY.search(facts.patterns[0]):
        return made
    try:
        usual = _by_meaning(meaning, role, facts, replace(place, path=f"{place.path}@usual"), table, seed, fixed=True)
        sampler = MatchingSampler(usual, made, facts.patterns[0])
        scope = Scope(Rows.of(range(_SAMPLE)), Block(table))
        share = sampler.matches(usual.draw(scope), scope.block).mean() if not isinstance(usual, HandleSampler) else 0
    except NotColumnarError:
        return made
    return sampler if share >= _ENOUGH else made


def _moment(written: str, facts: Facts, place: Place, seed: int, extras: dict[str, object]) -> Sampler:
    width = len(datetime(2025, 12, 28, 12, 59, 59).strftime(written))
    if facts.min_length > width or (facts.max_length is not None and facts.max_length < width + 4):
        raise NotColumnarError("lengths of a date")
    meaning, role = meaning_of(place.name)
    rank = 0 if meaning == "birth" else rank_of(place.name)
    limits = [_seconds(extras.get(key)) for key in ("earliest", "latest")]
    sampler = MomentText(place.scenery, written, rank, role, label(seed, place.path, "moment"), *limits)
    _ = sampler.days  # NotColumnarError now rather than at the first row
    return sampler


def _seconds(text: object) -> int | None:
    if not isinstance(text, str):
        return None
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(
        (found if found.tzinfo else found.replace(tzinfo=datetime.fromisoformat("2000-01-01T00:00:00+00:00").tzinfo)).timestamp()
    )


def _by_meaning(meaning: str, role: str, facts: Facts, place: Place, table: Table, seed: int, *, fixed: bool) -> Sampler:
    if meaning == "name":
        meaning = what_is_named(role, place.owner, place.siblings)
    usual, least, most = _usual(meaning, role, facts, place, table, seed)
    low, high = facts.min_length, most if facts.max_length is None else facts.max_length
    if least >= low and most <= high:
        return usual
    made = _short_address(meaning, low, high) if fixed else _plain(place.scenery.locale, facts)
    instead = GrammarSampler(made, compile_grammar(made, table, seed, f"{place.path}@instead"))
    return FittingSampler(usual, instead, low, high, cut=not fixed) if least <= high and most >= low else instead


def _usual(meaning: str, role: str, facts: Facts, place: Place, table: Table, seed: int) -> tuple[Sampler, int, int]:
    """What `meaning` usually looks like, and the least and the most characters of it."""
    scenic = _of_shown_names(meaning, role, place, table, seed) or _scenic(meaning, role, place)
    if scenic is not None:
        return scenic, *_LENGTHS[meaning]
    if meaning in _CODES:
        return _CODES[meaning](place, seed), *_LENGTHS[meaning]
    grammar, least, most = _fitting(_written(meaning), place.scenery.locale, facts)
    return GrammarSampler(grammar, compile_grammar(grammar, table, seed, place.path)), least, most


def _short_address(meaning: str, low: int, high: int) -> Grammar:
    """Where a usual e-mail address is too long. NotColumnarError for other formats, and for lengths that no address has."""
    address = series(tuple("abcdefghjkmnprstw"), Number(10, 9999), ("@example.com", "@example.org", "@example.net"))
    if meaning != "email" or longest(address) > high or shortest(address) < low:
        raise NotColumnarError("a format of a certain length")
    return address


def _written(meaning: str) -> str:
    """The meaning by whose grammar a text is written."""
    return {"country": "any_country", "country_code": "any_country_code", "id": "token"}.get(meaning, meaning)


@lru_cache(maxsize=512)
def _grammar(meaning: str, locale: str) -> tuple[Grammar, int, int]:
    """A grammar with the lengths of its shortest and longest text."""
    found = grammar_of(meaning, locale) or words(locale)
    return found, shortest(found), longest(found)


def _fitting(meaning: str, locale: str, facts: Facts) -> tuple[Grammar, int, int]:
    """The grammar of `meaning`, or as much of it as keeps the lengths where that can be listed; with its own lengths."""
    grammar, least, most = _grammar(meaning, locale)
    high = facts.max_length if facts.max_length is not None else most
    if least >= facts.min_length and most <= high:
        return grammar, least, most
    flat = flatten(grammar, 4096)
    if isinstance(flat, Words):
        kept = [place for place, text in enumerate(flat.texts) if facts.min_length <= len(text) <= high]
        if kept:
            weights = flat.weights and tuple(flat.weights[place] for place in kept)
            return Words(tuple(flat.texts[place] for place in kept), weights), facts.min_length, high
    return grammar, least, most


def _plain(locale: str, facts: Facts) -> Grammar:
    high = facts.min_length + _ROOM if facts.max_length is None else min(facts.max_length, facts.min_length + _ROOM)
    if high > _LONGEST_PLAIN:
        raise NotColumnarError("long text")
    return _plain_words(locale, facts.min_length, high)


@lru_cache(maxsize=256)
def _plain_words(locale: str, low: int, high: int) -> Words:
    """Texts of `low` to `high` characters, of plain words."""
    dice = Dice(derive(0, "plain words", locale, low, high))
    return Words(tuple(dict.fromkeys(words_to_length(locale, dice, low, high) for _ in range(_PLAIN_TEXTS))))


def shown_email(role: str, place: Place, table: Table, seed: int) -> Sampler:
    """Addresses made from the person's name, whatever the property is called."""
    found = _of_shown_names("email", role, place, table, seed) or _scenic("email", role, place)
    assert found is not None  # noqa: S101 - every scene has a person
    return found


def _of_shown_names(meaning: str, role: str, place: Place, table: Table, seed: int) -> Sampler | None:
    """An address or user name made from the names beside it, where the schema dictates those."""
    if meaning not in ("email", "username"):
        return None
    names = {meaning_of(name): name for name in place.samplers}
    beside = [names[known, role] for known in ("first_name", "last_name") if (known, role) in names] or [
        names[known, role] for known in ("full_name", "name") if (known, role) in names
    ]
    if not any(isinstance(place.samplers[name], ChoiceSampler) for name in beside):
        return None
    if not all(_says_text(place.samplers[name]) for name in beside):
        return None
    return HandleSampler([(name,) for name in beside], ".", meaning == "email", table, label(seed, place.path, "handle"))


def _says_text(sampler: Sampler) -> bool:
    if isinstance(sampler, ChoiceSampler):
        return all(isinstance(value, str) for value in sampler.bank.values)
    return isinstance(sampler, GrammarSampler | SceneSampler)


def _scenic(meaning: str, role: str, place: Place) -> Sampler | None:
    """Text that agrees with the rest of the object."""
    scenery, who = place.scenery, person_role(role)
    if meaning in ("country", "country_code") and not place.siblings & (
        PLACES_NEAR | ({"country"} if meaning == "country_code" else set())
    ):
        return None
    match meaning:
        case "first_name":
            return SceneSampler(lambda scope: [scenery.first_name(scope, who)])
        case "last_name":
            return SceneSampler(lambda scope: [scenery.last_name(scope, who)])
        case "full_name":
            return SceneSampler(lambda scope: scenery.full_name(scope, who))
        case "username":
            return SceneSampler(lambda scope: scenery.handle(scope, who, joints=("", ".", "_")))
        case "email":
            return SceneSampler(lambda scope: scenery.email(scope, who))
        case "gender":
            return SceneSampler(_gender(scenery, who))
        case "city":
            return SceneSampler(lambda scope: scenery.city(scope, role))
        case "state":
            return SceneSampler(lambda scope: scenery.state_name(scope, role))
        case "state_code":
            return SceneSampler(lambda scope: scenery.state_code(scope, role))
        case "postcode":
            return SceneSampler(lambda scope: scenery.postcode(scope, role))
        case "street":
            return SceneSampler(lambda scope: scenery.street(scope, role))
        case "address":
            return SceneSampler(lambda scope: scenery.address(scope, role))
        case "country":
            return SceneSampler(lambda _: [scenery.text(country_name(country_code(scenery.locale)))])
        case "country_code":
            return SceneSampler(lambda _: [scenery.text(country_code(scenery.locale))])
    return None


def _gender(scenery: Scenery, who: str):  # type: ignore[no-untyped-def]
    def lanes(scope: Scope) -> list[np.ndarray]:
        female, male = scenery.text("female"), scenery.text("male")
        return [np.where(scenery.female(scope, who), female, male).astype(np.int32)]

    return lanes


_CODES = {
    "uuid": lambda place, seed: CodeSampler(
        lambda rows, lane, _: codes.uuids(rows, lane), label(seed, place.path, "uuid"), unique=True
    ),
    "iban": lambda place, seed: CodeSampler(codes.ibans(place.scenery.locale), label(seed, place.path, "iban")),
    "card_number": lambda place, seed: CodeSampler(codes.cards, label(seed, place.path, "card")),
    "barcode": lambda place, seed: CodeSampler(codes.article_numbers("40"), label(seed, place.path, "barcode")),
    "isbn": lambda place, seed: CodeSampler(codes.article_numbers("9783"), label(seed, place.path, "isbn")),
}
