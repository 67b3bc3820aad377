"""Frames as flat arrays: each way to say a frame is a sequence of wording and slots, compiled when it is first said."""

from collections.abc import Iterable, Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from synth_sdk.dialogue.columns.flat import Growing, Stretches, below_each
from synth_sdk.dialogue.columns.lexicon import Lexicon, escaped
from synth_sdk.dialogue.columns.slots import Slots
from synth_sdk.dialogue.columns.spacing import ends_sentence, one_spaced
from synth_sdk.dialogue.frames import Choice, Parts, Slot
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.playing.noise import long_letters, small_first, small_words
from synth_sdk.dialogue.playing.trace import sorted_slots, system_slots
from synth_sdk.engine.columns.lanes import I64, U64

SYSTEM = "\0system"  # as the name of an act
OPEN = 4  # of a wording's versions: without its last mark
AS_IS, RAISED, LOWERED, FIRST_LOWERED = range(4)  # its case
STARTS, FOLLOWS_SLOT, FIRST, LAST = (
    1,
    2,
    4,
    8,
)  # of a piece: a sentence begins with it, or may if the slot before it ends one; its place
_VERSIONS = 8
_MOST_WAYS = 256  # of a frame with more combinations so many are used
_SPREAD = 0x9E3779B1  # a prime: its multiples pick combinations that differ in all choices


class Banks:
    """The frames of all acts, numbered in the pack's order; the system messages come behind, then openers and fillers."""

    def __init__(self, pack: Pack, slots: Slots, lexicon: Lexicon) -> None:
        self._slots, self._lexicon = slots, lexicon
        self.acts = {name: number for number, name in enumerate([*pack.acts, SYSTEM])}
        self.slot_orders = [*(sorted_slots(act) for act in pack.acts.values()), system_slots(pack)]
        frames = [(frame.parts, number) for number, act in enumerate(pack.acts.values()) for frame in act.frames]
        sizes = [len(act.frames) for act in pack.acts.values()]
        self.first_frame = np.cumsum([0, *sizes])
        frames += [(parts, len(pack.acts)) for parts in pack.system]
        self.first_opener, self.openers = len(frames), len(pack.openers)
        frames += [((opener,), 0) for opener in pack.openers]
        self.first_filler, self.fillers = len(frames), len(pack.fillers)
        frames += [((f"{word[:1].upper()}{word[1:]}, ",), 0) for word in pack.fillers]
        self.opener_ends = np.array([ends_sentence(opener) for opener in pack.openers] or [False])
        self.greets = np.ones(len(frames), np.bool_)
        self.greets[: sum(sizes)] = [frame.greets for act in pack.acts.values() for frame in act.frames]
        self._frames = frames
        self._counted = _Counted()
        self._combinations = [self._counted.combinations(parts) for parts, _ in frames]
        self._ways = np.minimum(self._combinations, _MOST_WAYS).astype(np.int64)
        self._first_way = np.cumsum(self._ways) - self._ways
        self._sequence_of = np.full(int(self._ways.sum()), -1, np.int64)
        self.sequences, self.letters = Stretches(), Growing(np.int64)
        # pieces
        self.plain = Growing(np.int32)  # the text of a piece of wording where nothing is special; -1: a slot
        self.arguments, self.forms = Growing(np.int64), Growing(np.int64)
        self.labels, self.states = Growing(np.uint64), Growing(np.int8)
        # wording
        self._wordings: list[str] = []
        self._letters: list[int] = []
        self._states_after: list[int] = []  # of what follows: whether a sentence begins with it
        self.marks, self._versions = Growing(np.int8), Growing(np.int32)
        self._known: dict[str, int] = {}

    def said(self, frames: I64, bits: U64) -> I64:
        """One of the ways to say each frame: its sequence."""
        ways = self._first_way[frames] + below_each(bits, self._ways[frames])
        found: I64 = self._sequence_of[ways]
        if (found < 0).any():
            fresh = np.unique(ways[found < 0])
            frames = np.searchsorted(self._first_way, fresh, side="right") - 1
            self._sequence_of[fresh] = self._sequences(frames.tolist(), (fresh - self._first_way[frames]).tolist())
            found = self._sequence_of[ways]
        return found

    def _sequences(self, frames: list[int], ways: list[int]) -> range:
        """Compile frames in ways of theirs; the numbers of the sequences."""
        first, table = len(self.sequences), list[tuple[int, int, int, int, int]]()
        start = self.plain.size
        for frame, way in zip(frames, ways, strict=True):
            before = len(table)
            letters = self._sequence(frame, way, table)
            self.letters.add(letters)
            self.sequences.add(range(start + before, start + len(table)))
        columns = np.array(table, np.int64).T
        for array, column in zip((self.plain, self.arguments, self.forms, self.labels, self.states), columns, strict=True):
            array.extend(column)
        return range(first, len(self.sequences))

    def _sequence(self, frame: int, way: int, table: list[tuple[int, int, int, int, int]]) -> int:
        """Add the pieces of a frame to `table`; how many letters of its wording may slip."""
        parts, act = self._frames[frame]
        spread = way if self._combinations[frame] <= _MOST_WAYS else way * _SPREAD % self._combinations[frame]
        pieces = list(_joined(self._counted.rendered(parts, spread), is_whole=frame < self.first_opener))
        order, letters, last = self.slot_orders[act], 0, len(pieces) - 1
        label, state = (frame << 20) + (way << 8), STARTS + FIRST
        for place, piece in enumerate(pieces):
            if place == last:
                state += LAST
            if isinstance(piece, Slot):
                table.append((-1, order.index(piece.name), self._form(piece), label + place, state))
                state = FOLLOWS_SLOT
            else:
                number = self.wording(piece)
                plain = self._version(number * _VERSIONS + (RAISED if state & STARTS else AS_IS))
                table.append((plain, number, 0, label + place, state))
                letters += self._letters[number]
                state = self._states_after[number]
        return letters

    def _form(self, slot: Slot) -> int:
        """The form that a slot names, or -1 - its number where its defaults decide."""
        return self._slots.forms[slot.name][slot.form] if slot.form else -1 - self._slots.numbers[slot.name]

    def wording(self, text: str) -> int:
        """The number of a piece of wording."""
        if text not in self._known:
            self._known[text] = len(self._wordings)
            self._wordings.append(text)
            self._letters.append(long_letters(text.strip()))
            self._states_after.append(STARTS if ends_sentence(text) else 0 if text.strip() else FOLLOWS_SLOT)
            self.marks.add(_mark(text))
            self._versions.extend([-1] * _VERSIONS)
        return self._known[text]

    def version(self, wordings: I64, versions: I64) -> NDArray[np.int32]:
        """The texts of pieces of wording in the versions wanted."""
        keys = wordings * _VERSIONS + versions
        found: NDArray[np.int32] = self._versions.view[keys]
        if len(found) and found.min() < 0:
            for key in set(keys[found < 0].tolist()):
                self._version(key)
            found = self._versions.view[keys]
        return found

    def _version(self, key: int) -> int:
        place = int(self._versions.view[key])
        if place < 0:
            place = self._versions.view[key] = self._lexicon.place(escaped(self._written(*divmod(key, _VERSIONS)), 1))
        return place

    def _written(self, wording: int, version: int) -> str:
        """The text of a piece of wording in a version."""
        whole = self._wordings[wording]
        if version == AS_IS:
            return whole
        text, case = whole.lstrip(" "), version % OPEN
        if case in (RAISED, FIRST_LOWERED) and text[:1].islower():
            text = text[:1].upper() + text[1:]
        if case == FIRST_LOWERED:
            text = small_first(text)
        elif case == LOWERED:
            text = small_words(text)
        return f"{whole[: len(whole) - len(whole.lstrip(' '))]}{text[:-1] if version >= OPEN else text}"


