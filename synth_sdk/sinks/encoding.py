"""One record as one line of JSON, which the formats jsonl and json share."""

from synth_sdk.core.batches import Batch, LineBatch
from synth_sdk.core.errors import WriteError
from synth_sdk.core.models import Json
from synth_sdk.schema.layout.json_text import one_line, to_text


def to_line(record: Json) -> bytes:
    """`record` as compact JSON in UTF-8, without a line end in it or behind it. TypeError or ValueError for what isn't JSON."""
    return one_line(to_text(record)).encode("utf-8")


def to_lines(batch: Batch, start: int) -> bytes:
    """The records of `batch`, each with its line end. WriteError names the first that isn't JSON; `start` stand before it."""
    if isinstance(batch, LineBatch):
        return batch.lines()
    lines = []
    for place, record in enumerate(batch.records(), start + 1):
        try:
            lines.append(to_line(record))
        except (TypeError, ValueError, RecursionError) as error:
            raise WriteError(f"record {place} can't be written as JSON: {error}") from error
    return b"\n".join([*lines, b""])
