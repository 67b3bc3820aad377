"""What an author is and what it hands over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from synth_sdk.core.models import Model, Request

Files = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What was written: files by name, the user's own from now on.

    `parts` says how many typed calls were wanted, `reasons` why some gave nothing: their place is the offline original's.
    `models` wrote it; money in micro-dollars. `about` is one line that says what the files hold, for people.
    """

    files: Files
    about: str
    parts: int
    reasons: Sequence[str] = ()
    models: Sequence[str] = ()
    cost_micros: int = 0
    saved_micros: int = 0
    notes: Sequence[str] = ()

    @property
    def written(self) -> int:
        """How many of the parts a model wrote."""
        return self.parts - len(self.reasons)


class Author(Protocol):
    """Has one blueprint written. `kind` and `name` tell what it is for; `main` is the file that the others belong to, `one_file`: there are no others."""

    kind: str
    name: str
    main: str
    one_file: bool

    @property
    def key(self) -> str:
        """Which wish it is, in twelve hex digits: the same key, the same requests."""

    def requests(self) -> Sequence[Request]:
        """The typed calls, the same for any count and seed: a second run finds all of them in the cache."""

    async def write(self, model: Model) -> Blueprint:
        """Ask `model` for all parts. NoRoute or BudgetExhausted when less than a useful share of them came."""

    def review(self, path: Path) -> list[str]:
        """What is wrong with the main file at `path`, perhaps edited since: one line for each flaw that keeps it from being used."""
