"""Names and digests: the ids of records and calls, and what the world was before and after."""

import numpy as np
import pyarrow as pa

from synth_sdk.core.arrow import of_numpy
from synth_sdk.dialogue.columns.flat import summed
from synth_sdk.dialogue.columns.hands import Hand
from synth_sdk.engine.columns.lanes import I64, U64, Rows, mix

_AGAIN = np.uint64(0xD1342543DE82EF95)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_HEX = np.frombuffer("".join(f"{number:02x}" for number in range(256)).encode(), np.uint8).view(np.uint16)


def make_labels(hand: Hand, index: I64, seed_label: int) -> None:
    """The ids of records and calls, the digests of the world, the record's number."""
    pattern, columns = hand.pattern, hand.parts.columns
    owners, numbers, cells = pattern.ids
    words = id_words(index[owners], numbers, seed_label)
    hand.add(hexadecimal(words, 12), cells, mix(words[:, 0] + words[:, 1]))
    rows = np.arange(len(index)) * pattern.columns
    hand.add(of_numpy(index).cast(pa.string()), rows + columns["index"], mix(index.view(np.uint64) + _STEP))
    for name, worlds in zip(("before", "after"), _worlds(hand), strict=True):
        hand.add(hexadecimal(worlds.reshape(-1, 1), 8), rows + columns[name], worlds)


def _worlds(hand: Hand) -> tuple[U64, U64]:
    """Digests of the world at the beginning and at the end: equal where the rows that were looked at are equal."""
    worlds = hand.pattern.worlds
    drawn = hand.drawn.take(worlds.cells)
    drawn += 1
    total = worlds.consts + summed(drawn.view(np.uint64) * worlds.factors, worlds.counts)
    codes = hand.digests(hand.own.take(worlds.code_cells))
    total += summed(mix(codes + worlds.code_labels), worlds.code_counts)
    pieces = hand.digests(worlds.changes.read(hand))
    deltas = mix(summed(mix(pieces + worlds.orders), worlds.lengths) + worlds.labels) * worlds.signs
    return mix(total.copy()), mix(total + summed(deltas, worlds.change_counts))


def id_words(index: I64, places: I64, seed_label: int) -> U64:
    """128 bits for each place of a record."""
    base = mix(Rows.at(index).keys + np.uint64(seed_label)) + (places.view(np.uint64) + np.uint64(1)) * _AGAIN
    return np.stack([mix(base.copy()), mix(base + _STEP)], axis=1)


def hexadecimal(words: U64, octets: int) -> pa.StringArray:
    """Two hex digits for each of the first octets of each row."""
    raw = words.astype("<u8", copy=False).view(np.uint8).reshape(len(words), words.shape[1] * 8)[:, :octets]
    text = _HEX.take(raw).view(np.uint8)
    bounds = np.arange(0, (len(words) + 1) * octets * 2, octets * 2, dtype=np.int32)[: len(words) + 1]
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(bounds), pa.py_buffer(np.ascontiguousarray(text)))
