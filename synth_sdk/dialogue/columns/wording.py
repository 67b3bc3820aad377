"""The words of a batch's turns: frames said in one of their ways, slots filled in, capitals set, and typed as the personas type."""

from random import Random

import numpy as np

from synth_sdk.core.arrow import of_texts
from synth_sdk.dialogue.columns.banks import FIRST, FIRST_LOWERED, FOLLOWS_SLOT, LAST, LOWERED, OPEN, RAISED, STARTS
from synth_sdk.dialogue.columns.flat import below_each, run
from synth_sdk.dialogue.columns.hands import Hand
from synth_sdk.dialogue.columns.lexicon import OWN
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.playing.noise import long_letters, slip_in
from synth_sdk.engine.columns.lanes import I64, U64, Mask, mix

_STEP, _FORM_STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xA24BAED4963EE407)
_TRAITS = ("lower", "nopunct", "filler", "greet", "typo")


class Habits:
    """The personas' rates as arrays."""

    def __init__(self, pack: Pack) -> None:
        self.rates = {trait: np.array([persona.traits.get(trait, 0.0) for persona in pack.personas]) for trait in _TRAITS}
        self._limits = {trait: np.round(rates * 65536).astype(np.uint64) for trait, rates in self.rates.items()}

    def chance(self, trait: str, personas: I64, bits: U64, part: int) -> Mask:
        """True as often as the personas' rate says; `part` 0-3 of the bits decides."""
        found: Mask = (bits >> np.uint64(16 * part) & np.uint64(0xFFFF)) < self._limits[trait][personas]
        return found


