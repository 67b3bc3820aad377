"""`x-synth: {"reserved": ...}` in the engine: what agrees with the rest of a record, and what can't be followed. Ranges: tests/compliance/test_reserved.py."""

import pytest

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine import Engine
from synth_sdk.engine.grammar.model import Number, Series, Words
from synth_sdk.engine.meaning.reserved import fitting, reserved_forms
from synth_sdk.schema import parse_schema
from synth_sdk.schema.annotations import RESERVED


def engine(locale="en_US", extra=None, **properties):
    nodes = {
        name: {"type": "string", "x-synth": {"reserved": told}} if isinstance(told, str) else told
        for name, told in properties.items()
    }
    return Engine(parse_schema({"type": "object", "properties": nodes, "required": list(nodes), **(extra or {})}), locale=locale)


@pytest.mark.parametrize("extra", [{}, {"patternProperties": {"^z": {}}}], ids=["columns", "rows"])
def test_names_of_one_record_are_one_persons(extra):
    made = engine(extra=extra, first="first_name", last="last_name", whole="full_name", mail="email")
    assert made.columnar is not bool(extra)
    for record in made.batch(range(30)).records():
        assert record["whole"] == f"{record['first']} {record['last']}"
        assert record["mail"].endswith(("example.com", "example.org", "example.net"))


def test_an_address_repeats_the_street_and_the_city_beside_it():
    for record in engine(street="street", city="city", address="address").batch(range(30)).records():
        assert record["address"] == f"{record['street']}, {record['city']}"


def test_the_family_name_stands_where_the_locale_has_it():
    for record in engine("ja_JP", first="first_name", last="last_name", whole="full_name").batch(range(20)).records():
        assert record["whole"] == f"{record['last']} {record['first']}"


def test_zip_codes_are_those_of_the_state():
    made = engine(zip="zip3", plain={"type": "string", "format": "postcode"})
    for record in made.batch(range(200)).records():
        assert record["zip"][3:] == "00"


@pytest.mark.parametrize("extra", [{}, {"patternProperties": {"^z": {}}}], ids=["columns", "rows"])
def test_a_range_in_which_nothing_is_valid_is_an_error(extra):
    node = {"type": "string", "pattern": "@acme\\.com$", "x-synth": {"reserved": "email"}}
    with pytest.raises(SchemaError, match="reserved"):
        engine(extra=extra, mail=node).batch(range(3)).records()


@pytest.mark.parametrize("extra", [{}, {"patternProperties": {"^z": {}}}], ids=["columns", "rows"])
def test_codes_without_a_registry_may_be_spelt_by_their_pattern(extra):
    node = {"type": "string", "pattern": "^MR[0-9]{6}$", "x-synth": {"reserved": "id"}}
    assert all(record["mrn"].startswith("MR") for record in engine(extra=extra, mrn=node).batch(range(5)).records())


def test_lists_hold_reserved_values_too():
    node = {"type": "array", "minItems": 2, "items": {"type": "string", "x-synth": {"reserved": "ssn"}}}
    assert all(text[0] in "69" for record in engine(numbers=node).batch(range(20)).records() for text in record["numbers"])


def test_every_range_has_forms_in_every_locale():
    for locale in ("en_US", "fr_FR", "zh_CN"):
        assert all(reserved_forms(kind, locale) for kind in RESERVED)
        assert reserved_forms("pan", locale, luhn=False)


def test_as_much_of_a_form_as_is_allowed():
    form = Series((Words(("a", "b")), Number(0, 9)))
    assert fitting(form, lambda text: True) is form
    assert fitting(form, lambda text: text[0] == "b") == Series((Words(("b",)), Number(0, 9)))
    assert fitting(form, lambda text: False) is None
    assert fitting(Words(("x", "yy")), lambda text: len(text) == 2) == Words(("yy",))
    assert fitting(Number(0, 9), str.isdigit) == Number(0, 9)


def test_names_that_have_to_be_short_are_all_short_enough():
    schema = parse_schema(
        {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "x-synth": {"unique": True}},
                "name": {"type": "string", "minLength": 9, "maxLength": 12, "x-synth": {"reserved": "full_name"}},
            },
            "required": ["id", "name"],
        }
    )
    names = [record["name"] for record in Engine(schema).batch(range(300)).records()]
    assert all(9 <= len(name) <= 12 for name in names)
    assert len(set(names)) > 20
