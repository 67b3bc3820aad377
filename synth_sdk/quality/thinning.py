"""Which records are looked at: all of the first 32,768, of every eight after them one - so that measuring a long run costs less than
making it, and what grows or swings along a run is seen everywhere.

Which one of eight is chosen by a hash, lest it keep step with something in the records; how values are spread counts it eight times. The
choice depends on the numbers of the records alone, so it is the same in any batches.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality.hashing import I64, of_rows

ALL = 32_768  # records
EVERY = 8


def looked_at(first: int, count: int) -> Iterator[tuple[I64, int]]:
    """The places, among `count` records from record `first` on, of those that are looked at, and for how many each of them stands."""
    whole = max(0, min(count, ALL - first))
    if whole:
        yield np.arange(whole, dtype=np.int64), 1
    begin = first + whole
    groups = np.arange(begin // EVERY, -(-(first + count) // EVERY), dtype=np.int64)
    rows = groups * EVERY + (of_rows(groups) % np.uint64(EVERY)).astype(np.int64)
    rows = rows[(rows >= begin) & (rows < first + count)]
    if len(rows):
        yield rows - first, EVERY


def weights(rows: I64) -> NDArray[np.float64]:
    """For how many records each of these stands, which are looked at."""
    return np.where(rows < ALL, 1.0, float(EVERY))
