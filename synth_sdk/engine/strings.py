"""Text that obeys lengths, patterns and formats: realistic if that is allowed, constructed otherwise."""

from collections.abc import Iterator
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine.atoms import matches
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.facts import Facts
from synth_sdk.engine.failure import DeadEnd
from synth_sdk.engine.formats import looks_like_moment, moment_text, of_format
from synth_sdk.engine.naming import meaning_of
from synth_sdk.engine.patterns import Grammar, UnsupportedPatternError, compile_pattern
from synth_sdk.engine.scene import Scene
from synth_sdk.engine.wording import words_to_length, write

_LONGEST = 200_000  # characters; a schema that demands more is not supported
_REALISTIC_TRIES = 4
_PATTERN_TRIES = 25
_ROOM = 40  # characters beyond minLength for plain words


def make_text(facts: Facts, name: str, scene: Scene, dice: Dice, checker: Any) -> str:
    """Text for the property `name`; `checker` is jsonschema's format checker. DeadEnd if none was found."""
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
        if text not in forbidden and _obeys(facts, text, checker):
            return text
    keyword = "pattern" if facts.patterns else "format" if facts.formats else "minLength"
    raise DeadEnd("no text satisfies all of them", pointer=facts.pointer, keyword=keyword)


def _obeys(facts: Facts, text: str, checker: Any) -> bool:
    if len(text) < facts.min_length or (facts.max_length is not None and len(text) > facts.max_length):
        return False
    return all(matches(pattern, text) for pattern in facts.patterns) and all(
        checker.conforms(text, kind) for kind in facts.formats
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
            yield words_to_length(scene, dice, facts.min_length, min(high, facts.min_length + _ROOM))
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
    extras = facts.hints.get("x-synth")
    extras = extras if isinstance(extras, dict) else {}
    if extras.get("strftime"):
        return moment_text(str(extras.get("as", "date")), name, scene, dice, extras)
    for kind in facts.formats:
        text = of_format(kind, name, scene, dice, extras)
        if text is not None:
            return text
    if facts.hints.get("contentEncoding") == "base64":
        return of_format("base64", name, scene, dice, extras)
    kind = looks_like_moment(name)
    if kind:
        return moment_text(kind, name, scene, dice, extras)
    meaning, role = meaning_of(name)
    if not meaning and facts.patterns:
        return None
    return write(meaning, role, scene, dice)


def _grammar(facts: Facts, pattern: str) -> Grammar:
    try:
        return compile_pattern(pattern)
    except UnsupportedPatternError as error:
        raise SchemaError(f"not supported offline: {error}", pointer=facts.pointer, keyword="pattern") from None
