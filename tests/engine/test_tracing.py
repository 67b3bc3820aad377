"""Traced methods against real Faker, built the usual way: everything that it says, and as often."""

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from warnings import catch_warnings

import pytest
from faker import Faker
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.engine.corpora.drafts import Draft, Fork, Untraceable
from synth_sdk.engine.corpora.source import LazyGenerator, faker_locale, fallback, method_names
from synth_sdk.engine.corpora.tracing import _Source, trace
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.model import Number, OneOf, Series, Words
from synth_sdk.engine.grammar.shapes import full_match, matcher, sampler, size

CORE = [
    "first_name",
    "first_name_male",
    "first_name_female",
    "last_name",
    "name",
    "phone_number",
    "street_name",
    "street_address",
    "city",
    "administrative_unit",
    "postcode",
    "country",
    "country_code",
    "company",
    "job",
    "color_name",
    "word",
    "user_name",
    "domain_name",
    "license_plate",
    "currency_code",
    "bs",
    "catch_phrase",
]
LOCALES = ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "pt_BR", "it_IT", "pl_PL", "ja_JP", "hi_IN", "ar_EG", "tr_TR"]


@cache
def real(locale):
    """A Faker of its own, not ours."""
    return Faker(locale)


def drawn(locale, method, count, seed=1):
    faker = real(locale)
    faker.seed_instance(seed)
    call = getattr(faker, method)
    return [call() for _ in range(count)]


@pytest.mark.parametrize("locale", LOCALES)
def test_grammars_say_whatever_faker_says(locale):
    missing = []
    for method in CORE:
        if not hasattr(real(locale), method):
            continue
        grammar = trace(locale, method)
        if grammar is None:
            missing.append(method)
        else:
            says = matcher(grammar)
            assert [text for text in drawn(locale, method, 40) if not says(text)] == [], method
    assert set(missing) <= {"license_plate"} if locale == "ja_JP" else missing == []


@pytest.mark.parametrize(
    ("locale", "method"),
    [
        ("en_US", "first_name_female"),
        ("en_US", "last_name"),
        ("de_DE", "first_name"),
        ("pl_PL", "last_name"),
        ("ja_JP", "last_name"),
    ],
)
def test_odds_of_a_list_are_fakers(locale, method):
    """Chi-square over the twenty likeliest words and all others: 20 degrees of freedom, 45.3 is passed once in a thousand."""
    grammar, count = trace(locale, method), 6_000
    assert isinstance(grammar, Words)
    weights = grammar.weights or (1.0,) * len(grammar.texts)
    expected = {text: count * weight / sum(weights) for text, weight in zip(grammar.texts, weights, strict=True)}
    likeliest = sorted(expected, key=expected.__getitem__, reverse=True)[:20]
    seen = Counter(drawn(locale, method, count))
    pairs = [(seen[text], expected[text]) for text in likeliest]
    pairs.append((count - sum(number for number, _ in pairs), count - sum(mean for _, mean in pairs)))
    assert sum((number - mean) ** 2 / max(mean, 1) for number, mean in pairs) < 45.3


@pytest.mark.parametrize(
    ("locale", "method", "feature"),
    [
        ("en_US", "name", lambda text: text.count(" ")),
        ("en_US", "name", lambda text: text.split()[0]),
        ("fr_FR", "city", lambda text: text.count(" ")),
        ("en_GB", "street_address", lambda text: text.count("\n")),
        ("en_US", "phone_number", lambda text: "".join("d" if char.isdigit() else char for char in text)),
        ("de_DE", "company", lambda text: text.split()[-1]),
        ("en_US", "sentence", lambda text: text.count(" ")),
        ("es_ES", "user_name", lambda text: any(char.isdigit() for char in text)),
    ],
)
def test_odds_of_formats_are_fakers(locale, method, feature):
    """Two samples of the same size: the statistic has as many degrees of freedom as there are kinds, less one."""
    count = 3_000
    draw = sampler(trace(locale, method))
    ours = Counter(feature(draw(Dice(seed))) for seed in range(count))
    theirs = Counter(map(feature, drawn(locale, method, count)))
    kinds = [kind for kind, number in (ours + theirs).most_common(20) if number >= 10]
    statistic = sum((ours[kind] - theirs[kind]) ** 2 / (ours[kind] + theirs[kind]) for kind in kinds)
    assert statistic < len(kinds) + 4.5 * (2 * len(kinds)) ** 0.5


