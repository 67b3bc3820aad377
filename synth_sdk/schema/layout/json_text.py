"""JSON as text, for values that don't quite fit into UTF-8 or into JSON."""

import json
import math

from synth_sdk.core.models import Json

# Legal inside JSON strings, but line ends for str.splitlines and JavaScript.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def one_line(text: str) -> str:
    """JSON text with the characters escaped at which some readers break lines."""
    if not text.isascii():
        for character, escape in _LINE_ENDS.items():
            text = text.replace(character, escape)
    return text


def to_text(value: Json) -> str:
    """`value` as compact JSON that UTF-8 can hold.

    Lone surrogates become their JSON escapes; NaN and infinities, which JSON can't hold, become null. TypeError for what isn't JSON.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _finite(value: Json) -> Json:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
