"""Time series for tests."""

import json
from typing import Any

from synth_sdk.core.spec import make_spec
from synth_sdk.generators.timeseries.generator import TimeseriesGenerator


def series(document: Any = None, seed: int = 1, options: Any = None, count: int = 10, **constraints: Any) -> TimeseriesGenerator:
    """The generator of a wish; constraints as text, as from the command line."""
    told = {key: value if isinstance(value, str) else json.dumps(value) for key, value in constraints.items()}
    return TimeseriesGenerator(
        make_spec(kind="timeseries", document=document, seed=seed, options=options, count=count, constraints=told)
    )


def records(generator: TimeseriesGenerator, count: int = 200) -> list[dict[str, Any]]:
    return list(generator.batch(range(count)).records())


def column(generator: TimeseriesGenerator, count: int = 200, name: str = "value") -> list[Any]:
    """The values of one field."""
    return [record[name] for record in records(generator, count)]