def test_weights_are_in_use():
    grammar = trace("en_US", "last_name")
    assert grammar.weights is not None
    assert max(zip(grammar.weights, grammar.texts, strict=True))[1] == "Smith"


def test_padding_by_percent_formats_is_seen():
    assert trace("en_US", "postcode") == Number(501, 99950, 5)
    assert full_match(trace("en_US", "zipcode_plus4"), "00501-0001")
    assert not full_match(trace("en_US", "zipcode_plus4"), "501-1")


def test_tokens_are_independent_and_shared():
    grammar = trace("en_US", "name")
    parts = [part for option in grammar.options for part in option.parts if isinstance(part, Words) and len(part.texts) > 900]
    assert len(parts) > 5
    assert len({id(part) for part in parts}) == 1


def test_a_locale_may_be_spelt_as_in_the_web():
    assert trace("en-us", "job") == trace("en_US", "job")


@pytest.mark.parametrize("method", ["uuid4", "iban", "password", "random_int", "pydict", "date_of_birth", "profile"])
def test_what_is_no_grammar_is_left_to_faker(method):
    assert trace("en_US", method) is None


def test_a_draw_that_shows_twice_is_decided():
    source = _Source((), {})
    letter = source.choice(("a", "b"))
    with pytest.raises(Fork) as fork:
        source.grammar_of(f"{letter}{letter}")
    assert fork.value.cases == [(0,), (1,)]
    assert source.grammar_of(f"{source.choice(('a', 'b'))}{source.choice(('a', 'b'))}") == Series((Words(("a", "b")),) * 2)


@pytest.mark.parametrize(
    ("change", "texts"),
    [
        (str.lower, ("anna lee", "bo")),
        (str.upper, ("ANNA LEE", "BO")),
        (str.title, ("Anna Lee", "Bo")),
        (lambda text: text[0].upper() + text[1:], ("Anna lee", "BO")),
        (lambda text: text, ("anna lee", "bO")),
    ],
)
def test_changes_of_case_reach_the_words(change, texts):
    source = _Source((), {})
    assert source.grammar_of(change("".join([source.choice(("anna lee", "bO")), ""]))) == Series((Words(texts),))


def test_an_operation_that_needs_the_text_asks_for_it():
    source = _Source((), {})
    word = source.choices(("a", "b"), weights=(1, 3))[0]
    assert isinstance(word, Draft)
    for ask in (lambda: word == "a", lambda: len(word), lambda: word[0], lambda: {word: 1}, lambda: "a" in word, word.strip):
        with pytest.raises(Fork) as fork:
            ask()
        assert fork.value.odds == (1, 3)


def test_a_number_is_decided_where_it_counts_unless_there_are_too_many():
    source = _Source((), {})
    with pytest.raises(Fork):
        range(source.randint(1, 3))
    with pytest.raises(Untraceable):
        source.randint(1, 10**9) + 1
    assert source.grammar_of(f"{source.randint(0, 7):03d}{source.randint(0, 7)}") == Series((Number(0, 7, 3), Number(0, 7)))


def test_templates_are_tried_one_by_one_and_plain_options_stay_together():
    source = _Source((), {})
    with pytest.raises(Fork) as fork:
        source.choices(("x", "##", "y", "{{name}}"), weights=(1, 2, 3, 4))
    assert fork.value.cases == [(1,), (3,), (0, 2)]
    assert fork.value.odds == (2, 4, 4)


