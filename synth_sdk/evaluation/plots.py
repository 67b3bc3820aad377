"""Plots as inline SVG: drawn in the page's own colours, readable without a script."""

from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

_WIDTH, _HEIGHT = 360, 130
_LEFT, _BOTTOM = 34, 22
_BARS = 24


def histogram(title: str, own: Iterable[int], other: Iterable[int] = ()) -> Markup:
    """Shares of whole numbers as bars; those of a second set as a line of steps."""
    mine, theirs = Counter(own), Counter(other)
    if not mine:
        return Markup("")
    top = _reach([*mine.elements(), *theirs.elements()])
    width = max(1, -(-(top + 1) // _BARS))
    bars, line = _shares(mine, width, top), _shares(theirs, width, top) if theirs else []
    highest = max([*bars, *line])
    step = (_WIDTH - _LEFT - 8) / len(bars)
    parts = [_axis(highest)]
    for i, share in enumerate(bars):
        label = f"{i * width}" if width == 1 else f"{i * width}-{i * width + width - 1}"
        parts.append(_bar(_LEFT + i * step, step, share / highest, f"{label}: {share:.1%}"))
    if line:
        parts.append(_steps([share / highest for share in line], step))
    every = max(1, -(-len(bars) // 8))
    parts += [_tick(_LEFT + (i + 0.5) * step, str(i * width)) for i in range(0, len(bars), every)]
    return _svg(title, _WIDTH, _HEIGHT, parts)


def _reach(values: Sequence[int]) -> int:
    """Where the last bar stands: the 99th percentile, so that a single long turn doesn't flatten all others."""
    ordered = sorted(values)
    return max(1, ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)])


def _shares(counts: Counter[int], width: int, top: int) -> list[float]:
    bins = [0] * (top // width + 1)
    for value, count in counts.items():
        bins[min(value, top) // width] += count
    return [count / counts.total() for count in bins]


def _axis(highest: float) -> Markup:
    base = _HEIGHT - _BOTTOM
    return Markup(
        '<line class="axis" x1="{left}" y1="{base}" x2="{right}" y2="{base}"/>'
        '<text class="tick" x="{edge}" y="14" text-anchor="end">{highest:.0%}</text>'
        '<text class="tick" x="{edge}" y="{base}" text-anchor="end">0</text>'
    ).format(left=_LEFT, right=_WIDTH - 8, edge=_LEFT - 4, base=base, highest=highest)


def _bar(x: float, step: float, share: float, told: str) -> Markup:
    height = (_HEIGHT - _BOTTOM - 8) * share
    top = _HEIGHT - _BOTTOM - height
    return Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>').format(
        x + 0.5, top, max(step - 1, 0.5), height, told
    )


def _steps(shares: list[float], step: float) -> Markup:
    points = []
    for i, share in enumerate(shares):
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - 8) * share
        points += [f"{_LEFT + i * step:.1f},{y:.1f}", f"{_LEFT + (i + 1) * step:.1f},{y:.1f}"]
    return Markup('<polyline class="other" points="{}"/>').format(" ".join(points))


def _tick(x: float, label: str) -> Markup:
    return Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(x, _HEIGHT - 8, label)


def range_bar(value: float, low: float, high: float, inside: bool) -> Markup:
    """The human range as a band on a line, the value as a mark."""
    width, height, edge = 220, 18, 6
    first, last = min(low, value), max(high, value)
    span = (last - first) or 1

    def place(at: float) -> float:
        return edge + (width - 2 * edge) * (at - first) / span

    band = max(place(high) - place(low), 1.5)
    return Markup(
        '<svg class="range" viewBox="0 0 {w} {h}" role="img" aria-label="{told}"><line class="axis" x1="{e}" y1="9" x2="{r}" y2="9"/>'
        '<rect class="band" x="{x:.1f}" y="5" width="{b:.1f}" height="8" rx="2"/><circle class="{c}" cx="{v:.1f}" cy="9" r="4.5"/></svg>'
    ).format(
        w=width, h=height, e=edge, r=width - edge, x=place(low), b=band, v=place(value),
        c="in" if inside else "out", told=f"{value:.3g}, human range {low:.3g} to {high:.3g}",
    )  # fmt: skip


def _svg(title: str, width: int, height: int, parts: Iterable[Markup]) -> Markup:
    head = Markup('<figure><figcaption>{}</figcaption><svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        title, width, height, title
    )
    return head + Markup("").join(map(escape, parts)) + Markup("</svg></figure>")
