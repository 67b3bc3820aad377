"""Each part keeps to the rules of its kind."""

import json
import zipfile

from synth_acme.archive import Archive
from synth_acme.logfmt import LogfmtFormat, read
from synth_acme.parcel import ParcelGenerator
from synth_acme.provider import AcmeProvider
from synth_acme.rules import arrives_after_departure
from synth_acme.spool import SpoolPublisher
from synth_acme.store import SqliteStore

from synth_sdk.core.spec import make_spec
from synth_sdk.testing import (
    check_destination,
    check_format,
    check_generator,
    check_pack,
    check_provider,
    check_publisher,
    check_rule,
    check_store,
)


def test_provider():
    def reply(records):
        choice = {"message": {"content": json.dumps({"items": records})}, "finish_reason": "stop"}
        return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 5}}).encode()

    env = {"ACME_API_KEY": "MARKER-acme-0123456789", "ACME_API_BASE": "http://127.0.0.1:9/v1"}
    check_provider(AcmeProvider, env, endpoint="ACME_API_BASE", reply=reply)


def test_generator():
    check_generator(lambda seed: ParcelGenerator(make_spec(kind="parcel", seed=seed)))


def test_format():
    check_format(
        LogfmtFormat(), read, [{"a": 1, "b": None}, {"text": 'two "words"\n', "word": "x-1"}, {"t": "true", "l": [1.5, {}]}]
    )


def test_rule():
    times = {"sent": "2025-01-02T10:00:00+00:00", "arrived": "2025-01-03T10:00:00+00:00"}
    late = {"sent": times["arrived"], "arrived": times["sent"]}
    check_rule(arrives_after_departure, good=[times, {**times, "arrived": None}, {"other": 1}, "text"], bad=[late])


def test_pack():
    check_pack("bike_workshop")


def test_destination(tmp_path):
    path = tmp_path / "records.zip"

    def read():
        if not path.exists():
            return None
        with zipfile.ZipFile(path) as archive:
            return [json.loads(line) for line in archive.read("checked.jsonl").splitlines()]

    check_destination(Archive, f"zip://{path}", read, refused="zip:///no/such/folder/x.zip")


def test_stream_target(tmp_path):
    path = tmp_path / "spool.ndjson"

    def received():
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [(json.loads(line)["id"], line.split(b'"record":', 1)[1][:-1]) for line in lines]

    check_publisher(
        SpoolPublisher, path.as_uri().replace("file:", "spool:"), received, dead_url=f"spool://{tmp_path}/no/such/folder"
    )


def test_store():
    check_store(lambda path, space: SqliteStore(str(path), space))