def test_only_the_providers_needed_are_loaded():
    script = (
        "import sys; from synth_sdk.engine.corpora.tracing import trace; trace('it_IT', 'first_name_female'); import json;"
        "print(json.dumps([name for name in sys.modules if name.endswith('it_IT')]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["faker.providers.person.it_IT"]


@pytest.mark.parametrize("locale", ["en_US", "pt_BR", "zh_CN"])
def test_lazy_generators_draw_what_faker_draws(locale):
    lazy = LazyGenerator(locale)
    for method in ["name", "address", "ipv4", "sentence", "user_name", "iban", "country_code", "bs", "job", "password"]:
        lazy.random.seed(7)
        assert getattr(lazy, method)() == drawn(locale, method, 1, seed=7)[0], method


def test_lazy_generators_know_every_locale_as_faker_does():
    from faker.config import AVAILABLE_LOCALES

    for locale in AVAILABLE_LOCALES:
        lazy = LazyGenerator(faker_locale(locale))
        lazy.random.seed(3)
        with catch_warnings(action="ignore"):
            assert lazy.last_name() == drawn(locale, "last_name", 1, seed=3)[0], locale


def test_method_names_are_fakers():
    ours = method_names("en_US")
    assert {"first_name", "company", "bothify", "administrative_unit"} <= ours
    assert all(callable(getattr(real("en_US"), name)) for name in ours)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**64 - 1), st.sampled_from(["name", "uuid4", "latlng", "pydecimal", "sentences", "random_sample"]))
def test_fallback_depends_on_the_seed_alone(seed, method):
    make, again = fallback("en_US", method, {}), fallback("en_US", method, {})
    first = make(seed)
    again(seed + 1)
    assert again(seed) == first
    assert json.loads(json.dumps(first)) == first


def test_fallback_draws_what_seeded_faker_draws():
    assert fallback("de_DE", "street_address", {})(99) == drawn("de_DE", "street_address", 1, seed=99)[0]
    assert fallback("en_US", "random_int", {"min": 5, "max": 6})(3) in (5, 6)
    assert len({fallback("en_US", "bothify", {"text": "??-####"})(seed) for seed in range(50)}) == 50


@pytest.mark.parametrize(
    ("method", "kwargs", "told"),
    [
        ("seed_instance", {}, "gives no data"),
        ("add_provider", {}, "gives no data"),
        ("binary", {"length": 3}, "bytes"),
        ("time_series", {}, "generator"),
        ("date_of_birth", {}, "today's date"),
        ("date_time_this_year", {}, "format 'date-time'"),
        ("credit_card_expire", {}, "today's date"),
        ("profile", {}, "today's date"),
        ("random_int", {"mni": 3}, "min: int = 0"),
        ("random_int", {"min": 9, "max": 1}, "arguments"),
        ("enum", {}, "enum_cls"),
    ],
)
def test_what_gives_no_reproducible_data_is_refused(method, kwargs, told):
    with pytest.raises(RequestError, match=told):
        fallback("en_US", method, kwargs)


def test_unknown_names_come_with_the_nearest():
    with pytest.raises(UnknownName, match="first_name"):
        trace("en_US", "frist_name")
    with pytest.raises(UnknownName, match="en_US"):
        trace("en_UX", "first_name")
    with pytest.raises(UnknownName):
        fallback("en_US", "_plain", {})
    with pytest.raises(UnknownName, match="administrative_unit"):
        trace("nl_BE", "administrative_unity")


def test_every_locale_has_traced_names():
    """The design asks for 94 of 110; a new version of Faker that breaks the tracer shows here."""
    from faker.config import AVAILABLE_LOCALES

    traced = [locale for locale in AVAILABLE_LOCALES if trace(locale, "last_name") is not None]
    assert len(traced) >= 0.94 * len(AVAILABLE_LOCALES)
    assert all(size(trace(locale, "last_name")) > 1 for locale in traced)


def test_formats_with_weights_stay_options():
    assert isinstance(trace("en_US", "name"), OneOf)
