"""What every generator and every format must keep to."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from synth_sdk.core.generators import Generator
from synth_sdk.sinks import Format

_SCALARS = (str, int, float, bool, type(None))


def check_generator(make: Callable[[int], Generator], count: int = 20) -> None:
    """`make(seed)` builds the generator. Its offline records are JSON, depend on (seed, n) alone, and differ between seeds; its
    requests tell retries apart; its features are scalars; it never calls the first of a block a repeat."""
    first, second = make(1), make(1)
    forward = [json.dumps(first.offline(index)) for index in range(count)]
    backward = [json.dumps(second.offline(index)) for index in reversed(range(count))]
    _must(forward == backward[::-1], "offline(n) depends on what was made before it")
    _must(forward != [json.dumps(make(2).offline(index)) for index in range(count)], "two seeds give the same records")
    block = [first.offline(index) for index in range(count)]
    _must(0 not in first.near_duplicates(block), "near_duplicates names the first record of a block")
    for record in block:
        _must(all(isinstance(value, _SCALARS) for value in first.features(record).values()), "features must be scalars")
    asked, again = first.request(0, 0), first.request(0, 1)
    if asked is not None and again is not None:
        _must(asked.slot != again.slot, "a retry must have another slot")
        _must(asked.instructions == again.instructions, "instructions must be the same for all requests of a task")


def check_format(format: Format, read: Callable[[bytes], Sequence[Any]], records: Sequence[Any]) -> None:
    """What `format` writes, `read` gives back: for `records`, and for none."""
    for wanted in (records, []):
        stream = io.BytesIO()
        writer = format.open(stream)
        for record in wanted:
            writer.write(record)
        writer.close()
        _must(list(read(stream.getvalue())) == list(wanted), f"{format.name}: what was written differs from what is read back")
    _must(all(suffix.startswith(".") for suffix in format.suffixes), "a suffix begins with a dot")


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)
