"""The manifest: what a data set is, so that it can be made again and compared."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from synth_sdk.core.measures import Measures
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Part, WrittenFile

_VERSIONS_THAT_MATTER = ("Faker", "pyarrow")  # values, and the bytes of Parquet files, may change with them


def manifest(spec: Spec, measures: Measures, parts: Sequence[Part] = ()) -> dict[str, Any]:
    """The plan's fingerprint, the versions that made the records, how many there are and the digest of their content.

    The same for equal records whatever the workers; with other library versions the files' bytes may differ: then compare
    `row_digest`, which is the sum of the records' digests and so the same in any order.
    """
    told: dict[str, Any] = {
        "fingerprint": spec.fingerprint,
        "kind": spec.kind,
        "seed": spec.seed,
        "locale": spec.locale,
        "versions": {"synth": _version("synth-data-sdk"), **{name: _version(name) for name in _VERSIONS_THAT_MATTER}},
        "rows": measures.records,
        "row_digest": measures.row_digest,
    }
    if parts and spec.partition_by:
        told["partition_by"] = list(spec.partition_by)
    return told | ({"shards": [_row(part) for part in parts]} if parts else {})


def _row(part: Part) -> dict[str, Any]:
    rows, digest = {"rows": [part.start, part.stop]}, {"row_digest": part.row_digest}
    if part.partitioned:
        return {**rows, **digest, "files": [{**_file(file), "rows": file.rows} for file in part.files]}
    return {**_file(part.files[0]), **rows, **digest}


def _file(file: WrittenFile) -> dict[str, Any]:
    return {"file": file.file, "bytes": file.bytes, "sha256": file.sha256}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
