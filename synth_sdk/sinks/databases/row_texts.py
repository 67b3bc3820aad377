"""Rows as text, a line for each: what is sent to servers that read text, and what is hashed. Imported when there are columns.

Floats stand last in a line: they may be hashed in other words than they are sent in.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import null_scalar, text_scalar, to_numbers
from synth_sdk.core.errors import WriteError
from synth_sdk.schema.layout.text_columns import joined, mapped_where, replaced, to_bytes
from synth_sdk.sinks.databases.content import Content, Digest, content_of, sealed

if TYPE_CHECKING:
    from synth_sdk.schema.layout.flat import Leaf

_NULL = "\\N"
_FROM_EXPONENT, _BELOW_EXPONENT = -15, 15  # where MariaDB and MySQL write plain digits
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)
Floats = Callable[[pa.Array], pa.Array]


def sealed_rows(
    rows: pa.RecordBatch, booleans: tuple[str, str], hashed: Floats, escapes: Mapping[str, str], digest: Digest | None = None
) -> bytes:
    """Rows as a server loads them, behind the digest of what it then holds. `hashed` says how it tells floats."""
    plain, floats = _texts(rows, booleans)
    head = [_joined(plain)] if plain else []
    there = _lines(head, [hashed(column) for column in floats])
    special = _escaped(plain, escapes)
    if special or floats:
        sent = _lines([_joined(special)] if special else head, [column.cast(pa.string()) for column in floats])
    else:
        sent = there
    return sealed(to_bytes(sent), content_of(_each(there), digest))


def content_of_rows(rows: pa.RecordBatch) -> Content:
    """Of rows that are hashed on this side only."""
    plain, floats = _texts(rows, ("false", "true"))
    return content_of(_each(_lines(plain, [float_bits(column) for column in floats])))


def refuse_null_characters(rows: pa.RecordBatch, leaves: "Sequence[Leaf]", start: int, place: str) -> None:
    """WriteError for the first text with a null character; `start` records stand before these."""
    for column, leaf in zip(rows.columns, leaves, strict=True):
        if not pa.types.is_string(column.type) or b"\0" not in _data(column):
            continue
        at = pc.index(pc.match_substring(column, "\0"), True).as_py()
        if at >= 0:
            told = f"record {start + at + 1}, column {leaf.name!r}: the text holds a null character, which {place} can't store"
            raise WriteError(f"{told}; write JSON Lines (-o x.jsonl), or load another database")


def float_bits(column: pa.Array) -> pa.Array:
    """The 64 bits of each float as 16 hex digits: no two systems write all floats alike."""
    bits = to_numbers(column).astype(">f8").view(np.uint8)
    bounds = np.arange(len(column) + 1, dtype=np.int32) * 16
    texts = pa.StringArray.from_buffers(len(column), pa.py_buffer(bounds), pa.py_buffer(_HEX[bits]))
    return pc.if_else(column.is_valid(), texts, null_scalar(pa.string())) if column.null_count else texts


def mysql_floats(column: pa.Array) -> pa.Array:
    """Floats as MariaDB and MySQL write them: plain from 1e-15 to below 1e15 and where there is a fraction, else
    with a bare exponent; zero without a sign.
    """
    return mapped_where(column.cast(pa.string()), r"e|^-0$", _mysql_float)


def _mysql_float(text: str) -> str:
    sign, digits, shift = Decimal(text).normalize().as_tuple()
    exponent = len(digits) + int(shift) - 1
    if not any(digits):
        return "0"
    if _FROM_EXPONENT <= exponent < _BELOW_EXPONENT or 0 <= exponent < len(digits) - 1:
        return f"{Decimal(text):f}"
    figures = "".join(map(str, digits))
    return f"{'-' * sign}{figures[0]}{'.' * (len(figures) > 1)}{figures[1:]}e{exponent}"


def _texts(rows: pa.RecordBatch, booleans: tuple[str, str]) -> tuple[list[pa.Array], list[pa.Array]]:
    """The columns as text, and those of floats as they are."""
    floats = [column for column in rows.columns if pa.types.is_floating(column.type)]
    return [_text(column, booleans) for column in rows.columns if not pa.types.is_floating(column.type)], floats


def _text(column: pa.Array, booleans: tuple[str, str]) -> pa.Array:
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, text_scalar(booleans[1]), text_scalar(booleans[0]))
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def _lines(head: list[pa.Array], cells: list[pa.Array]) -> pa.Array:
    return joined(*_with_tabs([*head, *cells]), "\n")


def _joined(cells: list[pa.Array]) -> pa.Array:
    """What stands before the floats, which is joined once for what is sent and what is hashed."""
    return joined(*_with_tabs(cells))


def _with_tabs(cells: list[pa.Array]) -> list[pa.Array | str]:
    return [piece for cell in cells for piece in ("\t", pc.fill_null(cell, text_scalar(_NULL)) if cell.null_count else cell)][1:]


def _escaped(cells: list[pa.Array], escapes: Mapping[str, str]) -> list[pa.Array] | None:
    """The cells with the characters of `escapes` replaced, in their order; None if there are none, which is quickly found."""
    found = [{mark: escape for mark, escape in escapes.items() if mark.encode() in _data(cell)} for cell in cells]
    return [replaced(cell, marks) if marks else cell for cell, marks in zip(cells, found, strict=True)] if any(found) else None


def _each(texts: pa.Array) -> list[bytes]:
    found: list[bytes] = texts.cast(pa.binary()).to_pylist()
    return found


def _data(column: pa.Array) -> bytes:
    """The bytes of all texts of a column, and maybe more: they can be searched faster than by Arrow."""
    data = column.buffers()[2]
    return data.to_pybytes() if data is not None else b""
