"""Which outlines the rows of a batch have, and what follows from that alone: worked out once for all batches alike.

Runs are cut into batches of one size, so nearly all of them start at the same outline. What is read, drawn and put where is then known
beforehand as flat arrays; a batch does nothing but draw.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_sdk.dialogue.columns.courses import FEATURES, LEVELS, RELATIONS, Courses
from synth_sdk.dialogue.columns.domains import Ready
from synth_sdk.dialogue.columns.flat import Stretches, run
from synth_sdk.dialogue.columns.readings import Reading, Sums
from synth_sdk.engine.columns.lanes import I64, U64, Mask

_STEP = np.uint64(0x9E3779B97F4A7C15)
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws that can be made at once: whose they are, where they go, and where what they rest on stands."""

    owners: I64
    cells: I64
    labels: U64
    examples: I64
    domains: I64
    sources: I64
    ready: Ready | None  # of draws that rest on nothing


@dataclass(frozen=True, slots=True)
class Bounds:
    """Guards on sums: the rows, and which of them have each relation to 0."""

    owners: I64
    sums: Sums
    relations: list[tuple[Any, I64]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Guards on texts: two sides, and whether they have to be equal. `single`: both sides are one part each."""

    owners: I64
    single: I64
    rest: I64
    sides: tuple["Text", "Text"]  # of the single ones
    rests: tuple["Text", "Text"]
    outcomes: Mask


@dataclass(frozen=True, slots=True)
class Text:
    """Texts of several parts: their reading, and how many parts each has."""

    reading: Reading
    lengths: I64


@dataclass(frozen=True, slots=True)
class Codes:
    """Texts that are made for rows: which, whose, and the cells that they go to."""

    numbers: I64
    owners: I64
    cells: I64


@dataclass(frozen=True, slots=True)
class Worlds:
    """What the digests of the world are made from."""

    consts: U64
    cells: I64
    factors: U64
    counts: I64
    code_cells: I64
    code_labels: U64
    code_counts: I64
    changes: Reading
    orders: U64
    lengths: I64
    labels: U64
    signs: U64
    change_counts: I64


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands in the records: `items` are places of fixed texts, 0 where something is drawn or said."""

    items: NDArray[np.int32]
    ends: I64  # of the records, among the items; from 0
    turns: I64  # which items are turns
    open: I64  # ... and which are drawn
    reading: Reading
    live: I64  # both of them in order
    weights: U64  # of each for the digest
    cuts: I64  # among them: where each record, its messages and its labels begin
    fixed: U64  # what the other items add to the digests of messages, and of the rest


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of all rows, one behind the other. Users are customers; `steps` tell a record's turns apart."""

    numbers: I64
    rows: I64
    acts: I64
    steps: U64
    users: I64
    personas: I64
    firsts: Mask
    values: I64  # where the values of its slots begin


class Pattern:
    """The outlines of `rows`, or of all rows from 0 on."""

    def __init__(self, courses: Courses, outlines: I64, rows: I64 | None = None, *, only_guarded: bool = False) -> None:
        self.courses, self.parts, self.outlines, self._only_guarded = courses, courses.parts, outlines, only_guarded
        self.rows = np.arange(len(outlines)) if rows is None else rows
        self.width, self.columns = len(self.parts.sites), max(len(self.parts.columns), 1)

    def some(self, which: I64) -> "Pattern":
        """That of some of the rows."""
        return Pattern(self.courses, self.outlines[which], which)

    def trial(self, which: I64) -> "Pattern":
        """The outlines of some rows, for a batch of its own that only draws what guards rest on."""
        return Pattern(self.courses, self.outlines[which], only_guarded=True)

    def laid(self, stretches: Stretches) -> tuple[I64, I64, I64]:
        """What the outlines have in a list, whose it is, and how many each row has."""
        members, counts = stretches.laid(self.outlines)
        return members, np.repeat(self.rows, counts), counts

    def reading(self, rows: I64, parts: I64) -> Reading:
        return Reading(self.parts, rows, parts, self.width, self.columns)

    def text(self, rows: I64, lists: I64) -> Text:
        parts, lengths = self.parts.lists.laid(lists)
        return Text(self.reading(np.repeat(rows, lengths), parts), lengths)

    @cached_property
    def draws(self) -> list[Draws]:
        """By level: each rests on those before."""
        levels = self.courses.levels.view.reshape(-1, LEVELS + 1)[self.outlines]
        found = []
        for level in range(LEVELS):
            counts = levels[:, level + 1] - levels[:, level]
            if not counts.any():
                break
            draws, owners = run(levels[:, level], counts), np.repeat(self.rows, counts)
            if self._only_guarded:
                kept = np.flatnonzero(self.courses.draw_guarded.view.take(draws))
                draws, owners = draws[kept], owners[kept]
            found.append(self._level(draws, owners, is_first=not level))
        return found

    def _level(self, draws: I64, owners: I64, *, is_first: bool) -> Draws:
        courses = self.courses
        sites, domains = courses.draw_sites.view[draws], courses.draw_domains.view[draws]
        return Draws(
            owners,
            owners * self.width + sites,
            self.parts.labels.view[sites],
            courses.draw_examples.view[draws],
            domains,
            _NONE if is_first else owners * self.width + courses.draw_sources.view[draws],
            courses.domains.ready(domains) if is_first else None,
        )

    @cached_property
    def codes(self) -> Codes:
        codes, owners, _ = self.laid(self.courses.own_codes)
        return Codes(codes, owners, owners * self.columns + self.courses.codes.columns.view[codes])

    @cached_property
    def typos(self) -> Codes:
        typos, owners, _ = self.laid(self.courses.own_typos)
        return Codes(typos, owners, owners * self.columns + self.courses.typo_columns.view[typos])

    @cached_property
    def typo_sources(self) -> Text:
        return self.text(self.typos.owners, self.courses.typo_sources.view[self.typos.numbers])

    @cached_property
    def sums_held(self) -> Bounds:
        held, owners, _ = self.laid(self.courses.sums_held)
        relations = self.courses.held_relations.view[held]
        by_relation = [(relation, np.flatnonzero(relations == number)) for number, relation in enumerate(RELATIONS)]
        sums = Sums(self.parts, owners, self.courses.held_sums.view[held], self.width)
        return Bounds(owners, sums, [pair for pair in by_relation if len(pair[1])])

    @cached_property
    def texts_held(self) -> Pairs:
        return self._pairs(self.courses.texts_held)

    @cached_property
    def codes_held(self) -> Pairs:
        return self._pairs(self.courses.codes_held)

    def _pairs(self, stretches: Stretches) -> Pairs:
        held, owners, _ = self.laid(stretches)
        sides = self.courses.held_first.view[held], self.courses.held_second.view[held]
        lengths = self.parts.lists.lengths.view
        is_single = (lengths[sides[0]] == 1) & (lengths[sides[1]] == 1)
        single, rest = np.flatnonzero(is_single), np.flatnonzero(~is_single)

        firsts, values = self.parts.lists.starts.view, self.parts.lists.values.view
        ones = np.ones(len(single), np.int64)
        one, other = (Text(self.reading(owners[single], values[firsts[side[single]]]), ones) for side in sides)
        some, others = (self.text(owners[rest], side[rest]) for side in sides)
        return Pairs(owners, single, rest, (one, other), (some, others), self.courses.held_outcomes.view[held])

    @cached_property
    def ids(self) -> tuple[I64, I64, I64]:
        """Whose each id is, the how many-th of its record, and its cell."""
        columns, counts = self.parts.columns, self.courses.id_counts.view[self.outlines]
        owners = np.repeat(self.rows, counts)
        numbers = run(np.zeros(len(counts), np.int64), counts)
        by_number = np.array(
            [columns.get(("id", place), 0) for place in range(int(counts.max()) if len(counts) else 0)], np.int64
        )
        return owners, numbers, owners * self.columns + by_number[numbers]

    @cached_property
    def worlds(self) -> Worlds:
        courses = self.courses
        sites, owners, counts = self.laid(courses.world_sites)
        codes, code_owners, code_counts = self.laid(courses.world_codes)
        changes, change_owners, change_counts = self.laid(courses.world_changes)
        parts, lengths = self.parts.lists.laid(courses.change_parts.view[changes])
        is_new = (np.arange(len(changes)) & 1).astype(np.uint64)  # old and new value stand in pairs
        return Worlds(
            courses.world_consts.view[self.outlines],
            owners * self.width + sites,
            self.parts.labels.view[sites] | np.uint64(1),
            counts,
            code_owners * self.columns + courses.codes.columns.view[codes],
            courses.codes.labels.view[codes],
            code_counts,
            self.reading(np.repeat(change_owners, lengths), parts),
            run(np.zeros(len(lengths), np.int64), lengths).view(np.uint64) * _STEP,
            lengths,
            courses.change_labels.view[changes],
            is_new * np.uint64(2) - np.uint64(1),
            change_counts,
        )

    @cached_property
    def labels(self) -> list[tuple[str, str | float | bool, int]]:
        """Each label's values, and how many rows have them."""
        courses, found = self.courses, []
        for name in FEATURES:
            counts = np.bincount(courses.labels[name].view[self.outlines]).tolist()
            found += [(name, value, times) for value, times in zip(courses.label_values[name], counts, strict=False) if times]
        return found

    @cached_property
    def turns(self) -> Turns:
        courses = self.courses
        numbers, rows, counts = self.laid(courses.turns)
        users = np.flatnonzero(courses.turn_users.view[numbers])
        return Turns(
            numbers,
            rows,
            courses.turn_acts.view[numbers],
            run(np.zeros(len(counts), np.int64), counts).view(np.uint64) * _STEP,
            users,
            courses.personas.view[self.outlines[rows[users]]],
            courses.turn_firsts.view[numbers[users]],
            courses.turn_values.starts.view[numbers],
        )

    @cached_property
    def layout(self) -> Layout:
        courses = self.courses
        items, counts = courses.layouts.laid(self.outlines)
        ends = np.concatenate([[0], np.cumsum(counts)])
        starts = ends[:-1]
        turns = starts[self.turns.rows] + courses.turn_items.view[self.turns.numbers]
        where, owners, _ = self.laid(courses.open_items)
        opened = where + starts[owners]
        parts = courses.open_parts.laid(self.outlines)[0]
        orders = run(np.zeros(len(counts), np.int64), counts)
        weights = orders.view(np.uint64) * np.uint64(2) + np.uint64(1)
        live = np.sort(np.concatenate([turns, opened]))
        bodies = courses.bodies.view.reshape(-1, 2)[self.outlines] + starts[:, None]
        cuts = np.concatenate([starts[:, None], bodies], axis=1).reshape(-1)
        fixed = self.parts.lexicon.digests()[items] * weights
        fixed[live] = 0
        return Layout(
            items.astype(np.int32),
            ends,
            turns,
            opened,
            self.reading(owners, parts),
            live,
            weights[live],
            np.append(np.searchsorted(live, cuts), len(live)),
            np.add.reduceat(fixed, cuts) if len(cuts) else fixed,
        )
