"""The fast ways against the plain one: what is done to columns and lines must give what is done record by record, in every format."""

import json
import random
from functools import cache

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from synth_sdk.compliance.guard import Guard
from synth_sdk.compliance.masking.coarser import Generalize, KeepLast, Redact
from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.masking.methods import Mask
from synth_sdk.compliance.masking.paths import Target
from synth_sdk.compliance.masking.pseudonyms import Pseudonym
from synth_sdk.compliance.masking.tokens import Hash, Tokenize
from synth_sdk.compliance.mending import Mended, masked
from synth_sdk.compliance.scanning import Scanner
from synth_sdk.compliance.scanning.contact import _WITH_00, _WITH_NOUGHT, is_phone
from synth_sdk.compliance.scanning.north_america import is_given_out, national_digits
from synth_sdk.core.batches import ColumnBatch, MappableBatch, Records
from synth_sdk.core.errors import WriteError
from synth_sdk.core.plugins import load
from synth_sdk.core.spec import make_spec
from synth_sdk.engine.columns import NotColumnarError
from synth_sdk.pipeline.inspection import Inspected, Inspection, measure
from synth_sdk.sinks import Shape
from synth_sdk.sinks.csv import CsvFormat
from synth_sdk.sinks.encoding import to_lines
from synth_sdk.sinks.jsonl import JsonlFormat
from synth_sdk.sinks.parquet import ParquetFormat
from synth_sdk.sinks.sql import SqlFormat
from tests.engine.columns.support import compiled, of
from tests.sinks.support import document

KEY = Key(b"a key of the tests")
FORMATS = (JsonlFormat(), CsvFormat(), ParquetFormat(), SqlFormat())
ALL = ("GDPR", "HIPAA", "PCI-DSS")
SAID = (  # what is found, what looks like it, and what has nothing to do with either
    *("my card is 4539 1488 0343 6467, CVV 123", "write to anna.miller@gmail.com", "+1 212 534 7788", "call (212) 534-7788 now"),
    *("see https://www.acme-corp.io/a", '{"cvv": "123", "ssn": "536-22-4193"}', "zürich\u2028 \"quoted\" +1-212-534-7788\n", "born on 12 March 1984"),
    *("card 4111 1111 1111 1111", "order 4539148803436467", "anna@example.com", "nothing", "", "ünïcode 名前", "123", "536224193"),
)  # fmt: skip
TEXT = {"enum": list(SAID)}
ROW = of(
    note=TEXT,
    phone={"anyOf": [{"enum": [*SAID[2:4], "+1-202-555-0142"]}, {"type": "null"}]},
    ssn={"type": "integer", "minimum": 536_224_190, "maximum": 536_224_199},
    count={"type": "integer", "minimum": 0, "maximum": 5},
    price={"type": "number", "minimum": 0, "maximum": 90},
    mixed={"enum": [SAID[0], 4539148803436467, [SAID[1], 7], {"cvv": "123"}, True]},
    tags={"type": "array", "items": TEXT, "maxItems": 3},
    **{'odd "größe".name': {"type": "object", "properties": {"mail": TEXT, "born": TEXT, "cvv": {"enum": ["123", "9876"]}}}},
    people={"type": "array", "maxItems": 2, "items": of(name=TEXT, phones={"type": "array", "items": TEXT, "maxItems": 2})},
)
PATHS = (
    *(("note",), ("phone",), ("ssn",), ("count",), ("price",), ("mixed",), ("mixed", "cvv"), ("mixed", "[]"), ("tags",), ("tags", "[]")),
    *(('odd "größe".name',), ('odd "größe".name', "mail"), ("people", "[]", "name"), ("people", "[]", "phones", "[]"), ("people", "[]"), ("absent",), ("note", "[]")),
)  # fmt: skip
METHODS = (
    *(Hash(), Tokenize(), Pseudonym(), KeepLast(2), Generalize(None), Generalize("number", 7), Generalize("number", 10, 3)),
    *(Redact(None), Redact("[redacted]"), Redact(0), Redact(2.5), Redact(False), Redact([]), Redact({})),
)


def mask_at(steps, method):
    return Mask(Target(".".join(steps), steps, ()), method)


def outcome(made, batch, schema):
    """The bytes of a whole document, or why there is none."""
    try:
        return document(made, [batch], Shape(schema=schema))
    except WriteError as error:
        return str(error)


