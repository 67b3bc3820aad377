"""Has an arm become worse or better at a task? A CUSUM of the likelihood ratio (Page 1954)."""

import math
from dataclasses import dataclass

_ALARM = 7.0  # the log-likelihood ratio at which a change is believed
_CHANGE = 1.5  # the change looked for, in log-odds


@dataclass(slots=True)
class Cusum:
    """Evidence that the log-odds have changed by `change`, and the records on which it rests."""

    change: float
    score: float = 0.0
    tried: int = 0
    accepted: float = 0.0

    def note(self, chance: float, tried: int, accepted: float) -> bool:
        self.score += _ratio(chance, self.change, tried, accepted)
        if self.score <= 0:
            self.score, self.tried, self.accepted = 0.0, 0, 0.0
        else:
            self.tried, self.accepted = self.tried + tried, self.accepted + accepted
        return self.score >= _ALARM


class Watch:
    """For one arm at one task: has it become worse, or better?"""

    def __init__(self) -> None:
        self._sums = (Cusum(-_CHANGE), Cusum(_CHANGE))

    def note(self, chance: float, tried: int, accepted: float) -> Cusum | None:
        """The sum that says so, when one does; then it starts anew."""
        alarms = [each for each in self._sums if each.note(chance, tried, accepted)]
        if not alarms:
            return None
        self._sums = (Cusum(-_CHANGE), Cusum(_CHANGE))
        return alarms[0]


def _ratio(chance: float, change: float, tried: int, accepted: float) -> float:
    """How much likelier the outcome is if the log-odds have changed by `change`, as a logarithm."""
    odds = chance / (1 - chance) * math.exp(change)
    other = odds / (1 + odds)
    return accepted * math.log(other / chance) + (tried - accepted) * math.log((1 - other) / (1 - chance))