class Words:
    """The words of a batch's turns: `places` of texts; those of each turn end at one of `ends`."""

    def __init__(self, hand: Hand, habits: Habits, frames: I64, keys: U64) -> None:
        self._hand, self._habits, self._courses, self._banks = hand, habits, hand.courses, hand.courses.banks
        self._turns, self._keys = hand.pattern.turns, keys
        self._manners(frames)
        self._said(frames)
        self._fill()
        self._rise()
        self._write()
        self._slip()

    def _manners(self, frames: I64) -> None:
        """How each of the customer's turns is typed, and what is put before it."""
        turns, banks, habits = self._turns, self._banks, self._habits
        users, personas = turns.users, turns.personas
        bits, more = mix(self._keys[users] + _FORM_STEP), mix(self._keys[users] + _FORM_STEP + _STEP)
        self._lower, self._hasty, self._unasking = (np.zeros(len(frames), np.bool_) for _ in range(3))
        self._lower[users] = habits.chance("lower", personas, bits, 0)
        self._hasty[users] = habits.chance("nopunct", personas, bits, 1)
        self._unasking[users] = (bits >> np.uint64(63)).astype(np.bool_)
        self._slip_rates, self._slip_bits = habits.rates["typo"][personas], more
        self._prefixes = np.full(len(frames), -1, np.int64)
        self._joined_on = np.zeros(len(frames), np.bool_)
        if banks.fillers:
            filled = habits.chance("filler", personas, bits, 2)
            self._prefix(users[filled], more[filled], banks.first_filler, np.ones(banks.fillers, np.bool_))
        if banks.openers:
            greeted = turns.firsts & ~banks.greets[frames[users]]
            greeted &= habits.chance("greet", personas, more, 3)
            self._prefix(users[greeted], more[greeted], banks.first_opener, ~banks.opener_ends)

    def _prefix(self, turns: I64, bits: U64, first: int, joined: Mask) -> None:
        """One of the frames from `first` on before these turns; `joined`: the sentence goes on after it."""
        chosen = below_each(bits << np.uint64(7), np.full(len(turns), len(joined)))
        self._prefixes[turns] = first + chosen
        self._joined_on[turns] = joined[chosen]

    def _said(self, frames: I64) -> None:
        """The pieces of each turn, and whose they are."""
        banks = self._banks
        sequences = self._sequences = banks.said(frames, mix(self._keys + _STEP))
        owners = np.arange(len(frames))
        prefixed = np.flatnonzero(self._prefixes >= 0)
        if len(prefixed):
            before = banks.said(self._prefixes[prefixed], self._keys[prefixed])
            owners = np.insert(owners, prefixed, prefixed)
            sequences = np.insert(sequences, prefixed, before)
        self._pieces, lengths = banks.sequences.laid(sequences)
        self._owners = np.repeat(owners, lengths)
        ends = np.cumsum(lengths)
        self._turn_ends = ends[np.arange(len(frames)) + np.cumsum(self._prefixes >= 0)]  # among the pieces

    def _fill(self) -> None:
        """Wording as it is, and the parts of the texts of slots."""
        slots, parts, hand = self._courses.slots, self._courses.parts, self._hand
        plain = self._banks.plain.view.take(self._pieces)
        self._is_word = plain >= 0
        which = self._slots = np.flatnonzero(plain < 0)
        owners = self._owners.take(which)
        shown = self._shown(self._pieces.take(which), owners)
        slots.complete(shown)
        values, lengths = parts.lists.laid(slots.lists.view.take(shown))
        counts = np.ones(len(plain), np.int64)
        counts[which] = lengths
        ends = np.cumsum(counts)
        self._at = ends - counts  # where the parts of each piece begin
        self.places = np.empty(int(ends[-1]) if len(ends) else 0, np.int32)
        self.places[self._at] = plain
        rows = np.repeat(self._turns.rows.take(owners), lengths)
        self.places[run(self._at.take(which), lengths)] = hand.pattern.reading(rows, values).read(hand)
        self._may_rise = slots.may_rise.view.take(shown)
        self.ends = np.concatenate([[0], ends])[self._turn_ends]  # of the turns, among the parts
        self._states = self._banks.states.view.take(self._pieces)

    def _shown(self, pieces: I64, owners: I64) -> I64:
        """Which value of each slot is shown, in which form."""
        courses, banks, slots = self._courses, self._banks, self._courses.slots
        values = courses.turn_values.values.view.take(self._turns.values.take(owners) + banks.arguments.view.take(pieces))
        forms = banks.forms.view.take(pieces)
        open_forms = np.flatnonzero(forms < 0)
        labels: U64 = banks.labels.view.take(pieces.take(open_forms))
        bits = mix(self._keys.take(owners.take(open_forms)) + labels * _FORM_STEP)
        forms[open_forms] = slots.defaults[-1 - forms[open_forms], (bits >> np.uint64(58)).view(np.int64)]
        forms += slots.first_form.view.take(values)
        return forms

    def _rise(self) -> None:
        """Where a sentence begins because the slot before ends one; capitals for slots that begin a sentence."""
        lexicon = self._hand.parts.lexicon
        after = np.flatnonzero(self._states & FOLLOWS_SLOT)
        before = self._at.take(after) - 1
        before[self._is_word.take(after - 1)] -= 1  # a blank stands between
        places = self.places.take(before)
        places[places >= OWN] = 0
        self._rises = np.zeros(len(self._states), np.bool_)
        self._rises[after[lexicon.ends(places)]] = True
        starts = (self._states.take(self._slots) & STARTS).view(np.bool_) | self._rises.take(self._slots)
        risers = self._at.take(self._slots[starts & self._may_rise])  # only the first part of a text can be raised
        risers = risers[self.places[risers] < OWN]
        self.places[risers] = lexicon.capitals(self.places[risers])

    def _write(self) -> None:
        """The wording of what is typed in some manner or begins a sentence by chance."""
        banks = self._banks
        special = self._lower | self._hasty | self._joined_on
        words = np.flatnonzero(self._is_word & (self._rises | special.take(self._owners)))
        owners, state, wordings = self._owners[words], self._states[words], banks.arguments.view[self._pieces[words]]
        is_prefix = (self._prefixes[owners] >= 0) & (np.concatenate([[0], self._turn_ends])[owners] == words)
        is_start = (state & STARTS).view(np.bool_) | self._rises[words]
        cases = is_start * np.int64(RAISED)
        cases[(state & FIRST).astype(np.bool_) & self._joined_on[owners] & ~is_prefix] = FIRST_LOWERED
        cases[self._lower[owners]] = LOWERED
        marks = banks.marks.view[wordings]
        is_last = (state & LAST).astype(np.bool_) & self._hasty[owners] & ~is_prefix
        cases[is_last & ((marks == 1) | ((marks == 2) & self._unasking[owners]))] += OPEN
        self.places[self._at[words]] = banks.version(wordings, cases)

    def _slip(self) -> None:
        """Slips of the pen: a few turns, one by one."""
        letters = self._banks.letters.view[self._sequences[self._turns.users]]
        limits = np.minimum(self._slip_rates * letters, 1.0) * 2**31
        hit = self._turns.users[(self._slip_bits >> np.uint64(33)).astype(np.float64) < limits]
        lexicon, texts, where = self._hand.parts.lexicon, list[str](), list[int]()
        for turn in hit.tolist():
            rng = Random(int(self._keys[turn]))
            first, last = int(self._turn_ends[turn - 1]) if turn else 0, int(self._turn_ends[turn])
            at = self._at[first:last][self._is_word[first:last]].tolist()
            said = [lexicon[int(self.places[place])] for place in at]
            chosen = _by_weight([long_letters(text) for text in said], rng)
            texts.append(slip_in(said[chosen], rng))
            where.append(at[chosen])
        if where:
            self.places[where] = self._hand.loose(of_texts(texts)) + np.arange(len(texts))


def _by_weight(weights: list[int], rng: Random) -> int:
    point = rng.random() * sum(weights)
    for place, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return place
    return len(weights) - 1
