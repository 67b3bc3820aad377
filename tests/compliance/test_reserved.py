"""Reserved ranges: what the engine draws lies in them by their definitions, and what real people have doesn't."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.compliance.reserved import is_reserved
from synth_sdk.engine import Engine
from synth_sdk.schema import parse_schema
from synth_sdk.schema.annotations import RESERVED

LOCALES = ("en_US", "en_GB", "en_CA", "en_AU", "en_IE", "de_DE", "fr_FR", "sv_SE", "ja_JP", "pt_BR", "ar_SA")


def luhn(text):
    digits = [int(digit) for digit in re.sub(r"\D", "", text)][::-1]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def drawn(kind, locale="en_US", rows=200, **annotation):
    node = {"type": "string", "x-synth": {"reserved": kind, **annotation}}
    engine = Engine(parse_schema({"type": "object", "properties": {"a": node}, "required": ["a"]}), locale=locale)
    assert engine.columnar
    return [record["a"] for record in engine.batch(range(rows)).records()]


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_drawn_lies_in_its_range(locale):
    for kind in RESERVED:
        assert [text for text in drawn(kind, locale) if not is_reserved(kind, text)] == [], kind


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "ja_JP"])
def test_rows_made_one_by_one_lie_there_too(locale):
    properties = {kind: {"type": "string", "x-synth": {"reserved": kind}} for kind in RESERVED}
    schema = parse_schema(
        {"type": "object", "properties": properties, "required": list(RESERVED), "patternProperties": {"^z": {}}}
    )
    engine = Engine(schema, locale=locale)
    assert not engine.columnar
    for record in engine.batch(range(20)).records():
        assert [kind for kind in RESERVED if not is_reserved(kind, record[kind])] == []


def test_card_and_device_numbers_pass_their_check_unless_asked_not_to():
    for kind in ("pan", "imei"):
        assert all(map(luhn, drawn(kind)))
        assert not any(map(luhn, drawn(kind, luhn=False)))


def test_ibans_pass_their_check():
    from stdnum import iban

    for locale in LOCALES:
        assert all(iban.is_valid(text, check_country=False) for text in drawn("iban", locale))


@pytest.mark.parametrize(
    "kind", ["pan", "iban", "ssn", "id", "vin", "imei", "email", "username", "phone", "mac", "ipv4", "url", "hostname"]
)
def test_unique_stays_unique_and_reserved(kind):
    texts = drawn(kind, rows=5000, unique=True)
    assert len(set(texts)) == len(texts)
    assert all(is_reserved(kind, text) for text in texts)


def test_the_same_seed_gives_the_same_and_blocks_change_nothing():
    node = {"type": "object", "properties": {kind: {"type": "string", "x-synth": {"reserved": kind}} for kind in RESERVED}}
    first, second = Engine(parse_schema(node), seed=5), Engine(parse_schema(node), seed=5)
    assert first.batch(range(100)).records()[60:] == second.batch(range(60, 100)).records()


# Ordinary values that somebody may well have.
REAL = [
    ("pan", "4539148803436467"), ("pan", "5425233430109903"), ("ssn", "536-22-1234"), ("ssn", "912-70-1234"), ("phone", "(212) 736-5000"),
    ("phone", "+44 20 7219 3000"), ("phone", "07700 123456"), ("phone", "+49 30 227320"), ("email", "jane@gmail.com"), ("email", "a@example.com.de"),
    ("ipv4", "8.8.8.8"), ("ipv4", "192.168.1.1"), ("ipv6", "2606:4700::1111"), ("mac", "3c:22:fb:10:20:30"), ("url", "https://www.bbc.co.uk/"),
    ("url", "https://example.com.evil.org/"), ("hostname", "github.com"), ("iban", "DE89370400440532013000"), ("full_name", "Jane Miller"),
    ("last_name", "Miller"), ("zip3", "94105"), ("zip3", "03600"), ("id", "A1234567"), ("vin", "1HGCM82633A004352"), ("imei", "490154203237518"),
    ("street", "12 Baker Street"), ("city", "Boston"), ("username", "jmiller"), ("nonsense", "x"), ("email", 5.0),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), REAL)
def test_ordinary_values_do_not(kind, value):
    assert not is_reserved(kind, value)


# (a range, what the schema demands besides)
SHAPED = [
    ("phone", {"pattern": r"^\d{3}-\d{3}-\d{4}$"}), ("phone", {"pattern": r"^\+[1-9]\d{7,14}$"}), ("phone", {"pattern": r"^07\d{9}$"}),
    ("phone", {"pattern": r"^\d{10}$"}), ("phone", {"maxLength": 12}), ("pan", {"pattern": "^3[47][0-9]{13}$"}), ("pan", {"pattern": r"^\d{4} \d{4} \d{4} \d{4}$"}),
    ("pan", {"minLength": 16, "maxLength": 16}), ("ssn", {"pattern": "^[0-9]{9}$"}), ("ssn", {"pattern": r"^(?!000|666|9)\d{3}-\d{2}-\d{4}$"}),
    ("email", {"format": "email", "maxLength": 20}), ("email", {"pattern": "^[a-z]+@[a-z]+\\.com$"}), ("mac", {"pattern": "^[0-9A-F]{2}(-[0-9A-F]{2}){5}$"}),
    ("last_name", {"pattern": "^[A-Z][a-z]+$"}), ("full_name", {"pattern": "^[A-Za-z]+ [A-Za-z]+$"}), ("zip3", {"pattern": r"^\d{5}-\d{4}$"}),
    ("zip3", {"pattern": r"^\d{5}$"}), ("id", {"pattern": "^[0-9]{8}$"}), ("ipv4", {"format": "ipv4"}), ("url", {"format": "uri", "maxLength": 30}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "demands"), SHAPED)
@pytest.mark.parametrize("locale", ["en_US", "de_DE"])
def test_a_schemas_demands_are_kept_within_the_range(kind, demands, locale):
    node = {"type": "string", **demands, "x-synth": {"reserved": kind}}
    for extra in ({}, {"patternProperties": {"^z": {}}}):  # in columns, and a row at a time
        schema = parse_schema({"type": "object", "properties": {"a": node}, "required": ["a"], **extra})
        for record in Engine(schema, locale=locale).batch(range(60)).records():
            schema.validate(record)
            assert is_reserved(kind, record["a"])


@given(st.sampled_from(RESERVED), st.one_of(st.text(max_size=30), st.integers(), st.none(), st.booleans()))
@settings(max_examples=300, deadline=None)
def test_any_value_can_be_asked_about(kind, value):
    assert is_reserved(kind, value) in (True, False)
