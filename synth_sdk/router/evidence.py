"""What was seen of one arm at one task, and of one task whoever made it: additive sums, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from synth_sdk.router.stats import Line, Mean, Sketch

_SIGNALS = 3  # what a request tells of its difficulty: see `difficulty.signals`
_SPREADS = 3  # candidates for how alike arms fail: see `difficulty.SPREADS`


class _Parts:
    """A dataclass of sums."""

    __slots__ = ()

    def merge(self, other: Any, keep: float = 1.0) -> None:
        for part in fields(self):  # type: ignore[arg-type]
            mine, its = getattr(self, part.name), getattr(other, part.name)
            if isinstance(mine, float):
                setattr(self, part.name, mine * keep + its)
            elif isinstance(mine, list):
                setattr(self, part.name, [one * keep + two for one, two in zip(mine, its, strict=True)])
            else:
                mine.merge(its, keep)

    def dump(self) -> dict[str, Any]:
        parts = {part.name: getattr(self, part.name) for part in fields(self)}  # type: ignore[arg-type]
        return {name: part if isinstance(part, float | list) else part.dump() for name, part in parts.items()}


@dataclass(slots=True)
class ArmEvidence(_Parts):
    """One arm at one task.

    `validity` holds pseudo-observations of the log-odds that a record is accepted at its first try, against log2 of the records
    in its call. `broken` is the share of first tries that were asked again, `mended` how many of those were then accepted; `lost`
    the cost of calls that ended without an answer but stay billed, over the listed one. `price` is the bill over its listed price,
    `input` and `output` the tokens over their upper bounds, `shares` the quantiles of the last, `cached` the share of the input
    read from the provider's cache, `seconds` log-seconds per call against log2 of its records, `quality` judged win rates.
    """

    records: float = 0.0
    accepted: float = 0.0
    validity: Line = field(default_factory=Line)
    broken: Mean = field(default_factory=Mean)
    mended: Mean = field(default_factory=Mean)
    lost: Mean = field(default_factory=Mean)
    price: Mean = field(default_factory=Mean)
    input: Mean = field(default_factory=Mean)
    output: Mean = field(default_factory=Mean)
    shares: Sketch = field(default_factory=Sketch)
    cached: Mean = field(default_factory=Mean)
    seconds: Line = field(default_factory=Line)
    quality: Mean = field(default_factory=Mean)
    sizes: Sketch = field(default_factory=Sketch)

    @classmethod
    def load(cls, parts: Mapping[str, Any]) -> "ArmEvidence":
        """KeyError, TypeError or ValueError when `parts` are not what `dump` gave."""
        evidence = cls(records=float(parts["records"]), accepted=float(parts["accepted"]))
        for part in fields(cls)[2:]:
            kind: Any = type(getattr(evidence, part.name))
            setattr(evidence, part.name, kind.load(parts[part.name]))
        return evidence


def _zeros() -> list[float]:
    return [0.0] * _SIGNALS


@dataclass(slots=True)
class TaskEvidence(_Parts):
    """One task, over all arms.

    `pull` and `grip` are the weights' natural parameters for each signal of difficulty (precision times mean, precision);
    `signals` the running mean and spread of each signal, flat; `alike` the log-evidence for each candidate of `SPREADS`.
    """

    pull: list[float] = field(default_factory=_zeros)
    grip: list[float] = field(default_factory=_zeros)
    signals: list[float] = field(default_factory=lambda: _zeros() * 3)
    alike: list[float] = field(default_factory=lambda: [0.0] * _SPREADS)
    input: Mean = field(default_factory=Mean)
    output: Mean = field(default_factory=Mean)

    @classmethod
    def load(cls, parts: Mapping[str, Any]) -> "TaskEvidence":
        """KeyError, TypeError or ValueError when `parts` are not what `dump` gave."""
        loaded = cls(
            **{name: [float(value) for value in parts[name]] for name in ("pull", "grip", "signals", "alike")},
            input=Mean.load(parts["input"]),
            output=Mean.load(parts["output"]),
        )
        if [len(loaded.pull), len(loaded.grip), len(loaded.signals), len(loaded.alike)] != [
            _SIGNALS,
            _SIGNALS,
            3 * _SIGNALS,
            _SPREADS,
        ]:
            raise ValueError("another version's evidence")
        return loaded
