"""Destinations: places that a URL names, such as a database or an object store. Built-ins and strangers enter by the same door, entry
points `synth_sdk.destinations` under the URL's scheme.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from synth_sdk.core import plugins
from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import OutputError
from synth_sdk.core.redact import shown_place
from synth_sdk.core.spec import IfExists
from synth_sdk.sinks.formats import Encoder, Shape

_GROUP = "destinations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a destination must know of a run: its kind and seed, the fingerprint by which a second load of the same records is recognised, the format that was
    named (None: by the suffix), what is to be done where something is there already, and columns that folders are named for.
    """

    fingerprint: str = ""
    format: str | None = None
    if_exists: IfExists = "fail"
    partition_by: tuple[str, ...] = ()
    kind: str = ""
    seed: int | None = None


class RecordSink(Protocol):
    """Receives the records of one table or document, in order. `encoder` makes the bytes that `write` takes, in any process; None where
    only batches can be taken. `count` is how many records were taken.
    """

    location: str
    count: int

    @property
    def encoder(self) -> Encoder | None: ...

    def take(self, batch: Batch) -> None: ...

    def write(self, encoded: bytes, count: int) -> None: ...

    def commit(self) -> None:
        """All records were handed over."""

    def abort(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Destination(Protocol):
    """A place that is being filled: whole or not at all. Built with (url, Wanted); leaving its `with` block without a commit leaves
    nothing behind.

    The constructor connects, and raises OutputError for whatever can be found wrong before anything is spent: credentials, a missing
    bucket or database, a missing client library (with the install command). WriteError when the place fails later. No message holds a
    password. `location` is the URL as it may be shown. `warnings` are told to the user after the commit.
    """

    location: str
    warnings: list[str]

    def open(self, name: str, shape: Shape) -> RecordSink:
        """The sink of the next table or document, called `name` where the URL doesn't name one. OutputError for one that can't be taken:
        a table of other columns, one that is there already.
        """

    def commit(self, manifest: dict[str, Any]) -> None:
        """Make all that was taken visible at once, after its row counts and digests were verified. `manifest` says what the records are."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def names_destination(output: str | None) -> bool:
    """The output is a URL, not a path - or was meant to be one: `postgresql:host/db` names no file."""
    return output is not None and ("://" in output or _lacks_slashes(output))


def open_destination(url: str, wanted: Wanted) -> Destination:
    """The destination that `url` names. OutputError for a scheme that no installed part has."""
    if "://" not in url:
        scheme = url.partition(":")[0]
        raise OutputError(
            f"output '{scheme}:...': two slashes are missing; write {scheme}://..., or for a file of that name ./{scheme}:..."
        )
    scheme = scheme_of(url)
    if scheme not in plugins.names(_GROUP):
        known = ", ".join(f"{name}://" for name in plugins.names(_GROUP))
        raise OutputError(f"output {shown_place(url)!r}: nothing is known of {scheme}://; use a path, or one of {known}")
    made: Destination = plugins.make(_GROUP, scheme, url, wanted)
    return made


def _lacks_slashes(output: str) -> bool:
    scheme, colon, _ = output.partition(":")
    return bool(colon) and scheme.partition("+")[0].lower() in plugins.names(_GROUP)


def scheme_of(url: str | None) -> str:
    """What a URL begins with, without the driver behind a plus sign; empty for what is no URL."""
    return url.partition("://")[0].partition("+")[0].lower() if url and "://" in url else ""
