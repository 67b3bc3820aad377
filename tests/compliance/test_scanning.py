"""Detectors against a labelled corpus, in texts, in fields and in whole batches."""

import json
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning import DETECTORS, Scanner
from synth_sdk.compliance.scanning.cards import check_digit, is_pan, luhn
from synth_sdk.compliance.scanning.catalogue import OPTIONAL
from synth_sdk.compliance.scanning.contact import is_phone, is_reserved_host
from synth_sdk.compliance.scanning.network import is_public
from synth_sdk.compliance.scanning.prefilter import lines_of
from synth_sdk.compliance.scanning.replacing import replace_hits, shown
from synth_sdk.core.batches import Records
from tests.compliance.scan_corpus import clean, in_fours, luhn_digit, violating

SCANNER = Scanner.of(presidio=False)
VIOLATING, CLEAN = violating(), clean()
KEY = Key(b"test")


def found(text, name=""):
    return [(hit.detector.name, hit.text) for hit in SCANNER.hits(text, name)]


def scanned(records):
    return list(SCANNER.scan(Records(records)))


def test_the_corpus_is_large_and_has_a_violating_and_a_clean_case_for_every_detector():
    assert len(VIOLATING) + len(CLEAN) >= 500
    assert {name for name, *_ in VIOLATING} == {*DETECTORS}
    assert {name for name, _ in CLEAN} - {None} == {*DETECTORS}
    assert {*OPTIONAL} == {"other_id", "person_name"}  # their cases stand in test_scan_optional.py


@pytest.mark.parametrize(("name", "text", "value"), VIOLATING, ids=lambda case: str(case)[:40])
def test_a_real_looking_value_is_found(name, text, value):
    assert any(which == name and (hit == value or name == "url") for which, hit in found(text))


@pytest.mark.parametrize(("kind", "text"), CLEAN, ids=lambda case: str(case)[:40])
def test_a_look_alike_is_not(kind, text):
    assert found(text) == []


def test_what_is_found_in_a_text_is_found_in_a_batch_too():
    """The shapes for RE2 say yes to whatever the patterns find: at the start of a line, within JSON, behind line ends and quotes."""
    texts = [text for _, text, _ in VIOLATING]
    for wrap in (
        str,
        lambda text: f"Hi,\n{text}\tbye",
        lambda text: json.dumps({"said": text}, ensure_ascii=False),
        lambda text: f'so "{text}"',
    ):
        records = [{"id": place, "messages": [{"content": wrap(text)}]} for place, text in enumerate(texts)]
        told = {one.leaf.row: [(hit.detector.name, hit.text) for hit in one.hits] for one in scanned(records)}
        for place, text in enumerate(texts):
            assert told.get(place, []) == found(wrap(text), "content"), text


@pytest.mark.parametrize(("name", "text", "value"), VIOLATING, ids=lambda case: str(case)[:40])
def test_the_stand_in_has_the_same_shape_and_is_clean(name, text, value):
    record = {"content": text}
    (one,) = scanned([record])
    if name == "url":
        assert not replace_hits(one, KEY)
        return
    assert replace_hits(one, KEY)
    made = one.record[0]["content"]
    assert value not in made
    assert found(made) == []
    if name not in ("email", "ip", "mac", "birth_date"):
        assert re.sub("[A-Za-z]", "X", re.sub("[0-9]", "0", made)) == re.sub("[A-Za-z]", "X", re.sub("[0-9]", "0", text))
    assert record == {"content": text}  # the record of the batch stays as it was


def test_a_field_s_name_tells_what_a_number_is():
    assert found("536224193", "user ssn") == [("ssn", "536224193")]
    assert found("536224193", "quantity") == []
    assert found("123", "card security code") == [("cvv", "123")]
    assert found("1984-03-12", "birth date") == []  # a field for dates of birth is the schema's business
    (one,) = scanned([{"customer": {"socialSecurityNumber": 536224193}}])
    assert (one.leaf.path, one.hits[0].detector.name) == ("customer.socialSecurityNumber", "ssn")


