"""Prefixes: parts from several processes, tables, and what was there before; by the public face."""

import json
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from synth_sdk import Synth
from synth_sdk.core.errors import OutputError, RequestError, WriteError
from synth_sdk.sinks.objects import unfinished
from tests.sinks.objects.conftest import BUCKET

OUT = f"s3://{BUCKET}/out/"
SHOP = {
    "tables": {
        "customers": {"schema": {"id": "integer", "name": "name"}},
        "orders": {
            "per": {"table": "customers", "min": 1, "max": 3},
            "schema": {"customer_id": {"x-synth": {"ref": "customers.id"}}},
        },
    }
}
COUNTRIES = {
    "type": "object",
    "properties": {"country": {"enum": ["DE", "FR", "a/b"]}, "n": {"type": "integer"}, "s": {"type": "string"}},
    "required": ["country", "n"],
}
SCRIPT = """
import sys
from synth_sdk import Synth
from synth_sdk.client import run

run._FEWEST_BATCHES = 1
for workers in (1, 2):
    report = Synth().write(f"{sys.argv[1]}{workers}/", "text", count=2500, rows_per_shard=1000, workers=workers)
    assert (report.records_generated, report.warnings) == (2500, [])
"""


def test_parts_and_their_manifest(store, tmp_path):
    report = Synth().write(f"{OUT}?sse=AES256", "user_profile", count=25, rows_per_shard=10)
    assert report.output_location == f"{OUT}?sse=AES256"
    assert store.there() == ["out/_manifest.json", *(f"out/part-0000{number}.jsonl" for number in range(3))]
    assert store.uploads() == []
    told = json.loads(store.read("out/_manifest.json"))
    objects = told.pop("objects")
    assert told == report.manifest
    assert [(row["key"], row["bytes"], row["sha256"]) for row in objects] == [
        (f"out/{part['file']}", part["bytes"], part["sha256"]) for part in told["shards"]
    ]
    head = store.head("out/part-00001.jsonl")
    assert head["ServerSideEncryption"] == "AES256"
    told_of = {"synth-fingerprint": report.fingerprint, "synth-kind": "user_profile", "synth-seed": "0"}
    assert head["Metadata"] == told_of
    Synth().write(f"{tmp_path}/here/", "user_profile", count=25, rows_per_shard=10)
    for part in told["shards"]:
        assert store.read(f"out/{part['file']}") == (tmp_path / "here" / part["file"]).read_bytes()


