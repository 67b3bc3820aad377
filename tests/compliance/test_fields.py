"""What fields are told to hold: the labelled list, and what makes names mean something else."""

import pytest

from synth_sdk.compliance.frameworks import Around, data_category, prohibited
from tests.compliance.labelled import abroad, labelled

S = {"type": "string"}


def test_the_list_is_long_enough_to_say_something():
    clean = [one for one in labelled() if one.category is None]
    assert len(labelled()) >= 700
    assert len(clean) >= 250


@pytest.mark.parametrize("category", sorted({one.category for one in labelled() if one.category}))
def test_recall_by_sort_of_data(category):
    missed = [one for one in labelled() if one.category == category and data_category(one.name, one.node, one.around) != category]
    assert missed == []


@pytest.mark.parametrize("category", sorted({one.category for one in abroad() if one.category}))
def test_recall_in_other_languages(category):
    missed = [
        one.name for one in abroad() if one.category == category and data_category(one.name, one.node, one.around) != category
    ]
    assert missed == []


def test_look_alikes_in_other_languages_are_left_alone():
    clean = [one for one in abroad() if one.category is None]
    assert len(clean) > 150
    assert [(one.name, said) for one in clean if (said := data_category(one.name, one.node, one.around))] == []


def test_look_alikes_are_left_alone():
    clean = [one for one in labelled() if one.category is None]
    flagged = [(one.name, said) for one in clean if (said := data_category(one.name, one.node, one.around))]
    assert flagged == []


@pytest.mark.parametrize(
    "name", ["card_number", "cardNumber", "CARD-NUMBER", "Card Number", "cardnumber", "card_no", "cardNumber2"]
)
def test_spelling_does_not_matter(name):
    assert data_category(name, S) == "pan"


def test_a_bare_name_is_a_persons_among_persons():
    assert data_category("name", S, Around("user", frozenset())) == "name"
    assert data_category("name", S, Around("product", frozenset({"price"}))) is None
    assert data_category("name", S, Around("", frozenset({"diagnosis", "id"}))) == "name"


def test_what_must_not_be_stored():
    assert prohibited("cvv", S)
    assert prohibited("track2", S)
    assert prohibited("pin_block", S)
    assert not prohibited("pan", S)


@pytest.mark.parametrize(
    "node", [True, {}, {"type": 3}, {"type": "string", "pattern": "("}, {"enum": []}, {"x-synth": 3}, {"title": 4}, {"anyOf": 3}]
)
def test_odd_schemas_are_no_trouble(node):
    assert data_category("email", node) in ("email", None)
    assert data_category("thing", node) is None
    assert data_category("", node) is None


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("fuehrerscheinnummer", "license"),
        ("telefonnr", "phone"),
        ("kontoNr", "account"),
        ("codigoSeguridadTarjeta", "cvv"),
        ("nombreDelPaciente", "name"),
    ],
)
def test_umlauts_written_out_numbers_at_the_end_and_heads_in_front(name, category):
    assert data_category(name, S, Around("", frozenset({"diagnosis"}))) == category
