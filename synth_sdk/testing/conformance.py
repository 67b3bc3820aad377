"""What every generator and every format must keep to."""

import io
import json
import pickle
from collections.abc import Callable, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from synth_sdk.core.batches import Batch, ColumnBatch, Records
from synth_sdk.core.generators import Generator
from synth_sdk.sinks import Encoder, Format, Shape
from synth_sdk.testing.must import must

_SCALARS = (str, int, float, bool, type(None))
_ANY_SHAPE = Shape()


def check_generator(make: Callable[[int], Generator], count: int = 20) -> None:
    """`make(seed)` builds the generator. Its offline records are JSON that fits its schema, depend on (seed, n) alone however rows are
    batched, and differ between seeds; its requests tell retries apart; its features are scalars; what a record
    says is a text or nothing."""
    first = make(1)
    whole = _texts(first, range(count))
    must(len(whole) == count, "batch(rows) must hold one record for each row")
    backward = [_texts(make(1), rows) for rows in reversed(_split(count))]
    must([text for texts in reversed(backward) for text in texts] == whole, "a record depends on what was made before or with it")
    must(_texts(make(2), range(count)) != whole, "two seeds give the same records")
    must(first.rows_per_batch > 0, "rows_per_batch must be at least 1")
    block = list(first.batch(range(count)).records())
    _check_columns(first.batch(range(count)))
    fits = Draft202012Validator(first.record_schema).is_valid
    must(all(map(fits, block)), "a record doesn't fit record_schema")
    for record in block:
        must(isinstance(first.said(record), str | None), "said must be a text or None")
        must(all(isinstance(value, _SCALARS) for value in first.features(record).values()), "features must be scalars")
    asked, again = first.request(0, 0), first.request(0, 1)
    if asked is not None and again is not None:
        must(asked.slot != again.slot, "a retry must have another slot")
        must(asked.instructions == again.instructions, "instructions must be the same for all requests of a task")


def _texts(generator: Generator, rows: range) -> list[str]:
    return [json.dumps(record) for record in generator.batch(rows).records()]


def _split(count: int) -> list[range]:
    """The rows 0..count-1 in pieces of 1, 2, 3... rows."""
    pieces: list[range] = []
    start = 0
    while start < count:
        pieces.append(range(start, min(count, start + len(pieces) + 1)))
        start = pieces[-1].stop
    return pieces


def _check_columns(batch: Batch) -> None:
    """The faces of a batch of columns tell the same."""
    if isinstance(batch, ColumnBatch):
        records = list(batch.records())
        must([json.loads(line) for line in batch.lines().splitlines()] == records, "lines() and records() differ")
        must(batch.arrow().num_rows == len(records), "arrow() and records() differ in number")
        must(batch.measures().records == len(records), "measures() and records() differ in number")


def check_format(
    format: Format, read: Callable[[bytes], Sequence[Any]], records: Sequence[Any], shape: Shape = _ANY_SHAPE
) -> None:
    """What `format` writes, `read` gives back: for `records`, and for none. Bytes depend neither on how records are batched nor on
    whether the encoder has been sent to another process.
    """
    encoder = format.encoder(shape)
    sent = pickle.loads(pickle.dumps(encoder))  # noqa: S301 - our own pickle, as process runners send it
    for wanted in (records, []):
        document = _document(encoder, [wanted])
        must(list(read(document)) == list(wanted), f"{format.name}: what was written differs from what is read back")
        for cut in {0, 1, len(wanted) // 2}:
            parts = _document(sent, [wanted[:cut], wanted[cut:]])
            must(parts == document, f"{format.name}: the bytes depend on how records are batched")
    must(all(suffix.startswith(".") for suffix in format.suffixes), "a suffix begins with a dot")


def _document(encoder: Encoder, batches: Sequence[Sequence[Any]]) -> bytes:
    stream = io.BytesIO()
    writer = encoder.open(stream)
    start = 0
    for batch in batches:
        writer.write(encoder.encode(Records(batch), start))
        start += len(batch)
    writer.close()
    return stream.getvalue()
