"""The rows of a stream, as numbers: what every series shows, where it is missing, and what each row is labelled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_sdk.engine.columns.lanes import I64, Mask
from synth_sdk.engine.series.anomalies import Marks
from synth_sdk.engine.series.counter import block_of, counted
from synth_sdk.engine.series.frame import Frame
from synth_sdk.engine.series.model import Stream
from synth_sdk.engine.series.noise import CorrelatedNoise, Noise, cholesky
from synth_sdk.engine.series.normal import F64
from synth_sdk.engine.series.spans import Points, Spans
from synth_sdk.engine.series.track import Track, written


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Of each row: its moment (microseconds since 1970), its entity, for each series the scaled number and whether it is missing
    (None: nowhere), and its label (0: none; None: the stream has no labels).
    """

    moments: I64
    entities: I64
    scaled: Sequence[I64]
    missing: Sequence[Mask | None]
    labels: I64 | None


class Signals:
    """Draws the rows of a stream. Any rows, in any order: each depends on the stream and its number alone."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._tracks = [Track(series, stream) for series in stream.series]
        self._block = max((block_of(one.reset) for one in stream.series if one.counter), default=1)
        self._noises = [Noise.of(track.lane("noise"), track.series.ar) for track in self._tracks]
        self._correlated = CorrelatedNoise(tuple(self._noises), cholesky(stream.correlation)) if stream.correlation else None

    def draw(self, rows: range) -> Drawn:
        """`rows`, at least one."""
        frame = Frame.of(rows, self.stream.entities)
        wide = frame.aligned(self._block) if self._block > 1 else frame
        marks, noises = Marks.of(self.stream, wide), self._noise(wide)
        scaled, missing = [], []
        for track, noise in zip(self._tracks, noises, strict=True):
            values = self._values(track, wide, noise, marks)
            scaled.append(frame.rows(written(values, track.series.grid), len(rows), wide))
            missing.append(_missing(track, frame, len(rows)))
        moments = (self.stream.start + frame.ticks * self.stream.step)[:, None]
        return Drawn(
            moments=frame.rows(moments, len(rows)),
            entities=frame.rows(frame.entities[None, :], len(rows)),
            scaled=scaled,
            missing=missing,
            labels=None if marks is None else frame.rows(marks.labels(wide), len(rows), wide),
        )

    def _noise(self, frame: Frame) -> list[F64 | None]:
        if self._correlated is not None:
            return list(self._correlated.draw(frame))
        return [
            noise.draw(frame) if track.series.noise else None for track, noise in zip(self._tracks, self._noises, strict=True)
        ]

    def _values(self, track: Track, frame: Frame, noise: F64 | None, marks: Marks | None) -> F64:
        values = track.values(frame, noise)
        if marks is not None:
            values = marks.put(track, values, frame)
        return counted(track, values, frame) if track.series.counter else values


def _missing(track: Track, frame: Frame, count: int) -> Mask | None:
    """Where the series has no value."""
    gaps = track.series.gaps
    if gaps is None:
        return None
    lane = track.lane("missing")
    where = (
        Spans.of(lane, gaps.share, gaps.length).find(frame).cells if gaps.length > 1 else Points.of(lane, gaps.share).cells(frame)
    )
    missing = np.zeros((frame.height, frame.width), np.bool_)
    missing.reshape(-1)[where] = True
    return frame.rows(missing, count)
