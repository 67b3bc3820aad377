"""What goes wrong in a stream, and how its records are labelled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_sdk.engine.columns.lanes import I64, below, label, mix
from synth_sdk.engine.series.frame import Frame, entity_keys
from synth_sdk.engine.series.model import Anomalies, Stream
from synth_sdk.engine.series.normal import F64, normal
from synth_sdk.engine.series.spans import Found, Points, Spans
from synth_sdk.engine.series.track import Track

_NONE = np.zeros(0, np.int64)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SPIKE = 4  # a spike is that many times shorter than other anomalies


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The anomalies of a frame: its spans with the position of each one's kind in `anomalies.kinds`, and the cells that are outliers, some more than once."""

    anomalies: Anomalies
    spans: Found | None
    kinds: I64
    outliers: I64

    @classmethod
    def of(cls, stream: Stream, frame: Frame) -> "Marks | None":
        """None for a stream without anomalies."""
        wanted = stream.anomalies
        if wanted is None:
            return None
        spans, kinds = _spans(stream, wanted, frame) if wanted.share else (None, _NONE)
        cells = Points.of(label(stream.seed, "@outlier"), wanted.outliers).cells(frame) if wanted.outliers else _NONE
        return cls(wanted, spans, kinds, cells)

    def labels(self, frame: Frame) -> I64:
        """For each cell 0, or the position of its label in `anomalies.labels`, counted from 1."""
        places = np.zeros(frame.height * frame.width, np.int64)
        places[self.outliers] = 1
        if self.spans is not None:
            places[self.spans.cells] = self.kinds[self.spans.owners] + (2 if self.anomalies.outliers else 1)
        return places.reshape(frame.height, frame.width)

    def put(self, track: Track, values: F64, frame: Frame) -> F64:
        """The values of one series with all that goes wrong."""
        if values.shape != (frame.height, frame.width):
            values = np.broadcast_to(values, (frame.height, frame.width)).copy()
        flat = values.reshape(-1)
        size = self.anomalies.size * track.series.spread
        if len(self.outliers):
            ticks, entities = np.divmod(self.outliers, frame.width)
            keys = entity_keys(track.lane("outlier"), entities + frame.left)
            away = normal(mix((ticks + frame.first).view(np.uint64) * _STEP + keys))
            flat[self.outliers] = flat[self.outliers] + np.where(away < 0, away - 2.0, away + 2.0) * (size / 3)
        if self.spans is not None:
            self._put_spans(track, flat, size)
        return values

    def _put_spans(self, track: Track, values: F64, size: float) -> None:
        spans = self.spans
        assert spans is not None  # noqa: S101 - the caller looked
        for place, kind in enumerate(self.anomalies.kinds):
            inside = np.flatnonzero((self.kinds == place)[spans.owners])
            if len(inside):
                cells, owners = spans.cells[inside], spans.owners[inside]
                values[cells] = _BENT[kind](_Bend(track, spans, owners, spans.places[inside], values[cells], size))


def _spans(stream: Stream, wanted: Anomalies, frame: Frame) -> tuple[Found, I64]:
    found = Spans.of(label(stream.seed, "@anomaly"), wanted.share, wanted.length).find(frame)
    return found, below(mix(found.bits + np.uint64(3)), len(wanted.kinds))


@dataclass(frozen=True, slots=True, eq=False)
class _Bend:
    """Cells of spans of one kind: the span of each, its place within it, its value so far; `size` in the unit of the values."""

    track: Track
    spans: Found
    owners: I64
    places: I64
    values: F64
    size: float

    @property
    def sign(self) -> NDArray[np.float64]:
        """Up or down, by span."""
        return np.where(self.spans.bits[self.owners] & np.uint64(1), 1.0, -1.0)

    @property
    def done(self) -> F64:
        """How much of the span is over, from above 0 to 1."""
        return (self.places + 1) / self.spans.lengths[self.owners]


def _spike(bend: _Bend) -> F64:
    """A peak in the middle, with steep flanks."""
    away = np.abs(2 * bend.done - 1)
    return bend.values + bend.sign * 2 * bend.size * np.maximum(1 - _SPIKE * away / 2, 0.1)


def _level_shift(bend: _Bend) -> F64:
    return bend.values + bend.sign * bend.size


def _drift(bend: _Bend) -> F64:
    return bend.values + bend.sign * bend.size * bend.done


def _dropout(bend: _Bend) -> F64:
    return np.zeros_like(bend.values)


def _flatline(bend: _Bend) -> F64:
    """Stuck at one usual value; a counter stands still."""
    spans, track = bend.spans, bend.track
    if track.series.counter:
        return np.zeros_like(bend.values)
    stuck = track.expected(spans.starts, spans.entities)
    return (stuck + normal(mix(spans.bits + np.uint64(4))) * track.series.noise)[bend.owners]


def _variance(bend: _Bend) -> F64:
    """Noise, several times the usual spread."""
    own = mix(bend.spans.bits + np.uint64(bend.track.lane("burst")))[bend.owners]
    return bend.values + normal(mix(own + bend.places.view(np.uint64))) * bend.size / 2


_BENT = {
    "spike": _spike,
    "level_shift": _level_shift,
    "drift": _drift,
    "dropout": _dropout,
    "flatline": _flatline,
    "variance": _variance,
}
