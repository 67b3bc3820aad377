"""The identity of a wanted record, independent of how it is bought.

Batch companions, concurrency, `output_tokens` and `avoid` stay out, so that re-batching or another budget finds the same values.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from synth_sdk.core.models import Request

# Raised when the same request means another record: prompts are built differently, or a stored value is something else.
KEY_VERSION = 1


def request_key(request: Request) -> str:
    """SHA-256, as 64 hex digits, of the version, task, instructions, brief, schema, slot and pinned arms (their order counts)."""
    asked = [KEY_VERSION, request.task, request.instructions, request.brief, request.schema, request.slot, request.arms]
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_as_dict)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _as_dict(value: Any) -> dict[str, Any]:
    """Mappings that aren't dicts (a read-only view, say) count as the dicts they show."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a request holds a {type(value).__name__}, which has no place in JSON")
