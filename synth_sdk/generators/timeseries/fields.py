"""Records of a schema: its date-time field is the time, its numbers are series, and the engine fills the rest as it always does."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from synth_sdk.core.errors import RequestError, SchemaError
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.engine.columns import Compiler, NotColumnarError
from synth_sdk.engine.columns.annotated import Capacity
from synth_sdk.engine.columns.numbers import NumberSampler
from synth_sdk.engine.columns.samplers import Field, NullableSampler, ObjectSampler, Sampler
from synth_sdk.engine.columns.times import MomentText
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.engine.corpora.banks import check_locale
from synth_sdk.engine.engine import check_capacities
from synth_sdk.engine.rows.engine import RowEngine
from synth_sdk.engine.series.columns import Drawing, EntitySampler, LabelSampler, MomentSampler, SeriesSampler, text_bank
from synth_sdk.engine.series.lines import Joins
from synth_sdk.engine.series.model import LARGEST, Grid, Series
from synth_sdk.engine.series.stream import Signals
from synth_sdk.generators.timeseries.records import LABEL, Definitions, Records, label_schema, labels_of, stream_of
from synth_sdk.generators.timeseries.shape import Setting, build_series
from synth_sdk.generators.timeseries.wish import Wish
from synth_sdk.schema import Schema, parse_schema
from synth_sdk.schema.annotations import KEYWORD
from synth_sdk.schema.names import snake

_TIMES = ("timestamp", "time", "ts", "datetime", "date_time", "date", "at", "measured_at", "recorded_at")
_KEPT = frozenset({"decimals", "null_rate"})  # what x-synth may say of a series


def schema_records(spec: Spec, wish: Wish, definitions: Definitions) -> Records:
    """The records of `spec.document`. RequestError if it has no time, no number, or can't be made in columns."""
    document, labels = _with_label(parse_schema(spec.document).document, wish), labels_of(wish)
    schema = Schema(document)
    merger = Merger(schema)
    rows = RowEngine(merger, spec.seed, check_locale(spec.locale), spec.start)
    compiler = Compiler(merger, spec.seed, check_locale(spec.locale), spec.start, rows=rows)
    root = _compiled(compiler)
    moment = _time(root)
    fields = {field.name: field for field in root.fields}
    numbers = [name for name, field in fields.items() if _is_series(field, document)]
    _check_names(wish, numbers, moment)
    series = [_series(fields[name], wish, definitions) for name in numbers]
    joins = Joins(compiler.table)
    drawing = Drawing(Signals(stream := stream_of(spec, wish, series)), joins)
    put: dict[str, Sampler] = {moment[0]: MomentSampler(drawing, moment[1])}
    put |= {one.name: SeriesSampler(drawing, place) for place, one in enumerate(series)}
    if wish.entities:
        put[_entity_field(wish, fields)] = EntitySampler(drawing, text_bank(wish.entities, joins))
    if labels is not None:
        put[LABEL] = LabelSampler(drawing, text_bank(labels, joins))
    whole = replace(
        root, fields=[Field(one.name, put[one.name], None, one.lane) if one.name in put else one for one in root.fields]
    )
    check_capacities(_others(compiler.capacities, put), spec.count)
    others = tuple(name for name in fields if name not in put)
    return Records(document, stream, whole, joins, compiler.table, drawing, moment, others)


def _compiled(compiler: Compiler) -> ObjectSampler:
    try:
        root = compiler.compile()
    except NotColumnarError as error:
        raise RequestError(
            f"schema: the records of a time series are made in columns, and this one has {error}; simplify it"
        ) from None
    if not isinstance(root, ObjectSampler):
        raise SchemaError("a time series needs an object with a date-time field and at least one number")
    return root


def _time(root: ObjectSampler) -> tuple[str, str]:
    """The name and the format of the field that holds the time."""
    found = {one.name: inner.format for one in root.fields if isinstance(inner := _inner(one), MomentText) and inner.rank}
    if not found:
        raise SchemaError("a time series needs a date-time field; add one, such as timestamp: datetime", pointer="/properties")
    name = min(found, key=lambda name: _TIMES.index(snake(name)) if snake(name) in _TIMES else len(_TIMES))
    return name, found[name]


def _is_series(field: Field, document: Any) -> bool:
    """A number of a range, about whose values the schema says no more."""
    inner = _inner(field)
    own = document["properties"].get(field.name) if isinstance(document.get("properties"), dict) else None
    wishes = own.get(KEYWORD) if isinstance(own, dict) else None
    wished = isinstance(wishes, dict) and wishes.keys() - _KEPT
    plain = (
        isinstance(inner, NumberSampler) and inner.agreement is None and inner.grid.allowed is None and inner.unique_key is None
    )
    return plain and not wished


def _check_names(wish: Wish, numbers: list[str], moment: tuple[str, str]) -> None:
    if not numbers:
        raise SchemaError(
            "a time series needs at least one number beside its time; add one, such as value: number", pointer="/properties"
        )
    for name in wish.names or ():
        if name not in numbers:
            raise RequestError(f"series {name!r}: the schema has no such number; its numbers are {', '.join(numbers)}")


def _series(field: Field, wish: Wish, definitions: Definitions) -> Series:
    inner = _inner(field)
    assert isinstance(inner, NumberSampler)  # noqa: S101 - `_is_series` said so
    grid = _grid(inner)
    nullable = isinstance(field.sampler, NullableSampler)
    beneath = {"missing": field.sampler.share} if isinstance(field.sampler, NullableSampler) else {}
    told = wish.told(field.name, beneath, definitions.get(field.name, {}))
    for key in ("integer", "decimals"):
        if key in told:
            raise RequestError(f"{field.name} {key}: the schema says that; leave it out here")
    return build_series(field.name, told, Setting(wish.clock, wish.width, grid, nullable))


def _grid(sampler: NumberSampler) -> Grid:
    """Between the declared bounds; the usual ones of such a name where none is declared."""
    usual, (low, high) = sampler.grid, sampler.limits
    declared = usual.unit == 1 and low <= high
    first = low if declared and low > -LARGEST else usual.first
    last = high if declared and high < LARGEST else usual.last
    return Grid(usual.places, sampler.whole, min(first, usual.first), max(last, usual.last), usual.unit)


def _entity_field(wish: Wish, fields: Any) -> str:
    if wish.entity_field not in fields:
        near = ", ".join(fields)
        raise RequestError(
            f"entities: the schema has no field {wish.entity_field!r}; add it, or name another with entity_field (there are {near})"
        )
    return wish.entity_field


def _inner(field: Field) -> Sampler:
    return field.sampler.inner if isinstance(field.sampler, NullableSampler) else field.sampler


def _others(capacities: Any, put: Any) -> list[Capacity]:
    """The limits of fields that the engine fills."""
    return [one for one in capacities if one.pointer.rsplit("/", 1)[-1] not in put]


def _with_label(document: Any, wish: Wish) -> Json:
    """The schema with the label's property, where records are labelled."""
    labels = labels_of(wish)
    if labels is None or not isinstance(document, dict):
        return document
    if LABEL in document.get("properties", {}):
        raise RequestError(f"schema: its field {LABEL!r} would hold the label of anomalies; rename it, or say labels=false")
    made = deepcopy(document)
    made.setdefault("properties", {})[LABEL] = label_schema(labels)
    made["required"] = [*made.get("required", []), LABEL]
    return made
