"""Compliance of whole runs: what is made, what is told, what is refused."""

import json
import re

import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import RequestError, SynthError

PAYMENT = {
    "type": "object",
    "properties": {
        "card_number": {"type": "string"},
        "cvv": {"type": "string", "pattern": "^[0-9]{3}$"},
        "amount": {"type": "number", "minimum": 1, "maximum": 500},
    },
    "required": ["card_number", "cvv", "amount"],
    "additionalProperties": False,
}
SET = {
    "tables": {
        "people": {"count": 40, "schema": {"type": "object", "properties": {
            "id": {"type": "integer", "x-synth": {"unique": True}}, "email": {"type": "string", "format": "email"}},
            "required": ["id", "email"], "additionalProperties": False}},
        "cards": {"per": {"table": "people", "min": 1, "max": 2}, "schema": {"type": "object", "properties": {
            "person_id": {"type": "integer", "x-synth": {"ref": "people.id"}}, "cvv": {"type": "string"}},
            "required": ["person_id", "cvv"], "additionalProperties": False}},
    }
}  # fmt: skip


@pytest.fixture
def synth(home):
    return Synth(env={"SYNTH_HOME": str(home)})


def run(synth, kind="custom", **wish):
    wish = {"count": 300, "compliance": ["GDPR", "HIPAA", "PCI-DSS"]} | wish
    return synth.generate(kind, **wish)


def test_a_field_that_must_not_exist_is_in_no_record_and_the_user_is_told(synth):
    result = run(synth, schema=PAYMENT)
    assert all(record.keys() == {"card_number", "amount"} for record in result.records)
    assert any("cvv" in warning for warning in result.report.warnings)
    (cvv,) = [one for one in result.report.compliance["findings"] if one["field"] == "cvv" and one["framework"] == "PCI-DSS"]
    assert (cvv["severity"], cvv["action"]) == ("error", "removed")
    assert "3.3.1.2" in cvv["citation"]
    assert result.report.compliance["status"] == "adjusted"


def test_strict_refuses_it_before_anything_is_made(synth, tmp_path):
    output = tmp_path / "x.jsonl"
    with pytest.raises(RequestError, match=r"cvv.*3\.3\.1\.2.*change the schema"):
        synth.write(str(output), "custom", schema=PAYMENT, compliance="PCI-DSS", strict=True)
    assert not output.exists()


def test_strict_fails_where_a_record_holds_what_looks_real(synth, tmp_path):
    note = {"type": "object", "properties": {"note": {"const": "paid with 4539 1488 0343 6467"}}, "required": ["note"]}
    wish = {"schema": note, "compliance": "PCI-DSS", "count": 3}
    mended = synth.generate("custom", **wish)
    assert all("4539 1488 0343 6467" not in record["note"] for record in mended.records)
    with pytest.raises(SynthError, match=r"compliance: note: .* no file, table or object was written"):
        synth.write(str(tmp_path / "x.jsonl"), "custom", strict=True, report=str(tmp_path / "r.json"), **wish)
    assert json.loads((tmp_path / "r.json").read_text())["compliance"]["status"] == "violated"
    assert not (tmp_path / "x.jsonl").exists()
    with pytest.raises(SynthError, match="compliance: note"):
        list(synth.stream("custom", strict=True, **wish))


def test_values_come_from_ranges_that_belong_to_nobody(synth):
    for record in run(synth, "user_profile").records:
        assert re.search(r"@(.+\.)?example\.(com|org|net)$", record["email"])
        assert "555-01" in record["phone"]
        assert record["birth_date"].endswith("-01-01")


def test_records_differ_with_the_frameworks_and_so_does_the_fingerprint(synth):
    plain, mended = synth.generate("user_profile", count=5), run(synth, "user_profile", count=5)
    assert plain.report.fingerprint != mended.report.fingerprint
    assert plain.report.compliance == {}
    assert run(synth, "user_profile", count=5, compliance="gdpr,hipaa,pci").report.fingerprint == mended.report.fingerprint


def test_the_bytes_and_the_report_dont_depend_on_the_workers(synth, tmp_path, monkeypatch):
    monkeypatch.setattr("synth_sdk.client.run._FEWEST_BATCHES", 0)
    told = []
    for workers in (1, 2):
        wish = {
            "compliance": "GDPR,HIPAA",
            "masks": {"username": "hash"},
            "workers": workers,
            "report": str(tmp_path / f"{workers}.json"),
        }
        synth.write(str(tmp_path / f"{workers}.jsonl"), "user_profile", count=4000, **wish)
        report = json.loads((tmp_path / f"{workers}.json").read_text())
        told.append((report["compliance"], report["data_quality_metrics"], report["records"]))
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert told[0] == told[1]


def test_masks_are_applied_and_their_key_is_told_to_be_no_secret(synth, home):
    result = run(synth, "user_profile", count=50, compliance=None, masks={"email": "tokenize", "address.city": "redact"})
    assert all(record["email"].startswith("tok_") for record in result.records)
    assert any("SYNTH_MASK_KEY" in warning for warning in result.report.warnings)
    assert result.report.compliance["masked"] == {"email": "tokenize", "address.city": "redact"}
    keyed = Synth(env={"SYNTH_HOME": str(home), "SYNTH_MASK_KEY": "a secret of ours"})
    again = run(keyed, "user_profile", count=50, compliance=None, masks={"email": "tokenize"})
    assert [one["email"] for one in again.records] != [one["email"] for one in result.records]
    assert again.report.warnings == []
    assert "a secret of ours" not in json.dumps(again.report.to_dict())


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"compliance": "GDPR,HIPPA"}, "HIPAA"),
        ({"compliance": None, "strict": True}, "--compliance"),
        ({"masks": {"emial": "redact"}}, "email"),
        ({"masks": {"email": "tokenise"}}, "tokenize"),
        ({"masks": {"age": "tokenize"}}, "age"),
    ],
)
def test_what_cant_be_done_is_refused(synth, wish, told):
    with pytest.raises(RequestError, match=told):
        run(synth, "user_profile", **wish)


def test_a_set_is_mended_as_a_whole_and_its_fields_are_called_by_their_table(synth):
    result = synth.generate("json", schema=SET, compliance="PCI-DSS,GDPR", masks={"people.email": "hash"})
    assert all("cvv" not in record for record in result.tables["cards"])
    assert all(re.fullmatch(r"[0-9a-f]{16,}", record["email"]) for record in result.tables["people"])
    fields = {one["field"] for one in result.report.compliance["findings"]}
    assert "cards.cvv" in fields
    assert result.report.compliance["masked"] == {"people.email": "hash"}
    with pytest.raises(RequestError, match=r"people\.FIELD"):
        synth.generate("json", schema=SET, masks={"poeple.email": "hash"})


def test_conversations_are_looked_through(synth):
    told = run(synth, "conversation", count=30).report.compliance
    assert told["status"] in ("clean", "adjusted")
    assert all(one["stage"] == "output" for one in told["findings"])
