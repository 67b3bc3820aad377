"""What can't be meant is one clear line, before anything is made."""

import pytest

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.timeseries.generator import TimeseriesGenerator
from synth_sdk.generators.timeseries.wish import KEYS
from synth_sdk.schema import parse_schema
from tests.generators.timeseries.support import series
from tests.generators.timeseries.test_generator import MIXED, SHORTHAND

WRONG = [
    ({"noise": "-1"}, "noise=-1: must be at least 0"),
    ({"period": "0"}, "period=0: must be above 0"),
    ({"period": "1"}, "a wave needs at least 2 samples"),
    ({"period": "5m", "sample_rate": "10m"}, "period=5m: a wave needs at least 2 samples, and this one has 0.5"),
    ({"sample_rate": "abc"}, "sample_rate 'abc': write a duration such as 250ms"),
    ({"sample_rate": "0s"}, "sample_rate"),
    ({"duration": "1ms"}, "duration 1ms is shorter than one sample of 1s"),
    ({"duration": "soon"}, "duration 'soon'"),
    ({"base": "x"}, "base=x: must be a number"),
    ({"base": "nan"}, "must be a number"),
    ({"base": "1e14"}, "more than a double holds"),
    ({"min": "5", "max": "1"}, "min=5 is above max=1: swap them"),
    ({"min": "0.1", "max": "0.9", "integer": "true"}, "no number with 0 decimals in between"),
    ({"bounds": "reflect"}, "says nothing without min or max"),
    ({"bounds": "reflect", "min": "0"}, "to reflect, give min and max"),
    ({"missing": "0.9"}, "from 0 to 0.5"),
    ({"missing_gap": "3"}, "says nothing without missing"),
    ({"midpoint": "5"}, "says nothing without capacity"),
    ({"capacity": "5", "trend": "1"}, "keep one"),
    ({"phase": "0.5"}, "add period and amplitude"),
    ({"noise_ar": "1"}, "noise_ar=1: must be from -0.99999 to 0.99999"),
    ({"change_points": "5:1,3:2"}, "must follow one another in time"),
    ({"change_points": "2025-13-01:1"}, "write a number of samples, a duration, or a date"),
    ({"seasonality": "24"}, "amplitude is missing"),
    ({"seasonality": "24:1:0:2:5"}, "write period:amplitude:phase:harmonics"),
    ({"seasonality": "[1"}, "not valid JSON"),
    ({"harmonics": "[]", "period": "9"}, "give 1 to 64 amplitudes"),
    ({"holidays": "12-25"}, "say what it does"),
    ({"holidays": "13-45:2"}, "write a date such as 2025-07-04, or 12-25 for every year"),
    ({"weekdays": "1,2"}, "2 factors; give seven"),
    ({"weekdays": "1,1,1,1,1,1,1", "weekend": "1"}, "keep one"),
    ({"decimals": "12"}, "a whole number from 0 to 9"),
    ({"decimals": "2", "integer": "yes"}, "an integer has no decimals"),
    ({"integer": "maybe"}, "must be true or false"),
    ({"entities": "0"}, "a whole number from 1 to 100,000"),
    ({"entities": "-3"}, "a whole number from 1 to 100,000"),
    ({"entities": "a,a"}, "each name once"),
    ({"entities": ",a"}, "names with commas"),
    ({"series": "timestamp"}, "rename the series"),
    ({"series": {"a": 3}}, "series a=3: must be a mapping"),
    ({"correlation": "0.5"}, "takes several series"),
    ({"correlation": "2", "series": "a,b"}, "from -1 to 1"),
    ({"correlation": "-0.9", "series": "a,b,c"}, "isn't positive definite"),
    ({"correlation": [[1, 0.5]], "series": "a,b"}, "2 rows of 2 numbers"),
    ({"correlation": [[1, 0.5], [0.4, 1]], "series": "a,b"}, "symmetric"),
    ({"correlation": {"a": {"b": 0.5}, "b": {"a": 0.4}}, "series": "a,b"}, "differs from correlation.a.b"),
    ({"anomaly_kinds": "spike"}, "says nothing without anomalies"),
    ({"anomaly_size": "3"}, "says nothing without anomalies or outliers"),
    ({"reset_every": "10"}, "only a counter starts again"),
    ({"type": "counter", "trend": "-1"}, "its trend falls for ever"),
    ({"type": "counter", "base": "5", "amplitude": "9"}, "its rate would fall to -4"),
    ({"type": "counter", "weekend": "0.5"}, "aren't for counters"),
    ({"type": "counter", "regime_every": "50"}, "aren't for counters"),
    ({"regime_every": "1"}, "must be at least 2"),
]
MISSPELT = [
    ({"nois": "1"}, "did you mean noise"),
    ({"anomalies": "0.1", "anomaly_kinds": "spik"}, "did you mean spike"),
    ({"type": "meter"}, "did you mean counter"),
    ({"bounds": "clap", "min": "0"}, "did you mean clip"),
    ({"series": {"a": {"nose": 3}}}, "did you mean noise"),
    ({"seasonality": [{"period": 5, "amplitud": 3}]}, "did you mean amplitude"),
    ({"correlation": {"a": {"bb": 0.5}}, "series": "a,b"}, "did you mean b"),
]


