"""The draws of one outline, and what has been decided about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from synth_sdk.dialogue.columns.tables import Table

if TYPE_CHECKING:
    from synth_sdk.dialogue.columns.symbols import Code, Part, Typo

Compare = Callable[[Any, Any], bool]


@dataclass(slots=True, eq=False)
class Draw:
    """One random choice among `domain` (option numbers, or whole numbers themselves; repeats are weights).

    With a `source` the domain is cut down to `ways[option of the source]`. `example` is what the outline was played with.
    """

    site: str
    domain: Sequence[int]
    example: int
    chances: "Chances"
    source: "Draw | None" = None
    ways: Sequence[Sequence[int]] = ()
    in_world: bool = False
    whole: bool = True
    tried: bool = False  # its example was looked for: not every option will do
    options: int = 0  # all options are below it, also those that were given up

    def narrow(self, kept: Sequence[int]) -> None:
        if len(kept) < len(self.domain):
            self.domain, self.whole = kept, False

    def decide(self, answers: Table) -> bool:
        """The answer for the example; options with another one are given up."""
        outcome: bool = answers.values[self.example]
        if self.chances.quiet:
            self.chances.touched.add(self)
        elif not answers.single:
            values = answers.values
            self.narrow([option for option in self.domain if values[option] is outcome])
        return outcome


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """A guard: the sum of the draws times their factors, plus a number, stands in this relation to 0."""

    terms: tuple[tuple[Draw, int], ...]
    const: int
    relation: Compare


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """A guard: two texts are equal, or are not."""

    first: "tuple[Part, ...]"
    second: "tuple[Part, ...]"
    outcome: bool


@dataclass(slots=True, eq=False)
class Chances:
    """The draws of one outline, and what has been decided about them."""

    rng: Random
    draws: list[Draw] = field(default_factory=list)
    guards: list[Ordered | Same] = field(default_factory=list)
    codes: "list[Code | Typo]" = field(default_factory=list)
    settled: list[int] = field(default_factory=list)  # what was chosen for the whole outline
    quiet: bool = False  # answer without giving up options, but note who was asked
    touched: set[Draw] = field(default_factory=set)
    scope: str = ""
    in_world: bool = False
    _count: dict[str, int] = field(default_factory=dict)

    def site(self) -> str:
        """A name for the next draw made here."""
        number = self._count.get(self.scope, 0)
        self._count[self.scope] = number + 1
        return f"{self.scope}#{number}" if number else self.scope

    def within(self, scope: str, make: Callable[[], Any], *, in_world: bool = False) -> Any:
        """`make()`, its draws named after `scope`."""
        before = self.scope, self.in_world
        self.scope, self.in_world = scope, in_world or self.in_world
        try:
            return make()
        finally:
            self.scope, self.in_world = before

    def draw(self, domain: Sequence[int], source: Draw | None = None, ways: Sequence[Sequence[int]] = ()) -> Draw:
        open_now = ways[source.example] if source else domain
        example = open_now[int(self.rng.random() * len(open_now))]
        made = Draw(self.site(), domain, example, self, source, ways, self.in_world, options=max(domain) + 1)
        self.draws.append(made)
        return made

    def guard(self, guard: Ordered | Same) -> None:
        if not self.quiet:
            self.guards.append(guard)
