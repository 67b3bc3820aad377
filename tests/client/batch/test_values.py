"""`values_from`: values of another job's records."""

import csv
import json
from collections import Counter
from itertools import pairwise

import pytest

from synth_sdk import Synth
from synth_sdk.client.batch.jobs import Column
from synth_sdk.client.batch.values import read_rows, with_values
from synth_sdk.core.errors import RequestError

CHILD = {
    "type": "object",
    "properties": {
        "who": {"type": "integer"},
        "mail": {"type": "string"},
        "at": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
    "required": ["who", "mail", "at"],
}
PARENTS = [{"id": number, "email": f"p{number}@example.org", "home": {"city": f"C{number % 3}"}} for number in range(40)]
COLUMNS = (Column("who", "p", "id"), Column("at.city", "q", "home.city"), Column("mail", "p", "email"))


def made(document, count=300):
    return Synth().generate("json", count=count, schema=document, seed=5).records


@pytest.fixture
def parents(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in PARENTS))
    return str(path)


def test_values_of_one_job_belong_to_one_record(parents):
    records = made(with_values(CHILD, COLUMNS, {"p": parents, "q": parents}))
    mails = {row["id"]: row["email"] for row in PARENTS}
    assert all(record["mail"] == mails[record["who"]] for record in records)
    assert {record["who"] for record in records} == set(mails)
    assert {record["at"]["city"] for record in records} == {"C0", "C1", "C2"}


def test_values_come_as_often_as_they_do_there(tmp_path):
    (tmp_path / "p.jsonl").write_text('{"id": 1}\n' * 9 + '{"id": 2}\n')
    records = made(with_values(CHILD, COLUMNS[:1], {"p": str(tmp_path / "p.jsonl")}), 2000)
    assert Counter(record["who"] for record in records)[1] == pytest.approx(1800, abs=90)


def test_the_text_of_a_csv_file_becomes_what_the_property_wants(tmp_path):
    with (tmp_path / "p.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["id", "email"], [7, "a@example.org"], ["", "none@example.org"], [9, ""]])
    records = made(with_values(CHILD, [COLUMNS[0], COLUMNS[2]], {"p": str(tmp_path / "p.csv")}), 20)
    assert {(record["who"], record["mail"]) for record in records} == {(7, "a@example.org")}


def test_rows_come_evenly_from_a_long_file(tmp_path):
    (tmp_path / "p.jsonl").write_text("".join(f'{{"id": {number}}}\n' for number in range(45_000)))
    kept = [row[0] for row in read_rows(tmp_path / "p.jsonl", ["id"])]
    assert 10_000 <= len(kept) <= 20_000
    assert {after - before for before, after in pairwise(kept)} == {kept[1] - kept[0]}
    assert kept[-1] > 44_990


def test_a_file_without_a_usable_value_is_an_error(tmp_path):
    (tmp_path / "p.jsonl").write_text('{"id": null}\n{"id": [1]}\n{"other": true}\n')
    with pytest.raises(RequestError, match=r"the records of 'p' have no text or number in id"):
        with_values(CHILD, COLUMNS[:1], {"p": str(tmp_path / "p.jsonl")})


def test_the_document_handed_in_is_left_as_it_is(parents):
    before = json.dumps(CHILD)
    with_values(CHILD, COLUMNS, {"p": parents, "q": parents})
    assert json.dumps(CHILD) == before
