"""A bucket in moto's server, empty at the beginning of each test, and a client that shares no code with ours."""

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from synth_sdk.sinks.objects import upload
from tests.support.aws import REGION, aws_server, clear, environment

BUCKET = "synth-tests"


@dataclass
class Store:
    """What S3 holds."""

    url: str
    s3: Any

    def there(self, prefix: str = "") -> list[str]:
        return [row["Key"] for row in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", ())]

    def read(self, key: str) -> bytes:
        with self.s3.get_object(Bucket=BUCKET, Key=key)["Body"] as body:
            return body.read()

    def head(self, key: str) -> dict[str, Any]:
        return self.s3.head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")

    def uploads(self) -> list[str]:
        return [row["Key"] for row in self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())]

    def parts(self) -> int:
        """Of all unfinished uploads."""
        rows = self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())
        found = 0
        for row in rows:
            with suppress(self.s3.exceptions.NoSuchUpload):  # it ended this moment
                listed = self.s3.list_parts(Bucket=BUCKET, Key=row["Key"], UploadId=row["UploadId"])
                found += len(listed.get("Parts", ()))
        return found


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    with aws_server(tmp_path_factory.mktemp("aws")) as url:
        yield url


@pytest.fixture
def store(aws, monkeypatch, tmp_path):
    for name, value in environment(aws).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "notes").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "notes"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "notes"))
    clear(aws)
    s3 = boto3.session.Session().client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield Store(aws, s3)
    s3.close()


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of 8 KiB and more, growing soon."""
    monkeypatch.setattr(upload, "_LEAST", 8 << 10)
    monkeypatch.setattr(upload, "_MOST", 32 << 10)
    monkeypatch.setattr(upload, "_GROWS_EVERY", 3)