def test_numbers_are_scanned_and_stay_numbers():
    (one,) = scanned([{"card_number": 4539148803436467}])
    assert replace_hits(one, KEY)
    made = one.record[0]["card_number"]
    assert isinstance(made, int)
    assert len(str(made)) == 16
    assert not luhn(str(made))


def test_the_json_in_a_text_stays_json():
    arguments = json.dumps({"email": "anna.miller@gmail.com", "card": "4539 1488 0343 6467", "cvv": "123"})
    (one,) = scanned([{"tool_calls": [{"function": {"arguments": arguments}}]}])
    assert one.leaf.path == "tool_calls[].function.arguments"
    replace_hits(one, KEY)
    made = json.loads(one.record[0]["tool_calls"][0]["function"]["arguments"])
    assert made["cvv"] == "000"
    assert made["email"].endswith("@example.com")


def test_the_same_value_gets_the_same_stand_in_in_any_record():
    records = [{"a": "write to anna@gmail.com"}, {"b": {"c": "ANNA@gmail.com or anna@web.de"}}]
    made = []
    for one in scanned(records):
        replace_hits(one, KEY)
        made += re.findall(r"[\w.-]+@[\w.-]+", json.dumps(one.record[0]))
    assert made[0] == made[1] != made[2]
    other = scanned(records)[0]
    replace_hits(other, Key(b"another"))
    assert other.record[0]["a"].split()[-1] != made[0]


def test_two_values_in_one_text_and_none_twice():
    text = "card 4539148803436467, again 4539148803436467, mail a.b@web.de, IBAN DE75512108001245126199"
    assert [name for name, _ in found(text)] == ["pan", "pan", "email", "iban"]


def test_examples_show_little():
    assert shown("4539 1488 0343 6467") == "45** **** **** 6467"
    assert shown("536-22-4193") == "5**-**-**93"
    assert shown("123") == "***"


@given(st.text(max_size=200))
def test_any_text_can_be_scanned_and_masked_twice_like_once(text):
    once = [{"content": text}]
    for one in scanned(once):
        if replace_hits(one, KEY):
            once = one.record
    assert [hit for one in scanned(once) for hit in one.hits if hit.detector.stand_in is not None] == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_can_be_scanned(value):
    scanned([value])


@given(st.text("0123456789", min_size=12, max_size=18))
def test_luhn_s_check_digit_is_the_only_one_that_passes(payload):
    assert check_digit(payload) == luhn_digit(payload)
    assert [digit for digit in "0123456789" if luhn(payload + digit)] == [check_digit(payload)]


def test_brands_and_lengths():
    assert is_pan("4539148803436467")
    assert not is_pan("4111111111111111")  # for tests
    assert not is_pan("9" + "4539148803436467"[1:])
    assert found(in_fours("4539148803436467", "--")) == []


def test_hosts_addresses_and_phones_that_are_nobody_s():
    assert all(map(is_reserved_host, ("example.com", "a.b.example.org", "x.test", "localhost", "printer.local", "logo.png")))
    assert not any(map(is_reserved_host, ("gmail.com", "myexample.com", "example.com.evil.io", "example.de")))
    assert not is_public("nonsense")
    assert is_public("2a00:1450:4001:81b::200e")
    assert not is_public("3fff::1")
    assert not is_phone("+44 7700 900123", False)
    assert is_phone("+442071838750", False)


def test_lines_are_views():
    data = b'{"a":1}\n{"b":2}\n'
    assert lines_of(data).to_pylist() == ['{"a":1}\n', '{"b":2}\n']
    assert len(lines_of(b"")) == 0


def test_a_scanner_pickles_as_names_and_looks_for_what_it_is_told():
    again = pickle.loads(pickle.dumps(Scanner.of(["pan", "email"])))  # noqa: S301
    assert [detector.name for detector in again.detectors] == ["pan", "email"]
    assert [hit.detector.name for hit in again.hits("4539148803436467 a@web.de 54.23.11.9")] == ["pan", "email"]
