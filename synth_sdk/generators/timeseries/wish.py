"""What is wished of a stream as a whole, from constraints and options, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.quantities import parse_duration
from synth_sdk.engine.series.model import ANOMALY_KINDS, Anomalies
from synth_sdk.engine.series.noise import cholesky
from synth_sdk.engine.series.spans import LARGEST_SHARE
from synth_sdk.generators.timeseries.shape import SERIES_KEYS
from synth_sdk.generators.timeseries.values import Clock, Told, check_names, micros_of, parse_constraints

DEFAULT_RATE = "1s"
_ANOMALIES = frozenset({"outliers", "anomalies", "anomaly_kinds", "anomaly_length", "anomaly_size", "labels"})
STREAM_KEYS = _ANOMALIES | {"sample_rate", "duration", "entities", "entity_field", "series", "correlation", "about"}
KEYS = STREAM_KEYS | SERIES_KEYS
_MOST_ENTITIES = 100_000
_MOST_SERIES = 100
_LATEST = 253_402_300_800_000_000  # the year 10,000, microseconds since 1970


@dataclass(frozen=True, slots=True)
class Wish:
    """`defaults`: what options say of all series; `own`: what they say of single ones; `overrides`: what constraints say, which wins.

    `names` of series, None: not told. `entities`: their names, () for a stream without an entity's name in its records.
    """

    clock: Clock
    names: tuple[str, ...] | None
    entities: tuple[str, ...]
    entity_field: str
    anomalies: Anomalies | None
    labels: bool
    correlation: Any
    about: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many entities there are, named or not."""
        return max(len(self.entities), 1)

    def told(self, name: str, *beneath: Mapping[str, Any]) -> dict[str, Any]:
        """All that is told of the series called `name`, over `beneath`."""
        told: dict[str, Any] = {}
        for layer in (*beneath, self.defaults, self.own.get(name, {}), self.overrides):
            told |= layer
        return told


def read_wish(constraints: Mapping[str, str], options: Any, start: datetime) -> Wish:
    """RequestError or UnknownName for what can't be meant."""
    options = _checked_options(options)
    overrides = parse_constraints(constraints)
    check_names("timeseries constraint", overrides, KEYS)
    stream = {key: value for key, value in {**options, **overrides}.items() if key in STREAM_KEYS}
    if "duration" in stream:
        count_for(constraints, options)
    names, own = _series(_told(stream, "series"))
    anomalies = _anomalies(stream, clock := _clock(stream, start))
    return Wish(
        clock=clock,
        names=names,
        entities=_entities(_told(stream, "entities")),
        entity_field=_told(stream, "entity_field").text(255) if "entity_field" in stream else "entity",
        anomalies=anomalies,
        labels=_told(stream, "labels").yes() if "labels" in stream else True,
        correlation=stream.get("correlation"),
        about=_told(stream, "about").text() if "about" in stream else "",
        defaults={key: value for key, value in options.items() if key in SERIES_KEYS},
        own=own,
        overrides={key: value for key, value in overrides.items() if key in SERIES_KEYS},
    )


def count_for(constraints: Mapping[str, Any], options: Any) -> int | None:
    """How many records `duration` makes; None if it isn't told."""
    options = _checked_options(options)
    stream = {**options, **parse_constraints({str(key): str(value) for key, value in constraints.items()})}
    if stream.get("duration") is None:
        return None
    duration = parse_duration(stream["duration"], "duration")
    step = parse_duration(stream.get("sample_rate") or DEFAULT_RATE, "sample_rate")
    if duration < step:
        raise RequestError(
            f"duration {stream['duration']} is shorter than one sample of {stream.get('sample_rate') or DEFAULT_RATE}: raise it"
        )
    return duration // step * max(len(_entities(_told(stream, "entities"))), 1)


def check_end(wish: Wish, count: int) -> None:
    """RequestError if the last of `count` records lies beyond the year 9999."""
    if wish.clock.start + (count - 1) // wish.width * wish.clock.step >= _LATEST:
        raise RequestError(f"count {count:,}: the last sample would lie after the year 9999; lower the count or sample_rate")


def correlation_of(told: Any, names: Sequence[str]) -> tuple[tuple[float, ...], ...]:
    """The matrix of what is told: one number for all pairs, a matrix, or a mapping of names to mappings of names to numbers."""
    if told is None:
        return ()
    whole = Told(told, "correlation")
    if len(names) < 2:
        whole.refuse("takes several series; name them, as in series=temperature,humidity")
    if isinstance(told, Mapping):
        matrix = _of_pairs(told, names)
    elif isinstance(told, list | tuple):
        matrix = _of_rows(whole, names)
    else:
        matrix = [[1.0 if row == column else whole.number(-1, 1) for column in names] for row in names]
    try:
        cholesky(matrix)
    except ValueError:
        whole.refuse("no noises can be correlated like that (the matrix isn't positive definite); bring the numbers nearer to 0")
    return tuple(map(tuple, matrix))