def test_workers_upload_from_their_processes(store, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-W", "error", "script.py", OUT]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    names = [key.removeprefix("out/1/") for key in store.there("out/1/")]
    assert len(names) == 4
    for name in names[1:]:
        assert store.read(f"out/1/{name}") == store.read(f"out/2/{name}")
    assert store.uploads() == []
    assert list((tmp_path / "notes").rglob("*.uploads")) == []


def test_nothing_shows_before_all_do_and_nothing_is_left_of_a_run_that_fails(store):
    seen = []

    def fail(run):
        seen.append((store.there(), len(store.uploads())))
        if len(seen) == 4:
            raise WriteError("enough")

    with pytest.raises(WriteError, match="enough"):
        Synth().write(OUT, "user_profile", count=50, rows_per_shard=10, watch=fail)
    assert seen == [([], 0), ([], 1), ([], 2), ([], 3)]
    assert (store.there(), store.uploads()) == ([], [])


def test_the_same_parts_again_are_left_and_others_are_not_overwritten_unless_asked(store):
    wish = {"kind": "user_profile", "count": 25, "rows_per_shard": 10}
    Synth().write(OUT, **wish)
    before = [store.head(key)["LastModified"] for key in store.there()]
    assert Synth().write(OUT, **wish).warnings == [f"output {OUT!r}: already there, byte by byte; left as it was"]
    assert [store.head(key)["LastModified"] for key in store.there()] == before
    with pytest.raises(OutputError, match=r"records of another request .* are there.*--if-exists replace"):
        Synth().write(OUT, **wish, seed=1)
    report = Synth().write(OUT, **wish | {"rows_per_shard": 20}, seed=1, if_exists="replace")
    assert report.warnings == []
    assert store.there() == ["out/_manifest.json", "out/part-00000.jsonl", "out/part-00001.jsonl"]
    assert json.loads(store.read("out/_manifest.json"))["fingerprint"] == report.fingerprint


def test_what_no_manifest_speaks_of_is_never_touched(store):
    wish = {"kind": "user_profile", "count": 5, "if_exists": "replace"}
    store.s3.put_object(Bucket=BUCKET, Key="out/theirs.txt", Body=b"1")
    with pytest.raises(OutputError, match=r"'out/theirs\.txt' is there, and no manifest speaks of it"):
        Synth().write(OUT, **wish)
    store.s3.delete_object(Bucket=BUCKET, Key="out/theirs.txt")
    Synth().write(f"{OUT}one.jsonl", **wish)
    with pytest.raises(OutputError, match=r"out/one\.jsonl"):
        Synth().write(OUT, **wish)
    assert store.there() == ["out/one.jsonl", "out/one.jsonl.manifest.json"]


def test_a_run_that_was_killed_while_its_parts_appeared_is_completed(store):
    wish = {"kind": "user_profile", "count": 25, "rows_per_shard": 10}
    Synth().write(OUT, **wish)
    store.s3.delete_object(Bucket=BUCKET, Key="out/_manifest.json")
    store.s3.delete_object(Bucket=BUCKET, Key="out/part-00002.jsonl")
    Synth().write(OUT, **wish)
    assert len(store.there()) == 4


def test_partitions(store):
    report = Synth().write(OUT, "json", schema=COUNTRIES, count=100, format="csv", rows_per_shard=60, partition_by=("country",))
    assert report.records_generated == 100
    files = [file for shard in report.manifest["shards"] for file in shard["files"]]
    assert {"out/_manifest.json", *(f"out/{file['file']}" for file in files)} == set(store.there())
    assert "out/country=a%2Fb/part-00000.csv" in store.there()
    for file in files:
        assert len(store.read(f"out/{file['file']}").splitlines()) == file["rows"] + 1
    assert sum(file["rows"] for file in files) == 100


def test_a_set_of_tables_is_an_object_for_each(store, tmp_path):
    report = Synth().write(OUT, "json", schema=SHOP, format="csv")
    assert store.there() == ["out/_manifest.json", "out/customers.csv", "out/orders.csv"]
    Synth().write(f"{tmp_path}/shop/", "json", schema=SHOP, format="csv")
    for name in ("customers", "orders"):
        assert store.read(f"out/{name}.csv") == (tmp_path / "shop" / f"{name}.csv").read_bytes()
    assert json.loads(store.read("out/_manifest.json"))["tables"].keys() == report.manifest["tables"].keys()
    with pytest.raises(OutputError, match="end the URL in /"):
        Synth().write(f"s3://{BUCKET}/shop.json", "json", schema=SHOP)
    assert store.uploads() == []


def test_a_wrong_wish_is_found_before_anything_is_written(store):
    for wish in ({"format": "parket"}, {"partition_by": ("nobody",)}):
        with pytest.raises(RequestError):
            Synth().write(OUT, "user_profile", count=5, **wish)
    assert (store.there(), store.uploads()) == ([], [])


@pytest.mark.parametrize("output", ["big.jsonl", "big/"])
def test_a_killed_command_leaves_no_object_and_the_next_one_cleans_up(store, monkeypatch, tmp_path, output):
    url = f"s3://{BUCKET}/{output}"
    command = [sys.executable, "-m", "synth_sdk.cli", "generate", "user_profile", "-n", "5000000", "-o", url]
    child = subprocess.Popen([*command, "--rows-per-shard", "2000"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not store.parts():
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()
    assert store.there() == []
    assert store.uploads() != []
    monkeypatch.setattr(unfinished, "_SILENCE", timedelta(days=36_500))
    Synth().write(url, "user_profile", count=3)
    assert store.uploads() == []
    assert len(store.there()) == 2
    assert list((tmp_path / "notes").rglob("*.uploads")) == []


def test_nothing_of_aws_is_loaded_before_it_is_asked_for():
    code = (
        "import sys, synth_sdk.sinks.objects.s3; from synth_sdk.client.folder import names_folder;"
        f"assert names_folder({OUT!r}); assert not names_folder('s3://b/x'); print('boto3' in sys.modules, 'pyarrow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False False\n"


def test_other_urls_that_end_in_a_slash_are_no_folders(monkeypatch):
    from synth_sdk.client.folder import names_folder

    assert not names_folder("postgresql://localhost/")
    assert not names_folder("ftp://localhost/")
    assert names_folder(f"{OUT}?region=eu-west-1")
    assert names_folder("out/")
    assert not names_folder("/")
    assert not names_folder(None)
