"""Text that obeys lengths, patterns and formats: realistic if that is allowed, constructed otherwise."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.facts import Facts
from synth_sdk.engine.constraints.failure import DeadEnd
from synth_sdk.engine.constraints.textrules import TextRules
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.patterns import Grammar, UnsupportedPatternError, compile_pattern
from synth_sdk.engine.grammar.shapes import sampler
from synth_sdk.engine.meaning.naming import meaning_of
from synth_sdk.engine.meaning.reserved import fitting, reserved_forms
from synth_sdk.engine.meaning.vocabulary import words_to_length
from synth_sdk.engine.rows.formats import MOMENTS, looks_like_moment, meaning_of_format, moment_text, of_format
from synth_sdk.engine.rows.scene import Scene
from synth_sdk.engine.rows.wording import pseudonym, write

_LONGEST = 200_000  # characters; a schema that demands more is not supported
_REALISTIC_TRIES = 4
_PATTERN_TRIES = 25
SURE_FORMATS = frozenset({"date", "date-time", "email", "ipv4", "uuid"})  # whose text needs no judge: all agree on what we write
_ROOM = 40  # characters beyond minLength for plain words


def make_text(facts: Facts, name: str, scene: Scene, dice: Dice, rules: TextRules) -> str:
    """Text for the property `name`; `rules` judge formats and patterns. DeadEnd if none was found."""
    kind = _reserved(facts)
    if kind:
        return _from_reserved(kind, facts, name, scene, dice, rules)
    if not facts.patterns and not facts.forbidden and (not facts.formats or _is_sure(facts)):
        text = _realistic(facts, name, scene, dice) or ""
        if len(text) >= facts.min_length and (facts.max_length is None or len(text) <= facts.max_length):
            return text
    return _sought(facts, name, scene, dice, rules)


def _reserved(facts: Facts) -> str:
    hint = facts.hints.get("x-synth")
    return str(hint.get("reserved") or "") if isinstance(hint, dict) else ""


def _from_reserved(kind: str, facts: Facts, name: str, scene: Scene, dice: Dice, rules: TextRules) -> str:
    """Text that belongs to nobody. DeadEnd if nothing in that range is valid here."""
    forbidden = {value for value in facts.forbidden if isinstance(value, str)}

    def accepts(text: str) -> bool:
        return text not in forbidden and _obeys(facts, text, rules)

    text = pseudonym(kind, name, scene)
    if text is not None and accepts(text):
        return text
    hint = facts.hints["x-synth"]
    luhn = not isinstance(hint, dict) or hint.get("luhn", True) is True
    forms: list[Callable[[Dice], str]] | None = facts.plans.get(("reserved", scene.locale))
    if forms is None:
        kept = (fitting(form, accepts) for form in reserved_forms(kind, scene.locale, luhn=luhn))
        forms = facts.plans["reserved", scene.locale] = [sampler(form) for form in kept if form is not None][:1]
    for turn in range(_PATTERN_TRIES if forms else 0):
        if accepts(text := forms[0](dice.at("@reserved", turn))):
            return text
    if kind == "id":  # codes that the schema spells itself
        return _sought(facts, name, scene, dice, rules)
    raise DeadEnd(f"nothing in the reserved range {kind!r} is valid here", pointer=facts.pointer, keyword="x-synth")


def _is_sure(facts: Facts) -> bool:
    return len(facts.formats) == 1 and facts.formats[0] in SURE_FORMATS


def _sought(facts: Facts, name: str, scene: Scene, dice: Dice, rules: TextRules) -> str:
    if facts.min_length > _LONGEST:
        raise SchemaError(
            f"text of {facts.min_length} characters is not supported offline", pointer=facts.pointer, keyword="minLength"
        )
    longest = _LONGEST if facts.max_length is None else min(facts.max_length, _LONGEST)
    grammars = [_grammar(facts, pattern) for pattern in facts.patterns]
    if not all(grammar.allows(facts.min_length, longest) for grammar in grammars):
        raise DeadEnd("no text of that length matches the pattern", pointer=facts.pointer, keyword="pattern", certain=True)
    forbidden = {value for value in facts.forbidden if isinstance(value, str)}
    for text in _candidates(facts, grammars, longest, name, scene, dice):
        if text not in forbidden and _obeys(facts, text, rules):
            return text
    keyword = "pattern" if facts.patterns else "format" if facts.formats else "minLength"
    raise DeadEnd("no text satisfies all of them", pointer=facts.pointer, keyword=keyword)


def _obeys(facts: Facts, text: str, rules: TextRules) -> bool:
    if len(text) < facts.min_length or (facts.max_length is not None and len(text) > facts.max_length):
        return False
    return all(rules.fits(text, pattern) for pattern in facts.patterns) and all(
        rules.has_format(text, kind) for kind in facts.formats
    )


def _candidates(facts: Facts, grammars: list[Grammar], high: int, name: str, scene: Scene, dice: Dice) -> Iterator[str]:
    """From the most realistic to the merely correct."""
    for _ in range(_REALISTIC_TRIES):
        text = _realistic(facts, name, scene, dice)
        if text is None:
            break
        yield text
        if not facts.patterns and not facts.formats and len(text) > high and high >= 3:
            yield text[:high].rstrip()
    for turn in range(_PATTERN_TRIES if grammars else 0):
        yield grammars[turn % len(grammars)].sample(dice, facts.min_length, high)
    if not facts.patterns:
        for _ in range(3):
            yield words_to_length(scene.locale, dice, facts.min_length, min(high, facts.min_length + _ROOM))
    for _ in range(_PATTERN_TRIES if facts.formats else 0):
        for kind in facts.formats:
            text = of_format(kind, name, scene, dice, {}) or ""
            yield text
            if len(text) < facts.min_length and kind in ("uri", "iri", "uri-reference", "iri-reference", "uri-template"):
                yield text + "a" * (facts.min_length - len(text))
    yield from (sample for sample in facts.samples if isinstance(sample, str))
    yield from ("", "http://a.example", "a@b.co", "a.co", "/", "#")


def _realistic(facts: Facts, name: str, scene: Scene, dice: Dice) -> str | None:
    """Text by the format, failing that by the name; None when neither says anything and a pattern decides."""
    plan: _Plan | None = facts.plans.get(("text", name))
    if plan is None:
        plan = facts.plans["text", name] = _plan(facts, name)
    if plan.moment:
        return moment_text(plan.moment, name, scene, dice, plan.extras)
    return None if plan.meaning is None else write(*plan.meaning, scene, dice)


class _Plan(NamedTuple):
    """How text is worded: a `moment` in that format, or a `meaning` with its role; neither where a pattern decides."""

    extras: Mapping[str, Json]
    moment: str = ""
    meaning: tuple[str, str] | None = None


def _plan(facts: Facts, name: str) -> _Plan:
    hint = facts.hints.get("x-synth")
    extras: Mapping[str, Json] = hint if isinstance(hint, dict) else {}
    if extras.get("strftime"):
        return _Plan(extras, str(extras.get("as", "date")))
    for kind in (*facts.formats, *(("base64",) if facts.hints.get("contentEncoding") == "base64" else ())):
        if kind in MOMENTS:
            return _Plan(extras, kind)
        if found := meaning_of_format(kind, name):
            return _Plan(extras, "", found)
    meaning = meaning_of(name)
    return _Plan(extras, looks_like_moment(name), None if facts.patterns and not meaning[0] else meaning)


def _grammar(facts: Facts, pattern: str) -> Grammar:
    try:
        return compile_pattern(pattern)
    except UnsupportedPatternError as error:
        raise DeadEnd(str(error), pointer=facts.pointer, keyword="pattern") from None
