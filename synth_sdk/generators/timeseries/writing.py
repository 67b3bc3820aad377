"""Samples written by models: what is measured at one moment, between its neighbours. Time, entity and label are never theirs to write."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import Rejected
from synth_sdk.core.models import Json
from synth_sdk.engine.series.model import Series
from synth_sdk.generators.timeseries.records import LABEL, Records
from synth_sdk.generators.timeseries.wish import Wish
from synth_sdk.generators.written import Draft

RULES = """You write single readings of a measured series, as test data for software that stores and shows such series.
- The brief names the moment, and what was read just before and after it. Write what could have been read in between: near its neighbours, not a copy of one, and with as many decimals.
- A label names an anomaly: then the reading is off as the label says. A reading that the brief calls missing is null.
- Fields that aren't readings belong to that moment too."""
_NEIGHBOURS = 2  # on either side
_FAR = 4.0  # spreads beyond the neighbours


def words_schema(records: Records) -> Json:
    """What a model writes of a record: all but its time, its entity and its label."""
    schema = deepcopy(records.schema)
    written = {*records.others, *(series.name for series in records.stream.series)}
    if not isinstance(schema.get("properties"), dict):
        return schema
    schema["properties"] = {name: one for name, one in schema["properties"].items() if name in written}
    schema["required"] = [name for name in schema.get("required", []) if name in written]
    return schema


def draft(records: Records, wish: Wish, batch: Callable[[range], Batch], row: int) -> Draft:
    """Record `row`: its offline twin gives the moment, its neighbours the surroundings."""
    rows = [row + turn * wish.width for turn in range(-_NEIGHBOURS, _NEIGHBOURS + 1)]
    found = {one: batch(range(one, one + 1)).records()[0] for one in rows if one >= 0}
    twin = found[row]
    written = {*records.others, *(series.name for series in records.stream.series)}
    return Draft(
        brief=_brief(records, wish, found, row),
        words=lambda: {name: value for name, value in twin.items() if name in written},
        assemble=lambda words: _assembled(records, found, row, words),
    )


def _brief(records: Records, wish: Wish, found: Mapping[int, Any], row: int) -> str:
    twin = found[row]
    told = [f"Reading of {twin[records.moment[0]]}"]
    told += [f"of {twin[wish.entity_field]}"] if wish.entities else []
    told += [f"in {wish.about}"] if wish.about else []
    lines = [" ".join(told) + "."]
    for series in records.stream.series:
        around = ", ".join(
            "here" if one == row else "missing" if (value := record[series.name]) is None else str(value)
            for one, record in found.items()
        )
        lines.append(f"{series.name}: {around}.{' It is missing here.' if twin[series.name] is None else ''}")
    if twin.get(LABEL) and LABEL not in records.others:
        lines.append(f"Label: {twin[LABEL]}.")
    return " ".join(lines)


def _assembled(records: Records, found: Mapping[int, Any], row: int, words: Json) -> Json:
    """The offline twin with the words' readings and other fields. Rejected for a reading that doesn't fit its neighbours."""
    record = dict(found[row])
    record.update({name: words[name] for name in records.others if name in words})
    for series in records.stream.series:
        if record[series.name] is not None:
            record[series.name] = _reading(series, found, row, words.get(series.name))
    return record


def _reading(series: Series, found: Mapping[int, Any], row: int, told: Any) -> int | float:
    """The reading in the series' decimals."""
    if told is None:
        raise Rejected(f"{series.name} isn't missing here; write a number")
    value = round(told) if series.grid.whole else round(float(told), series.grid.places)
    low, high = _limits(series, found, row)
    if not low <= value <= high:
        raise Rejected(f"{series.name} {value:g} doesn't fit its neighbours; it must lie between {low:g} and {high:g}")
    return value


def _limits(series: Series, found: Mapping[int, Any], row: int) -> tuple[float, float]:
    """Between the neighbours, for a counter; near them and the offline reading, for a gauge."""
    around = {at: record[series.name] for at, record in found.items() if record[series.name] is not None}
    if series.counter and series.reset is None:
        return max((one for at, one in around.items() if at < row), default=0), min(
            (one for at, one in around.items() if at > row)
        )
    room = _FAR * series.spread
    return min(around.values()) - room, max(around.values()) + room
