"""The records of a stream: which fields they have, and the samplers that fill them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.engine.columns.pools import Table
from synth_sdk.engine.columns.samplers import Field, ObjectSampler, Sampler
from synth_sdk.engine.series.columns import (
    ISO,
    Drawing,
    EntitySampler,
    LabelSampler,
    MomentSampler,
    SeriesSampler,
    text_bank,
)
from synth_sdk.engine.series.lines import Joins
from synth_sdk.engine.series.model import LARGEST, Series, Stream
from synth_sdk.engine.series.stream import Signals
from synth_sdk.generators.timeseries.shape import Setting, build_series
from synth_sdk.generators.timeseries.wish import Wish, correlation_of

TIMESTAMP, VALUE, LABEL = "timestamp", "value", "anomaly"
Definitions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """`schema` of one record, the `stream` behind it, and what draws a batch. `moment`: the name and the strftime format of the field
    that holds the time; `others`: fields that have nothing to do with the series.
    """

    schema: Json
    stream: Stream
    root: ObjectSampler
    joins: Joins
    table: Table
    drawing: Drawing
    moment: tuple[str, str] = (TIMESTAMP, ISO)
    others: tuple[str, ...] = ()


def plain_records(spec: Spec, wish: Wish, definitions: Definitions) -> Records:
    """Records without a schema: timestamp, entity, each series by its name, label."""
    names = wish.names or (VALUE,)
    taken = {TIMESTAMP, LABEL, wish.entity_field}
    for name in names:
        if name in taken:
            raise RequestError(f"series {name!r}: the record has that field for another purpose; rename the series")
    setting = Setting(wish.clock, wish.width)
    series = [build_series(name, wish.told(name, definitions.get(name, {})), setting) for name in names]
    stream = stream_of(spec, wish, series)
    table = Table()
    joins = Joins(table)
    drawing = Drawing(Signals(stream), joins)
    properties: dict[str, Json] = {TIMESTAMP: {"type": "string", "format": "date-time"}}
    samplers: dict[str, Sampler] = {TIMESTAMP: MomentSampler(drawing)}
    if wish.entities:
        properties[wish.entity_field] = {"type": "string"}
        samplers[wish.entity_field] = EntitySampler(drawing, text_bank(wish.entities, joins))
    for place, one in enumerate(series):
        properties[one.name], samplers[one.name] = number_schema(one), SeriesSampler(drawing, place)
    if (labels := labels_of(wish)) is not None:
        properties[LABEL], samplers[LABEL] = label_schema(labels), LabelSampler(drawing, text_bank(labels, joins))
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return Records(schema, stream, object_of(samplers), joins, table, drawing)


def stream_of(spec: Spec, wish: Wish, series: Sequence[Series]) -> Stream:
    """The stream of those series."""
    correlation = correlation_of(wish.correlation, [one.name for one in series])
    if correlation and len({one.ar for one in series}) > 1:
        raise RequestError("correlation: series whose noises are correlated share one noise_ar; give it once, for all")
    return Stream(
        seed=spec.seed,
        start=wish.clock.start,
        step=wish.clock.step,
        series=tuple(series),
        entities=wish.width,
        correlation=correlation,
        anomalies=wish.anomalies,
    )


def object_of(samplers: Mapping[str, Sampler]) -> ObjectSampler:
    """Records with those properties, all of them always there."""
    fields = [Field(name, sampler, None, 0) for name, sampler in samplers.items()]
    return ObjectSampler(fields, range(len(fields)))


def labels_of(wish: Wish) -> tuple[str | None, ...] | None:
    """Null and what a record can be labelled; None for records without a label."""
    return (None, *wish.anomalies.labels) if wish.anomalies is not None and wish.labels else None


def label_schema(labels: Sequence[str | None]) -> Json:
    return {"type": ["string", "null"], "enum": list(labels)}


def number_schema(series: Series) -> Json:
    """The schema of one series' values."""
    grid = series.grid
    kind = "integer" if grid.whole else "number"
    found: dict[str, Json] = {"type": [kind, "null"] if series.gaps else kind}
    for key, bound in (("minimum", grid.first), ("maximum", grid.last)):
        if abs(bound) < LARGEST:
            found[key] = bound if grid.whole else bound / 10**grid.places
    return found
