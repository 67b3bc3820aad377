"""What a line says of the world: what must stay, what must not be added, and which language it is in."""

import pytest

from synth_sdk.dialogue import load_pack
from synth_sdk.dialogue.languages import language
from synth_sdk.dialogue.writing.facts import Told, holds, in_language, vocabulary
from synth_sdk.dialogue.writing.rewriting import rewriting


@pytest.mark.parametrize(
    ("line", "value", "held"),
    [
        ("Your order AB-12 is late", "AB-12", True),
        ("Your order AB-123 is late", "AB-12", False),
        ("Your order ab-12 is late", "AB-12", False),
        ("It costs $26.50 now", "$26", False),
        ("It costs $26. Fine?", "$26", True),
        ("It was 1,045 in all", "45", False),
        ("el 13/4 por la tarde", "el 13", False),
        ("el 13, por la tarde", "el 13", True),
        ("Everything we sell has a warranty.", "everything we sell has a warranty", True),
        ("denver is where it is", "Denver", False),
        ("see `run.py`, line 3", "`run.py`", True),
        ("kettlebells", "kettlebell", False),
    ],
)
def test_a_value_stands_as_a_whole_or_not_at_all(line, value, held):
    assert holds(line, value) is held


def told(*texts, lang="en"):
    known = Told(language(lang))
    for text in texts:
        known.hear(text)
    return known


@pytest.mark.parametrize(
    ("text", "news"),
    [
        ("Yes, the lamp of AB-12, I'm told", None),
        ("Rachel's lamp is at the depot", None),
        ("The lamp is in Denver", "Denver"),
        ("The lamp comes in 3 days", "3"),
        ("The lamp comes in three days", "three"),
        ("It will be there. Tomorrow, I think", None),
        ("I'd say Monday", "Monday"),
        ("Ok, OK", "OK"),
    ],
)
def test_news_are_numbers_counts_and_names_that_nobody_told(text, news):
    assert told("Hi, I'm Rachel, my lamp AB-12 hasn't come").news(text) == news


def test_counting_words_and_names_are_the_languages_own():
    assert told("dos noches", lang="es").news("Son tres noches") == "tres"
    assert told("zwei Nächte", lang="de").news("Es sind zwei Nächte im Haus") is None  # nouns have capitals
    assert told("zwei Nächte", lang="de").news("Es sind drei Nächte") == "drei"


def test_a_copy_hears_for_itself():
    one = told("AB-12")
    other = one.copy()
    other.hear("77")
    assert (one.news("77"), other.news("77")) == ("77", None)


def test_every_line_holds_its_own_values_and_is_in_its_packs_language(start):
    for pack in (load_pack("customer_support"), load_pack("code_assistant"), load_pack("hotel", "es_ES")):
        lines = [line for index in range(25) for line in rewriting(pack, 5, index, start).lines]
        assert sum(bool(line.kept) for line in lines) > len(lines) / 4
        assert all(holds(line.text, value) for line in lines for value in line.kept)
        foreign = [line for line in lines if not in_language(line.text, vocabulary(pack), line.kept)]
        assert len(foreign) <= 0.01 * len(lines), [line.text for line in foreign]


def test_another_language_is_noticed(start):
    english, spanish = load_pack("hotel"), load_pack("hotel", "es_ES")
    for pack, other in ((english, spanish), (spanish, english)):
        long = [
            line.text
            for index in range(25)
            for line in rewriting(pack, 5, index, start).lines
            if len(line.text.split()) > 5 and not line.kept
        ]
        assert len(long) > 20
        assert sum(in_language(text, vocabulary(other)) for text in long) <= 0.02 * len(long)
