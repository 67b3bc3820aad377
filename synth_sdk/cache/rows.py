"""What a row of the store says: an accepted value, or the brief of the request that one was bought for."""

from dataclasses import dataclass
from typing import Any

from synth_sdk.cache.seal import seal, unseal
from synth_sdk.core.models import Json

_BRIEFS = "near"  # the keys of briefs are near/<family>/<key of the value>


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An accepted value, the arm that wrote it, its share of that call in micro-dollars, and when it was stored (Unix time).

    `words` is what the arm sent, as JSON, before a check made the value of it; "" if it is the value. `source` names the value whose words were lent for this
    one (`near`); "" if it was bought for this very request.
    """

    value: Json
    model: str
    cost_micros: int
    stored_at: float
    words: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a value was the answer to: its family (`keys.family_key`) and brief; and the words that the arm sent, as in `Entry`."""

    family: str
    brief: str
    words: str


def value_row(key: str, entry: Entry) -> bytes:
    """`entry` for the place `key`. TypeError or ValueError if it isn't JSON."""
    told: dict[str, Any] = {
        "value": entry.value,
        "model": entry.model,
        "cost_micros": entry.cost_micros,
        "stored_at": entry.stored_at,
    }
    if entry.words:
        told["words"] = entry.words
    if entry.source:
        told["source"] = entry.source
    return seal(key, told)


def read_value(key: str, row: object, since: float) -> Entry | None:
    """The entry in a row, if it is whole and was stored at `since` or later."""
    match unseal(key, row):
        case {"value": value, "model": str(model), "cost_micros": int(cost), "stored_at": float(stored_at), **more} if (
            stored_at >= since
        ):
            return Entry(
                value=value,
                model=model,
                cost_micros=cost,
                stored_at=stored_at,
                words=str(more.get("words", "")),
                source=str(more.get("source", "")),
            )
    return None


def brief_key(family: str, key: str) -> str:
    """The place of the brief of the value `key`; without a key, how the places of all briefs of the family begin."""
    return f"{_BRIEFS}/{family}/{key}"


def value_of(key: str) -> str | None:
    """The key of the value that the brief at the place `key` belongs to; None if no brief has that place."""
    return key.rpartition("/")[2] if key.startswith(f"{_BRIEFS}/") else None


def brief_row(place: str, brief: str, at: float) -> bytes:
    """`brief`, whose value was stored `at` (Unix time)."""
    return seal(place, {"brief": brief, "at": at})


def read_brief(place: str, row: object) -> tuple[str, float] | None:
    """A brief, and when its value was stored."""
    match unseal(place, row):
        case {"brief": str(brief), "at": float(at)}:
            return brief, at
    return None
