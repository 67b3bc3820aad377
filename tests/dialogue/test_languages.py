import pickle
import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import PackError, RequestError
from synth_sdk.dialogue import builtin_packs, check, lint, load_pack, play
from synth_sdk.dialogue.languages import KNOWN, code_of, language
from synth_sdk.dialogue.loading.loader import pack_digest

RNG = random.Random(0)


def shown(tag, kind, form, value, now="2025-03-05"):
    return language(tag).forms[kind].text(value, form, now, RNG)


@pytest.mark.parametrize(
    ("tag", "forms"),
    [
        (
            "en",
            {"long": "March 9", "short": "Mar 9", "ord": "March 9th", "day": "the 9th", "weekday": "Sunday", "iso": "2025-03-09"},
        ),
        (
            "es",
            {"long": "9 de marzo", "short": "9/3", "ord": "9 de marzo", "day": "el 9", "weekday": "domingo", "iso": "2025-03-09"},
        ),
        ("de", {"long": "9. März", "short": "9.3.", "ord": "9. März", "day": "9.", "weekday": "Sonntag", "iso": "2025-03-09"}),
        ("fi", {"iso": "2025-03-09"}),
    ],
)
def test_dates(tag, forms):
    assert {form: shown(tag, "date", form, "2025-03-09") for form in language(tag).forms["date"].shows} == forms


def test_far_dates_keep_their_month():
    far = {tag: {shown(tag, "date", form, "2025-03-09", "2025-05-05") for form in ("day", "weekday")} for tag in KNOWN}
    assert far == {"en": {"March 9"}, "es": {"el 9 de marzo", "9 de marzo"}, "de": {"9. März"}}
    assert shown("es", "date", "ord", "2025-03-01") == "primero de marzo"


def test_default_forms_all_occur():
    texts = {language("en").forms["date"].text("2025-03-09", "", "2025-03-05", random.Random(seed)) for seed in range(40)}
    assert texts == {"March 9", "Mar 9", "March 9th"}


@pytest.mark.parametrize(
    ("tag", "value", "plain", "short"),
    [
        ("en", "14:30", "2:30 pm", "2:30"),
        ("en", "12:00", "12:00 pm", "12 pm"),
        ("en", "00:05", "12:05 am", "12:05"),
        ("en", "2025-03-09T09:00", "9:00 am", "9 am"),
        ("es", "14:30", "14:30", "2:30"),
        ("es", "14:00", "14:00", "14 h"),
        ("de", "14:30", "14:30 Uhr", "14:30"),
        ("de", "08:00", "8:00 Uhr", "8 Uhr"),
    ],
)
def test_times(tag, value, plain, short):
    assert (shown(tag, "time", "plain", value), shown(tag, "time", "short", value)) == (plain, short)
    assert shown(tag, "time", "iso", value) == value[-5:]
    assert language(tag).forms["time"].text(value, "", "2025-01-01", RNG) == plain


@pytest.mark.parametrize(
    ("tag", "whole", "cents"),
    [("en", "$1,045", "$1,045.50"), ("es", "1.045 €", "1.045,50 €"), ("de", "1.045 €", "1.045,50 €"), ("fi", "1045", "1045.50")],
)
def test_money(tag, whole, cents):
    assert shown(tag, "money", "plain", "1045.5") == shown(tag, "money", "short", 1045.5) == cents
    assert shown(tag, "money", "short", 1045.0) == whole


def test_small_words():
    assert [language("en").ordinal(day) for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th",
    ]  # fmt: skip
    assert (language("es").ordinal(3), language("de").ordinal(3)) == ("3.º", "3.")
    articles = [("en", "oak table", "an oak table"), ("en", "lamp", "a lamp"), ("es", "mesa de roble", "una mesa de roble"), ("es", "libro", "un libro"),
                ("es", "agua fría", "un agua fría"), ("es", "habitación", "una habitación"), ("de", "Lieferung", "eine Lieferung"), ("de", "Tisch", "ein Tisch")]  # fmt: skip
    assert [language(tag).article(noun, "") for tag, noun, _ in articles] == [told for _, _, told in articles]
    assert (language("es").article("mano", "f"), language("de").article("Auge", "n")) == ("una mano", "ein Auge")
    assert [language("en").plural(value) for value in (1, "1", 0, 2, 1.5)] == ["one", "one", "other", "other", "other"]
    assert "I" in language("en").capitals
    assert "Sie" in language("de").capitals


@pytest.mark.parametrize("tag", [*KNOWN, "fi"])
def test_a_language_is_complete(tag):
    known = language(tag)
    assert (len(known.months), len(known.weekdays)) == (12, 7)
    assert set(known.forms) == {"date", "time", "money"}
    assert language(f"{tag}_XX") == language(tag) if tag in KNOWN else known.code == tag
    assert code_of(f"{tag}-XX") == tag


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*KNOWN, "fi"]), st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-40, 40))
def test_forms_are_functions_of_value_and_day_alone(tag, day, offset):
    now = (day + timedelta(days=offset)).isoformat()
    for show in language(tag).forms["date"].shows.values():
        assert show(day.isoformat(), now) == show(day.isoformat(), now) != ""


# A pack in several languages


@pytest.fixture
def bilingual(write_pack, spanish_text):
    path = write_pack("greetings:", "languages: {es: es.yaml}\ngreetings:")
    (path.parent / "es.yaml").write_text(spanish_text)
    return path


