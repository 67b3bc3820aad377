"""Texts that are different in nearly every record: patterns (`TW-######`) and the same with a slip of the pen."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth_sdk.core.seeds import derive
from synth_sdk.dialogue.columns.drawing import DIGITS, LETTERS, MARKS
from synth_sdk.dialogue.columns.flat import Growing, Stretches, below_each, run, summed
from synth_sdk.dialogue.columns.parts import Parts
from synth_sdk.dialogue.columns.symbols import Code, Of, key_of
from synth_sdk.engine.columns.digests import FACTOR
from synth_sdk.engine.columns.lanes import I64, U64, mix

_STEP = np.uint64(0x9E3779B97F4A7C15)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


_MOST = 64
_WEIGHTS = mix(np.arange(_MOST, dtype=np.uint64) + FACTOR) | np.uint64(1)


def weights(places: I64) -> U64:
    """Of a text's characters in its digest, by their places."""
    return _WEIGHTS.take(places, mode="wrap")


class Codes:
    """The codes of a pack, numbered: where their pattern comes from and the column that they fill."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.columns, self.labels = Growing(np.int64), Growing(np.uint64)
        self._sites, self._tables = Growing(np.int64), Growing(np.int64)
        self._patterns = Growing(np.int64)  # of a code's pattern by what was drawn
        self._chars = Stretches()  # of a pattern: its alphabets
        self._from, self._sizes = Growing(np.int64), Growing(np.int64)
        self._letters = bytearray(range(256))
        self._alphabets: dict[str, int] = {}
        self._known: dict[object, int] = {}

    def number(self, code: Code) -> int:
        """The number of a code."""
        pattern = code.pattern
        key = code.site, code.lower, pattern if isinstance(pattern, str) else key_of(pattern)
        if key not in self._known:
            choices: Sequence[str] = [pattern] if isinstance(pattern, str) else pattern.table.values
            self._tables.add(self._patterns.extend([self._pattern(str(one), code.lower) for one in choices]))
            self._sites.add(self._parts.site(pattern.draw.site) if isinstance(pattern, Of) else 0)
            self.columns.add(self._parts.column(key_of(code)))
            self._known[key] = self.labels.add(derive(self._parts.seed, self._parts.pack, "code", code.site))
        return self._known[key]

    def _pattern(self, pattern: str, lower: bool) -> int:
        alphabets: list[int] = []
        for char in pattern:
            if char in MARKS:
                alphabets.append(self._alphabet(MARKS[char].lower() if lower else MARKS[char]))
            else:
                alphabets += [
                    self._alphabet(bytes([byte]).decode("latin-1")) for byte in (char.lower() if lower else char).encode()
                ]
        return self._chars.add(alphabets)

    def _alphabet(self, chars: str) -> int:
        if chars not in self._alphabets:
            self._from.add(len(self._letters))
            self._letters += chars.encode("latin-1")
            self._alphabets[chars] = self._sizes.add(len(chars))
        return self._alphabets[chars]

    def texts(self, codes: I64, rows: I64, keys: U64, drawn: NDArray[np.int64]) -> tuple[pa.StringArray, U64]:
        """The text of each of these codes for its row, and its digest. `keys` by row, `drawn` by row and site."""
        pattern = self._patterns.view[self._tables.view[codes] + drawn[rows, self._sites.view[codes]]].astype(np.int64)
        alphabets, lengths = self._chars.laid(pattern)
        starts = np.cumsum(lengths) - lengths
        places = np.arange(len(alphabets), dtype=np.int64) - np.repeat(starts, lengths)
        bits = mix(np.repeat(keys[rows] + self.labels.view[codes], lengths) + places.view(np.uint64) * _STEP)
        letters = np.frombuffer(bytes(self._letters), np.uint8)
        data = letters[self._from.view[alphabets] + below_each(bits, self._sizes.view[alphabets])]
        sums = summed((data + np.uint64(1)) * weights(places), lengths)
        return strings(data, np.concatenate([[0], np.cumsum(lengths)])), mix(sums + FACTOR)


def strings(data: NDArray[np.uint8], bounds: NDArray[np.int64]) -> pa.StringArray:
    """Texts from their bytes, one behind the other."""
    ends = np.ascontiguousarray(bounds, np.int32)
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(data)))


def slipped(texts: pa.StringArray, bits: U64) -> pa.StringArray:
    """Each text with one digit changed into another from 1 (or, without digits, a letter into a capital)."""
    _, bounds, data = texts.buffers()
    ends = np.frombuffer(bounds, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    codes = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]].copy()
    starts, lengths = ends[:-1] - ends[0], np.diff(ends)
    owner = np.repeat(np.arange(len(texts)), lengths)
    is_digit = (codes >= 48) & (codes <= 57)
    folded = codes | 32
    has_digit = np.zeros(len(texts), np.bool_)
    has_digit[owner[is_digit]] = True
    spots = np.flatnonzero(np.where(has_digit[owner], is_digit, (folded >= 97) & (folded <= 122)))
    counts = np.bincount(owner[spots], minlength=len(texts))
    first = np.cumsum(counts) - counts
    chosen = spots[first + below_each(bits, counts)]
    codes[chosen] = _others(codes[chosen], bits & _LOW)
    return strings(codes, np.concatenate([starts, [len(codes)]]))


def _others(codes: NDArray[np.uint8], bits: U64) -> NDArray[np.uint8]:
    """Another digit for a digit, another capital for a letter."""
    found = np.empty_like(codes)
    for is_digit, pool in ((True, DIGITS[1:]), (False, LETTERS)):
        which = (codes <= 57) == is_digit
        letters = np.frombuffer(pool.encode(), np.uint8)
        place = np.searchsorted(letters, codes[which] & 0xDF if not is_digit else codes[which])
        place = np.minimum(place, len(letters) - 1)
        known = letters[place] == (codes[which] & 0xDF if not is_digit else codes[which])
        shift = below_each(bits[which] << _32, np.where(known, len(letters) - 1, len(letters)))
        found[which] = letters[(place + known + shift) % len(letters)]
    return found


__all__ = ["Codes", "run", "slipped", "strings"]
