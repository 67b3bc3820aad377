"""What grows while a run goes on: records, money."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from synth_sdk.reporting.plots.frame import BASE, RIGHT, ROOM, WIDTH, axis, figure, line, tick
from synth_sdk.reporting.words import short, took

_LEFT = 50  # room for an amount of money
_MOST_POINTS = 200
_MARKS = 24  # points with a title


def curve(title: str, points: Sequence[tuple[float, float]], say: Callable[[float], str] = short, note: str = "") -> Markup:
    """Pairs of milliseconds and a value from 0 upwards, in the order of time, as a line with the ground beneath it filled."""
    points = [(0.0, 0.0), *_thinned(points, _MOST_POINTS)]
    last, highest = points[-1][0] or 1, max(value for _, value in points) or 1
    room = WIDTH - _LEFT - RIGHT

    def place(ms: float, value: float) -> tuple[float, float]:
        return _LEFT + room * max(ms, 0) / last, BASE - ROOM * max(value, 0) / highest

    placed = [place(ms, value) for ms, value in points]
    ground = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(placed[0][0], BASE), *placed, (placed[-1][0], BASE)])
    parts = [axis(say(highest), _LEFT), Markup('<polygon class="area" points="{}"/>').format(ground), line(placed, "curve")]
    parts += [_mark(*place(ms, value), f"{took(ms)}: {say(value)}") for ms, value in _thinned(points, _MARKS)]
    parts += [tick(_LEFT, "0", "start"), tick(_LEFT + room / 2, took(last / 2)), tick(WIDTH - RIGHT, took(last), "end")]
    return figure(title, parts, note=note)


def _mark(x: float, y: float, told: str) -> Markup:
    return Markup('<circle class="point" cx="{:.1f}" cy="{:.1f}" r="2.2"><title>{}</title></circle>').format(x, y, told)


def _thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most about `most` of the points, evenly chosen; the last is always among them."""
    every = max(1, -(-len(points) // most))
    return [*points[:-1:every], points[-1]]
