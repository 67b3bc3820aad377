"""Text made of Arrow columns, without a Python value for any cell. Imported when there are columns, so pyarrow is there."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import filled, null_scalar, of_numpy, of_texts, text_scalar, to_numbers


def joined(*pieces: pa.Array | str) -> pa.Array:
    """The pieces of each row, one behind the other. A null piece makes the row null."""
    return pc.binary_join_element_wise(
        *(text_scalar(piece) if isinstance(piece, str) else piece for piece in pieces), text_scalar("")
    )


def joined_lists(lists: pa.Array, texts: pa.Array, separator: str) -> pa.Array:
    """The items of each list, for which `texts` stand one by one (`lists.flatten()`), with `separator` between them. Null for null."""
    lengths = to_numbers(filled(pc.list_value_length(lists), 0))
    bounds = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    together = pc.binary_join(pa.ListArray.from_arrays(of_numpy(bounds), texts), text_scalar(separator))
    return pc.if_else(lists.is_valid(), together, null_scalar(pa.string()))


def replaced(column: pa.Array, pairs: dict[str, str]) -> pa.Array:
    """Each character of `pairs` replaced, in their order."""
    for character, escape in pairs.items():
        column = pc.replace_substring(column, character, escape)
    return column


def mapped_where(column: pa.Array, pattern: str, change: Callable[[str], str]) -> pa.Array:
    """`change` applied to the values in which the regular expression `pattern` (RE2's) is found: a few, if any."""
    found = filled(pc.match_substring_regex(column, pattern), False)
    if not pc.any(found).as_py():
        return column
    return pc.replace_with_mask(column, found, of_texts(change(value) for value in column.filter(found).to_pylist()))


def to_bytes(column: pa.Array) -> bytes:
    """All values of a column of text without nulls, one behind the other."""
    if not len(column):
        return b""
    _, offsets, data = column.buffers()
    bounds = memoryview(offsets).cast("i")
    first, last = bounds[column.offset], bounds[column.offset + len(column)]
    return data.slice(first, last - first).to_pybytes() if data is not None else b""
