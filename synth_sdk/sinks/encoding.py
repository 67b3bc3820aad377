"""One record as one line of JSON, which the formats jsonl and json share."""

import json
import math
from typing import Any

# Legal inside JSON strings, but line ends for str.splitlines and JavaScript: escaped, so that a record stays one line.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def to_line(record: Any, separators: tuple[str, str]) -> bytes:
    """`record` as UTF-8 without a line end.

    Lone surrogates, which UTF-8 can't hold, become their JSON escapes; NaN and infinities, which JSON can't hold, become null.
    TypeError for what isn't JSON.
    """
    try:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=separators)
    except ValueError:
        text = json.dumps(_finite(record), ensure_ascii=False, allow_nan=False, separators=separators)
    for character, escape in _LINE_ENDS.items():
        if character in text:
            text = text.replace(character, escape)
    return text.encode("utf-8", "backslashreplace")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
