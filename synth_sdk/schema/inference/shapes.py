"""The one shape that all texts of a column share, as a regular expression: `^[A-Z]{2}-\\d{6}$`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_RUNS = re.compile(r"[0-9]+|[A-Z]+|[a-z]+|.", re.DOTALL)
_LONGEST = 64  # characters; longer text is prose
_MOST_RUNS = 12
_SIZES = {"digit": 10, "upper": 26, "lower": 26, "mark": 1}
_CLASSES = {"digit": r"\d", "upper": "[A-Z]", "lower": "[a-z]"}


@dataclass(slots=True)
class _Run:
    """Neighbouring characters of one kind. `text` is what stood there as long as it was always the same."""

    kind: str
    low: int
    high: int
    text: str | None

    def widen(self, text: str) -> None:
        self.low, self.high = min(self.low, len(text)), max(self.high, len(text))
        self.text = text if text == self.text else None

    def pattern(self, literal: bool) -> str:
        if self.kind == "mark" or (literal and self.text and self.kind != "digit"):
            return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", self.text or "")
        times = (
            "" if self.low == self.high == 1 else f"{{{self.low}}}" if self.low == self.high else f"{{{self.low},{self.high}}}"
        )
        return _CLASSES[self.kind] + times


class Shape:
    """Grows with the texts it is shown; `alive` until they have no shape in common."""

    def __init__(self) -> None:
        self.alive = True
        self._runs: list[_Run] = []
        self._known: re.Pattern[str] | None = None

    def observe(self, texts: Iterable[str]) -> None:
        for text in texts:
            if not self.alive:
                return
            if self._known is None or not self._known.fullmatch(text):
                self._widen(text)

    def _widen(self, text: str) -> None:
        runs = _RUNS.findall(text) if len(text) <= _LONGEST and text.isascii() and text.isprintable() else []
        kinds = [_kind(run) for run in runs]
        if not self._runs:
            self._runs = [_Run(kind, len(run), len(run), run) for kind, run in zip(kinds, runs, strict=True)]
        self.alive = 1 <= len(runs) <= _MOST_RUNS and kinds == [run.kind for run in self._runs]
        if not self.alive:
            return
        for run, part in zip(self._runs, runs, strict=True):
            run.widen(part)
            self.alive = self.alive and (run.kind != "mark" or run.text is not None)
        self._known = re.compile(self.pattern()[1:-1])

    def pattern(self, literal: bool = True) -> str:
        """Anchored. `literal` keeps letters that all texts have in common; digits are never kept."""
        return f"^{''.join(run.pattern(literal) for run in self._runs)}$"

    def is_code(self, literal: bool = True) -> bool:
        """Digits, or capitals alone, as codes have; not words, which a pattern would turn into gibberish."""
        kinds = {run.kind for run in self._runs}
        spaced = any(run.text == " " for run in self._runs if run.kind == "mark")
        words = any(run.kind == "lower" and not (literal and run.text) for run in self._runs)
        fixed = all(run.low == run.high for run in self._runs if run.kind == "upper")
        return self.alive and (
            ("digit" in kinds and not (words and spaced)) or ("upper" in kinds and not words and fixed and not spaced)
        )

    def is_digits(self) -> bool:
        """One run of digits."""
        return self.alive and [run.kind for run in self._runs] == ["digit"]

    def domain(self) -> float:
        """How many texts have this shape."""
        size = 1.0
        for run in self._runs:
            if not (run.kind == "mark" or (run.text and run.kind != "digit")):
                size *= min(float(_SIZES[run.kind]) ** min(run.high, 100), 1e300 / max(size, 1))
        return size


def _kind(run: str) -> str:
    return "digit" if run[0].isdigit() else "upper" if run[0].isupper() else "lower" if run[0].islower() else "mark"
