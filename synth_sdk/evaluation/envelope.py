"""The human envelope: of 32 figures, how many lie in the range that five corpora of human task dialogues span."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.evaluation.measures import Figures


@dataclass(frozen=True, slots=True)
class Range:
    """One figure beside the human range; `inside` allows a tenth of the range on either side."""

    name: str
    value: float
    low: float
    high: float
    inside: bool

    def to_dict(self) -> dict[str, Json]:
        return {"value": self.value, "low": self.low, "high": self.high, "inside": self.inside}


def envelope(figures: Figures) -> list[Range]:
    """The figures that were measured, in the order of the data file."""
    data = _data()
    return [
        _range(name, value, low, high, data["margin"] * (high - low))
        for name, (low, high) in data["ranges"].items()
        if (value := figures.get(name)) is not None
    ]


def corpora() -> list[str]:
    """The names of the human corpora."""
    return [str(corpus["name"]) for corpus in _data()["corpora"]]


def _range(name: str, value: float, low: float, high: float, margin: float) -> Range:
    return Range(name, value, low, high, low - margin <= value <= high + margin)


@cache
def _data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(files("synth_sdk.evaluation").joinpath("human_envelope.json").read_text("utf-8"))
    return found
