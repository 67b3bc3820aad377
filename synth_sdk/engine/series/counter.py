"""Counters: the running sum of a rate, at any tick, without adding up what came before.

Ticks are cut into blocks. At the start of a block the counter stands where the closed form of level and seasons says (`Level.total`,
`Season.total`); inside, it rises as the drawn rate does - noise, anomalies and all - stretched so that it arrives at the start of the
next. So it never falls, and its rate over more than a block is exactly that of level and seasons.
"""

import numpy as np

from synth_sdk.engine.columns.lanes import I64
from synth_sdk.engine.series.frame import Frame
from synth_sdk.engine.series.normal import F64
from synth_sdk.engine.series.spans import Stages
from synth_sdk.engine.series.track import Track

_BLOCK = 256  # ticks
_LEAST_PER_STAGE = 4  # blocks from one reset to the next


def block_of(reset: int | None) -> int:
    """Ticks in a block, a power of two: smaller where resets are dense, for they fall on starts of blocks."""
    block = _BLOCK
    while reset is not None and block > 1 and block * _LEAST_PER_STAGE > reset:
        block //= 2
    return block


def counted(track: Track, rates: F64, frame: Frame) -> F64:
    """What a counter of `rates` shows, which are those of `frame`, whole blocks."""
    block = block_of(track.series.reset)
    rates = np.maximum(np.broadcast_to(rates, (frame.height, frame.width)), 0.0)
    risen = np.cumsum(rates.reshape(-1, block, frame.width), axis=1)
    whole = risen[:, -1:, :]
    even = (np.arange(1, block + 1) / block)[None, :, None]
    share = np.divide(risen, whole, out=np.broadcast_to(even, risen.shape).copy(), where=whole > 0)
    edges = np.arange(frame.first, frame.stop + 1, block, dtype=np.int64)[:, None]
    at = _total(track, edges, frame.entities[None, :])
    begin, end = at[:-1, None, :], np.maximum(at[1:, None, :], at[:-1, None, :])
    value = np.minimum(begin + (end - begin) * share, end)
    if track.series.reset is not None:
        value -= _at_reset(track, frame, block)[:, None, :]
    return value.reshape(frame.height, frame.width)


def _total(track: Track, ticks: I64, entities: I64) -> F64:
    """The closed form of the sum of all expected rates before `ticks`, in the shape that both have together."""
    series = track.series
    total: F64 = series.level.total(ticks) + np.zeros(entities.shape)
    if series.level_spread:
        total += track.offsets(entities) * ticks
    for season in series.seasons:
        ahead = track.shifts(season, entities) if series.phase_spread else np.zeros(entities.shape, np.int64)
        total += season.total(ticks + ahead) - season.total(ahead)
    return total


def _at_reset(track: Track, frame: Frame, block: int) -> F64:
    """Where the closed form stood at the last reset before each block."""
    reset = track.series.reset or 0
    blocks = Frame(frame.first // block, frame.stop // block, frame.left, frame.right)
    _, begun = Stages(track.lane("reset"), max(reset // block, 1)).at(blocks)
    return _total(track, begun * block, frame.entities[None, :])
