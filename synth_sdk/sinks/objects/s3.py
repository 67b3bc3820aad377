"""s3://bucket/key and s3://bucket/prefix/: objects that show at the commit, all of them, with a manifest that says what they are.

Until then S3 has nothing but unfinished uploads. An object's manifest is `<key>.manifest.json`, that of a prefix `_manifest.json`; it is
deleted before what it speaks of changes and written when all of that is there, so it never promises anything else.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from types import TracebackType
from typing import Any, Self

from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.redact import shown_place
from synth_sdk.sinks.compression import compression_of
from synth_sdk.sinks.destinations import Wanted
from synth_sdk.sinks.formats import Format, Shape, format_for
from synth_sdk.sinks.objects.address import Address, address_of
from synth_sdk.sinks.objects.bucket import Bucket
from synth_sdk.sinks.objects.failures import S3Error
from synth_sdk.sinks.objects.found import FINGERPRINT, MANIFEST, OWN_MANIFEST, look
from synth_sdk.sinks.objects.unfinished import Unfinished, begin
from synth_sdk.sinks.objects.upload import Receipt, Upload
from synth_sdk.sinks.sink import Sink
from synth_sdk.sinks.stores import Compressed, Store

_AT_ONCE = 8  # uploads that are completed, or checked, at the same time
_JSON = "application/json"
_CONTENT_TYPES = {
    "gzip": "application/gzip",
    "zstd": "application/zstd",
    "jsonl": "application/x-ndjson",
    "json": _JSON,
    "csv": "text/csv; charset=utf-8",
    "sql": "application/sql",
    "xml": "application/xml",
    "graphml": "application/xml",
    "parquet": "application/vnd.apache.parquet",
}
_ANY_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class S3Place:
    """Implements `Place`: a prefix. Whoever writes there looks up credentials anew."""

    address: Address
    content_type: str
    metadata: Mapping[str, str]
    noted: str

    def store(self, name: str) -> Upload:
        return Upload(Bucket(self.address), self.address.key + name, self.content_type, dict(self.metadata), self.noted)


class S3:
    """Implements `FolderDestination`."""

    folders = True

    def __init__(self, url: str, wanted: Wanted) -> None:
        self.location = shown_place(url)
        self.warnings: list[str] = []
        self._wanted, self._done = wanted, False
        self._address = address_of(url)
        self._format = self._format_of(wanted.format)
        if wanted.if_exists == "append":
            raise OutputError(
                f"output {self.location!r}: nothing can be appended to an object; write a prefix of its own, or say --if-exists replace"
            )
        self._stores: list[Upload] = []
        self._receipts: list[Receipt] = []
        self._shown: list[str] = []
        self._begun: str | None = None  # an upload to the object itself, which shows that it may be written
        try:
            self._bucket = Bucket(self._address)
            self._unfinished = Unfinished(self._bucket)
        except S3Error as error:
            raise OutputError(f"output {self.location!r}: {error.message}") from None
        try:
            self._begin()
            self._found = look(self._bucket, self._manifest_key, wanted, self.location)
        except S3Error as error:
            if error.unsure:  # it doesn't answer: the next run will find what there may be
                self._done = True
                self._unfinished.leave()
            self._abort()
            raise OutputError(f"output {self.location!r}: {error.message}") from None
        except BaseException:
            self._abort()
            raise

    # Records

    def open(self, name: str, shape: Shape) -> Sink:
        """The object of the URL; under a prefix the object called `name`."""
        encoder = self._format.encoder(shape)
        if self._address.is_folder:
            key = f"{self._address.key}{name}{self._suffix}"
            upload = Upload(self._bucket, key, self._content_type, self._metadata, self._noted)
        elif self._stores:
            raise OutputError(f"output {self.location!r}: an object holds one table; end the URL in / for an object each")
        else:
            key, begun = self._address.key, self._begun
            upload = Upload(self._bucket, key, self._content_type, self._metadata, self._noted, upload=begun, hold=True)
        self._stores.append(upload)
        compression = compression_of(key)
        store: Store = Compressed(upload, compression) if compression else upload
        return Sink(self.location, encoder, store)

    # A folder of parts

    @property
    def place(self) -> S3Place:
        return S3Place(self._address, self._content_type, self._metadata, self._noted)

    def keep(self, receipt: Receipt) -> None:
        self._receipts.append(receipt)

    # The end

    def commit(self, manifest: dict[str, Any]) -> None:
        receipts = [*self._receipts, *(store.receipt for store in self._stores if store.receipt)]
        try:
            self._commit(manifest, receipts)
        except BaseException as error:
            gone = self._abort()
            if isinstance(error, S3Error):
                left = "nothing was left there" if gone else "what S3 has of it is removed by the next run to this place"
                raise WriteError(f"output {self.location!r}: {error.message}; {left}") from error
            raise
        self._done = True
        self._unfinished.close()

    def _commit(self, manifest: dict[str, Any], receipts: Sequence[Receipt]) -> None:
        if self._found.holds(receipts):
            self._unfinished.abort()
            self.warnings.append(f"output {self.location!r}: already there, byte by byte; left as it was")
            return
        self._found.check_unchanged(self._bucket)
        if self._found.there:
            self._bucket.delete([self._manifest_key])
        metadata = self._metadata | _told(manifest)
        self._shown = [receipt.key for receipt in receipts]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            rows = list(pool.map(lambda receipt: self._show(receipt, metadata), receipts))
        self._bucket.delete(self._found.objects.keys() - {*self._shown, self._manifest_key})
        self._shown.append(self._manifest_key)
        self._put(json.dumps({**manifest, "objects": rows}, indent=2, ensure_ascii=False).encode() + b"\n", metadata)

    def _show(self, receipt: Receipt, metadata: dict[str, str]) -> dict[str, Any]:
        """Let the object appear, and see that S3 has what was sent."""
        if receipt.held is None:
            self._bucket.complete(receipt.key, receipt.upload, receipt.parts, receipt.crc32)
        else:
            self._bucket.put(receipt.key, receipt.held, self._content_type, metadata, receipt.crc32)
            self._bucket.abort(receipt.key, receipt.upload)
        head = self._bucket.head(receipt.key)
        if head is None or head.bytes != receipt.size or head.crc32 not in (None, receipt.crc32):
            raise S3Error(f"{receipt.key!r} isn't what was sent: {head.bytes if head else 0:,} of {receipt.size:,} bytes")
        return {"key": receipt.key, "bytes": receipt.size, "sha256": receipt.sha256, "etag": head.etag.strip('"')}

    def _put(self, data: bytes, metadata: dict[str, str]) -> None:
        self._bucket.put(self._manifest_key, data, _JSON, metadata, zlib.crc32(data))

    def _abort(self) -> bool:
        """Leave nothing behind. Raises nothing; whether all is gone. What isn't, the next run to this place removes."""
        if self._done:
            return True
        self._done = gone = True
        for store in self._stores:
            store.abort()
        try:
            self._bucket.delete(reversed(self._shown))
        except S3Error:
            gone = False
        if self._unfinished.abort() and gone:
            self._unfinished.close()
            return True
        self._unfinished.leave()
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._abort()

    # Before the first record

    def _begin(self) -> None:
        """Begin an upload: only so is it known that objects can be written there, with this encryption."""
        key = self._manifest_key if self._address.is_folder else self._address.key
        upload = begin(self._bucket, self._noted, key, self._content_type, self._metadata)
        if self._address.is_folder:
            self._bucket.abort(key, upload)
        else:
            self._begun = upload
        self._unfinished.sweep()

    def _format_of(self, name: str | None) -> Format:
        if self._address.is_folder:
            return format_for(None, name)
        found = format_for(PurePath(self._address.key).name, name)
        if compression_of(self._address.key) and getattr(found, "compressed", False):
            raise OutputError(
                f"output {self.location!r}: {found.name} is compressed inside, and can only be read uncompressed; leave the suffix out"
            )
        return found

    @cached_property
    def _manifest_key(self) -> str:
        return self._address.key + (MANIFEST if self._address.is_folder else OWN_MANIFEST)

    @property
    def _suffix(self) -> str:
        return next(iter(self._format.suffixes), "")

    @property
    def _noted(self) -> str:
        return str(self._unfinished.path)

    @property
    def _content_type(self) -> str:
        return _CONTENT_TYPES.get(compression_of(self._address.key) or self._format.name, _ANY_TYPE)

    @property
    def _metadata(self) -> dict[str, str]:
        wanted = self._wanted
        told = {"synth-kind": wanted.kind, "synth-seed": "" if wanted.seed is None else str(wanted.seed)}
        return {FINGERPRINT: wanted.fingerprint} | {name: value for name, value in told.items() if value}


def _told(manifest: dict[str, Any]) -> dict[str, str]:
    """What an object's own metadata say of its records."""
    names = {"kind": "synth-kind", "seed": "synth-seed", "rows": "synth-rows", "row_digest": "synth-row-digest"}
    return {told: str(manifest[name]) for name, told in names.items() if name in manifest}
