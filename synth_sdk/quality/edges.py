"""Edge values: which a field can have by its schema, and which occurred."""

from calendar import isleap
from collections.abc import Iterator
from datetime import date

from synth_sdk.quality import moments
from synth_sdk.quality.declared import Declared
from synth_sdk.quality.fields import FieldProfile


def edge_cases(profile: FieldProfile, declared: Declared) -> dict[str, bool]:
    """Each edge value that is possible, and whether it is there in any record."""
    found = dict(_absences(profile, declared))
    if declared.listed:
        return found | {"every listed value": len(profile.close.digests.digests) >= len(declared.listed)}
    tally = profile.tally
    if profile.measure.numbers:
        found |= _of_numbers(profile, declared)
    if tally["true"] or tally["false"]:
        found |= {"true": tally["true"] > 0, "false": tally["false"] > 0}
    if tally["texts"]:
        found |= _of_moments(profile, declared) if declared.moment else _of_texts(profile, declared)
    if tally["lists"]:
        found |= _of_sizes(profile, declared.min_items, declared.max_items, "list")
    return found


def _absences(profile: FieldProfile, declared: Declared) -> Iterator[tuple[str, bool]]:
    if declared.nullable and declared.types and not declared.required:  # columns can't tell one from the other
        yield "null or absent", profile.measure.nulls > 0 or profile.rows > profile.measure.count
    elif declared.nullable and declared.types:
        yield "null", profile.measure.nulls > 0
    elif not declared.required:
        yield "absent", profile.rows > profile.measure.count


def _of_numbers(profile: FieldProfile, declared: Declared) -> dict[str, bool]:
    low, high, measure = declared.low, declared.high, profile.measure
    found = {}
    if low is not None:
        found["minimum"] = measure.low == low
    if high is not None:
        found["maximum"] = measure.high == high
    if (low is None or low < 0) and (high is None or high > 0):
        found["zero"] = profile.tally["zeros"] > 0
    if low is None or low < 0:
        found["negative"] = profile.tally["negatives"] > 0
    return found


def _of_texts(profile: FieldProfile, declared: Declared) -> dict[str, bool]:
    found = {}
    free = not (declared.patterned or declared.format)
    if free or declared.max_length is not None or declared.min_length:
        found = _of_sizes(profile, declared.min_length, declared.max_length, "text")
    if free:
        found["not ASCII"] = profile.close.tally["foreign"] > 0
    else:
        found.pop("empty text", None)
    return found


def _of_sizes(profile: FieldProfile, least: int, most: int | None, word: str) -> dict[str, bool]:
    low, high = extremes(profile)
    found = {f"shortest {word}" if least else f"empty {word}": low == least}
    return found if most is None else found | {f"longest {word}": high == most}


def extremes(profile: FieldProfile) -> tuple[int, int]:
    """The least and greatest length."""
    profile.close.lengths.settle()
    if not len(profile.close.lengths.places):
        return -1, -1
    level = profile.close.lengths.level
    return int(profile.close.lengths.places[0]) << level, ((int(profile.close.lengths.places[-1]) + 1) << level) - 1


def _of_moments(profile: FieldProfile, declared: Declared) -> dict[str, bool]:
    """Days that lie between the earliest and the latest, and midnight for moments."""
    if profile.close.first is None:
        return {}
    first, last = (
        date.fromisoformat(moments.shown(end or 0, declared.moment)[:10]) for end in (profile.close.first, profile.close.last)
    )
    names = [
        name
        for name, days in (("leap day", _leap_days), ("last day of the year", _last_days))
        if any(first <= day <= last for day in days(range(first.year, last.year + 1)))
    ]
    names += ["midnight"] if declared.moment == "date-time" else []
    return {name: profile.close.tally[name] > 0 for name in names}


def _leap_days(years: range) -> Iterator[date]:
    return (date(year, 2, 29) for year in years if isleap(year))


def _last_days(years: range) -> Iterator[date]:
    return (date(year, 12, 31) for year in years)