def assert_same(one, other, schema):
    """Both batches are alike to whatever is delivered to."""
    assert list(one.records()) == list(other.records())
    assert [json.dumps(record) for record in one.records()] == [json.dumps(record) for record in other.records()]
    for made in FORMATS:
        wanted = outcome(made, other, schema)
        if isinstance(wanted, bytes):  # otherwise the mask breaks the schema: it would have been refused
            assert outcome(made, one, schema) == wanted, made.name


def assert_measured_alike(one, other, generator):
    tell = [measure(generator, batch) for batch in (one, other)]
    assert tell[0].quality(valid=1) == tell[1].quality(valid=1)


class Features:
    """Measures records by what they hold, as `custom` does."""

    def features(self, record):
        return {
            name: f"{type(one).__name__} of {len(one)}" if isinstance(one, dict | list) else one for name, one in record.items()
        }


@cache
def rows_of(seed, count=30):
    """A batch of `ROW`."""
    return compiled(ROW, seed=seed).batch(range(count))


def guarded(frameworks=ALL, **settings):
    return Guard.of(frameworks, {}, strict=settings.get("strict", False), key=b"k", schema={})


@given(steps=st.sampled_from(PATHS), method=st.sampled_from(METHODS), seed=st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_masking_columns_is_masking_their_records(steps, method, seed):
    batch = rows_of(seed)
    assert isinstance(batch, MappableBatch)
    fast = masked(batch, [mask_at(steps, method)], KEY)
    plain = masked(Records(batch.records()), [mask_at(steps, method)], KEY)
    assert_same(fast, plain, ROW)
    assert_measured_alike(fast, plain, Features())
    assert_same(batch, Records(rows_of(seed).records()), ROW)  # the batch itself stays as it was


@given(chosen=st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(METHODS)), min_size=2, max_size=4))
@settings(max_examples=12, deadline=None)
def test_several_masks_one_after_the_other(chosen):
    masks = [mask_at(*one) for one in chosen]
    batch = rows_of(7)
    assert_same(masked(batch, masks, KEY), masked(Records(batch.records()), masks, KEY), ROW)


@given(
    seed=st.integers(0, 9),
    count=st.sampled_from([1, 2, 30]),
    strict=st.booleans(),
    frameworks=st.sampled_from([ALL, ("GDPR",), ("PCI-DSS",)]),
)
@settings(max_examples=20, deadline=None)
def test_scanning_columns_is_scanning_their_records(seed, count, strict, frameworks):
    batch = rows_of(seed, count)
    guard = guarded(frameworks, strict=strict)
    (fast, told), (plain, said) = guard.inspect(batch, 70), guard.inspect(Records(batch.records()), 70)
    assert list(told) == list(said)
    assert_same(fast, plain, ROW)
    assert (fast is batch) == (plain.records() == batch.records())
    assert_measured_alike(fast, plain, Features())
    again, _ = guard.inspect(fast, 70)
    assert list(again.records()) == list(fast.records())


def test_a_few_suspects_among_many_and_many_give_the_same():
    """Few suspicious records are read from their lines, many from the columns."""
    batch = compiled(of(id={"type": "integer"}, text={"enum": ["nothing", "little"]})).batch(range(400))
    guard = guarded()
    for step in (1, 3, 50, 399):
        dirty = batch.mapped(("text",), lambda value, steps: f"{value}: +1 212 534 7788", range(0, 400, step))
        (fast, told), (plain, said) = guard.inspect(dirty, 0), guard.inspect(Records(dirty.records()), 0)
        assert list(told) == list(said)
        assert_same(fast, plain, of(id={"type": "integer"}, text={"type": "string"}))
        assert sum(finding.count for finding in told) == 2 * len(range(0, 400, step))


def test_lists_in_objects_that_are_absent():
    """In columns the items of such lists may still be there; they are nobody's."""
    schema = of(
        x={
            "type": "object",
            "properties": {"note": TEXT, "inner": {"type": "object", "properties": {"said": {"type": "array", "items": TEXT}}}},
        }
    )
    for seed in range(4):
        batch = compiled(schema, seed=seed).batch(range(60))
        (fast, told), (plain, said) = guarded().inspect(batch, 0), guarded().inspect(Records(batch.records()), 0)
        assert list(told) == list(said)
        assert_same(fast, plain, schema)


@pytest.mark.parametrize(
    "root",
    [
        TEXT,
        {"type": "array", "items": TEXT, "minItems": 1},
        {"type": "integer", "minimum": 4539148803436467, "maximum": 4539148803436467},
    ],
)
def test_records_that_are_no_objects(root):
    batch = compiled(root).batch(range(40))
    guard = guarded()
    (fast, told), (plain, said) = guard.inspect(batch, 0), guard.inspect(Records(batch.records()), 0)
    assert list(told) == list(said)
    assert len(told)
    assert_same(fast, plain, {})


