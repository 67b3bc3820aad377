"""Names and formats choose values, and the values of one object agree."""

import re
from datetime import UTC, datetime

import pytest
from faker.providers.address.en_US import Provider

from synth_sdk.engine import Engine
from synth_sdk.engine.corpora.banks import US_STATES
from synth_sdk.engine.grammar.shapes import full_match
from synth_sdk.engine.meaning.vocabulary import corpus
from synth_sdk.engine.rows.scene import ascii_word
from synth_sdk.schema import parse_schema

START = datetime(2025, 1, 1, tzinfo=UTC)


def records(fields, count=60, locale="en_US", start=START, **more):
    properties = {name: field if isinstance(field, dict) else {"type": field} for name, field in fields.items()}
    engine = Engine(
        parse_schema({"type": "object", "properties": properties, "required": list(properties), **more}), 11, locale, start
    )
    return engine.batch(range(count)).records()


def test_the_email_is_made_from_the_name_whatever_the_order():
    for record in records({"email": "string", "firstName": "string", "last_name": "string"}):
        first, last = ascii_word(record["firstName"]), ascii_word(record["last_name"])
        local = record["email"].split("@")[0]
        assert first in local or last in local
        assert local[0] == first[0]


def test_a_full_name_counts_too():
    for record in records({"name": "string", "email": {"type": "string", "format": "email"}}):
        assert ascii_word(record["name"].split()[0])[0] == record["email"][0]


def test_a_given_name_wins_over_the_persons_own():
    for record in records({"first_name": {"const": "Zoltan"}, "email": "string"}, 20):
        assert record["email"].startswith("z")


def test_mail_domains_are_reserved_ones():
    assert all(re.search(r"[@.]example\.(com|org|net)$", record["email"]) for record in records({"email": "string"}))


def test_update_follows_creation_and_end_follows_start():
    fields = {"updated_at": {"type": "string", "format": "date-time"}, "created_at": {"type": "string", "format": "date-time"}}
    fields |= {"start_date": {"type": "string", "format": "date"}, "end_date": {"type": "string", "format": "date"}}
    for record in records(fields):
        assert record["created_at"] < record["updated_at"]
        assert record["start_date"] < record["end_date"]


def test_dates_follow_the_given_start_and_never_today():
    field = {"created_at": {"type": "string", "format": "date-time"}}
    early = records(field, start=datetime(1999, 5, 1, tzinfo=UTC))
    assert all(record["created_at"][:4] in ("1997", "1998", "1999") for record in early)
    assert records(field, start=datetime(1999, 5, 1)) == early  # read as UTC


def test_age_agrees_with_the_birth_date():
    for record in records({"birth_date": {"type": "string", "format": "date"}, "age": "integer"}):
        born = datetime.fromisoformat(record["birth_date"])
        assert record["age"] == 2025 - born.year - ((born.month, born.day) > (1, 1))


def test_a_city_comes_with_its_state_and_postcode():
    names = {name: code for code, name in US_STATES.items()}
    for record in records({"city": "string", "state": "string", "zip": "string"}):
        low, high = Provider.states_postcode[names[record["state"]]]
        assert low <= int(record["zip"]) <= high
        assert full_match(corpus("en_US", "city"), record["city"])


def test_a_total_is_price_times_quantity():
    for record in records({"total": "number", "unit_price": "number", "quantity": "integer"}):
        assert record["total"] == round(record["unit_price"] * record["quantity"], 2)


def test_a_bare_name_is_read_by_its_surroundings():
    product = records({"name": "string", "price": "number"}, 20)
    people = records({"name": "string", "email": "string"}, 20)
    firsts = {*corpus("en_US", "first_name_female").texts, *corpus("en_US", "first_name_male").texts}
    assert not any(record["name"].split()[0] in firsts for record in product)
    assert all(record["name"].split()[0] in firsts for record in people)


def test_an_iban_has_correct_check_digits():
    for record in records({"iban": "string"}, 30):
        moved = record["iban"][4:] + "1314" + record["iban"][2:4]
        assert int(moved) % 97 == 1


def test_a_card_number_passes_the_luhn_check():
    for record in records({"card_number": "string"}, 30):
        digits = [int(digit) for digit in reversed(record["card_number"])]
        assert sum(digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits)) % 10 == 0


def test_barcodes_have_a_check_digit():
    for record in records({"barcode": "string", "isbn": "string"}, 30):
        for code in record.values():
            assert len(code) == 13
            assert sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code)) % 10 == 0


def test_realistic_values_give_way_to_constraints():
    for record in records(
        {
            "first_name": {"type": "string", "maxLength": 3},
            "age": {"type": "integer", "minimum": 200},
            "email": {"type": "string", "pattern": "^[a-z]+$"},
        }
    ):
        assert len(record["first_name"]) <= 3
        assert record["age"] >= 200
        assert record["email"].isalpha()


def test_a_pattern_that_the_realistic_value_matches_keeps_it():
    for record in records(
        {"email": {"type": "string", "pattern": "@example"}, "city": {"type": "string", "pattern": "^[A-Z]"}}, 20
    ):
        assert "@example" in record["email"]
        assert full_match(corpus("en_US", "city"), record["city"])


def test_items_of_an_array_are_different_people():
    schema = {
        "type": "array",
        "minItems": 4,
        "items": {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]},
    }
    people = Engine(parse_schema(schema), 3).record(0)
    assert len({person["email"] for person in people}) == len(people)


def test_dates_of_a_field_list_are_written_as_asked_and_within_bounds():
    fields = [{"name": "born", "type": "date", "constraints": {"format": "%d/%m/%Y", "min": "1990-01-01", "max": "1990-12-31"}}]
    engine = Engine(parse_schema({"fields": fields}))
    for index in range(30):
        assert re.fullmatch(r"\d\d/\d\d/1990", engine.record(index)["born"])


@pytest.mark.parametrize("locale", ["de_DE", "ja_JP", "pt_BR", "hi_IN", "fr_FR", "zh_CN", "en-gb"])
def test_other_locales(locale):
    fields = dict.fromkeys(
        (
            "first_name",
            "last_name",
            "email",
            "phone",
            "city",
            "state",
            "postcode",
            "street",
            "country",
            "company",
            "job",
            "address",
        ),
        "string",
    )
    for record in records(fields, 10, locale):
        assert all(record.values())
        assert record["email"].isascii()
