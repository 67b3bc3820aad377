"""What two runs have in common and what not: request, fingerprint, versions, cost, time, quality of each field."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.history.bounds import CUT
from synth_sdk.history.entries import Entry

Pair = tuple[Any, Any]
_QUALITY = "data_quality_metrics"
_COUNT, _TOP = "count", "top"
_MOST_CATEGORIES = 12  # of a field whose shares say something; the most frequent of many names or ids don't


def differences(before: Entry, after: Entry) -> dict[str, Any]:
    """By section the figures in which the runs differ, by their dotted place, as [before, after]; None where one has no such figure.

    `same` says which of fingerprint, seed, schema and content (the digest of all records) are equal: None where one of them isn't known.
    """
    left, right = _sections(before), _sections(after)
    found = {name: _changed(left[name], right[name]) for name in left}
    return {
        "runs": [before.id, after.id],
        "started_at": [one.summary()["started_at"] for one in (before, after)],
        "same": {
            "fingerprint": _same(before.fingerprint, after.fingerprint),
            "seed": before.seed == after.seed,
            "schema": before.schema_digest == after.schema_digest,
            "content": _same(_manifest(before).get("row_digest"), _manifest(after).get("row_digest")),
        },
        **{name: {place: list(pair) for place, pair in changed.items()} for name, changed in found.items() if changed},
    }


def _sections(entry: Entry) -> dict[str, dict[str, Any]]:
    report = entry.report
    cost = {name: value for name, value in (report.get("cost") or {}).items() if value not in (None, {})}
    return {
        "request": dict(_leaves({**entry.request, "schema_digest": entry.schema_digest})),
        "outcome": {"status": entry.status, "failure": entry.failure, "records": entry.records, "exit_code": entry.exit_code},
        "time": {"milliseconds": entry.milliseconds, **dict(_stages(report.get("stages")))},
        "cost": dict(_leaves(cost)),
        "origins": dict(_leaves(report.get("origins") or {})),
        "versions": dict(_leaves(_manifest(entry).get("versions") or {})),
        "quality": dict(_scores(report.get(_QUALITY) or {})),
        "compliance": dict(_leaves(report.get("compliance") or {})),
    }


def _changed(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Pair]:
    places = [*left, *(place for place in right if place not in left)]
    return {place: (left.get(place), right.get(place)) for place in places if left.get(place) != right.get(place)}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The single values by their dotted place. Of lists only those of words and of named things: bins and edges say little in lines."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name != CUT:
                yield from _leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield path, ", ".join(value)
    else:
        yield path, value


def _scores(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The single figures of a quality section. How often values occur is told in shares, since runs differ in their counts."""
    if not isinstance(value, Mapping):
        yield from ((path, value),) if not isinstance(value, list) else ()
        return
    for name, item in value.items():
        place = f"{path}.{name}" if path else str(name)
        if name == _TOP and isinstance(item, Mapping):
            yield from _shares(item, value, place)
        elif name not in (_COUNT, CUT):
            yield from _scores(item, place)


def _shares(top: Mapping[str, Any], of_field: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    count, distinct = of_field.get(_COUNT), of_field.get("distinct", len(top))
    if isinstance(count, int) and count and isinstance(distinct, int) and distinct <= _MOST_CATEGORIES:
        yield from ((f"{path}.{name}", round(times / count, 4)) for name, times in top.items() if isinstance(times, int))


def _stages(stages: Any) -> Iterator[tuple[str, Any]]:
    """How long each stage took."""
    for stage in stages if isinstance(stages, list) else ():
        if isinstance(stage, Mapping) and "name" in stage:
            yield from ((f"{stage['name']}.{name}", value) for name, value in stage.items() if isinstance(value, int | float))


def _manifest(entry: Entry) -> Mapping[str, Any]:
    manifest = entry.report.get("manifest")
    return manifest if isinstance(manifest, Mapping) else {}


def _same(left: object, right: object) -> bool | None:
    return left == right if left and right else None
