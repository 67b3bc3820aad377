"""How a number, an amount or a date looks: black boxes that are asked once for each value."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth_sdk.dialogue.columns.lexicon import Lexicon
from synth_sdk.engine.columns.lanes import I64

_WIDEST = 1 << 22


class Shown:
    """Positions of texts by number. `show(number)` is asked for what hasn't come up before."""

    __slots__ = ("_lexicon", "_low", "_places", "_show")

    def __init__(self, show: Callable[[int], str], lexicon: Lexicon) -> None:
        self._show, self._lexicon = show, lexicon
        self._low, self._places = 0, np.zeros(0, np.int32)

    def places(self, numbers: I64) -> NDArray[np.int32]:
        if not len(numbers):
            return np.zeros(0, np.int32)
        low, high = int(numbers.min()), int(numbers.max())
        if (low < self._low or high >= self._low + len(self._places)) and not self._widen(low, high):
            return self._by_value(numbers)
        found = self._places[numbers - self._low]
        if (found < 0).any():
            for number in np.unique(numbers[found < 0]).tolist():
                self._places[number - self._low] = self._lexicon.place(self._show(number))
            found = self._places[numbers - self._low]
        return found

    def _widen(self, low: int, high: int) -> bool:
        before = self._places
        if len(before):
            low, high = min(low, self._low), max(high, self._low + len(before) - 1)
        if high - low >= _WIDEST:
            return False
        self._places = np.full(high - low + 1 + min(high - low, 1024), -1, np.int32)
        self._places[self._low - low :][: len(before)] = before
        self._low = low
        return True

    def _by_value(self, numbers: I64) -> NDArray[np.int32]:
        values, where = np.unique(numbers, return_inverse=True)
        places = np.array([self._lexicon.place(self._show(number)) for number in values.tolist()], np.int32)
        return places[where]
