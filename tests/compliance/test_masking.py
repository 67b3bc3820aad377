"""Laws of the methods: what keeps shape, what is a bijection, what done twice is done once; and FF1 against NIST's samples."""

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.compliance.masking.coarser import Generalize, KeepLast, Redact
from synth_sdk.compliance.masking.ff1 import aes, encrypt, permuted
from synth_sdk.compliance.masking.keys import DERIVED, Key, mask_key
from synth_sdk.compliance.masking.methods import METHODS, fit_mask
from synth_sdk.compliance.masking.paths import change, find
from synth_sdk.compliance.masking.pseudonyms import Pseudonym
from synth_sdk.compliance.masking.tokens import Hash, Tokenize, is_token
from synth_sdk.compliance.scanning.cards import luhn
from synth_sdk.core.errors import RequestError, SynthError, UnknownName
from synth_sdk.schema import Schema

KEY = Key(b"a key of the tests")
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
K128 = "2B7E151628AED2A6ABF7158809CF4F3C"
K192 = K128 + "EF4359D8D580AA4F"
K256 = K192 + "7F036D6F04FC6A94"
TEXTS = st.text(max_size=40) | st.from_regex(r"[A-Z]{2}-[0-9]{4,9}", fullmatch=True)
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS


# Samples 1 to 9 of NIST's "Block Cipher Modes of Operation, FF1 Method for Format-Preserving Encryption"
@pytest.mark.parametrize(
    ("key", "radix", "tweak", "plain", "cipher"),
    [
        (K128, 10, "", "0123456789", "2433477484"),
        (K128, 10, "39383736353433323130", "0123456789", "6124200773"),
        (K128, 36, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
        (K192, 10, "", "0123456789", "2830668132"),
        (K192, 10, "39383736353433323130", "0123456789", "2496655549"),
        (K192, 36, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
        (K256, 10, "", "0123456789", "6657667009"),
        (K256, 10, "39383736353433323130", "0123456789", "1001623463"),
        (K256, 36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
    ],
)
def test_ff1_gives_what_nist_publishes(key, radix, tweak, plain, cipher):
    made = encrypt(aes(bytes.fromhex(key)), [ALPHABET.index(one) for one in plain], radix, bytes.fromhex(tweak))
    assert "".join(ALPHABET[numeral] for numeral in made) == cipher


@pytest.mark.parametrize(("radix", "size"), [(10, 1), (10, 2), (10, 3), (26, 1), (26, 2), (16, 2), (2, 5), (2, 9)])
def test_every_sequence_has_an_image_of_its_own(radix, size):
    images = {
        tuple(permuted([place // radix**power % radix for power in range(size)], radix, KEY)) for place in range(radix**size)
    }
    assert len(images) == radix**size


@given(TEXTS)
def test_a_pseudonym_keeps_the_shape(text):
    made = Pseudonym()(text, KEY)
    assert len(made) == len(text)
    for one, other in zip(text, made, strict=True):
        if one in "0123456789":
            assert other in "0123456789"
        elif one.isascii() and one.isalpha():
            assert other.isascii()
            assert other.isalpha()
            assert other.isupper() == one.isupper()
        else:
            assert one == other


@given(st.lists(st.from_regex(r"[A-Z]{2}-[0-9]{3,6}", fullmatch=True), unique=True))
def test_pseudonyms_of_different_values_differ_and_of_the_same_agree(values):
    made = [Pseudonym()(value, KEY) for value in values]
    assert len(set(made)) == len(values)
    assert made == [Pseudonym()(value, KEY) for value in values]


def test_pseudonyms_of_whole_numbers_are_a_permutation_of_those_with_as_many_digits():
    made = {Pseudonym()(number, KEY) for number in range(100, 1000)}
    assert made == set(range(100, 1000))
    assert {Pseudonym()(number, KEY) for number in range(-9, 0)} <= set(range(-9, 1))
    assert Pseudonym()(True, KEY) is True


@pytest.mark.parametrize("text", ["4539 1488 0343 6467", "4539148803436467", "3714-496353-98431"])
def test_a_card_keeps_its_network_and_ends_failing_or_valid_as_asked(text):
    failing, valid = Pseudonym("card")(text, KEY), Pseudonym("card", valid_cards=True)(text, KEY)
    digits = [re.sub(r"\D", "", one) for one in (text, failing, valid)]
    assert [luhn(one) for one in digits] == [True, False, True]
    assert {one[0] for one in digits} == {text[0]}
    assert re.sub(r"\d", "0", failing) == re.sub(r"\d", "0", text)


@given(st.sets(st.from_regex(r"4[0-9]{14}", fullmatch=True), min_size=2, max_size=20))
def test_valid_cards_stay_apart(payloads):
    from synth_sdk.compliance.scanning.cards import check_digit

    cards = [payload + check_digit(payload) for payload in payloads]
    assert len({Pseudonym("card")(card, KEY) for card in cards}) == len(cards)
    assert len({Pseudonym("card", True)(card, KEY) for card in cards}) == len(cards)


def test_an_address_keeps_its_domain_and_a_uuid_its_version():
    assert re.fullmatch(r"[a-z]{4}\.[a-z]\d\d@example\.com", Pseudonym("email")("anna.m41@example.com", KEY))
    made = Pseudonym("uuid")("ecda4c92-d678-4fd6-ab01-b44f801f48ad", KEY)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", made)


IDEMPOTENT = [
    Redact("[redacted]"),
    Tokenize(),
    KeepLast(4),
    KeepLast(0),
    Generalize("number", 7),
    Generalize("text", 3),
    Generalize("postcode", 3),
]
IDEMPOTENT += [Generalize("year"), Generalize("month"), Generalize(None)]


@pytest.mark.parametrize("method", IDEMPOTENT, ids=repr)
@given(value=VALUES | st.dates().map(str) | st.datetimes().map(lambda moment: moment.isoformat() + "Z"))
def test_masking_twice_is_masking_once(method, value):
    if value is None:
        return
    once = method(value, KEY)
    assert method(once, KEY) == once


@pytest.mark.parametrize("method", [Hash(), Pseudonym()])
def test_two_methods_do_not_promise_that(method):
    assert method(method("12345678", KEY), KEY) != method("12345678", KEY)


@given(st.lists(TEXTS, unique=True))
def test_tokens_are_the_same_for_the_same_and_differ_otherwise(values):
    made = [Tokenize()(value, KEY) for value in values]
    assert len(set(made)) == len(values)
    assert all(re.fullmatch(r"tok_[a-z2-7]{24}", token) and is_token(token, KEY) for token in made)
    assert not any(is_token(token, Key(b"another")) for token in made)


def test_a_collision_of_tokens_is_an_error(monkeypatch):
    monkeypatch.setattr("synth_sdk.compliance.masking.tokens._token", lambda body, key: "tok_" + "a" * 24)
    key = Key(b"colliding")
    Tokenize()("one", key)
    with pytest.raises(SynthError, match="SYNTH_MASK_KEY"):
        Tokenize()("two", key)


def test_numbers_and_texts_that_say_the_same_have_the_same_token():
    assert Tokenize()(42, KEY) == Tokenize()("42", KEY)
    assert Hash()("x", KEY) == KEY.digest("hash", "x").hex() != Hash()("x", Key(b"another"))


@pytest.mark.parametrize(
    ("method", "value", "made"),
    [
        (Generalize("number", 10), 37, 30),
        (Generalize("number", 10), -3, -10),
        (Generalize("number", 500), 1234.56, 1000.0),
        (Generalize("number", 10, least=18), 19, 18),
        (Generalize("year"), "1984-03-12", "1984-01-01"),
        (Generalize("month"), "1984-03-12T10:11:12Z", "1984-03-01T00:00:00Z"),
        (Generalize("year"), "12/03/1984", "1984"),
        (Generalize("postcode", 3), "96865", "96800"),
        (Generalize("postcode", 3), "03601", "00000"),
        (Generalize("postcode", 3), "SW1A 1AA", "SW1X 0XX"),
        (Generalize("text", 2), "Lewisville", "Le"),
        (KeepLast(4), "4539 1488 0343 6467", "**** **** **** 6467"),
        (KeepLast(4), "abc", "abc"),
    ],
)
def test_what_remains(method, value, made):
    assert method(value, KEY) == made


SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "email": {"type": "string", "format": "email"},
        "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        "short": {"type": "string", "maxLength": 10},
        "note": {"type": ["string", "null"]},
        "age": {"type": "integer", "minimum": 18, "maximum": 90},
        "price": {"type": "number"},
        "born": {"type": "string", "format": "date"},
        "zip": {"type": "string"},
        "card_number": {"type": "string"},
        "a.b": {"type": "string"},
        "open": {},
        "owner": {"$ref": "#/$defs/person"},
        "people": {"type": "array", "items": {"$ref": "#/$defs/person"}},
    },
    "required": ["id", "email", "code", "short", "note", "age", "price", "born", "zip", "card_number", "owner", "people"],
    "$defs": {"person": {"type": "object", "properties": {"name": {"type": "string"}, "phones": {"type": "array", "items": {"type": "string"}}}, "additionalProperties": False}},
}  # fmt: skip


def masked(field, method, record):
    return fit_mask(field, method, SCHEMA).apply(record, KEY)


@pytest.mark.parametrize(
    ("field", "method"),
    [("id", "pseudonym"), ("email", "pseudonym"), ("code", "pseudonym"), ("short", "pseudonym"), ("age", "generalize:5"), ("price", "generalize:10"), ("born", "generalize:month"), ("zip", "generalize:3"),
     ("note", "hash"), ("note", "redact"), ("email", "redact"), ("code", "redact"), ("age", "redact"), ("born", "redact"), ("id", "redact"), ("price", "redact"), ("short", "redact"), ("owner.name", "tokenize"),
     ("people[].name", "keep_last:2"), ("people[].phones[]", "pseudonym"), ("people", "redact"), ("short", "keep_last:1")],
)  # fmt: skip
def test_records_obey_their_schema_after_masking_as_before(field, method):
    from synth_sdk.engine import Engine

    schema = Schema(SCHEMA)
    for record in Engine(schema).batch(range(40)).records():
        before = json.dumps(record)
        made = masked(field, method, record)
        schema.validate(made)
        assert json.dumps(record) == before
        assert masked(field, method, {**record, "note": None})["note"] is None


@pytest.mark.parametrize(
    ("field", "method", "told"),
    [
        ("short", "hash", "maxLength"),
        ("born", "pseudonym", "format"),
        ("born", "tokenize", "format"),
        ("id", "keep_last:4", "format"),
        ("age", "pseudonym", "maximum"),
    ],
)
def test_a_method_that_breaks_the_schema_is_refused(field, method, told):
    with pytest.raises(RequestError, match=told):
        fit_mask(field, method, SCHEMA)


def test_paths_into_lists_references_and_names_with_dots():
    record = {
        "people": [{"name": "Anna", "phones": ["12", None]}, {"phones": []}],
        "a.b": "x",
        "owner": None,
        "open": {"k": ["v", 1.5]},
    }
    assert masked("people[].name", "keep_last:1", record)["people"] == [{"name": "***a", "phones": ["12", None]}, {"phones": []}]
    assert masked("people[].phones[]", "keep_last:1", record)["people"][0]["phones"] == ["*2", None]
    assert masked("a.b", "keep_last:0", record)["a.b"] == "*"
    assert masked("owner.name", "hash", record) == record
    assert masked("open", "keep_last:0", record)["open"] == {"k": ["*", 1.5]}
    assert masked("open.anything", "hash", record) == record
    assert change([{"a": 1}], ("[]", "a"), lambda value: value + 1) == [{"a": 2}]
    with pytest.raises(UnknownName, match=r"people\[\].name"):
        find("people[].nmae", SCHEMA)


def test_masks_share_what_they_leave_alone():
    record = {"owner": {"name": "x"}, "people": [1]}
    assert masked("owner.name", "hash", record)["people"] is record["people"]


def test_the_key_comes_from_the_environment_or_the_seed():
    told, warning = mask_key({"SYNTH_MASK_KEY": "s3cret"}, 1)
    assert warning is None
    assert len(told) == 32
    assert told == mask_key({"SYNTH_MASK_KEY": "s3cret"}, 2)[0]
    derived, warning = mask_key({}, 1)
    assert warning == DERIVED
    assert derived != mask_key({}, 2)[0]
    assert derived != told
    assert "s3cret" not in repr(Key(told))


def test_without_cryptography_it_says_what_to_install():
    script = "import sys; sys.modules['cryptography'] = None\nfrom synth_sdk.compliance.masking.methods import fit_mask\nfit_mask('a', 'pseudonym', {})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install 'synth-data-sdk[masking]'" in done.stderr


def test_the_page_tells_of_every_method():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "masking.md").read_text("utf-8")
    assert all(f"`{method}" in page for method in METHODS)
