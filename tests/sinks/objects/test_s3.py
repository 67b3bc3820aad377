"""Single objects: shown whole or not at all, described, checked, and the same for the same request."""

import base64
import gzip
import hashlib
import json
import zlib
from datetime import timedelta

import pytest

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.sinks import Shape
from synth_sdk.sinks.destinations import Wanted, open_destination
from synth_sdk.sinks.objects import unfinished, upload
from synth_sdk.sinks.objects.s3 import S3
from tests.sinks.objects.conftest import BUCKET

URL = f"s3://{BUCKET}/out/people.jsonl"
KEY = "out/people.jsonl"
MANIFEST = {"fingerprint": "aaaa", "kind": "user_profile", "seed": 7, "rows": 3, "row_digest": "00ff"}
ROWS = [{"n": number, "text": "é" * 10} for number in range(3)]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode()


def written(url=URL, rows=ROWS, fingerprint="aaaa", **wanted):
    with open_destination(url, Wanted(fingerprint=fingerprint, **wanted)) as place:
        with place.open("record", Shape()) as sink:
            for start in range(0, len(rows), 100):
                sink.take(Records(rows[start : start + 100]))
            sink.commit()
        place.commit({**MANIFEST, "fingerprint": fingerprint})
    return place


def many(count=3000):
    return [{"n": number, "text": hashlib.sha256(str(number).encode()).hexdigest()} for number in range(count)]


def test_a_small_object_is_put_at_once_and_described(store):
    place = written()
    assert (place.location, place.warnings) == (URL, [])
    assert store.read(KEY) == lines(ROWS)
    head = store.head(KEY)
    assert head["Metadata"] == {
        "synth-fingerprint": "aaaa", "synth-kind": "user_profile", "synth-seed": "7", "synth-rows": "3", "synth-row-digest": "00ff",
    }  # fmt: skip
    assert head["ContentType"] == "application/x-ndjson"
    assert "-" not in head["ETag"]
    assert store.uploads() == []


def test_the_manifest_beside_it_says_what_it_is(store):
    written()
    told = json.loads(store.read(f"{KEY}.manifest.json"))
    (row,) = told.pop("objects")
    assert told == MANIFEST
    assert row == {
        "key": KEY,
        "bytes": len(lines(ROWS)),
        "sha256": hashlib.sha256(lines(ROWS)).hexdigest(),
        "etag": store.head(KEY)["ETag"].strip('"'),
    }
    assert store.there() == [KEY, f"{KEY}.manifest.json"]


@pytest.mark.usefixtures("small_parts")
def test_a_large_object_goes_up_in_growing_parts(store):
    rows = many()
    with S3(URL, Wanted(fingerprint="aaaa")) as place:
        sink = place.open("record", Shape())
        for start in range(0, len(rows), 100):
            sink.take(Records(rows[start : start + 100]))
            assert store.there() == []
        assert store.parts() > 2
        sink.commit()
        assert store.there() == []
        place.commit(MANIFEST)
    data = lines(rows)
    assert store.read(KEY) == data
    head = store.head(KEY)
    assert int(head["ETag"].strip('"').partition("-")[2]) > 6
    assert base64.b64decode(head["ChecksumCRC32"]) == zlib.crc32(data).to_bytes(4, "big")
    assert head["Metadata"] == {"synth-fingerprint": "aaaa"}
    assert store.uploads() == []


@pytest.mark.usefixtures("small_parts")
def test_no_more_than_three_parts_are_in_memory(store, monkeypatch):
    held = []
    begin = upload.Upload._send

    def watched(self, part):
        begin(self, part)
        held.append(len(self._flying))

    monkeypatch.setattr(upload.Upload, "_send", watched)
    written(rows=many())
    assert max(held) == 2


@pytest.mark.parametrize("suffix", ["jsonl.gz", "jsonl.zst", "csv", "json", "parquet"])
def test_every_format_that_a_suffix_means(store, suffix):
    import pyarrow as pa

    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "text": {"type": "string"}}, "required": ["n", "text"]}
    with S3(f"s3://{BUCKET}/x.{suffix}", Wanted()) as place:
        sink = place.open("record", Shape(schema=schema))
        sink.take(Records(ROWS))
        sink.commit()
        place.commit(MANIFEST)
    data = store.read(f"x.{suffix}")
    types = {
        "jsonl.gz": "application/gzip",
        "jsonl.zst": "application/zstd",
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
        "parquet": "application/vnd.apache.parquet",
    }
    assert store.head(f"x.{suffix}")["ContentType"] == types[suffix]
    match suffix:
        case "jsonl.gz":
            assert gzip.decompress(data) == lines(ROWS)
        case "jsonl.zst":
            assert pa.CompressedInputStream(pa.BufferReader(data), "zstd").read() == lines(ROWS)
        case "json":
            assert json.loads(data) == ROWS
        case "csv":
            assert data.decode().splitlines()[0] == '"n","text"'
        case "parquet":
            from pyarrow import parquet

            assert parquet.read_table(pa.BufferReader(data)).to_pylist() == ROWS