_LEAVES = st.sampled_from(
    [
        TEXT,
        {"type": "string"},
        {"type": "string", "format": "phone"},
        {"type": "integer"},
        {"type": "boolean"},
        {"type": ["string", "null"]},
    ]
)
_SCHEMAS = st.recursive(
    _LEAVES,
    lambda inner: st.builds(lambda items: {"type": "array", "items": items, "maxItems": 3}, inner)
    | st.builds(
        lambda properties, required: {"type": "object", "properties": properties, "required": [name for name in properties if name in required]},
        st.dictionaries(st.sampled_from(["phone", "ssn", "userSSN", "größe", "a.b", "cvv", "note"]), inner, min_size=1),
        st.sets(st.sampled_from(["phone", "ssn", "cvv", "note"])),
    ),
    max_leaves=6,
)  # fmt: skip


@given(inner=_SCHEMAS, seed=st.integers(0, 999), method=st.sampled_from(METHODS))
@settings(max_examples=25, deadline=None)
def test_any_schema(inner, seed, method):
    schema = of(x=inner)
    try:
        batch = compiled(schema, seed=seed).batch(range(25))
    except NotColumnarError:
        assume(False)
    guard = guarded()
    (fast, told), (plain, said) = guard.inspect(batch, 0), guard.inspect(Records(batch.records()), 0)
    assert list(told) == list(said)
    assert_same(fast, plain, schema)
    mask = mask_at(_first_path(inner, ("x",)), method)
    assert_same(masked(fast, [mask], KEY), masked(plain, [mask], KEY), schema)


def _first_path(schema, steps):
    if schema.get("type") == "array":
        return _first_path(schema["items"], (*steps, "[]"))
    if schema.get("type") == "object":
        name, inner = next(iter(schema["properties"].items()))
        return _first_path(inner, (*steps, name))
    return steps


@pytest.mark.parametrize("kind", ["user_profile", "transaction", "log_event", "events", "timeseries"])
def test_every_kind_that_is_made_in_columns(kind):
    generator = load("generators", kind)(make_spec(kind=kind, count=300, seed=1))
    batch = generator.batch(range(300))
    text = next(member.name for member in batch.arrow().schema if str(member.type) == "string")
    dirty = batch.mapped((text,), lambda value, steps: f"{value} +1 212 534 7788", range(0, 300, 7))
    guard = guarded()
    for one in (batch, dirty):
        (fast, told), (plain, said) = guard.inspect(one, 0), guard.inspect(Records(one.records()), 0)
        assert list(told) == list(said)
        assert_same(fast, plain, generator.record_schema)
        assert isinstance(fast, ColumnBatch)
        assert_measured_alike(fast, plain, generator)
        mask = mask_at((text,), Tokenize())
        assert_same(masked(one, [mask], KEY), masked(Records(one.records()), [mask], KEY), generator.record_schema)


def test_what_is_masked_in_columns_is_never_made_into_records(monkeypatch):
    generator = load("generators", "user_profile")(make_spec(kind="user_profile", count=300, seed=1))
    batch = generator.batch(range(300))
    guard = Guard.of(
        ALL, {"email": "tokenize", "address.postcode": "generalize:3"}, strict=False, key=b"k", schema=generator.record_schema
    )
    monkeypatch.setattr(type(batch), "records", lambda self: pytest.fail("records were made of columns"))
    made, told = guard.inspect(batch, 0)
    assert len(made.lines().splitlines()) == made.measures().records == len(made.arrow()) == 300
    assert {finding.field for finding in told} == {"phone"}


class Talks:
    """Conversations, some of which say what they shouldn't."""

    profiled_by_features = True

    def __init__(self):
        self._inner = load("generators", "conversation")(make_spec(kind="conversation", count=120, seed=1))
        self.record_schema, self.features = self._inner.record_schema, self._inner.features

    def batch(self, rows):
        return _Talk(self._inner.batch(rows), rows)


class _Talk:
    def __init__(self, batch, rows):
        lines = batch.lines().splitlines(keepends=True)
        for place, row in enumerate(rows):
            if row % 11 == 3:
                lines[place] = lines[place].replace(b'"content":"', b'"content":"+1 212 534 7788 ', 1)
        self._batch, self._lines = batch, b"".join(lines)

    def __len__(self):
        return len(self._batch)

    def lines(self):
        return self._lines

    def records(self):
        return [json.loads(line) for line in self._lines.splitlines()]

    def arrow(self):
        return self._batch.arrow()

    def measures(self):
        return self._batch.measures()

    def remeasured(self, digests):
        return self._batch.remeasured(digests)


