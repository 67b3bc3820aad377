"""What the texts of records are made of: parts, numbered, the same for all outlines of a pack that show the same thing.

A part is looked up in a table of texts by what was drawn (fixed text is a table of one), shown from a sum of draws, or a text that each
batch makes for its rows: a column.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from synth_sdk.core.seeds import derive
from synth_sdk.dialogue.columns.flat import Growing, Stretches
from synth_sdk.dialogue.columns.lexicon import Lexicon, escaped
from synth_sdk.dialogue.columns.shown import Shown
from synth_sdk.dialogue.columns.symbols import Lin, Of, Symbol, as_value, key_of, parts_of
from synth_sdk.dialogue.columns.tables import Table

LOOKED_UP, SHOWN, OWN_COLUMN, ASKED = range(4)
NOW = "now"  # what draws the dialogue's date, in days from the first
Show = Callable[[Any, str], str]
Piece = str | int  # text as it is written; or a part


class Parts:
    """All parts of a pack, and the names of what is drawn."""

    def __init__(self, seed: int, pack: str, first_day: int, span: int) -> None:
        self.seed, self.pack, self.first_day, self.span = seed, pack, first_day, span
        self.lexicon = Lexicon()
        self.sites: dict[str, int] = {"": 0}  # 0 is always drawn as 0
        self.labels = Growing(np.uint64)
        self.labels.add(0)
        self.site(NOW)
        self.columns: dict[Hashable, int] = {}
        self.kinds, self.starts, self.of_site = Growing(np.int8), Growing(np.int64), Growing(np.int64)
        self.places = Growing(np.int32)
        self.shows: list[Shown] = []
        self._by_now: list[bool] = []
        self.show_of, self.shown_sums = Growing(np.int16), Growing(np.int64)
        self.consts, self.terms_from, self.terms_count = Growing(np.int64), Growing(np.int64), Growing(np.int64)
        self.term_sites, self.term_factors = Growing(np.int64), Growing(np.int64)
        self.asked: list[tuple[Any, Show]] = []
        self._known: dict[Hashable, int] = {}
        self._kept: list[object] = []
        self.lists = Stretches()

    # names

    def site(self, name: str) -> int:
        if name not in self.sites:
            self.sites[name] = len(self.sites)
            self.labels.add(derive(self.seed, self.pack, "site", name))
        return self.sites[name]

    def column(self, name: Hashable) -> int:
        """The number of a column of texts that batches make."""
        return self.columns.setdefault(name, len(self.columns))

    # parts

    def _once(self, key: Hashable, make: Callable[[], tuple[int, int, int]]) -> int:
        if key not in self._known:
            kind, start, site = make()
            self.kinds.add(kind)
            self.starts.add(start)
            self._known[key] = self.of_site.add(site)
        return self._known[key]

    def fixed(self, text: str) -> int:
        """The part that is always `text`."""
        return self._once(("fixed", text), lambda: (LOOKED_UP, self.places.add(self.lexicon.place(text)), 0))

    def looked_up(self, value: Of, times: int) -> int:
        """The text of a function of a draw, as it stands within `times` JSON strings."""
        key = value.draw.site, id(value.table), times
        return self._once(key, lambda: (LOOKED_UP, self._table(value.table, times), self.site(value.draw.site)))

    def _table(self, table: Table, times: int) -> int:
        key = id(table), times
        if key not in self._known:
            self._kept.append(table)
            self._known[key] = self.places.extend([self.lexicon.place(escaped(str(text), times)) for text in table.values])
        return self._known[key]

    def own(self, column: Hashable) -> int:
        return self._once(("own", column), lambda: (OWN_COLUMN, self.column(column), 0))

    def sum(self, value: Lin) -> int:
        """The number of a sum of draws."""
        return self._sum(value.const, tuple((draw.site, factor) for draw, factor in value.terms))

    def _sum_by_now(self, value: Lin) -> int:
        """The same for a form that rests on the dialogue's date as well: sum * span + days from the first."""
        terms = tuple((draw.site, factor * self.span) for draw, factor in value.terms)
        return self._sum(value.const * self.span, (*terms, (NOW, 1)))

    def _sum(self, const: int, terms: tuple[tuple[str, int], ...]) -> int:
        key = "sum", const, terms
        if key not in self._known:
            self.terms_from.add(self.term_sites.extend([self.site(site) for site, _ in terms]))
            self.term_factors.extend([factor for _, factor in terms])
            self.terms_count.add(len(terms))
            self._known[key] = self.consts.add(const)
        return self._known[key]

    def shown(self, value: Lin, show: Show, times: int) -> int:
        """A sum as `show` shows it, as it stands within `times` JSON strings."""
        which = self._show(show, value.kind, times)
        key = "shown", which, key_of(value)

        def make() -> tuple[int, int, int]:
            self.show_of.add(which)
            return SHOWN, self.shown_sums.add(self._sum_by_now(value) if self._by_now[which] else self.sum(value)), 0

        return self._once(key, make)

    def _show(self, show: Show, kind: Any, times: int) -> int:
        key = "show", show, kind, times
        if key not in self._known:
            needs_now = _needs_now(show, kind)
            first, span = self.first_day, self.span

            def text(number: int) -> str:
                return escaped(show(as_value(number, kind), ""), times)

            def text_by_now(number: int) -> str:
                day, offset = divmod(number, span)
                return escaped(show(as_value(day, kind), date.fromordinal(first + offset).isoformat()), times)

            self.shows.append(Shown(text_by_now if needs_now else text, self.lexicon))
            self._by_now.append(needs_now)
            self._known[key] = len(self.shows) - 1
        return self._known[key]

    def ask(self, value: Any, show: Show) -> int:
        """The text of a value that has to be shown row by row."""
        self.asked.append((value, show))
        return self._once(("ask", len(self.asked)), lambda: (ASKED, len(self.asked) - 1, 0))

    # values

    def text(self, value: Any, times: int) -> list[Piece]:
        """The pieces of `str(value)` as it stands within `times` JSON strings."""
        return [self._piece(part, times) for part in parts_of(value)]

    def _piece(self, part: Any, times: int) -> Piece:
        if isinstance(part, str):
            return escaped(part, times)
        if isinstance(part, Of):
            return self.looked_up(part, times)
        if isinstance(part, Lin):
            return self.shown(part, _plainly, times)
        if part.frozen:
            return escaped(part.example(), times)
        return self.own(key_of(part))

    def json(self, value: Any, times: int) -> list[Piece]:
        """The pieces of `value` as JSON text within `times` JSON strings."""
        return [escaped(piece, times) if isinstance(piece, str) else piece for piece in self._json(value, times)]

    def _json(self, value: Any, times: int) -> Iterable[Piece]:
        if isinstance(value, Of):
            yield self.looked_up(Of(value.draw, value.table.map("json", _dumped)), times)
        elif isinstance(value, Lin) and value.kind in ("int", "money"):
            yield self.shown(value, _dumped_number, times)
        elif isinstance(value, Symbol):
            yield '"'
            for part in parts_of(value):
                yield json.dumps(part, ensure_ascii=False)[1:-1] if isinstance(part, str) else self._piece(part, times + 1)
            yield '"'
        elif isinstance(value, Mapping):
            yield from self._members("{", [(f"{_dumped(str(key))}: ", member) for key, member in value.items()], "}", times)
        elif isinstance(value, (list, tuple)):
            yield from self._members("[", [("", item) for item in value], "]", times)
        else:
            yield _dumped(value)

    def _members(self, head: str, members: Sequence[tuple[str, Any]], tail: str, times: int) -> Iterable[Piece]:
        yield head
        for place, (name, member) in enumerate(members):
            yield f"{', ' if place else ''}{name}"
            yield from self._json(member, times)
        yield tail

    def listed(self, pieces: Iterable[Piece]) -> list[int]:
        """The pieces as parts, neighbouring text as one."""
        found: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, str) and found and isinstance(found[-1], str):
                found[-1] += piece
            elif piece != "":
                found.append(piece)
        return [self.fixed(piece) if isinstance(piece, str) else piece for piece in found]


def _needs_now(show: Show, kind: Any) -> bool:
    """A form that can do without the dialogue's date is asked once for each value."""
    try:
        show(as_value(730_000, kind), "")
    except ValueError:
        return True
    return False


def _plainly(value: Any, now: str) -> str:
    return str(value)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _dumped_number(value: Any, now: str) -> str:
    return json.dumps(value)


__all__ = ["ASKED", "LOOKED_UP", "NOW", "OWN_COLUMN", "SHOWN", "Parts", "Piece", "Show"]
