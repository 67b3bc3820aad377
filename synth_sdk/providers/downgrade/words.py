"""Constraints as a model reads them."""

import json

from synth_sdk.core.models import Json

_LONGEST = 300


def in_words(keyword: str, value: Json) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return f"{keyword} {told if len(told) <= _LONGEST else told[: _LONGEST - 3] + '...'}"
