"""Compiling the types of a pack: vocabularies and how their entries look in speech."""

import re
from typing import Any

from synth_sdk.dialogue.forms import Forms, Show, by_field, by_number, by_template, plain
from synth_sdk.dialogue.languages import Language
from synth_sdk.dialogue.languages.base import PLURALS
from synth_sdk.dialogue.loading.reading import known_keys, mapping, number_at, sequence, text_at, without_places
from synth_sdk.dialogue.loading.source import Map, fail
from synth_sdk.dialogue.loading.values import faker_words
from synth_sdk.dialogue.model import VocabType

_LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def compile_type(name: str, spec: Any, holder: Map, language: Language) -> VocabType:
    if not isinstance(spec, Map):
        raise fail(f"types.{name}: write a mapping", holder, name)
    known_keys(spec, {"list", "from", "locale", "forms", "default", "case"}, f"types.{name}")
    return VocabType(name, _entries(name, spec, language), _forms(name, spec, language))


def _entries(name: str, spec: Map, language: Language) -> tuple[Any, ...]:
    if "list" in spec:
        entries = tuple(without_places(sequence(spec, "list")))
        if not entries:
            raise fail(f"types.{name}: the list is empty", spec, "list")
        return entries
    if "from" not in spec:
        return ()
    locale = str(spec.get("locale", language.faker))
    if not _LOCALE.fullmatch(locale):
        raise fail(f"types.{name}: {locale!r} is not a locale such as {language.faker}", spec, "locale", "faker")
    return faker_words(text_at(spec, "from").removeprefix("faker."), locale, spec)


def _forms(name: str, spec: Map, language: Language) -> Forms | None:
    """None for a type that only has a vocabulary."""
    keeps = spec.get("case", "") == "keep"
    if not keeps and "case" in spec:
        raise fail(f"types.{name}: case {spec['case']!r} is not keep", spec, "case")
    forms = mapping(spec, "forms")
    if not forms:
        return Forms({"plain": plain}, ("plain",), (1.0,), keeps_case=True) if keeps else None
    shows = {form: _show(forms, form, language) for form in forms}
    odds = _odds(name, spec, next(iter(shows)))
    for form in odds:
        if form not in shows:
            raise fail(f"types.{name}: default names {form!r}, which is not one of its forms", spec, "default")
    return Forms(shows, tuple(odds), tuple(odds.values()), keeps)


def _odds(name: str, spec: Map, first: str) -> dict[str, float]:
    """The forms that a slot may take by itself, with their weights; the first one when nothing is said."""
    default = spec.get("default", [])
    if isinstance(default, Map):
        odds = {form: number_at(default, form, 1) for form in default}
        if odds and not sum(odds.values()):
            raise fail(f"types.{name}: all weights of default are 0", spec, "default", "weights")
    elif isinstance(default, list) and all(isinstance(form, str) for form in default):
        odds = dict.fromkeys(default, 1.0)
    else:
        raise fail(f"types.{name}: default: write a list of forms or a mapping of weights", spec, "default")
    return odds or {first: 1.0}


def _show(forms: Map, form: str, language: Language) -> Show:
    spec = forms[form]
    if isinstance(spec, str):
        return by_template(spec)
    if isinstance(spec, Map) and set(spec) <= {"key", "article"} and isinstance(spec.get("key"), str):
        return by_field(spec["key"], language.article if spec.get("article") else None)
    if isinstance(spec, Map) and set(spec) == set(PLURALS) and all(isinstance(text, str) for text in spec.values()):
        return by_number(dict(spec), language.plural)
    raise fail(f"form {form}: write a template with {{}}, {{key: field}} or {{one: template, other: template}}", forms, form)
