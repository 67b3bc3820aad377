"""Arrow arrays and scalars out of numpy's and Python's values, and back, without `pa.array`, `pa.scalar` and `to_numpy`.

Those look for pandas when they first run: where pandas is installed a command takes half a second longer, and an interrupt in that
moment is lost.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray


def of_numpy(values: "NDArray[Any]") -> pa.Array:
    """Whole numbers, floats or booleans of one dimension; numbers aren't copied."""
    values = np.ascontiguousarray(values)
    if values.dtype == np.bool_:
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values, bitorder="little"))])
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def of_texts(texts: Iterable[str | None]) -> pa.StringArray:
    """Texts, and nulls. UnicodeEncodeError for half a surrogate pair."""
    there = list(texts)
    encoded = [b"" if text is None else text.encode() for text in there]
    bounds = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=bounds[1:])
    nulls = [text is None for text in there]
    mask = pa.py_buffer(np.packbits(~np.array(nulls, np.bool_), bitorder="little")) if any(nulls) else None
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(bounds), pa.py_buffer(b"".join(encoded)), mask)


def of_values(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    """Texts, booleans, whole numbers or floats as `type`, and nulls. OverflowError for a number that doesn't fit."""
    if pa.types.is_string(type):
        return of_texts(values)
    there = of_numpy(np.array([0 if value is None else value for value in values], type.to_pandas_dtype()))
    empty = np.array([value is None for value in values], np.bool_)
    return pc.if_else(of_numpy(empty), null_scalar(type), there) if empty.any() else there


def text_scalar(value: str) -> pa.StringScalar:
    """One text for all rows."""
    return of_texts([value])[0]


def null_scalar(type: pa.DataType) -> pa.Scalar:
    """Nothing, for all rows."""
    return pa.nulls(1, type)[0]


def filled(column: pa.Array, value: Any) -> pa.Array:
    """`value` in the place of nulls: a text, a boolean, a number."""
    return pc.fill_null(column, of_values([value], column.type)[0]) if column.null_count else column


def to_mask(array: pa.BooleanArray) -> "NDArray[np.bool_]":
    """Booleans without nulls."""
    bits = np.unpackbits(np.frombuffer(array.buffers()[1], np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].view(np.bool_)


def to_numbers(array: pa.Array) -> "NDArray[Any]":
    """Numbers without nulls; they aren't copied."""
    values: NDArray[Any] = np.frombuffer(array.buffers()[1], array.type.to_pandas_dtype())
    return values[array.offset : array.offset + len(array)]
