"""Do texts have the format that their schema declares? Common formats are asked of whole columns, others a text at a time."""

from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_OCTET = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PATTERNS = {
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "email": rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(\.{_LABEL})*$",  # as HTML 5 reads <input type=email>
    "ipv4": rf"^({_OCTET}\.){{3}}{_OCTET}$",
    "hostname": rf"^{_LABEL}(\.{_LABEL})*\.?$",
    "time": r"^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$",
}
ONE_BY_ONE = 2000  # texts of any other format


def conformance(texts: pa.StringArray, name: str) -> tuple[float, int] | None:
    """The share of the texts that have the format, and how many were asked. None for a format that nobody knows, or no texts."""
    if not len(texts):
        return None
    if name in _PATTERNS:
        fitting = pc.sum(pc.match_substring_regex(texts, _PATTERNS[name])).as_py() or 0
        return fitting / len(texts), len(texts)
    checker = _checker()
    if name not in checker.checkers:
        return None
    some = texts[:ONE_BY_ONE].to_pylist()
    return sum(checker.conforms(text, name) for text in some) / len(some), len(some)


@cache
def _checker() -> Any:
    from synth_sdk.schema.checkers import load_jsonschema

    return load_jsonschema().Draft202012Validator.FORMAT_CHECKER
