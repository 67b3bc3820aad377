"""What a blueprint of kind `timeseries` holds: for each series how it behaves, written once; the engine makes samples of it for ever."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.generators.banks import shape_flaws
from synth_sdk.generators.conversation_schema import fields
from synth_sdk.generators.timeseries.records import Records
from synth_sdk.generators.timeseries.wish import Wish
from synth_sdk.schema.pointers import to_pointer

_NUMBER: Json = {"type": "number"}
_DURATION: Json = {"type": "string", "pattern": r"^\d+(\.\d+)?(s|m|h|d|w)$"}
_SEASON: Json = fields("phase", period=_DURATION, amplitude=_NUMBER, phase={"type": "number", "minimum": 0, "maximum": 1})
_DEFINITION: Json = fields(
    *("unit", "noise_ar", "trend", "seasonality", "weekend", "min", "max", "regime_every", "regime_shift"),
    unit={"type": "string", "maxLength": 40},
    base=_NUMBER,
    noise={"type": "number", "minimum": 0},
    noise_ar={"type": "number", "minimum": 0, "maximum": 0.999},
    trend=_NUMBER,
    seasonality={"type": "array", "items": _SEASON, "maxItems": 6},
    weekend={"type": "number", "minimum": 0, "maximum": 10},
    min=_NUMBER,
    max=_NUMBER,
    regime_every=_DURATION,
    regime_shift={"type": "number", "minimum": 0},
)

_RULES = """\
Say how measured series behave, from what you know of such measurements; a program makes samples of it. For each series:
"base" is the level it keeps to, in "unit"; "noise" the standard deviation of what is irregular from sample to sample, and "noise_ar" how much
of it lasts to the next sample (0 none, 0.9 much: choose more the closer samples are). "seasonality" lists waves: "period" as a duration (1h, 1d,
7d), "amplitude" in the series' unit, "phase" the share of the period (0 to 1) by which it is ahead of a sine that begins to rise at midnight
UTC, or on Monday. "weekend" is the factor of a Saturday and a Sunday where they differ, "trend" the rise per sample where there is one, "min"
and "max" what can't be exceeded. "regime_every" and "regime_shift" are for things that change over: how often, and by how much the level then
differs (a standard deviation). Leave out what doesn't apply. Levels, waves and noise must fit each other: base minus all amplitudes minus four
times the noise is still a value that occurs."""


def blueprint_schema(names: Sequence[str]) -> Json:
    """One definition for each series."""
    return fields(*names, **dict.fromkeys(names, _DEFINITION))


def blueprint_rules(records: Records, wish: Wish) -> str:
    """The rules, and what is known of these series."""
    told = [_RULES, f"What is measured: {wish.about}." if wish.about else ""]
    told.append(
        f"A sample is taken every {wish.clock.step / 1e6:g} seconds{f', of {wish.width} alike things' if wish.width > 1 else ''}."
    )
    properties: Mapping[str, Any] = records.schema.get("properties", {})
    for series in records.stream.series:
        own = properties.get(series.name) or {}
        known = [f"{key} {own[key]}" for key in ("description", "title", "minimum", "maximum") if key in own]
        told.append(
            f"{series.name}: {'a counter, of which you describe the rate per sample; ' * series.counter}{', '.join(known) or 'no more is known'}"
        )
    return "\n".join(line for line in told if line)


def blueprint_flaws(value: Json, schema: Json, tried: Callable[[Any], None]) -> list[str]:
    """What stands in the way of making samples of `value`; `tried` makes them of some definitions."""
    if flaws := shape_flaws(value, schema):
        return flaws
    flaws = []
    for name, definition in value.items():
        try:
            tried({name: definition})
        except RequestError as error:
            flaws.append(f"at {to_pointer((name,))}: {error.message}")
    return flaws