def test_a_language_is_laid_over_the_pack(bilingual, start):
    english, spanish = load_pack(bilingual), load_pack(bilingual, "es_ES")
    assert english.languages == spanish.languages == ("en", "es")
    assert (english.lang, spanish.lang) == ("en", "es")
    assert spanish.flow.keys() == english.flow.keys()
    assert [goal.wants for goal in spanish.goals] == ["renovar un libro"]
    assert [frame.text for frame in spanish.acts["bye"].frames] == ["¡Que lo disfrutes!", "Feliz lectura."]
    records = [check(play(spanish, 1, index, start)) for index in range(30)]
    assert {record["meta"]["lang"] for record in records} == {"es"}
    assert any(" de enero" in str(record["messages"]) or " de febrero" in str(record["messages"]) for record in records)


def test_both_languages_are_linted(bilingual):
    findings = lint(load_pack(bilingual))
    assert [finding.level for finding in findings] == ["info", "info"]
    assert findings[1].message.startswith("in es: about")
    (bilingual.parent / "es.yaml").write_text(
        (bilingual.parent / "es.yaml").read_text().replace("{book} es tuyo", "{bok} es tuyo")
    )
    broken = [finding for finding in lint(load_pack(bilingual)) if finding.level == "error"]
    assert [(f.rule, f.file, f.line) for f in broken] == [("unknown slot", str(bilingual.parent / "es.yaml"), 8)]


def test_a_translated_pack_travels_between_processes(bilingual, start):
    spanish = load_pack(bilingual, "es")
    again = pickle.loads(pickle.dumps(spanish))  # noqa: S301 - our own bytes
    assert (again.lang, again.digest) == ("es", spanish.digest)
    assert play(again, 1, 2, start) == play(spanish, 1, 2, start)


def test_the_digest_covers_the_language_file(bilingual):
    english, spanish = load_pack(bilingual), load_pack(bilingual, "es")
    assert pack_digest(bilingual) == english.digest != spanish.digest == pack_digest(bilingual, "es_MX")
    path = bilingual.parent / "es.yaml"
    path.write_text(path.read_text().replace("Feliz", "Grata"))
    assert load_pack(bilingual).digest == english.digest
    assert load_pack(bilingual, "es").digest != spanish.digest


def test_a_language_that_is_not_spoken_names_those_that_are(bilingual):
    with pytest.raises(RequestError, match=r"speaks en, es, not 'fr_FR': choose one of those with --locale"):
        load_pack(bilingual, "fr_FR")
    with pytest.raises(RequestError, match=f"packs that speak 'en': {', '.join(builtin_packs()[:1])}"):
        load_pack(spanish_only(bilingual), "en")


def spanish_only(path):
    other = path.parent / "solo.yaml"
    other.write_text(path.read_text().replace("lang: en", "lang: es").replace("languages: {es: es.yaml}\n", ""))
    return other


def test_a_language_may_include_files_beside_its_own(bilingual, spanish_text):
    folder = bilingual.parent / "es"
    folder.mkdir()
    (folder / "more.yaml").write_text("say:\n  bye: [Hasta pronto.]\n")
    (folder / "pack.yaml").write_text("include: [more.yaml]\n" + spanish_text)
    bilingual.write_text(bilingual.read_text().replace("es.yaml", "es/pack.yaml"))
    assert [frame.text for frame in load_pack(bilingual, "es").acts["bye"].frames][-1] == "Hasta pronto."


def test_field_values_are_replaced_and_other_mappings_merge(bilingual):
    bilingual.write_text(bilingual.read_text().replace("renewed: false", "renewed: false\n      hue: {pick: {red: 1, blue: 2}}"))
    path = bilingual.parent / "es.yaml"
    path.write_text(path.read_text() + "world: {loan: {fields: {hue: {pick: {rojo: 1}}}}}\n")
    (entity,) = load_pack(bilingual, "es").world
    assert list(entity.fields) == ["id", "book", "renewed", "hue", "due"]
    assert entity.fields["hue"].make({}, random.Random(0)) == "rojo"


@pytest.mark.parametrize(
    ("old", "new", "rule", "told"),
    [
        ("greetings:", "lang: es\ngreetings:", "languages", "'lang' may stand in pack.yaml only"),
        ("  renew: {wants", "  renw: {wants", "languages", "goals.renw is not in the pack: did you mean renew"),
        ("say:", "flow: {more: {next: end}}\nsay:", "languages", "flow.more is not in the pack"),
        ("  thanks: [¡Muchas gracias!, \"Perfecto, gracias.\"]\n", "", "frames", "acts.thanks has no frames"),
        ("{due|long}", "{due|largo}", "unknown form", "its forms are long"),
        ("say:", "sya:", "languages", "the language 'es' has no say"),
        ("greetings:", "hello: 1\ngreetings:", "unknown key", "hello"),
    ],
)  # fmt: skip
def test_flaws_of_a_language_file_are_named(bilingual, old, new, rule, told):
    path = bilingual.parent / "es.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(PackError, match=told) as error:
        load_pack(bilingual, "es")
    assert error.value.rule == rule
    assert error.value.line
    load_pack(bilingual)  # the pack's own language is not touched by it


@pytest.mark.parametrize(
    ("languages", "told"),
    [
        ("{en: es.yaml}", "the pack's own language"),
        ("{Spanish: es.yaml}", "not a language code"),
        ("[es]", "write a mapping"),
        ("{es: ../es.yaml}", "beneath the pack's folder"),
        ("{es: none.yaml}", "there is no file 'none.yaml'"),
        ("{es: [a]}", "write some text"),
    ],
)
def test_flaws_of_the_key_are_named(bilingual, languages, told):
    bilingual.write_text(bilingual.read_text().replace("{es: es.yaml}", languages))
    with pytest.raises(PackError, match=told):
        load_pack(bilingual, "es")
