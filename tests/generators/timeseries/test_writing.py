"""Time series that models write: readings between neighbours, and definitions that the engine expands."""

import json
import re

import pytest

from synth_sdk.blueprint import apply, author_for
from synth_sdk.core.errors import Rejected, RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.timeseries.generator import TimeseriesGenerator
from synth_sdk.schema import parse_schema
from tests.blueprint.scripted import ScriptedModel, briefs_of
from tests.generators.timeseries.support import column, records, series
from tests.generators.timeseries.test_generator import SHORTHAND
from tests.support.buying import synth_for
from tests.support.provider_server import ProviderServer

COLD = {"unit": "degrees", "base": -18, "noise": 0.3, "noise_ar": 0.9, "seasonality": [{"period": "1d", "amplitude": 1.5}]}
DEFINITIONS = {"temperature": COLD, "humidity": {"base": 60, "noise": 2, "seasonality": [], "max": 80}}
_NAME = re.compile(r'Write "(\w+)"')


def defined(brief):
    """What a model answers to the brief of one series."""
    return {(name := _NAME.search(brief).group(1)): DEFINITIONS[name]}


class TestReadings:
    def test_a_model_writes_readings_only(self):
        made = series(entities="a,b", outliers="0.5", about="a cold store")
        request = made.request(7, 0)
        assert list(request.schema["properties"]) == ["value"]
        assert request.brief.startswith("Reading of 2025-01-01T00:00:03Z of b in a cold store. value: ")
        assert request.brief.count(",") == 4
        assert request.instructions == made.request(8, 1).instructions
        assert request.slot != made.request(7, 1).slot

    def test_time_entity_and_label_stay_those_of_the_twin(self):
        made = series(entities="a,b", outliers="0.5")
        twin = records(made, 10)[6]
        bought = made.request(6, 0).check({"value": twin["value"] + 0.123})
        assert bought == {**twin, "value": round(twin["value"] + 0.123, 2)}

    def test_a_reading_far_from_its_neighbours_is_sent_back(self):
        made = series(base="20", noise="1")
        with pytest.raises(Rejected, match="value 900 doesn't fit its neighbours; it must lie between"):
            made.request(5, 0).check({"value": 900})
        with pytest.raises(Rejected):
            made.request(5, 0).check({"value": "x"})
        with pytest.raises(Rejected):
            made.request(5, 0).check({"value": 20, "timestamp": "2025-01-01T00:00:05Z"})

    def test_what_is_missing_stays_so(self):
        made = series(missing="0.5")
        row = column(made).index(None, 2)
        request = made.request(row, 0)
        assert "It is missing here." in request.brief
        assert request.check({"value": 100.5})["value"] is None
        present = next(place for place, value in enumerate(column(made)) if value is not None)
        with pytest.raises(Rejected, match="isn't missing"):
            made.request(present, 0).check({"value": None})

    def test_a_counter_lies_between_its_neighbours(self):
        made = series(type="counter")
        before, here, after = column(made, 10)[4:7]
        assert made.request(5, 0).check({"value": here})["value"] == here
        for wrong in (before - 1, after + 1):
            with pytest.raises(Rejected, match="doesn't fit"):
                made.request(5, 0).check({"value": wrong})

    def test_other_fields_of_a_schema_are_written_too(self):
        made = series(parse_schema(SHORTHAND | {"note": "string"}).document)
        twin = records(made, 3)[2]
        words = {"temperature": twin["temperature"], "humidity": twin["humidity"], "note": "all quiet"}
        assert made.request(2, 0).check(words) == {**twin, "note": "all quiet"}

    def test_over_real_sockets(self, tmp_path):
        def readings(request):
            found = [re.search(r"value: ([-\d.]+)?.*?, here", brief) for brief in briefs_of(request.turns[0][1])]
            return [{"value": float(one.group(1) or 100) if one else 100.0} for one in found]

        with ProviderServer(respond=readings) as server:
            result = synth_for(server, tmp_path, "gemini", mode="llm", budget="0.50").generate("timeseries", count=12, seed=3)
        assert result.report.status == "success", result.report.errors
        assert result.report.origins == {"llm": 12}
        assert [record["timestamp"][17:19] for record in result.records] == [f"{second:02}" for second in range(12)]


class TestBlueprints:
    def spec(self, **wish):
        return make_spec(kind="timeseries", mode="blueprint", document=parse_schema(SHORTHAND).document, **wish)

    async def test_definitions_are_written_once_and_expanded(self, tmp_path):
        spec = self.spec(constraints={"about": "a cold store", "sample_rate": "1m"})
        author = author_for(spec, generator=TimeseriesGenerator(spec))
        told = author.requests()[0].instructions
        assert "a cold store" in told
        assert "every 60 seconds" in told
        assert "minimum -20" in told
        blueprint = await author.write(ScriptedModel(lambda request, attempt: defined(request.brief)))
        assert blueprint.written == 4
        (tmp_path / "blueprint.yaml").write_text(blueprint.files["blueprint.yaml"])
        assert author.review(tmp_path / "blueprint.yaml") == []
        made = TimeseriesGenerator(apply(spec, tmp_path))
        found = records(made, 1440)
        assert -20 <= min(record["temperature"] for record in found) < -18 < max(record["temperature"] for record in found) < -14
        assert 50 < min(record["humidity"] for record in found) < max(record["humidity"] for record in found) <= 80

    async def test_what_cannot_be_made_is_sent_back(self):
        def wrong(request, attempt):
            value = defined(request.brief)
            for definition in value.values():
                definition = {**definition, "max": 500}
            return {name: {**definition, "max": 500} for name, definition in value.items()} if not attempt else value

        spec = self.spec()
        model = ScriptedModel(wrong)
        await author_for(spec, generator=TimeseriesGenerator(spec)).write(model)
        assert "at /temperature: temperature max=500: its field allows -20 to 40" in model.reasons

    def test_what_the_user_says_wins(self):
        spec = self.spec(blueprint=DEFINITIONS, constraints={"noise": "0", "seasonality": "[]"})
        assert column(TimeseriesGenerator(spec), 5, "temperature") == [-18.0] * 5

    def test_a_broken_blueprint_is_told(self):
        made = series()
        assert made.blueprint_flaws({"value": {"base": "x", "noise": 1}})[0].startswith("at /value/base: ")
        assert made.blueprint_flaws({"valu": {}})[0].startswith("at /: ")
        with pytest.raises(RequestError, match=r"can't be used: at /value: value min=5 is above max=1"):
            TimeseriesGenerator(make_spec(kind="timeseries", blueprint={"value": {"base": 1, "noise": 1, "min": 5, "max": 1}}))

    def test_over_real_sockets(self, tmp_path):
        with ProviderServer(respond=lambda request: [defined(brief) for brief in briefs_of(request.turns[0][1])]) as server:
            synth = synth_for(server, tmp_path, "gemini", mode="blueprint", budget="0.50")
            few = synth.generate("timeseries", schema=SHORTHAND, count=20)
            assert few.report.status == "success", few.report.errors
            asked = len(server.requests)
            many = synth.generate("timeseries", schema=SHORTHAND, count=5000)
            assert len(server.requests) == asked  # flat in N
        assert many.report.origins == {"blueprint": 5000}
        assert many.records[:20] == few.records
        assert -20 <= few.records[0]["temperature"] < -14
        folder = next((tmp_path / "blueprints").iterdir())
        assert "temperature" in (folder / "blueprint.yaml").read_text()
        assert json.dumps(few.records)