def test_a_named_format_wins_and_a_suffix_that_means_none_is_told(store):
    written(f"s3://{BUCKET}/x.data", format="json")
    assert json.loads(store.read("x.data")) == ROWS
    with pytest.raises(OutputError, match=r"is compressed inside"):
        S3(f"s3://{BUCKET}/x.parquet.gz", Wanted())


def test_encryption_is_as_the_url_says(store):
    written(f"{URL}?sse=AES256")
    assert store.head(KEY)["ServerSideEncryption"] == "AES256"
    assert store.head(f"{KEY}.manifest.json")["ServerSideEncryption"] == "AES256"
    key = "arn:aws:kms:eu-central-1:123456789012:key/mine"
    written(f"{URL}?sse=aws:kms&kms_key_id={key}", rows=many(), if_exists="replace", fingerprint="bbbb")
    head = store.head(KEY)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_region_and_endpoint_may_stand_in_the_url(store, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    written(f"{URL}?region=eu-central-1&endpoint_url={store.url}")
    assert store.read(KEY) == lines(ROWS)


# Not at all


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, None])
def test_without_a_commit_nothing_is_left(store, error):
    with pytest.raises(error or StopIteration), S3(URL, Wanted(fingerprint="aaaa")) as place:  # noqa: PT012
        sink = place.open("record", Shape())
        sink.take(Records(many()))
        assert store.uploads() == [KEY]
        assert store.parts() > 2
        raise (error or StopIteration)
    assert (store.there(), store.uploads()) == ([], [])


def test_a_sink_that_fails_aborts_its_upload(store):
    with S3(URL, Wanted()) as place:
        sink = place.open("record", Shape())
        with pytest.raises(WriteError, match="can't be written as JSON"):
            sink.take(Records([{"n": object()}]))
        assert store.uploads() == []
    assert store.there() == []


def test_an_object_that_is_not_what_was_sent_is_removed(store):
    with pytest.raises(WriteError, match="isn't what was sent"), S3(URL, Wanted()) as place:  # noqa: PT012
        with place.open("record", Shape()) as sink:
            sink.take(Records(ROWS))
            sink.commit()
        store_of = place._stores[0]
        receipt = store_of.receipt
        store_of.receipt = upload.Receipt(
            receipt.key, receipt.upload, receipt.parts, receipt.size + 1, receipt.crc32, receipt.sha256, receipt.held
        )
        place.commit(MANIFEST)
    assert (store.there(), store.uploads()) == ([], [])


def test_one_object_holds_one_table(store):
    with S3(URL, Wanted()) as place:
        place.open("a", Shape())
        with pytest.raises(OutputError, match="end the URL in / for an object each"):
            place.open("b", Shape())
    assert store.uploads() == []


# Again


def test_the_same_records_again_are_left_as_they_are(store):
    written()
    before = store.head(KEY)["LastModified"], store.head(f"{KEY}.manifest.json")["ETag"]
    again = written()
    assert again.warnings == [f"output {URL!r}: already there, byte by byte; left as it was"]
    assert (store.head(KEY)["LastModified"], store.head(f"{KEY}.manifest.json")["ETag"]) == before
    assert store.uploads() == []


def test_the_same_request_is_written_again_where_the_object_was_changed(store):
    written()
    store.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"broken", Metadata={"synth-fingerprint": "aaaa"})
    assert written().warnings == []
    assert store.read(KEY) == lines(ROWS)


def test_an_object_without_its_manifest_gets_one(store):
    written()
    store.s3.delete_object(Bucket=BUCKET, Key=f"{KEY}.manifest.json")
    assert written().warnings == []
    assert json.loads(store.read(f"{KEY}.manifest.json"))["objects"][0]["key"] == KEY