class _Counted:
    """How many ways there are to make the choices in some parts, and what each of them says."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Choice, tuple[int, ...], int]] = {}

    def combinations(self, parts: Parts) -> int:
        return prod([self._outcomes(part)[1] for part in parts if isinstance(part, Choice)])

    def _outcomes(self, choice: Choice) -> tuple[tuple[int, ...], int]:
        """Of each option, and of all; leaving out what is optional is one more."""
        if id(choice) not in self._known:
            counts = tuple(map(self.combinations, choice.options))
            self._known[id(choice)] = choice, counts, sum(counts) + (choice.rate < 1)
        return self._known[id(choice)][1:]

    def rendered(self, parts: Parts, way: int) -> Iterator[str | Slot]:
        """Wording and slots, the choices made as the number `way` says."""
        for part in parts:
            if isinstance(part, Choice):
                counts, every = self._outcomes(part)
                way, outcome = divmod(way, every)
                for option, count in zip(part.options, counts, strict=True):
                    if outcome < count:
                        yield from self.rendered(option, outcome)
                        break
                    outcome -= count
            else:
                yield part


def _joined(pieces: Iterable[str | Slot], *, is_whole: bool) -> Iterator[str | Slot]:
    """Neighbouring wording as one, with single spaces: none before punctuation, none at either end of a whole turn."""
    merged: list[str | Slot] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    for place, piece in enumerate(merged):
        if isinstance(piece, Slot):
            yield piece
            continue
        text = one_spaced(piece)
        if place == 0 or text.lstrip()[:1] in tuple(",.?!"):
            text = text.lstrip()
        if place == len(merged) - 1 and is_whole:
            text = text.rstrip()
        if text:
            yield text


def _mark(text: str) -> int:
    """1 for a text that a hasty writer leaves open, 2 for a question."""
    if not text.endswith((".", "?", "!")) or text.endswith(".."):
        return 0
    return 2 if text.endswith("?") else 1
