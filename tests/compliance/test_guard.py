"""The guard as the pipeline calls it: on records, on columns, in other processes."""

import json
import pickle

import pytest

from synth_sdk.compliance.guard import Guard
from synth_sdk.core.batches import ColumnBatch, Records
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.findings import Findings
from synth_sdk.core.plugins import load
from synth_sdk.core.spec import make_spec

ALL = ("GDPR", "HIPAA", "PCI-DSS")
PLANTED = "My card is 4539 1488 0343 6467, CVV 123, write to anna.miller@gmail.com"


def guard(frameworks=ALL, masks=None, *, strict=False, schema=None, key=b"k"):
    return Guard.of(frameworks, masks or {}, strict=strict, key=key, schema=schema or {})


def batch_of(kind, count=200, **wish):
    return load("generators", kind)(make_spec(kind=kind, count=count, seed=1, **wish)).batch(range(count))


class Unopened:
    """Columns whose records nobody may ask for."""

    def __init__(self, batch):
        self._batch = batch

    def __len__(self):
        return len(self._batch)

    def lines(self):
        return self._batch.lines()

    def arrow(self):
        return self._batch.arrow()

    def measures(self):
        return self._batch.measures()

    def records(self):
        raise AssertionError("records were made of columns that are clean")


@pytest.mark.parametrize("kind", ["transaction", "log_event", "conversation", "events"])
def test_a_clean_batch_comes_back_as_it_is_and_is_never_opened(kind):
    batch = batch_of(kind)
    if isinstance(batch, ColumnBatch):
        batch = Unopened(batch)
    made, findings = guard().inspect(batch, 0)
    assert made is batch
    assert not len(findings)


def test_hits_are_replaced_and_told():
    records = [{"id": 1, "messages": [{"content": "hello"}]}, {"id": 2, "messages": [{"content": "hi"}, {"content": PLANTED}]}]
    batch = Records(records)
    made, findings = guard().inspect(batch, 40)
    assert made.records()[0] is records[0]
    text = made.records()[1]["messages"][1]["content"]
    assert "4539 1488" not in text
    assert "anna.miller" not in text
    assert text.startswith("My card is 45")
    assert records[1]["messages"][1]["content"] == PLANTED
    told = {(finding.rule, finding.field): finding for finding in findings}
    card = told["pci-dss/3.5.1-pan", "messages[].content"]
    assert (card.severity, card.stage, card.action, card.count, card.example) == (
        "error",
        "output",
        "masked",
        1,
        "45** **** **** 6467",
    )
    assert "record 42" in card.message
    assert "3.5.1" in card.citation
    assert told["pci-dss/3.3.1.2-cvv", "messages[].content"].example == "***"
    assert told["hipaa/safe-harbor-F-email", "messages[].content"].count == 1
    assert told["gdpr/4-1-personal-data", "messages[].content"].count == 2  # the card and the address
    assert not findings.violations
    assert "anna.miller" not in json.dumps([finding.to_dict() for finding in findings])


def test_strict_leaves_and_fails():
    batch = Records([{"text": PLANTED}])
    made, findings = guard(strict=True).inspect(batch, 0)
    assert made is batch
    assert {finding.action for finding in findings} == {"none"}
    assert len(findings.violations) == len(findings)


def test_only_the_frameworks_asked_for_are_searched():
    batch = Records([{"text": "mail anna@gmail.com"}])
    made, findings = guard(["PCI-DSS"]).inspect(batch, 0)
    assert made is batch
    assert not len(findings)
    assert guard([]).inspect(batch, 0)[0] is batch
    assert [finding.framework for finding in guard(["gdpr", "pci_dss"]).inspect(batch, 0)[1]] == ["GDPR"]


def test_hosts_are_told_and_left():
    batch = Records([{"text": "see https://www.acme-corp.io/a"}])
    made, findings = guard(["HIPAA"]).inspect(batch, 0)
    (finding,) = findings
    assert made is batch
    assert (finding.rule, finding.severity, finding.action) == ("hipaa/safe-harbor-N-url", "info", "none")
    assert not findings.violations