@pytest.mark.parametrize(("wish", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_values(wish, told):
    with pytest.raises(RequestError) as caught:
        series(**wish)
    assert told in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(("wish", "told"), MISSPELT, ids=lambda value: str(value)[:40])
def test_unknown_names(wish, told):
    with pytest.raises(UnknownName, match=told):
        series(**wish)


def test_unknown_options():
    with pytest.raises(UnknownName, match=r"timeseries option 'sample_rat': did you mean sample_rate"):
        series(options={"sample_rat": "1s"})
    with pytest.raises(RequestError, match="are a mapping, not list"):
        series(options=[1])


def test_series_whose_noises_are_correlated_share_one_memory():
    with pytest.raises(RequestError, match="share one noise_ar"):
        series(options={"series": {"a": {"noise_ar": 0.5}, "b": {}}, "correlation": 0.3})


SCHEMAS = [
    ({"a": "string"}, {}, "a time series needs a date-time field"),
    ({"t": "datetime", "a": "string"}, {}, "at least one number"),
    (SHORTHAND, {"entities": "2"}, "no field 'entity'"),
    (SHORTHAND, {"series": "temp"}, "its numbers are temperature, humidity"),
    (SHORTHAND, {"missing": "0.1"}, "temperature missing=0.1: its field may not be null"),
    (SHORTHAND, {"max": "90"}, "temperature max=90: its field allows -20 to 40"),
    (SHORTHAND, {"decimals": "1"}, "temperature decimals: the schema says that"),
    (SHORTHAND | {"anomaly": "string"}, {"outliers": "0.1"}, "rename it, or say labels=false"),
    ({"type": "object", "properties": {"t": {"format": "date-time"}}, "patternProperties": {"x": {}}}, {}, "are made in columns"),
    ({"type": "array"}, {}, "needs an object"),
]


@pytest.mark.parametrize(("document", "wish", "told"), SCHEMAS, ids=lambda value: str(value)[:40])
def test_schemas_that_are_no_series(document, wish, told):
    with pytest.raises(RequestError) as caught:
        series(parse_schema(document).document, **wish)
    assert told in caught.value.message


def test_a_field_that_runs_out_of_values_is_told():
    document = {**MIXED, "properties": {**MIXED["properties"], "state": {"enum": ["ok", "warn"], "x-synth": {"unique": True}}}}
    with pytest.raises(RequestError, match="only 2 different values"):
        series(document, count=10)


def test_a_pack_and_what_lies_beyond_all_calendars():
    with pytest.raises(RequestError, match="doesn't fit"):
        TimeseriesGenerator(make_spec(kind="timeseries", pack="hotel"))
    with pytest.raises(RequestError, match="after the year 9999"):
        series(count=10**13)


def test_every_key_is_in_the_documentation():
    from pathlib import Path

    page = (Path(__file__).parents[3] / "docs/timeseries.md").read_text("utf-8")
    assert [key for key in sorted(KEYS) if f"`{key}`" not in page] == []
