"""What is at a place already, and whether it may be replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.errors import OutputError
from synth_sdk.sinks.destinations import Wanted
from synth_sdk.sinks.objects.bucket import Bucket
from synth_sdk.sinks.objects.failures import S3Error
from synth_sdk.sinks.objects.upload import Receipt

FINGERPRINT = "synth-fingerprint"
MANIFEST = "_manifest.json"  # of a prefix
OWN_MANIFEST = ".manifest.json"  # of an object, behind its key
_Size = tuple[int, str]  # bytes, ETag


@dataclass(frozen=True, slots=True)
class Found:
    """`objects` are those that are there, the manifest with them; `manifest` is what that one says."""

    objects: Mapping[str, _Size]
    manifest: Mapping[str, Any]
    fingerprint: str
    single: str | None = None

    @property
    def there(self) -> bool:
        return bool(self.objects)

    def holds(self, receipts: Sequence[Receipt]) -> bool:
        """What would be shown is there already: the manifest promises these digests, and S3 still has the objects it speaks of."""
        promised = {row["key"]: row for row in self.manifest.get("objects", ()) if isinstance(row, dict) and "key" in row}
        if self.manifest.get("fingerprint") != self.fingerprint or promised.keys() != {receipt.key for receipt in receipts}:
            return False
        return all(self._is(promised[receipt.key], receipt) for receipt in receipts)

    def check_unchanged(self, bucket: Bucket) -> None:
        """S3Error if somebody else has put an object at the key meanwhile."""
        if self.single is None or not (head := bucket.head(self.single)):
            return
        if head.metadata.get(FINGERPRINT) != self.fingerprint and (head.bytes, head.etag) != self.objects.get(self.single):
            raise S3Error("somebody else has written an object there meanwhile")

    def _is(self, row: Mapping[str, Any], receipt: Receipt) -> bool:
        size, etag = self.objects.get(receipt.key, (-1, ""))
        return (size, etag.strip('"'), receipt.size, receipt.sha256) == (
            row.get("bytes"), row.get("etag"), row.get("bytes"), row.get("sha256"),
        )  # fmt: skip


def look(bucket: Bucket, manifest_key: str, wanted: Wanted, location: str) -> Found:
    """What is at the bucket's address. OutputError if it is something else than these records and isn't to be replaced."""
    return (_folder if bucket.address.is_folder else _object)(bucket, manifest_key, wanted, location)


def _object(bucket: Bucket, manifest_key: str, wanted: Wanted, location: str) -> Found:
    key = bucket.address.key
    head = bucket.head(key)
    manifest = bucket.read_json(manifest_key)
    there = {key: (head.bytes, head.etag)} if head else {}
    if manifest is not None:
        there[manifest_key] = (0, "")
    if head and wanted.if_exists != "replace" and (other := head.metadata.get(FINGERPRINT)) != wanted.fingerprint:
        raise _taken(location, f"an object of another request ({other}) is there" if other else "an object is there already")
    return Found(there, manifest or {}, wanted.fingerprint, single=key)


def _folder(bucket: Bucket, manifest_key: str, wanted: Wanted, location: str) -> Found:
    there = {key: (size, etag) for key, size, etag in bucket.objects(bucket.address.key)}
    manifest = (bucket.read_json(manifest_key) if manifest_key in there else None) or {}
    other = manifest.get("fingerprint")
    if manifest and other != wanted.fingerprint and wanted.if_exists != "replace":
        raise _taken(location, f"records of another request ({other}) are there")
    named = {row["key"] for row in manifest.get("objects", ()) if isinstance(row, dict) and "key" in row} | {manifest_key}
    for key in sorted(there.keys() - named):
        if not _is_ours(bucket, key, wanted):
            raise OutputError(f"output {location!r}: {key!r} is there, and no manifest speaks of it; choose a prefix of its own")
    return Found(there, manifest, wanted.fingerprint)


def _is_ours(bucket: Bucket, key: str, wanted: Wanted) -> bool:
    """A run that was killed while its objects appeared leaves some without a manifest. An object that has one of its own is another's."""
    if key.endswith(OWN_MANIFEST):
        return False
    head = bucket.head(key)
    return head is None or head.metadata.get(FINGERPRINT, "") == wanted.fingerprint


def _taken(location: str, told: str) -> OutputError:
    return OutputError(f"output {location!r}: {told}; choose another name, or say --if-exists replace")