def test_what_is_masked_by_request_is_not_searched():
    schema = {"type": "object", "properties": {"phone": {"type": "string"}, "note": {"type": "string"}}}
    records = [{"phone": "+1 212 534 7788", "note": "call +1 212 534 7788"}]
    made, findings = guard(masks={"phone": "keep_last:4"}, schema=schema).inspect(Records(records), 0)
    assert made.records()[0]["phone"] == "+* *** *** 7788"
    assert {finding.field for finding in findings} == {"note"}


def test_columns_are_masked_and_scanned_as_records_are():
    batch = batch_of("user_profile", 100)
    one, told = guard(masks={"email": "tokenize", "address.postcode": "generalize:3"}, schema=_schema("user_profile")).inspect(
        batch, 0
    )
    other, told_too = guard(
        masks={"email": "tokenize", "address.postcode": "generalize:3"}, schema=_schema("user_profile")
    ).inspect(Records(batch.records()), 0)
    assert list(one.records()) == list(other.records())
    assert list(told) == list(told_too)
    assert {finding.field for finding in told} == {
        "phone"
    }  # of all that we make, phone numbers alone look real without --compliance


def test_blocks_and_processes_change_nothing():
    records = [{"text": PLANTED if place % 7 == 0 else "nothing"} for place in range(50)]
    whole, told = guard().inspect(Records(records), 0)
    again = pickle.loads(pickle.dumps(guard()))  # noqa: S301
    parts, findings = [], Findings()
    for start in range(0, 50, 9):
        part, found = again.inspect(Records(records[start : start + 9]), start)
        parts += part.records()
        findings.merge(found)
    assert parts == list(whole.records())
    assert list(findings) == list(told)
    assert again.inspect(whole, 0)[0] is whole  # masking twice is masking once


def test_the_key_decides_and_is_never_shown():
    records = [{"text": PLANTED}]
    one, other = (
        guard(key=b"secret one").inspect(Records(records), 0)[0],
        guard(key=b"secret two").inspect(Records(records), 0)[0],
    )
    assert one.records() != other.records()
    assert "secret" not in repr(guard(key=b"secret one"))


@pytest.mark.parametrize(
    ("frameworks", "masks", "error", "told"),
    [
        (["GDRP"], {}, UnknownName, "did you mean GDPR"),
        ([], {"emial": "hash"}, UnknownName, "did you mean email"),
        ([], {"address.zip": "hash"}, UnknownName, "unknown field 'address.zip'"),
        ([], {"email": "hsh"}, UnknownName, "did you mean hash"),
        ([], {"address": "tokenize"}, RequestError, "is an object: name a field in it"),
        ([], {"age": "hash"}, RequestError, "would break the field's schema"),
        ([], {"birth_date": "pseudonym"}, RequestError, "format 'date'"),
        ([], {"plan": "tokenize"}, RequestError, "enum"),
        ([], {"active": "pseudonym"}, RequestError, "does nothing to true and false"),
        ([], {"age": "keep_last:1"}, RequestError, "does nothing to numbers"),
        ([], {"phone": "keep_last"}, RequestError, "keep_last:4"),
        ([], {"phone": "generalize:0"}, RequestError, "whole number from 1"),
        ([], {"birth_date": "generalize:3"}, RequestError, "year or month"),
        ([], {"phone": "hash:3"}, RequestError, "takes no argument"),
        ([], {"phone": "pseudonym:x"}, RequestError, "valid or failing"),
        ([], {"phone[]": "hash"}, RequestError, "leave out []"),
        ([], {"a[0]": "hash"}, RequestError, "a field is named as in"),
    ],
)
def test_a_wrong_wish_is_refused_before_anything_is_made(frameworks, masks, error, told):
    with pytest.raises(error) as raised:
        guard(frameworks, masks, schema=_schema("user_profile"))
    assert told in str(raised.value)
    assert raised.value.exit_code == 2


def _schema(kind):
    return load("generators", kind)(make_spec(kind=kind, count=1)).record_schema
