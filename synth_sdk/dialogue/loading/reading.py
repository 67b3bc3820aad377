"""Reading the keys of a pack file: each helper returns what stands there or raises a PackError that says where it is wrong."""

from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from synth_sdk.core.errors import nearest
from synth_sdk.dialogue.expr import Expr
from synth_sdk.dialogue.loading.source import Map, Seq, fail
from synth_sdk.dialogue.loading.values import condition
from synth_sdk.dialogue.model import Place


def known_keys(spec: Map, keys: Iterable[str], what: str) -> None:
    for key in spec:
        if key not in keys:
            near = nearest(key, keys)
            raise fail(
                f"{what} has no key {key!r}{': did you mean ' + ' or '.join(near) + '?' if near else ''}",
                spec,
                key,
                "unknown key",
            )


def mapping(holder: Map, key: str) -> Map:
    value = holder.get(key)
    if value is None:
        return Map(*holder.places.get(key, (holder.file, holder.line)))
    if not isinstance(value, Map):
        raise fail(f"{key}: write a mapping", holder, key)
    return value


def sequence(holder: Map, key: str) -> Seq:
    value = holder.get(key)
    if value is None:
        return Seq(*holder.places.get(key, (holder.file, holder.line)))
    if not isinstance(value, Seq):
        raise fail(f"{key}: write a list", holder, key)
    return value


def text_at(holder: Map, key: str) -> str:
    value = holder.get(key)
    if not isinstance(value, str) or not value.strip():
        raise fail(f"{key}: write some text", holder, key)
    return value


def zone_at(clock: Map) -> tzinfo:
    name = str(clock.get("tz", "UTC"))
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise fail(f"clock.tz: {name!r} is not a time zone such as UTC or Europe/Oslo", clock, "tz", "clock") from None


def number_at(holder: Map, key: str, default: float, low: float = 0, high: float = 1e9) -> float:
    value = holder.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise fail(f"{key}: {value!r} is not a number from {low:g} to {high:g}", holder, key)
    return float(value)


def when_at(holder: Map, key: str) -> Expr | None:
    return condition(holder[key], holder, key) if key in holder else None


def place_of(holder: Map) -> Place:
    return Place(holder.file, holder.line)


def without_places(value: Any) -> Any:
    """The same data without places."""
    if isinstance(value, Mapping):
        return {key: without_places(entry) for key, entry in value.items()}
    return [without_places(entry) for entry in value] if isinstance(value, list) else value
