import random

import pytest

from synth_sdk.dialogue.forms import Forms, by_field, by_number, by_template, plain
from synth_sdk.dialogue.languages import language

NOW = "2025-03-05"
RNG = random.Random(0)


def test_a_form_is_chosen_by_its_weight_or_by_name():
    forms = Forms({"a": by_template("<{}>"), "b": plain}, ("a", "b"), (0.0, 1.0))
    assert {forms.text("x", "", NOW, random.Random(seed)) for seed in range(20)} == {"x"}
    assert forms.text("x", "a", NOW, RNG) == "<x>"
    assert not forms.keeps_case


def test_a_field_of_a_mapping_with_its_article():
    english = language("en").article
    assert by_field("name")({"name": "lamp", "short": "l"}, NOW) == "lamp"
    assert by_field("name", english)({"name": "oak table"}, NOW) == "an oak table"
    assert by_field("name", english)("lamp", NOW) == "a lamp"
    assert by_field("name", language("de").article)({"name": "Buch", "gender": "n"}, NOW) == "ein Buch"


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1 night"), ("1", "1 night"), (0, "0 nights"), (2, "2 nights"), (1.5, "1.5 nights")]
)
def test_numbers_take_their_plural(value, text):
    assert by_number({"one": "{} night", "other": "{} nights"}, language("en").plural)(value, NOW) == text
