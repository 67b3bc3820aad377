"""The identity of a wanted record, independent of how it is bought.

Batch companions, concurrency, `output_tokens` and `avoid` stay out, so that re-batching or another budget finds the same values.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from synth_sdk.core.models import Request

# Raised when the same request means another record: prompts are built differently, or a stored value is something else.
KEY_VERSION = 1

_schemas: dict[int, tuple[Mapping[str, Any], str]] = {}  # by identity: all requests of a task hold the same object
_MOST_SCHEMAS = 256


def request_key(request: Request) -> str:
    """SHA-256, as 64 hex digits, of the version, task, instructions, brief, schema, slot and pinned arms (their order counts)."""
    own = ",".join((_dump(request.brief), _schema_text(request.schema), _dump(request.slot), _dump(request.arms)))
    text = f"[{_prefix(request.task, request.instructions)},{own}]"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def family_key(request: Request) -> str:
    """32 hex digits that are the same for all requests which differ in their briefs and slots alone."""
    text = f"[{_prefix(request.task, request.instructions)},{_schema_text(request.schema)},{_dump(request.arms)}]"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@lru_cache(maxsize=256)
def _prefix(task: str, instructions: str) -> str:
    return ",".join((_dump(KEY_VERSION), _dump(task), _dump(instructions)))


def _schema_text(schema: Mapping[str, Any]) -> str:
    """A schema isn't changed once a request holds it."""
    known, text = _schemas.get(id(schema), (None, ""))
    if known is not schema:
        text = _dump(schema)
        if len(_schemas) >= _MOST_SCHEMAS:
            _schemas.clear()
        _schemas[id(schema)] = schema, text
    return text


def _as_dict(value: Any) -> dict[str, Any]:
    """Mappings that aren't dicts (a read-only view, say) count as the dicts they show."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a request holds a {type(value).__name__}, which has no place in JSON")


_dump = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_as_dict).encode
