"""The calls to S3 that uploads are made of. One client for each process: connections and credentials are its own."""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from synth_sdk.core.aws import patience, session
from synth_sdk.sinks.objects.address import Address
from synth_sdk.sinks.objects.failures import S3Error, told

_CONNECT_SECONDS = 4
_READ_SECONDS = 20
_ATTEMPTS = 4
_CONNECTIONS = 16
_KEYS_AT_ONCE = 1000  # that one call may delete
Listed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an object without reading it. `crc32` is that of all its bytes, None where S3 doesn't tell."""

    bytes: int
    etag: str
    metadata: dict[str, str]
    crc32: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A part that S3 has."""

    number: int
    etag: str
    crc32: int


class Bucket:
    """The bucket of `address`, with its options. Every method raises S3Error."""

    def __init__(self, address: Address) -> None:
        self.address = address
        with told(address, ""):
            self._s3 = _client(address.region, address.endpoint_url, _surroundings())
        self._checked = self._s3.meta.config.request_checksum_calculation != "when_required"

    @property
    def server(self) -> str:
        """Where the client sends its calls."""
        return str(self._s3.meta.endpoint_url)

    def begin(self, key: str, content_type: str, metadata: dict[str, str]) -> str:
        """The id of a new upload."""
        checked = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"} if self._checked else {}
        told = self._call("create_multipart_upload", "s3:PutObject", Key=key, **self._headers(content_type, metadata), **checked)
        return str(told["UploadId"])

    def send(self, key: str, upload: str, number: int, data: bytes, crc32: int) -> Sent:
        """Upload one part."""
        answer = self._call(
            "upload_part", "s3:PutObject", Key=key, UploadId=upload, PartNumber=number, Body=data, **self._checksum(crc32)
        )
        return Sent(number, answer["ETag"], crc32)

    def complete(self, key: str, upload: str, parts: Iterable[Sent], crc32: int) -> None:
        """Make the object of its parts visible."""
        rows = [{"PartNumber": part.number, "ETag": part.etag, **self._checksum(part.crc32)} for part in parts]
        checked = {**self._checksum(crc32), "ChecksumType": "FULL_OBJECT"} if self._checked else {}
        self._call(
            "complete_multipart_upload", "s3:PutObject", Key=key, UploadId=upload, MultipartUpload={"Parts": rows}, **checked
        )

    def abort(self, key: str, upload: str) -> None:
        """End an upload; what was sent of it is gone. One that is ended already is no error."""
        try:
            self._call("abort_multipart_upload", "s3:AbortMultipartUpload", Key=key, UploadId=upload)
        except S3Error as error:
            if error.code != "NoSuchUpload":
                raise

    def put(self, key: str, data: bytes, content_type: str, metadata: dict[str, str], crc32: int) -> None:
        """A whole object at once."""
        headers = self._headers(content_type, metadata)
        self._call("put_object", "s3:PutObject", Key=key, Body=data, **headers, **self._checksum(crc32))

    def head(self, key: str) -> Head | None:
        """None where no object is."""
        try:
            answer = self._call("head_object", "s3:GetObject and s3:ListBucket", Key=key, ChecksumMode="ENABLED")
        except S3Error as error:
            if error.missing:
                return None
            raise
        crc32 = answer.get("ChecksumCRC32") if answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT" else None
        return Head(answer["ContentLength"], answer["ETag"], answer["Metadata"], _number(crc32))

    def read_json(self, key: str) -> dict[str, Any] | None:
        """What the object holds; None where there is none, or something else."""
        try:
            answer = self._call("get_object", "s3:GetObject and s3:ListBucket", Key=key)
        except S3Error as error:
            if error.missing:
                return None
            raise
        with told(self.address, "s3:GetObject"):
            data = answer["Body"].read()
        with suppress(ValueError):
            found = json.loads(data)
            return found if isinstance(found, dict) else None
        return None

    def objects(self, prefix: str) -> Iterator[tuple[str, int, str]]:
        """Key, size and ETag of every object under `prefix`."""
        for row in self._pages("list_objects_v2", "s3:ListBucket", "Contents", Prefix=prefix):
            yield row["Key"], row["Size"], row["ETag"]

    def uploads(self, prefix: str) -> Iterator[tuple[str, str, datetime]]:
        """Key, id and beginning of every unfinished upload to keys that begin with `prefix`."""
        for row in self._pages("list_multipart_uploads", "s3:ListBucketMultipartUploads", "Uploads", Prefix=prefix):
            yield row["Key"], row["UploadId"], row["Initiated"]

    def last_sent(self, key: str, upload: str) -> datetime | None:
        """When the upload got a part for the last time."""
        rows = self._pages("list_parts", "s3:ListMultipartUploadParts", "Parts", Key=key, UploadId=upload)
        return max((row["LastModified"] for row in rows), default=None)

    def delete(self, keys: Iterable[str]) -> None:
        """Objects that aren't there are no error."""
        left = list(keys)
        for at in range(0, len(left), _KEYS_AT_ONCE):
            rows = [{"Key": key} for key in left[at : at + _KEYS_AT_ONCE]]
            answer = self._call("delete_objects", "s3:DeleteObject", Delete={"Objects": rows, "Quiet": True})
            if errors := answer.get("Errors"):
                raise S3Error(f"{errors[0]['Key']!r} can't be deleted ({errors[0]['Code']}); have s3:DeleteObject granted")

    def _headers(self, content_type: str, metadata: dict[str, str]) -> dict[str, Any]:
        options = {"ServerSideEncryption": self.address.sse, "SSEKMSKeyId": self.address.kms_key_id}
        return {"ContentType": content_type, "Metadata": metadata, **{name: value for name, value in options.items() if value}}

    def _checksum(self, crc32: int) -> dict[str, str]:
        return {"ChecksumCRC32": base64.b64encode(crc32.to_bytes(4, "big")).decode()} if self._checked else {}

    def _call(self, name: str, action: str, **arguments: Any) -> dict[str, Any]:
        with told(self.address, action, self._s3.meta.endpoint_url):
            return cast(dict[str, Any], getattr(self._s3, name)(Bucket=self.address.bucket, **arguments))

    def _pages(self, name: str, action: str, rows: str, **arguments: Any) -> Iterator[Listed]:
        with told(self.address, action, self._s3.meta.endpoint_url):
            for page in self._s3.get_paginator(name).paginate(Bucket=self.address.bucket, **arguments):
                yield from page.get(rows, ())


def _surroundings() -> tuple[tuple[str, str], ...]:
    """What decides, beside the URL, whom a client speaks to and as whom."""
    return (("pid", str(os.getpid())), *sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))


@lru_cache(maxsize=4)
def _client(region: str | None, endpoint_url: str | None, surroundings: object) -> Any:
    """A client takes a tenth of a second to make, so it is kept."""
    config = patience(_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS, max_pool_connections=_CONNECTIONS)
    return session(region=region).client("s3", endpoint_url=endpoint_url, config=config)


def _number(checksum: str | None) -> int | None:
    return int.from_bytes(base64.b64decode(checksum), "big") if checksum else None