def test_other_records_are_not_overwritten_unless_asked(store):
    written()
    with pytest.raises(OutputError, match=r"an object of another request \(aaaa\) is there.*--if-exists replace"):
        S3(URL, Wanted(fingerprint="bbbb"))
    store.s3.put_object(Bucket=BUCKET, Key="theirs.jsonl", Body=b"{}")
    with pytest.raises(OutputError, match="an object is there already"):
        S3(f"s3://{BUCKET}/theirs.jsonl", Wanted(fingerprint="bbbb"))
    assert store.uploads() == []
    written(rows=ROWS[:1], fingerprint="bbbb", if_exists="replace")
    assert store.read(KEY) == lines(ROWS[:1])
    assert json.loads(store.read(f"{KEY}.manifest.json"))["fingerprint"] == "bbbb"


def test_what_somebody_else_wrote_meanwhile_is_kept(store):
    says = "somebody else has written an object there meanwhile; nothing was left there"
    with pytest.raises(WriteError, match=says), S3(URL, Wanted(fingerprint="aaaa")) as place:  # noqa: PT012
        with place.open("record", Shape()) as sink:
            sink.take(Records(ROWS))
            sink.commit()
        store.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"theirs")
        place.commit(MANIFEST)
    assert store.read(KEY) == b"theirs"
    assert (store.there(), store.uploads()) == ([KEY], [])


def test_nothing_is_appended(store):
    with pytest.raises(OutputError, match="nothing can be appended"):
        S3(URL, Wanted(if_exists="append"))


# Unfinished uploads


@pytest.fixture
def _patient(monkeypatch):
    """No upload has been silent for long, whatever moto says: the notes of this machine decide."""
    monkeypatch.setattr(unfinished, "_SILENCE", timedelta(days=36_500))


def begun(store, key=KEY):
    return store.s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]


def abandoned(store):
    """A run that ended without a word."""
    place = S3(URL, Wanted(fingerprint="aaaa"))
    place.open("record", Shape()).take(Records(many()))
    place._unfinished.leave()
    assert store.uploads() == [KEY]
    return place


@pytest.mark.usefixtures("small_parts", "_patient")
def test_what_a_killed_run_left_is_aborted_by_the_next_one(store, tmp_path):
    ended = abandoned(store)
    written(rows=ROWS)
    assert store.uploads() == []
    assert store.read(KEY) == lines(ROWS)
    assert list((tmp_path / "notes").rglob("*.uploads")) == []
    ended._stores[0]._close()


@pytest.mark.usefixtures("_patient")
def test_an_upload_that_was_killed_as_it_began_is_found_by_its_key(store):
    ended = S3(URL, Wanted(fingerprint="aaaa"))
    unfinished._note(ended._noted, f"{KEY}.csv", None)  # killed before the answer came
    ended._unfinished.leave()
    begun(store, f"{KEY}.csv")
    begun(store, f"{KEY}.csv2")
    written(rows=ROWS)
    assert store.uploads() == [f"{KEY}.csv2"]


@pytest.mark.usefixtures("small_parts")
def test_a_run_that_is_under_way_is_left_alone(store):
    with S3(URL, Wanted(fingerprint="aaaa")) as first:
        sink = first.open("record", Shape())
        sink.take(Records(many()))
        written(rows=ROWS)
        assert store.uploads() == [KEY]
        sink.commit()
        first.commit(MANIFEST)
    assert store.read(KEY) == lines(many())


def test_uploads_from_elsewhere_are_aborted_after_a_day_of_silence(store, monkeypatch):
    begun(store)  # moto dates every upload to 2010
    begun(store, f"{KEY}.more")
    fresh = begun(store)
    store.s3.upload_part(Bucket=BUCKET, Key=KEY, UploadId=fresh, PartNumber=1, Body=b"x")
    written()
    assert sorted(store.uploads()) == [KEY, f"{KEY}.more"]
    monkeypatch.setattr(unfinished, "_SILENCE", timedelta())
    written(f"s3://{BUCKET}/out/more", rows=ROWS, format="jsonl")
    assert len(store.uploads()) == 2
    store.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in store.there()]})
    written(f"s3://{BUCKET}/out/")
    assert store.uploads() == []


def test_notes_are_kept_where_nobody_else_can_write(store, tmp_path):
    for folder in (tmp_path / "notes").iterdir():
        folder.rmdir()
    written()
    (folder,) = (tmp_path / "notes").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(OutputError, match="somebody else's; set TMPDIR"):
        S3(URL, Wanted())