def _of_rows(whole: Told, names: Sequence[str]) -> list[list[float]]:
    matrix = [[cell.number(-1, 1) for cell in row.items()] for row in whole.items()]
    size = len(names)
    if len(matrix) != size or any(len(row) != size for row in matrix):
        whole.refuse(f"must have {size} rows of {size} numbers, one for each of {', '.join(names)}")
    if any(matrix[row][row] != 1 or matrix[row][column] != matrix[column][row] for row in range(size) for column in range(size)):
        whole.refuse("must be symmetric, with 1 on its diagonal")
    return matrix


def _of_pairs(told: Mapping[str, Any], names: Sequence[str]) -> list[list[float]]:
    found: dict[tuple[str, str], float] = {}
    for one, row in told.items():
        if not isinstance(row, Mapping):
            Told(row, f"correlation.{one}").refuse("must be a mapping of names to numbers")
        for other, value in row.items():
            check_names("series in correlation:", (one, other), names)
            number = Told(value, f"correlation.{one}.{other}").number(-1, 1)
            if found.setdefault((other, one), number) != number:
                Told(value, f"correlation.{one}.{other}").refuse(f"differs from correlation.{other}.{one}")
            found[one, other] = number
    return [[1.0 if row == column else found.get((row, column), 0.0) for column in names] for row in names]


def _checked_options(options: Any) -> dict[str, Any]:
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise RequestError(f"options of kind 'timeseries' are a mapping, not {type(options).__name__}")
    check_names("timeseries option", options, KEYS)
    return {str(key): value for key, value in options.items() if value is not None}


def _told(stream: Mapping[str, Any], key: str) -> Told:
    return Told(stream.get(key), key)


def _clock(stream: Mapping[str, Any], start: datetime) -> Clock:
    return Clock(micros_of(start), parse_duration(stream.get("sample_rate", DEFAULT_RATE), "sample_rate"))


def _entities(told: Told) -> tuple[str, ...]:
    """Names as told, or as many made up."""
    if told.value is None:
        return ()
    if isinstance(told.value, list | tuple) or not str(told.value).strip().lstrip("-").isdigit():
        return told.names()
    count = told.whole(1, _MOST_ENTITIES)
    width = max(2, len(str(count)))
    return tuple(f"entity-{number:0{width}}" for number in range(1, count + 1)) if count > 1 else ()


def _series(told: Told) -> tuple[tuple[str, ...] | None, dict[str, Mapping[str, Any]]]:
    """Names of series, and what is told of each."""
    if told.value is None:
        return None, {}
    definitions: dict[str, Mapping[str, Any]] = {}
    if isinstance(told.value, Mapping):
        definitions = {str(name): {} if value is None else value for name, value in told.value.items()}
    names = tuple(definitions) or told.names()
    if not 0 < len(names) <= _MOST_SERIES:
        told.refuse(f"give 1 to {_MOST_SERIES} series")
    for name, definition in definitions.items():
        if not isinstance(definition, Mapping):
            Told(definition, f"series {name}").refuse("must be a mapping of keys such as base and noise")
        check_names(f"key of series {name!r}:", definition, SERIES_KEYS)
    return names, definitions


def _anomalies(stream: Mapping[str, Any], clock: Clock) -> Anomalies | None:
    given = {key: _told(stream, key) for key in _ANOMALIES & stream.keys()}
    outliers = given["outliers"].number(0, LARGEST_SHARE) if "outliers" in given else 0.0
    share = given["anomalies"].number(0, LARGEST_SHARE) if "anomalies" in given else 0.0
    for key in sorted(given.keys() - {"outliers", "anomalies"}):
        spans_only = key in ("anomaly_kinds", "anomaly_length")
        if not {"anomalies"} & given.keys() and (spans_only or "outliers" not in given):
            given[key].refuse(
                f"says nothing without anomalies{'' if spans_only else ' or outliers'}; add a share, such as anomalies=0.01"
            )
    if not (outliers or share):
        return None
    kinds = given["anomaly_kinds"].names() if "anomaly_kinds" in given else ANOMALY_KINDS
    for kind in kinds:
        if kind not in ANOMALY_KINDS:
            raise UnknownName("kind of anomaly", kind, ANOMALY_KINDS)
    length = clock.length(given["anomaly_length"]) if "anomaly_length" in given else 20
    size = given["anomaly_size"].number(above=0) if "anomaly_size" in given else 6.0
    return Anomalies(share, length, kinds, size, outliers)