def test_conversations_are_mended_line_by_line():
    generator = Talks()
    batch = generator.batch(range(120))
    guard = guarded()
    (fast, told), (plain, said) = guard.inspect(batch, 5), guard.inspect(Records(batch.records()), 5)
    assert isinstance(fast, Mended)
    assert list(told) == list(said)
    assert b"534 7788" not in fast.lines()
    assert fast.lines() == to_lines(plain, 0)
    for made in (JsonlFormat(), ParquetFormat()):
        assert outcome(made, fast, generator.record_schema) == outcome(made, plain, generator.record_schema)
    assert_measured_alike(fast, plain, generator)
    again, _ = guard.inspect(fast, 5)
    assert again is fast


def test_the_digest_of_the_rows_does_not_depend_on_where_they_are_cut():
    generator, look = Talks(), Inspection(guard=guarded())
    whole, parts = Inspected(), Inspected()
    look(generator, generator.batch(range(120)), 0, whole)
    for rows in (range(17), range(17, 80), range(80, 120)):
        look(generator, generator.batch(rows), rows.start, parts)
    assert parts.measures.row_digest == whole.measures.row_digest
    assert parts.measures.quality(valid=120) == whole.measures.quality(valid=120)
    assert list(parts.findings) == list(whole.findings)


def test_other_features_are_counted_one_by_one():
    """Where what was replaced is among the features, the columns can't tell."""
    generator, guard = Talks(), guarded()
    generator.features = lambda record: {"first": record["messages"][0]["content"]}
    batch = generator.batch(range(40))
    (fast, _), (plain, _) = guard.inspect(batch, 0), guard.inspect(Records(batch.records()), 0)
    assert_measured_alike(fast, plain, generator)


def test_what_is_masked_of_conversations_is_masked_record_by_record():
    batch = Talks().batch(range(20))
    mask = mask_at(("messages", "[]", "content"), KeepLast(3))
    made = masked(batch, [mask], KEY)
    assert isinstance(made, Records)
    assert made.records() == [mask.apply(record, KEY) for record in batch.records()]


def test_numbers_of_north_america_are_judged_as_phonenumbers_judges_them():
    rng = random.Random(3)
    numbers = [f"{area}{rng.randrange(10**7):07}" for area in range(200, 1000) for _ in range(2)]
    numbers += [f"8{rng.randrange(10**9):09}" for _ in range(300)] + [f"5{rng.randrange(10**9):09}" for _ in range(300)]
    told = [phonenumbers.is_valid_number(phonenumbers.parse(f"+1{number}")) for number in numbers]
    assert [is_given_out(number) for number in numbers] == told
    assert 0.2 < sum(told) / len(told) < 0.8


@pytest.mark.parametrize(
    "written", ["+1 {} {}-{}", "+1-{}-{}-{}", "({}) {}-{}", "{}.{}.{}", "001-{}-{}-{}", "{}{}{}", "+1{}{}{}", "({}){}-{}"]
)
def test_however_they_are_written(written):
    rng = random.Random(written)
    for _ in range(25):
        text = written.format(rng.choice([212, 415, 876, 429, 373]), rng.randrange(200, 1000), f"{rng.randrange(10_000):04}")
        assert national_digits(text)
        if "555" not in text and "00" not in text[5:]:
            assert is_phone(text, True) == _by_phonenumbers(text), text


def _by_phonenumbers(text):
    regions = (None,) if text.startswith("+") else _WITH_NOUGHT if text.startswith("0") else ("US",)
    if regions == ("US",) and text.strip("(")[3:].strip(".)- ")[0] in "01":
        return is_phone(text, True)
    for region in regions:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False


def test_two_noughts_go_before_a_country_code_in_all_but_those_tried():
    prefixes = {region: phonenumbers.PhoneMetadata.metadata_for_region(region).international_prefix for region in _WITH_NOUGHT}
    assert {region for region, prefix in prefixes.items() if prefix.split("|")[0] != "00"} == {*_WITH_00} - {"GB"}


def test_scanners_that_read_names_read_records():
    batch = rows_of(1)
    scanner = Scanner.of(["phone"], presidio=False)
    assert {one.leaf.row for one in scanner.scan(batch)} == {one.leaf.row for one in scanner.scan(Records(batch.records()))}
