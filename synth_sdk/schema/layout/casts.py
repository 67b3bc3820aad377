"""Arrow arrays of one type as another that holds the same JSON values. Imported when there are arrays, so pyarrow is there."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from synth_sdk.schema.layout.json_text import to_text

_SAME_VALUES = (types.is_boolean, types.is_integer, types.is_floating)


def cast(array: pa.Array, target: pa.DataType) -> pa.Array | None:
    """None if the values would not be the same, or not of the same JSON type."""
    if array.type.equals(target):
        return _finite(array) if types.is_floating(target) else array
    if isinstance(target, pa.JsonType):
        return _to_json(array, target)
    if not _alike(array.type, target):
        return None
    try:
        return array.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return None


def _finite(array: pa.Array) -> pa.Array:
    """JSON has no NaN and no infinity: null."""
    finite = pc.is_finite(array)
    return array if pc.all(finite).as_py() in (True, None) else pc.if_else(finite, array, pa.scalar(None, array.type))


def _alike(source: pa.DataType, target: pa.DataType) -> bool:
    if types.is_null(source):
        return True
    if types.is_dictionary(source):
        return _alike(source.value_type, target)
    if types.is_integer(source) and types.is_floating(target):
        return True
    if types.is_list(target):
        return (types.is_list(source) or types.is_large_list(source)) and _alike(source.value_type, target.value_type)
    if types.is_struct(target):
        return _same_fields(source, target)
    return (_is_text(source) and _is_text(target)) or any(is_kind(source) and is_kind(target) for is_kind in _SAME_VALUES)


def _same_fields(source: pa.DataType, target: pa.DataType) -> bool:
    if not types.is_struct(source) or [field.name for field in source] != [field.name for field in target]:
        return False
    return all(_alike(one.type, other.type) for one, other in zip(source, target, strict=True))


def _is_text(type: pa.DataType) -> bool:
    return bool(types.is_string(type) or types.is_large_string(type) or types.is_string_view(type))


def _to_json(array: pa.Array, target: pa.DataType) -> pa.Array | None:
    """Scalars and lists of them as JSON text. Objects aren't: whether their nulls were absent is known to the records only."""
    inner = array.type.value_type if types.is_list(array.type) or types.is_dictionary(array.type) else array.type
    if not (types.is_null(inner) or _is_text(inner) or any(is_kind(inner) for is_kind in _SAME_VALUES)):
        return None
    return pa.array([None if value is None else to_text(value) for value in array.to_pylist()], target)
